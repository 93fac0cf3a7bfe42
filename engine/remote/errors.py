"""Handles an engine's failures: waits for one that restarts, and turns the others into readable errors."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ..environment import TOKEN
from ..errors import LibraryError
from ..places import Place

TOKEN_VARIABLE = TOKEN.name
# gRPC waits increasingly long, up to two minutes, before it retries an address, and fails every call meanwhile, even if
# the engine is back.
TRY_AGAIN = {"grpc.initial_reconnect_backoff_ms": 250, "grpc.max_reconnect_backoff_ms": 1000}
# Milvus Lite disconnects a client that sends more than two keepalive pings in five minutes; pymilvus sends one every
# ten seconds, so that a call of half a minute, such as building an index, would fail.
NO_QUESTIONS = {"grpc.keepalive_time_ms": 360_000}
# Longer than the longest of those waits. Every call writes, reads or deletes by keys, so it can be repeated safely.
PATIENCE_SECONDS = 3.0
_PAUSE_SECONDS = 0.2
_REFUSED = re.compile(
    r"unauthenticated|not authenticated|missing authorization|auth\w*( check)? fail|permission den|access denied"
    r"|(invalid|wrong|expired|missing) (api key|token|password|credential)"
    r"|(token|password|credential)s? (is|are|has|was) (invalid|wrong|expired|incorrect)"
)
# Quoted texts, and words with slashes.
_REPEATED = re.compile(r'"(?:[^"\\]|\\.)*"|(?<!\w)\'(?:[^\'\\]|\\.)*\'|`[^`]*`|\S*[/\\]\S*')


class Patient:
    """A client whose calls are repeated for a few seconds while the engine cannot be reached."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)

        def call(*given: Any, **named: Any) -> Any:
            return repeated(lambda: method(*given, **named))

        return call if callable(method) else method


def repeated(call: Callable[[], Any]) -> Any:
    """The result of a call, repeated for a few seconds while the engine cannot be reached."""
    import grpc  # type: ignore[import-untyped,unused-ignore]
    from pymilvus.exceptions import MilvusException

    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return call()
        except (MilvusException, grpc.RpcError, OSError) as error:
            if not _unreachable(error) or time.monotonic() >= end:
                raise
            time.sleep(_PAUSE_SECONDS)


@contextmanager
def saying(place: Place) -> Iterator[None]:
    """Turn the engine's errors into LibraryError with its address, the cause and the next step."""
    import grpc  # type: ignore[import-untyped,unused-ignore]
    from pymilvus.exceptions import MilvusException

    try:
        yield
    except (MilvusException, grpc.RpcError, OSError) as error:
        raise _translated(error, place) from error


def _translated(error: Exception, place: Place) -> LibraryError:
    text = _text(error)
    words = _own_words(text, place)
    if "milvus-lite" in words or "milvus_lite" in words:
        return LibraryError(
            f"{place.uri} needs milvus-lite, which is not installed.",
            hint="Install it with `pip install 'hybrid-search[remote]'`.",
        )
    if _REFUSED.search(words) or _grpc_code(error) in ("UNAUTHENTICATED", "PERMISSION_DENIED"):
        return LibraryError(
            f"The engine at {place.uri} refuses access ({text}).",
            hint=f"Set {TOKEN_VARIABLE} to its user:password or key.",
        )
    if _unreachable(error, place):
        return LibraryError(
            f"The engine at {place.uri} cannot be reached.",
            hint="No data is lost: check that the engine runs, and run the same command again.",
        )
    return LibraryError(f"The engine at {place.uri} failed: {text}")


def no_library(place: Place) -> LibraryError:
    """The error for a place to which no library was pushed."""
    return LibraryError(f"There is no library at {place}.", hint=f"`hybrid-search push {place}` puts one there.")


def _text(error: Exception) -> str:
    return " ".join((getattr(error, "message", "") or str(error)).split())[:300]


def _own_words(text: str, place: Place | None = None) -> str:
    """An engine's message in lower case, without the addresses, paths and quoted texts that it repeats.

    Otherwise a folder called "auth" or "connection" would be taken for the cause.
    """
    if place is not None:
        for known in (place.uri, place.uri.rpartition("//")[2]):
            text = text.replace(known, " ")
    return _REPEATED.sub(" ", text).lower()


def _grpc_code(error: Exception) -> str:
    """The name of gRPC's status, "" if the error has none."""
    code = getattr(error, "code", None)
    status = code() if callable(code) else code
    return str(getattr(status, "name", ""))


def _unreachable(error: Exception, place: Place | None = None) -> bool:
    if _grpc_code(error) in ("UNAVAILABLE", "DEADLINE_EXCEEDED"):
        return True
    signs = ("fail connecting", "unavailable", "deadline", "timeout", "connection", "closed")
    words = _own_words(_text(error), place)
    return getattr(error, "code", None) == 2 or any(sign in words for sign in signs)
