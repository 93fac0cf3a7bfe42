"""Reads one PDF into one document: decides which reader's text is taken, what is left out, and why."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from ...errors import UnreadableDocument
from ..building import Builder
from ..model import Document, Source
from .bookmarks import headings
from .by_pdfium import PdfiumFile
from .by_pypdf import PypdfFile
from .garbage import GARBAGE, garbage_share, without_garbage
from .opened import EncryptedPdf, OpenedPdf, PdfError, PdfTimeout
from .tidying import tidy

DOCUMENT_SECONDS = 180.0
PAGE_SECONDS = 15.0
# Reading ends after so many consecutive pages that cannot be loaded: the page count may be false.
_LOST_IN_A_ROW = 200
# If a document seems to have no text, so many first pages are tried with the second reader.
_LOOKED_AT_AGAIN = 10
_NO_LETTERS = "its fonts do not map glyphs to letters, so the text would be garbage"
# PDFium is not thread-safe.
_PDFIUM = threading.Lock()


def read_pdf(source: Source) -> Iterator[Document]:
    """A PDF as a document.

    A call into PDFium cannot be interrupted, so the time limit of a document is checked between its pages; pypdf is
    interrupted within a page. No state is kept between calls, so that a caller may run this in a separate process.

    Raises:
        UnreadableDocument: damaged, encrypted, without any text (scanned pages), or with fonts that do not map glyphs
            to letters; raised after the document if some of its pages are left out.

    """
    with _PDFIUM:
        document, left_out = _Reading(source, time.monotonic() + DOCUMENT_SECONDS).run()
    yield document
    if left_out:
        raise UnreadableDocument(left_out)


@dataclass
class _Reading:
    """The reading of one file: both readers, and the outcome of each page."""

    source: Source
    end: float
    lost: list[int] = field(default_factory=list)
    slow: list[int] = field(default_factory=list)
    garbled: list[int] = field(default_factory=list)
    unread: int = 0
    first: PdfiumFile | None = None
    _second: PypdfFile | None = None
    _second_fails: bool = False

    def run(self) -> tuple[Document, str]:
        """The document, and a sentence on what was left out, "" if nothing was."""
        try:
            opened = self._open()
            builder = self._pages(opened)
            if not builder.parts:
                builder = self._pages_again() or builder
            if not builder.parts:
                raise UnreadableDocument(self._why_nothing(opened))
            whole = builder.document(self.source.path, opened.title())
            found = headings(opened.bookmarks(), whole, self.end)
            document = Document(self.source.path, "", whole.title, whole.text, found, whole.pages)
            return document, self._left_out(opened)
        finally:
            for reader in (self.first, self._second):
                if reader is not None:
                    reader.close()

    def _open(self) -> OpenedPdf:
        try:
            self.first = PdfiumFile(self.source.data)
        except EncryptedPdf as error:
            raise UnreadableDocument("it is encrypted") from error
        except PdfError:
            try:
                self._second = PypdfFile(self.source.data)
            except EncryptedPdf as error:
                raise UnreadableDocument("it is encrypted") from error
            except PdfError as error:
                raise UnreadableDocument(f"it is damaged: {error}") from error
            return self._second
        return self.first

    def _pages(self, opened: OpenedPdf) -> Builder:
        builder = Builder()
        in_a_row = 0
        for number in range(opened.count):
            if time.monotonic() > self.end or in_a_row >= _LOST_IN_A_ROW:
                self.unread = opened.count - number
                break
            before = len(self.lost)
            text = self._page(number)
            in_a_row = in_a_row + 1 if len(self.lost) > before else 0
            builder.page()
            builder.paragraph(text)
        return builder

    def _page(self, number: int) -> str:
        """A page's text from the reader whose text has less garbage; "" if it is left out."""
        text, share = "", 1.0
        if self.first is not None:
            try:
                text = tidy(self.first.page(number))
            except PdfError:
                text = ""
            else:
                share = garbage_share(text)
                if share < GARBAGE:
                    return text
        try:
            other = tidy(self._other_page(number))
        except PdfTimeout:
            self.slow.append(number + 1)
        except PdfError:
            if not text:
                self.lost.append(number + 1)
        else:
            if garbage_share(other) < min(GARBAGE, share) and len(other) >= len(text) // 3:
                return other
            text = text or other
        if text:
            self.garbled.append(number + 1)
        return without_garbage(text)

    def _other_page(self, number: int) -> str:
        if self._second is None and not self._second_fails:
            try:
                data = self.source.data if self.first is None else self.first.unlocked()
                self._second = PypdfFile(data)
            except PdfError:
                self._second_fails = True
        if self._second is None:
            raise PdfError("no other reader can open it")
        return self._second.page(number, min(self.end, time.monotonic() + PAGE_SECONDS))

    def _pages_again(self) -> Builder | None:
        """The pages read by the second reader if the first found no text; None if the second finds none either."""
        if self.first is None or self.garbled or self.lost or self.unread:
            return None
        builder = Builder()
        for number in range(self.first.count):
            if number == _LOOKED_AT_AGAIN and not builder.parts:
                return None
            if time.monotonic() > self.end:
                self.unread = self.first.count - number
                break
            builder.page()
            try:
                text = tidy(self._other_page(number))
            except PdfError:
                continue
            builder.paragraph(text if garbage_share(text) < GARBAGE else "")
        return builder if builder.parts else None

    def _why_nothing(self, opened: OpenedPdf) -> str:
        if self.garbled:
            return _NO_LETTERS
        if self.slow or time.monotonic() > self.end:
            return f"its pages take longer to read than {PAGE_SECONDS:.0f} seconds each"
        if self.lost:
            return "it is damaged: none of its pages can be read"
        return "it is damaged: it has no pages" if not opened.count else "its pages hold no text; they may be scans"

    def _left_out(self, opened: OpenedPdf) -> str:
        said = []
        for pages, why in (
            (self.lost, "cannot be read"),
            (self.slow, f"take longer to read than {PAGE_SECONDS:.0f} seconds"),
            (self.garbled, "hold lines whose fonts do not map glyphs to letters"),
        ):
            if pages:
                shown = ", ".join(map(str, pages[:5])) + (", …" if len(pages) > 5 else "")
                said.append(f"{len(pages)} of its {opened.count} pages {why} (page {shown})")
        if self.unread:
            said.append(f"the last {self.unread} of its {opened.count} pages were left out: reading it took too long")
        return "; ".join(said) + "; the rest is indexed" if said else ""
