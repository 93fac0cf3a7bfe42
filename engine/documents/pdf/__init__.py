"""PDF to text: pages, bookmarks as headings, form values; PDFium reads first, pypdf where that fails."""

from .reading import read_pdf

__all__ = ["read_pdf"]
