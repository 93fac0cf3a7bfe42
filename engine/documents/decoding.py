"""Bytes to text: UTF-8 first, then what the file declares, then the likeliest of the legacy encodings."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable

from ..errors import UnreadableDocument
from ..languages import detect
from .kinds import SAMPLE, looks_binary, utf16_without_mark

# UTF-32 before UTF-16: its little-endian mark begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CODE_PAGES = """
    cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 koi8_r koi8_u iso8859_2 iso8859_5 cp866
    cp932 euc_jp iso2022_jp gb18030 big5 cp949 cp874 mac_roman utf_16_le utf_16_be
"""
_DECLARED = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?([\w.:-]{2,40})|<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{2,40})"""
    rb"""|coding[:=][ \t]*([\w.-]{2,40})|charset=([\w.-]{2,40})""",
    re.IGNORECASE,
)

# Letters beyond ASCII by Latin code page and language. Guessers tell scripts apart well and these pages badly: the
# same byte is a letter in each of them, and only a language's alphabet says which page makes sense.
_WESTERN = {
    "de": "äöüß",
    "fr": "àâæçèéêëîïôœùûüÿ",
    "es": "áéíñóúü¿¡",
    "pt": "àáâãçéêíóôõúü",
    "it": "àèéìíîòóùú",
    "sv": "åäöé",
    "da": "æøåé",
    "nl": "ëïéèöü",
}
_CENTRAL = {
    "pl": "ąćęłńóśźż",
    "cs": "áčďéěíňóřšťúůýž",
    "hu": "áéíóöőúüű",
    "sk": "áäčďéíĺľňóôŕšťúýž",
    "ro": "ăâîşţșț",
    "hr": "čćđšž",
}
_VIETNAMESE = "ăâđêôơưàáèéìíòóùúýãñõạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ\u0300\u0301\u0303\u0309\u0323"
_ALPHABETS: tuple[tuple[str, dict[str, str]], ...] = (
    ("cp1252", _WESTERN),
    ("cp1250", _CENTRAL),
    ("iso8859_2", _CENTRAL),
    ("cp1254", {"tr": "çğıiöşüâîû"}),
    ("cp1257", {"lt": "ąčęėįšųūž", "lv": "āčēģīķļņšūž", "et": "äõöüšž"}),
    ("cp1252", {"is": "áðéíóúýþæö"}),
    ("cp1258", {"vi": _VIETNAMESE}),
    ("mac_roman", _WESTERN),
)
_LATIN = frozenset(encoding for encoding, _ in _ALPHABETS)
_TYPOGRAPHY = frozenset("“”„«»‹›–—…’‘‚•·°§©®™€£\u00a0\u00ad")


_ODD = re.compile(
    r"(?<=[a-z])(?:[À-ÖØ-ÞĀĂĄĆČĎĐĒĖĘĚĢĪĮĶĹĻĽŁŃŅŇŐŔŘŚŞŠŢŤŪŮŰŲŹŻŽ]|[^\w\s\x00-\x7f’‘·\u00ad\u0300-\u036f](?=[a-z]))"
)


class Undecodable(UnreadableDocument):
    """Bytes that are no text in any encoding tried."""


def decode(data: bytes) -> str:
    """The text of a file's bytes, line ends made newlines.

    Raises:
        Undecodable: the bytes are no text.

    """
    return clean(_decode(data))


def clean(text: str) -> str:
    """Text that every part downstream takes: newlines only, no NUL or other controls, no lone surrogates."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not _UNCLEAN.search(text):
        return text
    return _SURROGATES.sub("\ufffd", _CONTROLS.sub("", text))


_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ufeff\ufffe\uffff]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_UNCLEAN = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ufeff\ufffe\uffff\ud800-\udfff]")


def _decode(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    head = data[:SAMPLE]
    if b"\x00" in head and (wide := utf16_without_mark(head)) and not looks_binary(head):
        return data.decode(wide, errors="replace")
    if looks_binary(head):
        raise Undecodable("it is a binary file")
    if b"\x1b$" not in head and (text := _as_utf8(data)) is not None:
        return text
    for encoding in _declared(head):
        try:
            return data.decode(encoding)
        except (UnicodeError, LookupError):
            continue
    return _guess(data)


def _as_utf8(data: bytes) -> str | None:
    """UTF-8, forgiving a few damaged bytes in what is otherwise plainly UTF-8; None if it is something else."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("utf-8", errors="replace")
    damaged = text.count("\ufffd")
    whole = sum(character > "\x7f" for character in text) - damaged
    return text if damaged * 20 <= whole else None


def _declared(head: bytes) -> Iterable[str]:
    for groups in _DECLARED.findall(head):
        name = next(filter(None, groups)).decode("ascii", "ignore").lower()
        # What calls itself Latin-1 or GB2312 on the web is the larger Windows or GB18030 set.
        yield {
            "iso-8859-1": "cp1252",
            "latin1": "cp1252",
            "gb2312": "gb18030",
            "gbk": "gb18030",
            "shift_jis": "cp932",
        }.get(name, name)


def _guess(data: bytes) -> str:
    from charset_normalizer import from_bytes

    sample = _telling_part(data)
    best = from_bytes(sample, cp_isolation=_CODE_PAGES.split(), threshold=0.3).best()
    encoding = best.encoding if best else ""
    if encoding in _LATIN or not encoding:
        encoding = _latin_page(sample) or encoding or "cp1252"
    return data.decode(encoding, errors="replace")


def _telling_part(data: bytes, size: int = 32768) -> bytes:
    """Lines with bytes beyond ASCII, at most `size` bytes: the rest says nothing about the encoding."""
    if len(data) <= size or b"\x00" in data[:size]:
        return data[:size]
    part = bytearray()
    for line in data[: 64 * size].splitlines(keepends=True):
        if not line.isascii():
            part += line[: size // 4]
            if len(part) >= size:
                break
    return bytes(part) or data[:size]


def _latin_page(sample: bytes) -> str:
    """The Latin code page under which the letters beyond ASCII best fit a language's alphabet, "" if none does.

    Where several fit, that whose language the text then is in.
    """
    fits: list[tuple[float, str, str, str]] = []
    for encoding, alphabets in _ALPHABETS:
        text = sample.decode(encoding, errors="replace")
        beyond = [character for character in text if character > "\x7f"]
        if not beyond:
            return "cp1252"
        # A capital, or no letter at all, inside a word is what a wrong page makes of a small letter.
        odd = len(_ODD.findall(text))
        for language, alphabet in alphabets.items():
            known = _TYPOGRAPHY | set(alphabet) | set(alphabet.upper())
            score = (sum(character in known for character in beyond) - odd) / len(beyond)
            fits.append((score, encoding, language, text))
    best = max(score for score, *_ in fits)
    near = [fit for fit in fits if fit[0] >= best - 0.02]
    if best <= 0.5 or len({encoding for _, encoding, _, _ in near}) == 1:
        return near[0][1] if best > 0.5 else ""
    candidates = list(dict.fromkeys(language for _, _, language, _ in near))
    told = [detect(text, candidates) for *_, text in near]
    sure = [each.confidence if each.code == fit[2] else 0.0 for each, fit in zip(told, near, strict=True)]
    return near[sure.index(max(sure))][1]
