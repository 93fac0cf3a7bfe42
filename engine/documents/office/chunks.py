"""Reads chunks of other formats in a Word document (altChunk): web pages, MHTML, text, RTF, Word."""

from __future__ import annotations

from collections import deque
from email import message_from_bytes
from email.message import Message

from ..building import Builder
from ..decoding import Undecodable, decode
from ..markup import extract
from .flow import Block
from .package import Package
from .rich_text import rtf_builder

_WORD = ("docx", "docm", "dotx", "dotm")
_WEB = ("htm", "html", "xhtml", "xht")
_MAIL = ("mht", "mhtml")


def chunk_blocks(package: Package, part: str) -> tuple[Package | None, deque[Block]]:
    """(the chunk as a Word document, or None; the blocks of a chunk in another format).

    Raises:
        UnreadableDocument: the chunk is damaged.

    """
    kind = _kind(part.rpartition(".")[2].lower(), package.content_type(part))
    data = package.archive.read(part)
    if kind == "word" or data.startswith(b"PK\x03\x04"):
        return Package(data, package.archive.left), deque()
    if data.lstrip().startswith(b"{\\rtf"):
        return None, _blocks(*rtf_builder(data))
    try:
        if kind == "mail":
            return None, _blocks(*extract(_page_of_mail(data), book=True))
        if kind == "web":
            return None, _blocks(*extract(decode(data), book=True))
        return None, deque(Block(0, each) for each in decode(data).split("\n\n") if each.strip())
    except Undecodable:
        return None, deque()


def builder_blocks(parts: list[str], headings: dict[int, int]) -> deque[Block]:
    """The parts of a builder as blocks; `headings` gives the level of the part that starts at an offset."""
    blocks: deque[Block] = deque()
    offset = 0
    for part in parts:
        blocks.append(Block(headings.get(offset, 0), part))
        offset += len(part) + 2
    return blocks


def _blocks(builder: Builder, _: str) -> deque[Block]:
    return builder_blocks(builder.parts, {heading.start: heading.level for heading in builder.headings})


def _kind(suffix: str, content_type: str) -> str:
    if suffix in _WORD or "wordprocessingml" in content_type:
        return "word"
    if suffix in _MAIL or "message/rfc822" in content_type or "multipart" in content_type:
        return "mail"
    return "web" if suffix in _WEB or "html" in content_type else "text"


def _page_of_mail(data: bytes) -> str:
    """The page in a mail, as a browser or Word saves one (MHTML); "" if there is none."""
    message: Message = message_from_bytes(data)
    for part in message.walk():
        if part.get_content_maintype() == "text":
            content = part.get_payload(decode=True)
            charset = (part.get_content_charset() or "").replace("unicode", "utf-16")
            if isinstance(content, bytes):
                try:
                    return content.decode(charset) if charset else decode(content)
                except (LookupError, UnicodeError):
                    return decode(content)
    return ""
