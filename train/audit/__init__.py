"""The language bias of any retriever: questions are put to it in many languages, and its rankings are looked at.

Open `auditing.py` first: an audit from end to end. `kits/` has what is asked, `targets/` what can be asked; `asking.py`
gives rankings, `unjudged.py` and `judged.py` what they say, `remedies.py` what would mend it, `verdict.py` sentences,
`gate.py` what fell since an earlier audit, `pages/` the report. Names are imported when they are used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...engine.late import late

if TYPE_CHECKING:
    from .asking import ask
    from .auditing import Audit, audit, of_target
    from .gate import Baseline, Gate, hold_against, read_baseline
    from .remedies import Figures, figures_of
    from .watched import WATCHED

__all__ = [
    "WATCHED",
    "Audit",
    "Baseline",
    "Figures",
    "Gate",
    "ask",
    "audit",
    "figures_of",
    "hold_against",
    "of_target",
    "read_baseline",
]

__getattr__ = late(
    __name__,
    {
        "Audit": ".auditing",
        "Baseline": ".gate",
        "Figures": ".remedies",
        "WATCHED": ".watched",
        "Gate": ".gate",
        "ask": ".asking",
        "audit": ".auditing",
        "figures_of": ".remedies",
        "hold_against": ".gate",
        "of_target": ".auditing",
        "read_baseline": ".gate",
    },
)
