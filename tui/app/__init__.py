"""The app: its modes, its one library, its child processes, and the keys that work everywhere. Open `app.py` first."""

from .app import HybridSearchApp

__all__ = ["HybridSearchApp"]
