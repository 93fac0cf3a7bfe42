"""What long answers look like in a terminal: a found thing comes in, a page of 100 columns is printed."""

from .audit import show as show_audit

__all__ = ["show_audit"]
