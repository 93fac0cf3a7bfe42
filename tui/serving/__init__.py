"""The app in a browser: a server on this machine that runs one app for each visitor.

Open `server.py` first; `guard.py` decides on access, `page.html` is what the browser loads.
"""

from .guard import is_loopback
from .server import serve

__all__ = ["is_loopback", "serve"]
