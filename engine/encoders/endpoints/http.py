"""The only HTTP client for encoders: exchanges JSON with an endpoint, with retries, rate limits and readable errors.

It connects only to its own address: a redirect is an error. No message contains the key.
"""

from __future__ import annotations

import email.utils
import http.client
import json
import random
import ssl
import string
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from ...errors import EncoderError
from ...shown import one_line
from .deadline import Http, Https

# Tries of one request, and the longest wait between two; if an endpoint asks for a longer one, the request fails.
TRIES = 5
MOST_WAIT = 90.0
_FIRST_WAIT = 0.5
# The vectors of the largest request, with the most digits, take far less than this.
_MOST_BYTES = 512 * 1024 * 1024
_PART = 1024 * 1024
_SHOWN = 300
_AGAIN = frozenset((408, 409, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529))


class TooMuch(EncoderError):
    """The endpoint finds the request too large; it may accept a smaller one."""


@dataclass(frozen=True)
class Answer:
    """An answer: parsed JSON, and headers with names in lower case."""

    value: Any
    headers: Mapping[str, str]


class _Fault(Exception):
    """A failed try; `after`: seconds that the endpoint asks to wait, None if another try is useless."""

    def __init__(self, error: EncoderError, after: float | None = None) -> None:
        super().__init__(error.message)
        self.error = error
        self.after = after


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Refuses redirects, which would send texts and a key to an address that the user has not named."""

    def redirect_request(self, *_arguments: Any, **_named: Any) -> None:
        """Do not follow it: the answer stays an error."""


class Client:
    """Sends requests to one endpoint.

    Args:
        address: of every request, without a slash at its end.
        headers: of every request; they may hold the key.
        secret: the key, to be removed from messages; empty for none.
        refused: the hint of the error for refused access.
        loopback: whether the address is on this machine; then no proxy is used.
        timeout: seconds that one answer may take.
        most_bytes: of an answer; a larger one is an error.
        wait: called with the seconds to wait between tries.
        clock: returns monotonic seconds.
    """

    def __init__(
        self,
        address: str,
        headers: Mapping[str, str],
        *,
        secret: str = "",
        refused: str = "",
        loopback: bool = False,
        timeout: float = 60.0,
        most_bytes: int = _MOST_BYTES,
        wait: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.address = address
        self.requests = 0
        self._headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "User-Agent": "hybrid-search",
            **headers,
        }
        self._secret = secret
        self._refused = refused
        self._timeout = timeout
        self._most_bytes = most_bytes
        self._wait = wait
        self._clock = clock
        self._answered = False
        proxies = urllib.request.ProxyHandler({} if loopback else None)
        # No handlers for files, ftp and cookies.
        self._opener = urllib.request.OpenerDirector()
        for handler in (
            proxies,
            _NoRedirect(),
            Http(),
            Https(),
            urllib.request.HTTPDefaultErrorHandler(),
            urllib.request.HTTPErrorProcessor(),
        ):
            self._opener.add_handler(handler)

    def ask(self, path: str, body: Mapping[str, Any] | None = None, *, tries: int = TRIES) -> Answer:
        """The answer to a request: POST with a body, GET without; temporary failures are retried, `tries` tries in all.

        Raises:
            TooMuch: the endpoint finds the request too large.
            EncoderError: it cannot be reached, refuses, fails, or does not answer with JSON.
        """
        for number in range(1, tries + 1):
            try:
                answer = self._once(path, body)
            except _Fault as fault:
                if fault.after is None or number == tries:
                    raise fault.error from None
                if fault.after > MOST_WAIT:
                    raise EncoderError(
                        f"{fault.error.message.rstrip('.')}, and asks to wait {fault.after:,.0f} seconds.",
                        hint="Run the same command later: the work done is kept.",
                    ) from None
                # A random part, so that several refused processes do not all retry at once.
                own = _FIRST_WAIT * 2 ** (number - 1) * (1 + random.random() / 4)
                self._wait(max(own, fault.after))
            else:
                self._answered = True
                return answer
        raise AssertionError("unreachable")

    def _once(self, path: str, body: Mapping[str, Any] | None) -> Answer:
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        request = urllib.request.Request(self._url(path), data=data, headers=dict(self._headers))
        self.requests += 1
        began = self._clock()
        try:
            with self._opener.open(request, timeout=self._timeout) as response:
                found = self._read(response, began)
                headers = {name.lower(): value for name, value in response.headers.items()}
        except urllib.error.HTTPError as error:
            with error:
                self._turned_away(error, began)
        except (urllib.error.URLError, OSError, http.client.HTTPException) as error:
            self._unreachable(error)
        try:
            return Answer(json.loads(found), headers)
        except (ValueError, RecursionError):
            raise _Fault(
                EncoderError(
                    f"The endpoint {self.address} did not answer with JSON: {self._quoted(found)!r}.",
                    hint="Check that this is the address of an API for embeddings.",
                )
            ) from None

    def _url(self, path: str) -> str:
        # The query of the address stays after the path.
        before, question, query = self.address.partition("?")
        # Spaces and characters beyond ASCII are percent-encoded; what is already encoded stays.
        return urllib.parse.quote(f"{before.rstrip('/')}{path}{question}{query}", safe=string.punctuation)

    def _read(self, response: Any, began: float) -> bytes:
        """The body, if it arrives completely and in time, and is not too large."""
        parts, size = [], 0
        while part := response.read1(_PART):
            parts.append(part)
            size += len(part)
            if size > self._most_bytes:
                most = self._most_bytes // 2**20
                raise _Fault(EncoderError(f"The endpoint {self.address} sends an answer of more than {most:,} MB."))
            # The timeout of a connection restarts at every byte.
            if self._clock() - began > self._timeout:
                raise TimeoutError
        if response.length:
            raise http.client.IncompleteRead(b"", response.length)
        return b"".join(parts)

    def _turned_away(self, error: urllib.error.HTTPError, began: float) -> NoReturn:
        """Raise the error for a status other than success."""
        try:
            said = self._said(self._read(error, began))
        except (OSError, http.client.HTTPException):
            said = ""
        status = f"{error.code} {one_line(str(error.reason))}".strip()
        told = f"{status}: {said}" if said else status
        if 300 <= error.code < 400:
            target = self._quoted((error.headers.get("Location") or "another address").encode())
            raise _Fault(
                EncoderError(
                    f"The endpoint {self.address} sends on to {target}, which you have not named, so nothing is sent "
                    f"there.",
                    hint="Name that address if you trust it.",
                )
            ) from None
        if error.code in (401, 403):
            raise _Fault(
                EncoderError(f"The endpoint {self.address} refuses access ({told}).", hint=self._refused)
            ) from None
        if error.code == 404 or error.code == 405:
            raise _Fault(
                EncoderError(
                    f"The endpoint {self.address} does not know this request or this model ({told}).",
                    hint="Check the model's name and the address, which must not include the path that the protocol "
                    "adds.",
                )
            ) from None
        if error.code == 413:
            raise _Fault(
                TooMuch(
                    f"The endpoint {self.address} rejects a request as too large ({told}).",
                    hint="Give a smaller #batch=.",
                )
            ) from None
        if error.code in _AGAIN and not _spent(said):
            words = "limits requests" if error.code == 429 else "failed"
            raise _Fault(
                EncoderError(
                    f"The endpoint {self.address} {words} ({told}).", hint="Try again later: the work done is kept."
                ),
                _seconds(error.headers),
            ) from None
        raise _Fault(EncoderError(f"The endpoint {self.address} rejects the request ({told}).")) from None

    def _unreachable(self, error: Exception) -> NoReturn:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        if isinstance(reason, TimeoutError):
            found = EncoderError(
                f"The endpoint {self.address} did not answer within {self._timeout:g} seconds.",
                hint="It may be loading its model: try again, or allow more time with #timeout=SECONDS.",
            )
        elif isinstance(reason, ssl.SSLError):
            said = one_line(str(getattr(reason, "verify_message", "") or reason.reason or reason))
            found = EncoderError(
                f"The endpoint {self.address} failed to connect over TLS: {said}.",
                hint="Check the address, and whether it is http:// or https://.",
            )
        elif isinstance(reason, (http.client.HTTPException, ConnectionResetError, BrokenPipeError)):
            found = EncoderError(
                f"The endpoint {self.address} broke off its answer ({type(reason).__name__}).",
                hint="Check that it runs, and that it speaks HTTP.",
            )
        else:
            said = one_line(str(getattr(reason, "strerror", None) or reason)).lower()
            found = EncoderError(
                f"The endpoint {self.address} cannot be reached: {said}.",
                hint="Check that it runs, and the address in the encoder's name.",
            )
        # An endpoint that never answered has another address or does not run: no retry.
        raise _Fault(found, 0.0 if self._answered else None) from None

    def _said(self, body: bytes) -> str:
        """The message in an error's body: each protocol has another place for it."""
        try:
            value = json.loads(body)
        except (ValueError, RecursionError):
            return self._quoted(body)
        for key in ("error", "message", "detail"):
            inner = value.get(key) if isinstance(value, dict) else None
            if isinstance(inner, dict):
                inner = " ".join(str(inner[name]) for name in ("code", "message") if inner.get(name))
            if isinstance(inner, str) and inner:
                return self._quoted(inner.encode("utf-8", "replace"))
        return self._quoted(body)

    def _quoted(self, body: bytes) -> str:
        """The start of an endpoint's text, on one line and without the key."""
        text = body[: 16 * _SHOWN].decode("utf-8", "replace")
        if self._secret:
            text = text.replace(self._secret, "…")
        text = one_line(text)
        return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _spent(said: str) -> bool:
    """Whether waiting does not lift a limit, because a budget is used up."""
    return any(word in said.lower() for word in ("insufficient_quota", "billing", "exceeded your current quota"))


def _seconds(headers: Any) -> float:
    """Seconds that an endpoint asks to wait; 0 if it does not say."""
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        said = (headers.get(name) or "").strip()
        try:
            found = float(said) / unit
        except ValueError:
            found = _until(said)
        if found == found and found > 0:
            return found
    return 0.0


def _until(date: str) -> float:
    """Seconds until a date in HTTP's format; 0 if it is not one."""
    try:
        return email.utils.parsedate_to_datetime(date).timestamp() - time.time()
    except (TypeError, ValueError, OverflowError):
        return 0.0
