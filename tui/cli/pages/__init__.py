"""Prints long results in a terminal, on a page of 100 columns."""

from .audit import show as show_audit

__all__ = ["show_audit"]
