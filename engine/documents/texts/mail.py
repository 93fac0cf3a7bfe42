"""Reads mail (a message, an mbox): text without headers, attachments and transport encodings, titled by the subject."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from pathlib import Path

from ...errors import UnreadableDocument
from ..building import Builder, one_line, stem
from ..decoding import clean, decode, known_encoding, without_embedded
from ..model import Document, Source

# The lines that separate the messages of an mbox, with a time and a year; inside a message, they are quoted by ">".
_FROM = re.compile(rb"^From [^\n]{0,200}\d\d:\d\d[^\n]{0,80}\d{4}[^\n]{0,80}\r?\n", re.MULTILINE)
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)
# Files in the text itself, as old programs send them, and what PGP puts around it.
_PACKED = re.compile(
    r"^begin [0-7]{3} [^\n]{1,200}\n(?:[!-`]{1,62}[ \t]*\n)+end[ \t]*$"
    r"|^-----BEGIN PGP SIGNED MESSAGE-----\n(?:\w+: [^\n]{0,200}\n)*\n"
    r"|^-----BEGIN PGP (\w+(?: \w+){0,3})-----\n(?:[^\n-][^\n]{0,200}\n|\n)*-----END PGP \1-----$",
    re.MULTILINE,
)
_DEEPEST = 50


def read_mail(source: Source) -> Iterator[Document]:
    """One message.

    Raises:
        UnreadableDocument: no part of it is text.

    """
    text, title = _read(source, source.data)
    if not text:
        raise UnreadableDocument("the message holds no text")
    yield Document(source.path, "", title or stem(source.path), text)


def read_mbox(source: Source) -> Iterator[Document]:
    """A document per message, its part "message 12"; messages without text are left out."""
    starts = list(_FROM.finditer(source.data))
    if not starts:
        yield from read_mail(source)
        return
    ends = [match.start() for match in starts[1:]] + [len(source.data)]
    for number, (match, end) in enumerate(zip(starts, ends, strict=True), 1):
        data = _QUOTED_FROM.sub(rb"\1", source.data[match.end() : end])
        text, title = _read(source, data)
        if text:
            part = f"message {number}"
            yield Document(source.path, part, title or f"{stem(source.path)}, {part}", text)


def _read(source: Source, data: bytes) -> tuple[str, str]:
    """(text, subject) of a message."""
    message = message_from_bytes(data)
    builder = Builder()
    for text in _texts(message, source.path, 0):
        builder.paragraph(text)
    return builder.document(source.path).text, _subject(message)


def _subject(message: Message) -> str:
    raw = next((value for name, value in message.raw_items() if name.lower() == "subject"), "")
    try:
        pieces = decode_header(raw)
    except (MessageError, ValueError):
        pieces = [(raw, None)]
    words = ""
    encoded = False
    for piece, charset in pieces:
        # A space between two encoded words only separates them; next to any other word it is a space.
        words += ("" if encoded and charset else " ") + _word(piece, charset)
        encoded = charset is not None
    return one_line(clean(words))


def _word(piece: str | bytes, charset: str | None) -> str:
    if isinstance(piece, str):
        # Letters beyond ASCII that were sent unencoded, against the rules.
        piece = piece.encode("ascii", "surrogateescape") if piece.isascii() or _escaped(piece) else piece.encode()
    return _decoded(piece, charset)


def _escaped(text: str) -> bool:
    return all(character < "\x80" or "\udc80" <= character <= "\udcff" for character in text)


def _texts(message: Message, path: Path, depth: int) -> Iterator[str]:
    """The texts of a message or a part of one; of alternatives the first with text, plain text before others."""
    if message.get_content_disposition() == "attachment" or depth > _DEEPEST:
        return
    kind = message.get_content_type()
    if message.is_multipart():
        parts = [part for part in message.get_payload() if isinstance(part, Message)]
        if kind != "multipart/alternative":
            for part in parts:
                yield from _texts(part, path, depth + 1)
            return
        for part in sorted(parts, key=lambda part: part.get_content_type() != "text/plain"):
            found = list(_texts(part, path, depth + 1))
            if any(text.strip() for text in found):
                yield from found
                return
    elif kind in ("text/plain", "text/markdown", "text/x-markdown") or kind.startswith("multipart/"):
        # A message whose parts are nowhere parted is one text.
        yield _PACKED.sub("", without_embedded(_unfolded(_body(message), message)))
    elif kind == "text/html":
        yield _from_html(_body(message), path)


def _body(message: Message) -> str:
    payload = message.get_payload(decode=True)
    return _decoded(payload, message.get_content_charset()) if isinstance(payload, bytes) else ""


def _decoded(data: bytes, charset: str | None) -> str:
    """Bytes in their declared encoding; it is guessed if it is unknown or wrong."""
    encoding = known_encoding(charset or "")
    if encoding not in ("", "ascii"):
        try:
            return clean(data.decode(encoding))
        except ValueError:
            pass
    try:
        return decode(data)
    except UnreadableDocument:
        return ""


def _unfolded(text: str, message: Message) -> str:
    """Rejoin the lines of paragraphs that were broken for sending (format=flowed)."""
    if str(message.get_param("format", "")).lower() != "flowed":
        return text
    text = re.sub(r"(?m)^ (?=[ >]|From )", "", text)
    glue = "" if str(message.get_param("delsp", "")).lower() == "yes" else " "
    return re.sub(r"(?m)(?<!^--) \n(?!\n|>|-- $)", glue, text)


def _from_html(text: str, path: Path) -> str:
    from ..reading import reader_of

    data = b"\xef\xbb\xbf" + text.encode("utf-8", "replace")
    documents = reader_of("html")(Source(path, data, len(data)))
    return "\n\n".join(document.text for document in documents)
