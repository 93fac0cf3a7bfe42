"""Parses XML bytes into a tree, without entities, deep nesting or external references.

The document type is removed before parsing: no entity is ever declared, so none can be expanded, chained or fetched.
The entity names of HTML (`&nbsp;`), common in XML, become characters. White space and byte order marks before the
prolog, control characters and a lone "&" are tolerated.
"""

from __future__ import annotations

import re
from html.entities import html5
from xml.etree import ElementTree

from ..errors import UnreadableDocument
from .decoding import decode

Element = ElementTree.Element

# An element takes about 110 bytes besides its content: this many take half a gigabyte.
MOST_TAGS = 4_000_000


class Malformed(UnreadableDocument):
    """A text that is not well-formed XML."""


_SPACE = " \t\n\ufeff\u200b"
_DOCTYPE_PART = re.compile(r"[\"'\[\]>]|<!--|<\?|<!ENTITY")
_REFERENCE = re.compile(
    r"&(?!(?:amp|lt|gt|quot|apos);)(?:#([0-9]++|[xX][0-9a-fA-F]++);|([A-Za-z][\w.-]{0,31});)?"  # not XML's own
)
_LARGEST = 0x10FFFF


def parse_xml(data: bytes, name: str = "it", *, entities: bool = False) -> Element:
    """The root element of an XML document; comments and processing instructions are left out.

    `name` is its name in messages. `entities`: a document that declares entities is read, and references to them stay
    in the text as written; without it, such a document is refused.

    Raises:
        Malformed: it is not XML.
        UnreadableDocument: it declares entities, or has more than `MOST_TAGS` tags.

    """
    return parse_xml_text(decode(data), name, entities=entities)


def parse_xml_text(text: str, name: str = "it", *, entities: bool = False) -> Element:
    """Like `parse_xml`, for a decoded text."""
    if text.count("<") > MOST_TAGS:
        raise UnreadableDocument(f"{name} has more than {MOST_TAGS:,} tags")
    parser = ElementTree.XMLParser()
    try:
        parser.feed(_with_known_references(_without_doctype(text, name, entities)))
        root: Element = parser.close()
    except (ElementTree.ParseError, ValueError) as error:
        raise Malformed(f"it is damaged: {name} is not valid XML ({error})") from error
    return root


def local(element: Element) -> str:
    """An element's name without its namespace: "p" of "{http://www.w3.org/1999/xhtml}p"."""
    return element.tag.rpartition("}")[2]


def _without_doctype(text: str, name: str, entities: bool) -> str:
    """The text from its first element on; nothing before that is needed."""
    place, end = 0, len(text)
    while place < end:
        if text[place] in _SPACE:
            place += 1
        elif text.startswith("<?", place):
            place = _after(text, "?>", place, name)
        elif text.startswith("<!--", place):
            place = _after(text, "-->", place, name)
        elif text[place : place + 9].upper() == "<!DOCTYPE":
            place = _after_doctype(text, place + 9, name, entities)
        else:
            break
    return text[place:]


def _after_doctype(text: str, place: int, name: str, entities: bool) -> int:
    inside = False
    while part := _DOCTYPE_PART.search(text, place):
        place = part.end()
        match part[0]:
            case '"' | "'":
                place = _after(text, part[0], place, name)
            case "<!--":
                place = _after(text, "-->", place, name)
            case "<?":
                place = _after(text, "?>", place, name)
            case "<!ENTITY" if not entities:
                raise UnreadableDocument(f"{name} declares entities, which are not expanded here")
            case "[":
                inside = True
            case "]":
                inside = False
            case ">" if not inside:
                return place
    raise Malformed(f"it is damaged: the document type of {name} does not end")


def _after(text: str, mark: str, place: int, name: str) -> int:
    found = text.find(mark, place)
    if found < 0:
        raise Malformed(f"it is damaged: {name} is not valid XML ({mark} is missing)")
    return found + len(mark)


def _with_known_references(text: str) -> str:
    """The text in which each "&" outside CDATA that starts no reference of XML is replaced by one."""
    if "&" not in text:
        return text
    parts: list[str] = []
    place = 0
    while (start := text.find("<![CDATA[", place)) >= 0:
        end = text.find("]]>", start)
        end = len(text) if end < 0 else end
        parts += (_REFERENCE.sub(_reference, text[place:start]), text[start:end])
        place = end
    parts.append(_REFERENCE.sub(_reference, text[place:]))
    return "".join(parts)


def _reference(match: re.Match[str]) -> str:
    number, word = match.groups()
    if number:
        hexadecimal = number[0] in "xX"
        digits = number.lstrip("xX0") or "0"
        code = int(digits, 16 if hexadecimal else 10) if len(digits) < 8 else _LARGEST + 1
        bad = (
            code > _LARGEST
            or 0xD800 <= code < 0xE000
            or code in (0xFFFE, 0xFFFF)
            or (code < 32 and code not in (9, 10, 13))
        )
        return "\ufffd" if bad else match[0]
    if known := html5.get(f"{word};"):
        return "".join(f"&#{ord(character)};" for character in known)
    return f"&amp;{match[0][1:]}"
