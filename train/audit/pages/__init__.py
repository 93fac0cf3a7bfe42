"""An audit as one page: the same sections as Markdown, as HTML that needs nothing else, and as JSON.

Open `page.py` first: what is on the page. `markdown.py` and `html.py` write it, `pictures.py` draws for it.
"""

from .page import Page, Section, Table, page_of
from .writing import make_folder, write_audit

__all__ = ["Page", "Section", "Table", "make_folder", "page_of", "write_audit"]
