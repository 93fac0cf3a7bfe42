"""Measures the language bias of any retriever by its rankings for the same questions in many languages.

Open `auditing.py` first: it runs an audit from end to end. `kits/` has the questions and passages, `targets/` the
retrievers; `asking.py` collects rankings, `unjudged.py` and `judged.py` analyse them, `remedies/` tries what would
reduce the bias, `verdict.py` summarises, `gate.py` compares with an earlier audit, `pages/` writes the report. Names
are imported on first use.
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
