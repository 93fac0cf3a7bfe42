"""Textual's server behind a guard, with a page that loads nothing from other servers."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from aiohttp import WSMsgType, web
from textual_serve.server import Server as TextualServer

from ...engine.errors import HybridSearchError
from .guard import KEY, Guard, is_loopback

# In pixels. A letter is .6 as wide, so a cell is 9 pixels: with a fraction of a pixel, whole words would be cut.
_FONT_SIZE = "15"
PAGE, SCRIPT = Path(__file__).parent / "page.html", Path(__file__).parent / "page.js"


class Server(TextualServer):  # type: ignore[misc]
    """Serves the app to visitors whom the guard allows.

    Args:
        command: a line for the system's shell that runs the app.
        host: the address to listen at.
        port: 0 for a free one.
        public_url: where a proxy offers the server; "" without a proxy.
        key: the key that visitors need; "" for none.
    """

    def __init__(self, command: str, host: str, port: int, public_url: str, key: str) -> None:
        super().__init__(command, host=host, port=port, title="hybrid-search", public_url=public_url or None)
        self.port: int = port
        self.host: str = host
        self._offered = public_url.rstrip("/")
        self._key = key

    def initialize_logging(self) -> None:
        """Log only warnings and errors."""
        logging.basicConfig(level="WARNING", format="%(message)s")

    async def on_startup(self, app: web.Application) -> None:
        """Does nothing: `run` reports the address once it is known."""

    async def run(self, told: Callable[[str], None], stop: asyncio.Event) -> None:
        """Serve until `stop` is set.

        Args:
            told: gets the address to open, with the key in it, once the server listens.
            stop: ends it.

        Raises:
            HybridSearchError: it cannot listen there.
        """
        app = await self._make_app()
        app.router.add_get("/page.js", self._script)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=3)
        # The guard must be in place before the first visitor; its host names need the port, which is known later.
        guard = Guard(self._key, secure=self._offered.startswith("https"))
        app.middlewares.append(guard.middleware())
        await runner.setup()
        try:
            await web.TCPSite(runner, self.host, self.port).start()
            self.port = int(runner.addresses[0][1])
            guard.answer_to(self._hosts())
            told(self.address())
            await stop.wait()
        except OSError as error:
            raise HybridSearchError(
                f"Cannot listen at {self.host}, port {self.port}: {error.strerror or error}.",
                hint="Give another port with --port; --port 0 takes a free one.",
            ) from error
        finally:
            await runner.cleanup()

    def _hosts(self) -> set[str]:
        """The host names, with port, that requests may use."""
        names = {self.host, "localhost", "127.0.0.1", "::1"} if is_loopback(self.host) else {self.host}
        hosts = {f"[{name}]" if ":" in name else name for name in names}
        found = {f"{name}:{self.port}" for name in hosts} | (hosts if self.port == 80 else set())
        return found | ({urlsplit(self._offered).netloc} if self._offered else set())

    def address(self) -> str:
        """The address to open in a browser."""
        shown = f"[{self.host}]" if ":" in self.host else self.host
        start = self._offered or f"http://{shown}:{self.port}"
        return f"{start}/?{KEY}={self._key}" if self._key else f"{start}/"

    async def _process_messages(self, websocket: web.WebSocketResponse, app_service: Any) -> None:
        """Pass on a browser's messages until it disconnects."""
        await super()._process_messages(_Whole(websocket), app_service)

    async def _script(self, request: web.Request) -> web.Response:
        return web.Response(text=SCRIPT.read_text("utf-8"), content_type="text/javascript")

    async def handle_index(self, request: web.Request) -> web.Response:
        """The page, with relative addresses, since a proxy may offer it under any path."""
        size = request.query.get("fontsize", "")
        text = PAGE.read_text("utf-8").replace("FONT_SIZE", size if size.isdigit() and len(size) < 3 else _FONT_SIZE)
        secure = self._offered.startswith("https") or request.headers.get("X-Forwarded-Proto") == "https"
        place = urlsplit(self._offered).path.rstrip("/") if self._offered else ""
        socket = f"{'wss' if secure else 'ws'}://{urlsplit(self._offered).netloc if self._offered else request.host}"
        return web.Response(text=text.replace("SOCKET", f"{socket}{place}/ws"), content_type="text/html")


class _Whole:
    """A browser's messages with whole characters: some input methods send the halves of an emoji in two messages."""

    def __init__(self, websocket: web.WebSocketResponse) -> None:
        self._websocket = websocket
        self.send_json = websocket.send_json

    async def __aiter__(self) -> AsyncIterator[SimpleNamespace]:
        half = ""
        async for message in self._websocket:
            if message.type != WSMsgType.TEXT:
                continue
            envelope = message.json()
            if envelope[0] == "stdin":
                text = half + envelope[1]
                half = text[-1:] if "\ud800" <= text[-1:] <= "\udbff" else ""
                whole = text.removesuffix(half).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
                # An empty text would tell the app that its terminal has closed.
                if not whole:
                    continue
                envelope = [envelope[0], whole]
            yield SimpleNamespace(type=message.type, json=lambda envelope=envelope: envelope)


def serve(command: str, host: str, port: int, *, public_url: str, with_key: bool, told: Callable[[str], None]) -> None:
    """Serve the app until SIGINT (Ctrl-C) or SIGTERM.

    Args:
        command: a line for the system's shell that runs the app.
        host: the address to listen at.
        port: 0 for a free one.
        public_url: where a proxy offers the server; "" without a proxy.
        with_key: whether visitors need a key, which is in the address.
        told: gets the address to open.

    Raises:
        HybridSearchError: it cannot listen there.
    """
    server = Server(command, host, port, public_url, secrets.token_urlsafe(24) if with_key else "")
    server.initialize_logging()

    async def run() -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError):
                loop.add_signal_handler(number, stop.set)
        await server.run(told, stop)

    asyncio.run(run())
