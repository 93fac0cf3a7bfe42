"""Connections whose answer has to begin in time: the timeout of a socket begins again with every byte that drips in."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
import urllib.request
from typing import Any


class _InTime(http.client.HTTPConnection):
    """Cuts itself off where an answer's head is not whole within the timeout, from the end of the request on."""

    def getresponse(self) -> http.client.HTTPResponse:
        """The answer, its head read.

        Raises:
            TimeoutError: the head is not whole in time.
        """
        late = threading.Event()

        def cut() -> None:
            late.set()
            with contextlib.suppress(OSError, AttributeError):
                self.sock.shutdown(socket.SHUT_RDWR)

        timer = threading.Timer(self.timeout or 0.0, cut)
        timer.daemon = True
        if self.timeout:
            timer.start()
        try:
            return super().getresponse()
        except (OSError, http.client.HTTPException):
            if late.is_set():
                raise TimeoutError from None
            raise
        finally:
            timer.cancel()


class _Secure(_InTime, http.client.HTTPSConnection):
    """The same over TLS."""


class Http(urllib.request.HTTPHandler):
    """Opens http:// with a deadline."""

    def http_open(self, req: urllib.request.Request) -> Any:
        """The answer to a request."""
        return self.do_open(_InTime, req)


class Https(urllib.request.HTTPSHandler):
    """Opens https:// with a deadline."""

    def https_open(self, req: urllib.request.Request) -> Any:
        """The answer to a request."""
        return self.do_open(_Secure, req, context=self._context)  # type: ignore[attr-defined]
