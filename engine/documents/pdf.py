"""PDF to text by pypdf: pages, bookmarks as headings, lines and hyphens joined."""

from __future__ import annotations

import io
import logging
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from ..errors import UnreadableDocument
from .building import Builder, one_line
from .decoding import clean
from .model import Document, Heading, Source

_HYPHEN = re.compile(r"(?<=[^\W\d_])[-\u00ad\u2010]\n(?=([^\W\d_]))")
_LEADERS = re.compile(r"(?:[ \t]{0,3}\.){5,}[ \t]*")
_GLUED = re.compile(r"[A-Za-zÀ-ɏͰ-ϿЀ-ӿ.,;:!?()«»“”’-]{36,}")
# In thousandths of the font size: what a gap between words has at least, and what pypdf takes for a space in any font.
_LEAST_GAP = 180
_SPACE_WIDTH = 1000
# Presentation forms of Arabic and ligatures of Latin: the shapes drawn, not the letters meant.
_SHAPES = re.compile("[\ufb00-\ufb06\ufb1d-\ufdff\ufe70-\ufefc]+")


def read_pdf(source: Source) -> Iterator[Document]:
    """A PDF as a document.

    Raises:
        UnreadableDocument: damaged, encrypted, or without any text (scanned pages).

    """
    import pypdf

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = pypdf.PdfReader(io.BytesIO(source.data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnreadableDocument("it is encrypted")
        builder = Builder()
        for page in reader.pages:
            builder.page()
            builder.paragraph(_tidy(_text_of(page)))
    except UnreadableDocument:
        raise
    except RecursionError as error:
        raise UnreadableDocument("it is damaged: its parts refer to each other in a circle") from error
    except Exception as error:  # pypdf lets errors of every kind through on damaged files
        detail = one_line(str(error))[:120] or type(error).__name__
        needs_crypto = "cryptography" in detail or "PyCryptodome" in detail
        raise UnreadableDocument("it is encrypted" if needs_crypto else f"it is damaged: {detail}") from error
    if not builder.parts:
        raise UnreadableDocument("its pages hold no text; they may be scans")
    document = builder.document(source.path, _title(reader))
    headings = tuple(_bookmarks(reader, document))
    yield Document(source.path, "", document.title, document.text, headings, document.pages)


def _text_of(page: Any) -> str:
    """A page's text; read again with word gaps widened where words came out glued together.

    pypdf takes the width of a missing space glyph from the font's default, which is often twice that of a space.
    """
    text = str(page.extract_text())
    letters = sum(map(str.isalpha, text))
    glued = sum(len(match[0]) for match in _GLUED.finditer(text))
    if glued < 0.2 * letters:
        return text
    return str(page.extract_text(visitor_operand_before=_widen_gaps))


def _widen_gaps(operator: bytes, operands: list[Any], *_matrices: Any) -> None:
    from pypdf.generic import NumberObject

    if operator == b"TJ" and operands and isinstance(operands[0], list):
        for place, item in enumerate(operands[0]):
            if isinstance(item, (int, float)) and -_SPACE_WIDTH < item < -_LEAST_GAP:
                operands[0][place] = NumberObject(-_SPACE_WIDTH)


def _tidy(text: str) -> str:
    text = clean(text).replace("\xa0", " ")
    text = _SHAPES.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)
    text = _HYPHEN.sub(lambda match: "" if match[1].islower() else "-", text)
    return _LEADERS.sub(" … ", text)


def _title(reader: Any) -> str:
    try:
        title = one_line(str(reader.metadata.title or "")) if reader.metadata else ""
    except Exception:  # metadata may be damaged where the pages are not
        return ""
    return "" if re.search(r"\.(docx?|odt|tex|dvi|indd)$|^untitled", title, re.IGNORECASE) else title


def _bookmarks(reader: Any, document: Document) -> list[Heading]:
    """Bookmarks whose words stand on the page they point to; others give no offset to rely on."""
    found: dict[int, Heading] = {}
    lowered = document.text.lower()
    if len(lowered) != len(document.text):
        return []

    def visit(items: list[Any], level: int) -> None:
        for item in items:
            if isinstance(item, list):
                visit(item, level + 1)
                continue
            title = one_line(clean(str(item.title)))
            number = reader.get_destination_page_number(item)
            if not title or number is None or not 0 <= number < len(document.pages):
                continue
            end = document.pages[number + 1] if number + 1 < len(document.pages) else len(lowered)
            words = r"\s+".join(re.escape(word) for word in title.lower().split())
            match = re.compile(rf"^[^\w\n]*(?:[\dA-Z.]+[ \t]+)?{words}[ \t]*$", re.MULTILINE | re.IGNORECASE).search(
                lowered, document.pages[number], end
            )
            if match and "\n" not in match[0].strip():
                start = match.start() + len(match[0]) - len(match[0].lstrip())
                found.setdefault(start, Heading(start, min(level, 9), title))

    try:
        visit(list(reader.outline), 1)
    except Exception:  # a damaged outline costs headings, not the text
        return []
    return [found[start] for start in sorted(found)]
