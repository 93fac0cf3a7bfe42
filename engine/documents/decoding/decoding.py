"""Decodes bytes: as UTF-8 first, then as the file declares, then in the likeliest legacy encoding."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator

from ...errors import UnreadableDocument
from ...languages import script_of
from .guessing import guess, oddness
from .shapes import SAMPLE, looks_binary, wide_encoding

# UTF-32 before UTF-16: its little-endian mark begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?([\w.:-]{2,40})|<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{2,40})"""
    rb"""|coding[:=][ \t]*([\w.-]{2,40})|charset=["']?([\w.-]{2,40})""",
    re.IGNORECASE,
)
# Names that the web uses and Python does not know, or that on the web mean a larger character set.
_MEANT = {
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "windows-874": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "windows-949": "cp949",
    "iso-8859-8-i": "iso8859_8",
    "x-mac-cyrillic": "mac_cyrillic",
    "x-mac-roman": "mac_roman",
}
# Python codecs from bytes to text that are not encodings of files.
_NO_ENCODING = frozenset(("undefined", "unicode_escape", "raw_unicode_escape", "idna", "punycode", "utf-7", "charmap"))
_PROOF = b"charset=coding:"
_HZ = re.compile(rb"~\{(?:[!-}][!-~]){1,500}~\}")
# The escape sequences of ISO-2022, and the codecs that know them, the smallest first.
_ESCAPES = (
    (b"\x1b$)C", ("iso2022_kr",)),
    (b"\x1b$", ("iso2022_jp", "iso2022_jp_2", "iso2022_jp_ext", "iso2022_jp_2004")),
    (b"\x1b(J", ("iso2022_jp",)),
    (b"\x1b(I", ("iso2022_jp_ext",)),
)
_ONE_BYTE = re.compile(r"^(cp(?!932|949)\d+|iso8859-\d+|koi8-[ru]|mac-\w+|tis-620)$")
# How many bytes the first check for UTF-8 reads.
_ENOUGH = 1 << 18
_LOOKED_AT = 1 << 21
_NO_CHANCE = 4
# Bytes that are not UTF-8, as `surrogateescape` decodes them; `_WHOLE` is every other character beyond ASCII.
_STRANGE = re.compile("[\udc80-\udcff]")
_STRANGE_RUN = re.compile("[\udc80-\udcff]+")
_WHOLE = re.compile("[^\x00-\x7f\udc80-\udcff]")

_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\u00ad\ufeff\ufffe\uffff]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_UNCLEAN = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\u00ad\ufeff\ufffe\uffff\ud800-\udfff]")
# Escape sequences of terminals for colours, cursor movements and titles.
_TERMINAL = re.compile(r"\x1b(?:\[[0-?]{0,40}[ -/]?[@-~]|\][^\x07\x1b]{0,400}(?:\x07|\x1b\\)|[()][0-9A-Z]|[=>78MDEc])")
# Bold and underlined letters in manuals for printers: one character printed over another.
_OVERSTRUCK = re.compile("[^\n\b]\b")
_DATA_URI = re.compile(
    r"\bdata:[a-z]{2,20}/[\w.+-]{1,80}(?:;[\w=.-]{1,80}){0,5},"
    r"(?:[A-Za-z0-9+/=_-]{40,}(?:\s{1,80}[A-Za-z0-9+/=_-]{60,})*|[^\s\"'<>()]{40,})"
)


class Undecodable(UnreadableDocument):
    """Bytes that are not text in any encoding that was tried."""


def decode(data: bytes) -> str:
    """The text of a file's bytes, with newlines as line ends.

    Raises:
        Undecodable: the bytes are not text.

    """
    return clean(_decode(data))


def clean(text: str) -> str:
    """Text that is safe for all later steps: only newlines as line ends, no NUL or other controls, no lone surrogates.

    Escape sequences of terminals are removed as a whole, not only their control character; so are the places where a
    word may be hyphenated, which would part it for encoders.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not _UNCLEAN.search(text):
        return text
    if "\b" in text:
        text = _OVERSTRUCK.sub("", text)
    if "\x1b" in text:
        text = _TERMINAL.sub("", text)
    return _SURROGATES.sub("\ufffd", _CONTROLS.sub("", text))


def without_embedded(text: str) -> str:
    """A text without pictures and fonts embedded as data: URIs."""
    return _DATA_URI.sub("", text) if "data:" in text else text


def known_encoding(label: str) -> str:
    """The Python codec that a label in a file or a message means; "" if it names no encoding of text.

    Labels are untrusted: Python has codecs "undefined" and "unicode_escape", which no file uses.
    """
    # Emacs appends the kind of line end.
    name = re.sub(r"-(?:unix|dos|mac)$", "", label.strip().lower())
    try:
        info = codecs.lookup(_MEANT.get(name, name))
    except (LookupError, ValueError):
        return ""
    if not getattr(info, "_is_text_encoding", True) or info.name in _NO_ENCODING:
        return ""
    return "" if info.name in ("mbcs", "oem") else info.name


def marked_encoding(head: bytes) -> str:
    """The encoding of the byte order mark at the start of a file, "" without one."""
    return next((encoding for mark, encoding in _MARKS if head.startswith(mark)), "")


def declared_encoding(head: bytes) -> str:
    """The first known encoding that the start of a file declares, "" if there is none."""
    return next(_declared(head), "")


def _decode(data: bytes) -> str:
    head = data[:SAMPLE]
    if marked := marked_encoding(head):
        return data.decode(marked, errors="replace")
    if wide := wide_encoding(head):
        return data.decode(wide, errors="replace")
    if looks_binary(head):
        raise Undecodable("it is a binary file")
    if (text := _by_escapes(data)) is not None:
        return text
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if b"\xed" in data and (text := _of_surrogates(data)) is not None:
        return text
    if (text := _mostly_utf8(data)) is not None:
        return text
    for encoding in _declared(head):
        try:
            return data.decode(encoding)
        except ValueError:
            continue
    return _legacy(data)


def _by_escapes(data: bytes) -> str | None:
    """Decode the 7-bit encodings that switch character sets by escape sequences: ISO-2022 and HZ."""
    if b"\x1b" in data:
        for mark, encodings in _ESCAPES:
            for encoding in encodings if mark in data else ():
                try:
                    return data.decode(encoding)
                except ValueError:
                    continue
    if _HZ.search(data) and data.isascii():
        try:
            return data.decode("hz")
        except ValueError:
            return None
    return None


def _of_surrogates(data: bytes) -> str | None:
    """Decode CESU-8, UTF-8 that writes rarer characters as two surrogates, as some databases and Java do."""
    try:
        return data.decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass").decode("utf-16")
    except ValueError:
        return None


def _declared(head: bytes) -> Iterator[str]:
    for groups in _DECLARED.findall(head):
        encoding = known_encoding(next(filter(None, groups)).decode("ascii", "ignore"))
        # The declaration was read as ASCII, so an encoding that decodes those bytes differently cannot be right.
        if encoding and encoding != "ascii" and _PROOF.decode(encoding, "replace") == _PROOF.decode():
            yield encoding


def _legacy(data: bytes) -> str:
    """The text in the likeliest legacy encoding; its lines in UTF-8 are decoded as UTF-8."""
    encoding = guess(b"".join(line for line in data[:_LOOKED_AT].splitlines(keepends=True) if _is_other(line)) or data)
    return "".join(_line(line, encoding) for line in data.splitlines(keepends=True))


def _is_other(line: bytes) -> bool:
    """Whether a line is ASCII or not valid UTF-8."""
    if line.isascii():
        return True
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


def _line(line: bytes, encoding: str) -> str:
    """A line in `encoding`, or in UTF-8 if it is valid UTF-8 and unlikely to be so by chance."""
    text = line.decode(encoding, errors="replace")
    if line.isascii():
        return text
    try:
        other = line.decode("utf-8")
    except UnicodeDecodeError:
        return text
    if _ONE_BYTE.match(encoding):
        return other if oddness(other) < oddness(text) else text
    # Short words in multi-byte encodings may be valid UTF-8 by chance.
    return other if len(_WHOLE.findall(other)) >= _NO_CHANCE else text


def _mostly_utf8(data: bytes) -> str | None:
    """The text of a file that is UTF-8 except for a few bytes; None for other files.

    Words in another encoding are decoded in that; bytes that are no letters in it become U+FFFD.
    """
    strange, whole = _counts(data[:_ENOUGH])
    if strange > max(whole, 100):
        return None
    text = data.decode("utf-8", errors="surrogateescape")
    strange, whole = _counts(data)
    if whole < 2 or strange > whole:
        return None
    lines = [line for line in text.splitlines() if not line.isascii()]
    others = [line for line in lines if _STRANGE.search(line)]
    if strange * 2 > whole and len(others) == len(lines):
        return None
    # Only bytes that are not UTF-8 tell the other encoding; lines mostly in it stay whole, since pairs of their bytes
    # may be UTF-8 by chance.
    sample = "\n".join(line if _is_foreign(line) else _WHOLE.sub("", line) for line in others)
    encoding = guess(sample.encode("utf-8", "surrogateescape"))
    text = "\n".join(_foreign_line(line, encoding) for line in text.split("\n"))
    if not _ONE_BYTE.match(encoding):
        encoding = "cp1252"
    encodings = dict.fromkeys((encoding, "cp1252"))
    return _STRANGE_RUN.sub(lambda run: _in_context(run, encodings), text)


def _is_foreign(line: str) -> bool:
    strange = len(line) - len(_STRANGE.sub("", line))
    return strange > len(line) - len(_WHOLE.sub("", line))


def _foreign_line(line: str, encoding: str) -> str:
    """Decode a line that is entirely in `encoding`; any other line, or one that looks odd in it, is unchanged."""
    if not _is_foreign(line):
        return line
    try:
        text = line.encode("utf-8", "surrogateescape").decode(encoding)
    except ValueError:
        return line
    return line if _ONE_BYTE.match(encoding) and oddness(text) else text


def _counts(data: bytes) -> tuple[int, int]:
    """(bytes that are not UTF-8, characters beyond ASCII that are)."""
    text = data.decode("utf-8", errors="surrogateescape")
    return len(text) - len(_STRANGE.sub("", text)), len(text) - len(_WHOLE.sub("", text))


def _in_context(run: re.Match[str], encodings: Iterable[str]) -> str:
    """Decode a run of bytes that are not UTF-8 to letters that fit the characters around it, else to U+FFFD."""
    data = run[0].encode("ascii", "surrogateescape")
    before, after = run.string[max(0, run.start() - 1) : run.start()], run.string[run.end() : run.end() + 1]
    for encoding in encodings:
        letters = data.decode(encoding, errors="replace")
        # A single byte is a Latin letter in a word, or damage; in other scripts a word has several bytes.
        if (len(data) > 1 or script_of(letters) in ("LATIN", "")) and not oddness(before + letters + after):
            return letters
    return "\ufffd"
