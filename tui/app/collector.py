"""The app starts without the collector of cycles: what is imported stays, and to search it is a sixth of the start."""

from __future__ import annotations

import gc


def hold() -> None:
    """Collect nothing from now on; call it before the app is imported."""
    gc.disable()


def release() -> None:
    """Collect again, and leave alone what was there by now; nothing happens where nothing was held."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
