"""Keeps memory small and collections of garbage short: none before the first paint, then only over new objects."""

from __future__ import annotations

import gc

from textual._styles_cache import StylesCache

# Collections of the middle generation after which the oldest one is due, when nobody presses keys and in any case.
DUE, OVERDUE = 2, 6
_NEVER = 2**31 - 1

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
    young, middle, _ = gc.get_threshold()
    # The oldest generation is left to `let_go`: over what twenty questions leave, it takes 170 ms.
    gc.set_threshold(young, middle, _NEVER)


def let_go(quiet: bool) -> None:
    """Free the drawn lines of removed widgets, and what is garbage by now; call this now and then.

    Textual remembers the colours around a widget by its drawn lines, of the last 1,024 widgets: thirty closed dialogs
    would hold half a million objects, and a collection over them takes 300 ms.

    Args:
        quiet: whether nobody has pressed a key just now, so that a pause is not felt.
    """
    StylesCache.get_inner_outer.cache_clear()
    if _alone and gc.get_count()[2] >= (DUE if quiet else OVERDUE):
        gc.collect()
