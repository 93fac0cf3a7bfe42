"""Access control of the app in a browser: requires the key from the address, and a page sent by this server.

The app reads this user's files and runs programs as this user. A foreign page in the same browser and other users of
this machine can reach the port too; neither has the key, and a foreign page has another origin.
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
    # The page loads nothing from other servers; its styles are inline.
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_ASK = "Open the address that `hybrid-search serve` printed: it holds the key to this app.\n"


def is_loopback(host: str) -> bool:
    """Whether an address can be reached only from this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class Guard:
    """Allows or refuses requests.

    Args:
        key: the key that a visitor needs; "" if a proxy controls access.
        secure: whether visitors connect by https.
    """

    def __init__(self, key: str, *, secure: bool) -> None:
        self._key, self._secure = key, secure
        self._hosts: set[str] = set()

    def answer_to(self, hosts: Iterable[str]) -> None:
        """Set the host names, with ports, that requests may use; this refuses other names that DNS points here."""
        self._hosts = {host.lower() for host in hosts}

    def refusal(self, request: web.Request) -> str:
        """Why a request is refused, in a sentence; "" if it is allowed."""
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
        """The guard as middleware of aiohttp."""

        @web.middleware
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            refusal = self.refusal(request)
            if refusal:
                return web.Response(status=403, text=refusal, headers=_HEADERS)
            if self._key and request.query.get(KEY):
                # Removes the key from the address, so that no browser history or screenshot shows it.
                answer = web.Response(status=303, headers={**_HEADERS, "Location": "./"})
                answer.set_cookie(COOKIE, self._key, httponly=True, samesite="Strict", secure=self._secure)
                return answer
            response = await handler(request)
            if not response.prepared:
                response.headers.update(_HEADERS)
            return response

        return guard
