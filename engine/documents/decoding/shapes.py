"""Tells from a file's first bytes, before decoding, whether it is a text, a text of wide characters, or binary."""

from __future__ import annotations

import re
from itertools import pairwise

from ...languages import script_of

# So many first bytes are enough to tell.
SAMPLE = 8192
_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_CONTROLS = bytes((*range(1, 7), *range(14, 27), *range(28, 32), 127))
_LATIN = b" abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_NULS = re.compile(rb"\x00+")
_SPACES = frozenset("\r\n\t\f\u3000\u00a0")


def wide_encoding(head: bytes) -> str:
    """The UTF-32 or UTF-16 encoding of bytes without a byte order mark, or "" if they are in neither.

    Zero bytes alone prove nothing: a single-byte text may hold some, and most pairs of its bytes are printable
    characters. Positions of zeros, or neighbouring letters of one script, show wide characters.
    """
    if b"\x00" not in head:
        return ""
    for encoding in ("utf-32-le", "utf-32-be"):
        text = _decoded(head, encoding, 4)
        if text and _printable(text):
            return encoding
    # In a text of wide characters, high bytes vary less than low bytes.
    encodings = (
        ("utf-16-le", "utf-16-be") if len(set(head[1::2])) < len(set(head[0::2])) else ("utf-16-be", "utf-16-le")
    )
    return next((encoding for encoding in encodings if _is_utf16(head, encoding)), "")


def _is_utf16(head: bytes, encoding: str) -> bool:
    text = _decoded(head, encoding, 2)
    if not text or not _printable(text):
        return False
    zeros = head[0::2].count(0), head[1::2].count(0)
    low, high = zeros if encoding == "utf-16-le" else zeros[::-1]
    if high * 5 >= len(head) // 2 and low * 50 <= high:
        return True
    return len(head.translate(None, _LATIN)) > 0.4 * len(head) and _belong_together(text)


def looks_binary(head: bytes) -> bool:
    """Whether the first bytes are not text: zeros outside UTF-16 and UTF-32, or many control characters."""
    if head.startswith(_MARKS) or wide_encoding(head):
        return False
    # A stray zero, or a block that was allocated and never written, does not make a text binary.
    holes = len(_NULS.findall(head))
    written = len(head) - head.count(0)
    if holes and (not written or holes > max(1, 0.08 * written)):
        return True
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if b"\x1b$)C" in head:
        # ISO-2022-KR switches between its two sets by control characters.
        controls -= head.count(b"\x0e") + head.count(b"\x0f")
    return controls > 0.05 * max(1, written)


def _decoded(head: bytes, encoding: str, width: int) -> str:
    """The head decoded in a wide encoding, without a last character that is cut; "" if it is not in that encoding."""
    whole = head[: len(head) - len(head) % width]
    for end in (len(whole), len(whole) - 2):
        try:
            return whole[:end].decode(encoding)
        except UnicodeDecodeError:
            continue
    return ""


def _printable(text: str) -> bool:
    strange = sum(not (character.isprintable() or character in _SPACES) for character in text)
    return strange <= 0.03 * len(text)


def _belong_together(text: str) -> bool:
    """Whether neighbouring letters are of one script: true of words, unlikely for random pairs of bytes."""
    same = pairs = 0
    for one, other in pairwise(text):
        if one.isalpha() and other.isalpha():
            pairs += 1
            first, second = script_of(one), script_of(other)
            same += first == second or {first, second} == {"HAN", "KANA"}
    return same >= 0.85 * pairs
