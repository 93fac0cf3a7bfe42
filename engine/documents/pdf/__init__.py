"""A PDF comes in; its words go out with pages, bookmarks as headings and what was typed into its forms.

Open `reading.py` first: it asks PDFium (`by_pdfium.py`), then pypdf (`by_pypdf.py`) where that fails or gives garbage
(`garbage.py`). `spacing.py` parts and joins words by the gaps between letters, `tidying.py` mends the text of a page.
"""

from .reading import read_pdf

__all__ = ["read_pdf"]
