"""The language bias of any retriever: questions are put to it in many languages, and its rankings are looked at.

Names are imported when they are used; open `auditing.py` first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...engine.late import late

if TYPE_CHECKING:
    from .asking import ask
    from .auditing import Audit, of_target
    from .remedies import Figures, figures_of

__all__ = ["Audit", "Figures", "ask", "figures_of", "of_target"]

__getattr__ = late(
    __name__,
    {
        "Audit": ".auditing",
        "Figures": ".remedies",
        "ask": ".asking",
        "figures_of": ".remedies",
        "of_target": ".auditing",
    },
)
