"""The first PDF reader: PDFium, ten times as fast as pypdf, with more correct words in every script measured."""

from __future__ import annotations

import ctypes
import io
import logging
import math
from collections import Counter
from collections.abc import Iterator
from typing import Any

from . import form_values, spacing
from .opened import Bookmark, EncryptedPdf, PdfError

_MOST_CHARACTERS = 2_000_000
# PDFium's time is quadratic in the words of a line, and it cannot be interrupted: a page with so many pieces of text
# may take a few seconds. Pages with more go to the other reader, which can be interrupted.
_MOST_PARTS = 40_000
# With more glyphs, looking at each takes seconds.
_MOST_GLYPHS = 100_000
# The turn of text that is read from the top of the page to its bottom.
_DOWNWARDS = 270
_LOOKED_AT = 100
_DEEPEST_BOOKMARK = 15


class PdfiumFile:
    """A PDF opened by PDFium, with the empty password if it is encrypted.

    Raises:
        EncryptedPdf: it needs another password.
        PdfError: it cannot be opened.

    """

    def __init__(self, data: bytes) -> None:
        import pypdfium2

        logging.getLogger("pypdfium2").setLevel(logging.CRITICAL)
        self._library = pypdfium2
        try:
            self._pdf = pypdfium2.PdfDocument(data, password="")
        except pypdfium2.PdfiumError as error:
            if getattr(error, "err_code", None) == pypdfium2.raw.FPDF_ERR_PASSWORD:
                raise EncryptedPdf("it is encrypted") from error
            raise PdfError(str(error)) from error
        except Exception as error:  # the binding's own checks
            raise PdfError(f"{type(error).__name__}: {error}") from error
        self._form = self._open_form()
        self.count = len(self._pdf)

    def page(self, number: int) -> str:
        """The text of a page, counted from 0, with the values of its form.

        Raises:
            PdfError: the page cannot be read.

        """
        page = textpage = None
        try:
            page = self._pdf[number]
            if self._text_parts(page) > _MOST_PARTS:
                raise PdfError("its text is drawn in too many parts")
            textpage = page.get_textpage()
            turn = self._turn(textpage)
            if (turn - page.get_rotation()) % 360 == _DOWNWARDS:
                # PDFium would give the lines last to first.
                textpage.close()
                page.set_rotation(turn)
                textpage = page.get_textpage()
            text = self._text(textpage)
            return "\n\n".join(filter(None, (text, form_values.of_page(self._library.raw, page, self._form))))
        except PdfError:
            raise
        except Exception as error:  # PdfiumError, and any error of ctypes on odd values
            raise PdfError(f"{type(error).__name__}: {error}") from error
        finally:
            for each in (textpage, page):
                if each is not None:
                    each.close()

    def title(self) -> str:
        """The title that the metadata gives, "" if none."""
        try:
            return str(self._pdf.get_metadata_value("Title") or "")
        except Exception:  # metadata may be damaged although the pages are not
            return ""

    def bookmarks(self) -> Iterator[Bookmark]:
        """The bookmarks that point to a page of this file."""
        for each in self._pdf.get_toc(max_depth=_DEEPEST_BOOKMARK):
            destination = each.get_dest()
            page = destination.get_index() if destination is not None else None
            if page is not None:
                yield Bookmark(each.level + 1, each.get_title(), page)

    def unlocked(self) -> bytes:
        """The file without its encryption, for the other reader.

        Raises:
            PdfError: it cannot be written.

        """
        raw = self._library.raw
        try:
            buffer = io.BytesIO()
            self._pdf.save(buffer, flags=raw.FPDF_REMOVE_SECURITY)
            return buffer.getvalue()
        except Exception as error:  # a damaged file may raise anything
            raise PdfError(f"{type(error).__name__}: {error}") from error

    def close(self) -> None:
        """Frees what PDFium holds."""
        self._pdf.close()

    def _open_form(self) -> Any:
        try:
            if self._pdf.get_formtype() == self._library.raw.FORMTYPE_NONE:
                return None
            self._pdf.init_forms()
            return self._pdf.formenv
        except Exception:  # without the form, the pages can still be read
            return None

    def _text_parts(self, page: Any) -> int:
        """How many pieces of text a page is drawn from, including those in its form objects."""
        raw = self._library.raw
        text = 0
        for index in range(raw.FPDFPage_CountObjects(page)):
            drawn = raw.FPDFPage_GetObject(page, index)
            kind = raw.FPDFPageObj_GetType(drawn)
            if kind == raw.FPDF_PAGEOBJ_TEXT:
                text += 1
            elif kind == raw.FPDF_PAGEOBJ_FORM:
                inner = (raw.FPDFFormObj_GetObject(drawn, each) for each in range(raw.FPDFFormObj_CountObjects(drawn)))
                text += sum(raw.FPDFPageObj_GetType(each) == raw.FPDF_PAGEOBJ_TEXT for each in inner)
        return text

    def _turn(self, textpage: Any) -> int:
        """By how many degrees most text of a page is turned to the left: 0, 90, 180 or 270."""
        size = textpage.count_chars()
        places = range(0, size, max(1, size // _LOOKED_AT))
        angles = (self._library.raw.FPDFText_GetCharAngle(textpage, place) for place in places)
        turns = Counter(-round(angle / (math.pi / 2)) % 4 * 90 for angle in angles if angle >= 0)
        return max(turns, key=turns.__getitem__, default=0)

    def _text(self, textpage: Any) -> str:
        size = textpage.count_chars()
        if not 0 < size <= _MOST_CHARACTERS:
            if size > _MOST_CHARACTERS:
                raise PdfError("a page with millions of characters")
            return ""
        text = str(textpage.get_text_range())
        if size <= _MOST_GLYPHS and spacing.is_suspicious(text):
            return spacing.rebuilt(self._glyphs(textpage, size))
        return text

    def _glyphs(self, textpage: Any, size: int) -> list[spacing.Glyph]:
        raw = self._library.raw
        box = raw.FS_RECTF()
        glyphs = []
        for index in range(size):
            code = raw.FPDFText_GetUnicode(textpage, index)
            raw.FPDFText_GetLooseCharBox(textpage, index, ctypes.byref(box))
            character = chr(code) if code <= 0x10FFFF else "\ufffd"
            if raw.FPDFText_IsHyphen(textpage, index) == 1:
                character = "\x02"
            glyphs.append(spacing.Glyph(character, box.left, box.right, abs(box.top - box.bottom)))
        return glyphs
