"""Access control of the app in a browser: requires the key from the address, and a page sent by this server.

The app reads this user's files and runs programs as this user. A page of somebody else in the same browser, or another
user of this machine, can reach the port as well; neither has the key, and a foreign page is told apart by its origin.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import urlsplit

from aiohttp import web

KEY, COOKIE = "key", "hybrid_search_key"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_HEADERS = {
    # The page loads nothing from elsewhere; its styles are written in it.
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_ASK = "Open the address that `hybrid-search serve` printed: it holds the key to this app.\n"


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class Guard:
    """Lets requests through, or not.

    Args:
        key: that a visitor has to have; "" where a proxy lets nobody else in.
        secure: whether the visitor comes by https.
    """

    def __init__(self, key: str, *, secure: bool) -> None:
        self._key, self._secure = key, secure
        self._hosts: set[str] = set()

    def answer_to(self, hosts: Iterable[str]) -> None:
        """The names, with ports, by which the server may be asked: a name that somebody's DNS points here is none."""
        self._hosts = {host.lower() for host in hosts}

    def refusal(self, request: web.Request) -> str:
        """Why a request is not let through, in a sentence; "" where it is."""
        if (request.host or "").lower() not in self._hosts:
            return "This server does not answer to that host name.\n"
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc.lower() not in self._hosts:
            return "The request comes from another page.\n"
        if request.path == "/ws" and origin is None:
            return "Only a browser may open the app.\n"
        return "" if self._has_key(request) else _ASK

    def _has_key(self, request: web.Request) -> bool:
        given = request.query.get(KEY) or request.cookies.get(COOKIE, "")
        return not self._key or hmac.compare_digest(given.encode(), self._key.encode())

    def middleware(self) -> Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]:
        """The guard as aiohttp takes it."""

        @web.middleware
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            refusal = self.refusal(request)
            if refusal:
                return web.Response(status=403, text=refusal, headers=_HEADERS)
            if self._key and request.query.get(KEY):
                # The key leaves the address, so that it is in no history and no picture of the screen.
                answer = web.Response(status=303, headers={**_HEADERS, "Location": "./"})
                answer.set_cookie(COOKIE, self._key, httponly=True, samesite="Strict", secure=self._secure)
                return answer
            response = await handler(request)
            if not response.prepared:
                response.headers.update(_HEADERS)
            return response

        return guard
