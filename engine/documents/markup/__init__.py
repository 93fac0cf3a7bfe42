"""HTML, XHTML and XML to text with headings: one tree, one way from the tree to text, and what each kind adds to it."""

from .html import extract

__all__ = ["extract"]
