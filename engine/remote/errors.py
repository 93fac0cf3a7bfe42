"""What an engine's failures mean: a short wait for one that comes back, and words for the others."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ..environment import TOKEN
from ..errors import LibraryError
from ..places import Place

TOKEN_VARIABLE = TOKEN.name
# gRPC waits ever longer, up to two minutes, before it tries an address again, and refuses every call meanwhile: an
# engine that is back would be missed for as long.
TRY_AGAIN = {"grpc.initial_reconnect_backoff_ms": 250, "grpc.max_reconnect_backoff_ms": 1000}
# Longer than the longest of those waits. Every call writes, reads or deletes by keys: asked twice, it does no more.
PATIENCE_SECONDS = 3.0
_PAUSE_SECONDS = 0.2


class Patient:
    """A client whose calls are repeated for some seconds while the engine cannot be reached."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)

        def call(*given: Any, **named: Any) -> Any:
            return repeated(lambda: method(*given, **named))

        return call if callable(method) else method


def repeated(call: Callable[[], Any]) -> Any:
    """What a call gives, tried again for some seconds while the engine cannot be reached."""
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
    words = text.lower()
    if "milvus-lite" in words or "milvus_lite" in words:
        return LibraryError(
            f"{place.uri} needs milvus-lite, which is not installed.",
            hint="Install it with `pip install 'hybrid-search[remote]'`.",
        )
    if any(sign in words for sign in ("auth", "permission", "unauthenticated", "token")):
        return LibraryError(
            f"The engine at {place.uri} refuses access ({text}).",
            hint=f"Set {TOKEN_VARIABLE} to its user:password or key.",
        )
    if _unreachable(error):
        return LibraryError(
            f"The engine at {place.uri} cannot be reached.",
            hint="Nothing that it holds is lost: check that it runs and run the same command again.",
        )
    return LibraryError(f"The engine at {place.uri} failed: {text}")


def _text(error: Exception) -> str:
    return " ".join((getattr(error, "message", "") or str(error)).split())[:300]


def _unreachable(error: Exception) -> bool:
    signs = ("fail connecting", "unavailable", "deadline", "timeout", "connection", "closed")
    return getattr(error, "code", None) == 2 or any(sign in _text(error).lower() for sign in signs)
