"""Writes an audit as a page in Markdown and self-contained HTML, and as JSON.

Open `page.py` first: it has the page's content. `markdown.py` and `html.py` format it, `pictures.py` draws its charts.
"""

from .page import Page, Section, Table, page_of
from .writing import make_folder, write_audit

__all__ = ["Page", "Section", "Table", "make_folder", "page_of", "write_audit"]
