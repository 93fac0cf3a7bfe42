"""Opens connections with a deadline for the answer's head: a socket's own timeout restarts at every byte."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
import urllib.request
from typing import Any


class _InTime(http.client.HTTPConnection):
    """Closes itself if the answer's head is not complete within the timeout after the request."""

    def getresponse(self) -> http.client.HTTPResponse:
        """The answer, after its head is read.

        Raises:
            TimeoutError: the head was not complete in time.
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
