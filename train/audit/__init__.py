"""The language bias of any retriever: questions are put to it in many languages, and its rankings are looked at.

Names are imported when they are used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...engine.late import late

if TYPE_CHECKING:
    from .asking import ask
    from .remedies import Figures, figures_of

__all__ = ["Figures", "ask", "figures_of"]

__getattr__ = late(__name__, {"Figures": ".remedies", "ask": ".asking", "figures_of": ".remedies"})
