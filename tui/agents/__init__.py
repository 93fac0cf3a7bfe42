"""The Model Context Protocol server of a library: tools, resources and transports.

A request comes in, plain JSON with a schema goes out; it never writes unless indexing was allowed. Open `tools.py`
first: it lists the tools. `shelf.py` keeps the library and its encoders open between requests, `searching.py`,
`reading.py`, `auditing.py` and `indexing.py` answer, `server.py` speaks the protocol over `stdio.py` or `loopback.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...engine.late import late

if TYPE_CHECKING:
    from .loopback import HOSTS, Listening, listen, serve_http
    from .server import build
    from .shelf import Shelf
    from .stdio import serve_stdio
    from .tools import TOOLS

__all__ = ["HOSTS", "TOOLS", "Listening", "Shelf", "build", "listen", "serve_http", "serve_stdio"]

__getattr__ = late(
    __name__,
    {
        "HOSTS": ".loopback",
        "Listening": ".loopback",
        "listen": ".loopback",
        "Shelf": ".shelf",
        "TOOLS": ".tools",
        "build": ".server",
        "serve_http": ".loopback",
        "serve_stdio": ".stdio",
    },
)
