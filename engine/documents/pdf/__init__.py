"""A PDF comes in; its text goes out with pages, bookmarks as headings and the values of its forms.

Open `reading.py` first: it uses PDFium (`by_pdfium.py`), then pypdf (`by_pypdf.py`) if that fails or returns garbage
(`garbage.py`). `spacing.py` splits and joins words by the gaps between letters, `tidying.py` cleans the text of a page.
"""

from .reading import read_pdf

__all__ = ["read_pdf"]
