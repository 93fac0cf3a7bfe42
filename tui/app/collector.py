"""Keeps memory small and collections of garbage short: none before the first paint, then only over new objects."""

from __future__ import annotations

import gc

from textual._styles_cache import StylesCache

# Whether the app is all that runs here: in another program, objects of an app that has ended would never be freed.
_alone = False


def hold() -> None:
    """Turn collection off until the first `settle`; call this before the app is imported.

    At the start it finds nothing and takes a sixth of the time.
    """
    global _alone
    _alone = True
    gc.disable()


def settle() -> None:
    """Leave everything that exists now out of later collections; does nothing without `hold`.

    Call it when a screen that stays to the end has been drawn: a full collection over all widgets, styles and drawn
    lines of eight screens takes more than 100 ms, in the middle of a key's handler.
    """
    if not _alone:
        return
    if gc.isenabled():
        gc.collect()
    gc.enable()
    gc.freeze()


def let_go() -> None:
    """Free the drawn lines of removed widgets; call this now and then.

    Textual remembers the colours around a widget by its drawn lines, of the last 1,024 widgets: thirty closed dialogs
    would hold half a million objects, and a collection over them takes 300 ms.
    """
    StylesCache.get_inner_outer.cache_clear()
