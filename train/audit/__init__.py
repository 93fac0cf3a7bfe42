"""The language bias of any retriever: questions are put to it in many languages, and its rankings are looked at.

Open `auditing.py` first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...engine.late import late

if TYPE_CHECKING:
    from .auditing import Audit, of_target

__all__ = ["Audit", "of_target"]

__getattr__ = late(__name__, {"Audit": ".auditing", "of_target": ".auditing"})
