"""Redraws widgets whose text contains the theme's colours after the theme has changed."""

from __future__ import annotations

from typing import Protocol
from weakref import WeakMethod

from textual.widget import Widget


class _Draw(Protocol):
    """A bound method of a widget."""

    __self__: Widget

    def __call__(self) -> object: ...


def follow_theme(draw: _Draw) -> None:
    """Call a widget's method after each change of the theme, while the widget exists.

    Textual's signal keeps its callbacks, and with them all they refer to: a closed dialog would stay in memory.
    """
    widget, method = draw.__self__, WeakMethod(draw)

    def changed(_: object) -> None:
        again = method()
        if again is not None:
            again.__self__.call_after_refresh(again)

    widget.app.theme_changed_signal.subscribe(widget, changed, immediate=True)
