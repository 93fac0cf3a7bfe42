"""Cursors: the offset of an answer's next page, with a digest that ties it to its request."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from .refusals import Refused

_LONGEST = 200


def cursor_after(offset: int, request: Mapping[str, Any]) -> str:
    """The cursor of the page that begins at `offset` in the answer to a request."""
    text = json.dumps([offset, _seal(request)])
    return base64.urlsafe_b64encode(text.encode()).decode()


def offset_of(cursor: str | None, request: Mapping[str, Any], most: int) -> int:
    """The offset in a cursor; 0 without a cursor.

    Raises:
        Refused: the cursor is invalid, or belongs to another request.
    """
    if not cursor:
        return 0
    try:
        if len(cursor) > _LONGEST:
            raise ValueError
        offset, seal = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii")))
        if type(offset) is not int or not 0 <= offset <= most or seal != _seal(request):
            raise ValueError
    except (ValueError, TypeError, binascii.Error, UnicodeError, RecursionError):
        raise Refused(
            "invalid_arguments",
            "The cursor does not continue this request.",
            hint="Use `next_cursor` of an answer to the same arguments, or leave it out to begin again.",
        ) from None
    return int(offset)


def _seal(request: Mapping[str, Any]) -> str:
    plain = {name: value for name, value in request.items() if name != "cursor"}
    return hashlib.blake2b(json.dumps(plain, sort_keys=True, default=str).encode(), digest_size=6).hexdigest()
