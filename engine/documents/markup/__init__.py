"""HTML, XHTML and XML to text with headings: one tree, one conversion to text, and the rules of each kind."""

from __future__ import annotations

from .html import extract, read_html
from .tree import Node
from .xml import extract_xml, forgiving_tree, read_xml

__all__ = ["Node", "extract", "extract_xml", "forgiving_tree", "read_html", "read_xml"]
