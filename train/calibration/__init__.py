"""Adds an affine map to a trained encoder, so that languages agree and short texts are found.

A trained encoder and the data of its run come in, an encoder with a new name goes out. Open `fitting.py` first;
`outcome.py` writes the result. Names are imported on first use, since the fit needs torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...engine.late import late

if TYPE_CHECKING:
    from .outcome import calibrate, correction_through

__all__ = ["calibrate", "correction_through"]

__getattr__ = late(__name__, {"calibrate": ".outcome", "correction_through": ".outcome"})
