"""The protocol over HTTP on this machine only: one address, a token, and no access for browser pages."""

from __future__ import annotations

import asyncio
import hmac
import secrets
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...engine.errors import HybridSearchError
from ...engine.shown import as_json

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server

HOSTS = ("127.0.0.1", "::1", "localhost")
PATH = "/mcp"
LONGEST = 2 * 1024 * 1024
_FEWEST_LETTERS = 16
# Sessions of clients that vanished are closed when idle for so long; until then, so many cost little.
_SESSIONS, _IDLE_SECONDS, _CONNECTIONS = 2_000, 900.0, 256


@dataclass(frozen=True)
class Listening:
    """Where a server can be reached, and the token that it asks for."""

    socket: socket.socket
    url: str
    token: str

    @property
    def authority(self) -> str:
        """Host and port as they are in the address."""
        return self.url.removeprefix("http://").removesuffix(PATH)


def listen(host: str, port: int, token: str) -> Listening:
    """A socket on the loopback interface.

    Args:
        host: one of `HOSTS`.
        port: 0 for any free one.
        token: "" to generate one.

    Raises:
        HybridSearchError: it cannot listen there, or the token is too short or has spaces or special characters.
    """
    if token and (len(token) < _FEWEST_LETTERS or not token.isascii() or not token.isprintable() or " " in token):
        raise HybridSearchError(
            f"The token must be {_FEWEST_LETTERS} or more plain characters without spaces.",
            hint="Leave it out to have one generated.",
        )
    family = socket.AF_INET6 if host == "::1" else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(("127.0.0.1" if host == "localhost" else host, port))
        made.listen(_CONNECTIONS)
    except OSError as error:
        made.close()
        raise HybridSearchError(
            f"Cannot listen at {host}, port {port}: {(error.strerror or str(error)).lower()}.",
            hint="Give another --port; 0 takes any that is free.",
        ) from error
    shown = "[::1]" if host == "::1" else host
    return Listening(made, f"http://{shown}:{made.getsockname()[1]}{PATH}", token or secrets.token_urlsafe(24))


async def serve_http(server: Server[Any], at: Listening, ready: Callable[[], None] = lambda: None) -> None:
    """Serve until the process gets SIGINT or SIGTERM.

    Args:
        server: answers the requests.
        at: the socket and the token.
        ready: called once requests can be sent.
    """
    import uvicorn
    from mcp.server.transport_security import TransportSecuritySettings

    port = at.authority.rpartition(":")[2]
    authorities = [f"127.0.0.1:{port}", f"localhost:{port}", f"[::1]:{port}"]
    security = TransportSecuritySettings(
        enable_dns_rebinding_protection=True,
        allowed_hosts=authorities,
        allowed_origins=[f"http://{each}" for each in authorities],
    )
    app = server.streamable_http_app(
        streamable_http_path=PATH,
        transport_security=security,
        max_request_body_size=LONGEST,
        session_idle_timeout=_IDLE_SECONDS,
        max_sessions=_SESSIONS,
    )

    class Quiet(uvicorn.Server):
        """A server without signal handlers of its own: `serve_http` sets them."""

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    config = uvicorn.Config(
        _Guarded(app, at.token),
        log_config=None,
        log_level="critical",
        access_log=False,
        limit_concurrency=_CONNECTIONS,
        timeout_graceful_shutdown=2,
        server_header=False,
    )
    running = Quiet(config)
    loop = asyncio.get_running_loop()

    def stop() -> None:
        running.should_exit = True

    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(number, stop)
    ready()
    await running.serve(sockets=[at.socket])


class _Guarded:
    """The application behind its token; a request without the token is refused with status 401.

    Args:
        app: the application.
        token: what a request must send.
    """

    def __init__(self, app: Any, token: str) -> None:
        self._app = app
        self._wanted = f"Bearer {token}".encode()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and not self._knows(scope["headers"]):
            await self._refuse(send)
            return
        await self._app(scope, receive, send)

    def _knows(self, headers: list[tuple[bytes, bytes]]) -> bool:
        given = [value for name, value in headers if name.lower() == b"authorization"]
        return len(given) == 1 and hmac.compare_digest(given[0], self._wanted)

    async def _refuse(self, send: Any) -> None:
        told = {
            "kind": "not_allowed",
            "message": "The token is missing or wrong.",
            "next_step": "Send `Authorization: Bearer TOKEN`; the server printed the token when it began.",
        }
        headers = [(b"content-type", b"application/json"), (b"www-authenticate", b"Bearer")]
        await send({"type": "http.response.start", "status": 401, "headers": headers})
        await send({"type": "http.response.body", "body": as_json({"error": told}).encode()})
