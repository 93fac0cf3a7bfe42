"""Redraws widgets whose text contains the theme's colours after the theme has changed."""

from __future__ import annotations

from collections.abc import Callable
from weakref import WeakMethod, ref

from textual.widget import Widget


def follow_theme(widget: Widget, draw: Callable[[], object]) -> None:
    """Call a method of a widget after each change of the theme, while the widget exists.

    Textual's signal keeps its callbacks, and with them all they refer to: a closed dialog would stay in memory.
    """
    owner, method = ref(widget), WeakMethod(draw)

    def changed(_: object) -> None:
        there, again = owner(), method()
        if there is not None and again is not None:
            there.call_after_refresh(again)

    widget.app.theme_changed_signal.subscribe(widget, changed, immediate=True)
