"""The second PDF reader: pypdf, for files and pages from which PDFium extracts nothing or garbage."""

from __future__ import annotations

import io
import logging
import re
import time
from collections.abc import Iterator
from typing import Any

from ..building import one_line
from .opened import Bookmark, EncryptedPdf, PdfError, PdfTimeout

_GLUED = re.compile(r"[A-Za-zÀ-ɏͰ-ϿЀ-ӿ.,;:!?()«»“”’-]{36,}")
# In thousandths of the font size: the least gap between words, and what pypdf takes for a space in any font.
_LEAST_GAP = 180
_SPACE_WIDTH = 1000
# Names of glyphs that pypdf gives for letters that the font does not map.
_GLYPH_NAMES = re.compile(r"/(?:[A-Z][A-Za-z]*(?:Character|Digit)[A-Za-z]*|[A-Z0-9]{2}|[a-z]{1,3}\d{1,5})(?=/|\W|$)")


class _TooLong(BaseException):
    """Raised within pypdf to end a page; a BaseException, so that no `except Exception` catches it."""


class PypdfFile:
    """A PDF opened by pypdf, with the empty password if it is encrypted.

    Raises:
        EncryptedPdf: it needs another password.
        PdfError: it cannot be opened.

    """

    def __init__(self, data: bytes) -> None:
        import pypdf

        logging.getLogger("pypdf").setLevel(logging.CRITICAL)
        try:
            self._reader = pypdf.PdfReader(io.BytesIO(data))
            if self._reader.is_encrypted and not self._reader.decrypt(""):
                raise EncryptedPdf("it is encrypted")
            self.count = len(self._reader.pages)
        except EncryptedPdf:
            raise
        except RecursionError as error:
            raise PdfError("its parts refer to each other in a circle") from error
        except Exception as error:  # pypdf raises errors of every kind on damaged files
            detail = one_line(str(error))[:120] or type(error).__name__
            if "cryptography" in detail or "PyCryptodome" in detail:
                raise EncryptedPdf("it is encrypted") from error
            raise PdfError(detail) from error

    def page(self, number: int, end: float) -> str:
        """The text of a page, counted from 0; read again with wider word gaps if words were joined.

        For a missing space glyph, pypdf takes the font's default width, often twice that of a space.

        Raises:
            PdfTimeout: the page was not finished at `end`, a moment of `time.monotonic`.
            PdfError: the page cannot be read.

        """

        def watch(*_: Any) -> None:
            if time.monotonic() > end:
                raise _TooLong

        def widen(operator: bytes, operands: list[Any], *_: Any) -> None:
            watch()
            _widen_gaps(operator, operands)

        try:
            page = self._reader.pages[number]
            text = str(page.extract_text(visitor_operand_before=watch))
            letters = sum(map(str.isalpha, text))
            if sum(len(match[0]) for match in _GLUED.finditer(text)) >= max(1, 0.2 * letters):
                text = str(page.extract_text(visitor_operand_before=widen))
        except _TooLong as error:
            raise PdfTimeout("it takes too long") from error
        except Exception as error:  # pypdf raises errors of every kind on damaged pages
            raise PdfError(one_line(str(error))[:120] or type(error).__name__) from error
        return _GLYPH_NAMES.sub("\ufffd", text) if len(_GLYPH_NAMES.findall(text)) > 20 else text

    def title(self) -> str:
        """The title that the metadata gives, "" if none."""
        try:
            return str(self._reader.metadata.title or "") if self._reader.metadata else ""
        except Exception:  # metadata may be damaged although the pages are not
            return ""

    def bookmarks(self) -> Iterator[Bookmark]:
        """The bookmarks that point to a page of this file."""
        yield from self._visit(list(self._reader.outline), 1)

    def close(self) -> None:
        """Frees what pypdf holds."""
        self._reader.close()

    def _visit(self, items: list[Any], level: int) -> Iterator[Bookmark]:
        for item in items:
            if isinstance(item, list):
                yield from self._visit(item, level + 1)
                continue
            page = self._reader.get_destination_page_number(item)
            if page is not None:
                yield Bookmark(level, str(item.title), page)


def _widen_gaps(operator: bytes, operands: list[Any]) -> None:
    from pypdf.generic import NumberObject

    if operator == b"TJ" and operands and isinstance(operands[0], list):
        for place, item in enumerate(operands[0]):
            if isinstance(item, (int, float)) and -_SPACE_WIDTH < item < -_LEAST_GAP:
                operands[0][place] = NumberObject(-_SPACE_WIDTH)
