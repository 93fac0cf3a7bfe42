"""The app: its modes, its one library, its child processes, and the keys that work everywhere. Open `app.py` first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...engine.late import late

if TYPE_CHECKING:
    from .app import HybridSearchApp
    from .collector import hold

__all__ = ["HybridSearchApp", "hold"]

__getattr__ = late(__name__, {"HybridSearchApp": ".app", "hold": ".collector"})
