"""Loads the encoder of a name with a prefix."""

from __future__ import annotations

from collections.abc import Callable

from ...errors import EncoderError
from ..names import NEUTRAL, Kind
from ..protocol import Encoder


def load(name: str, kind: Kind, load_other: Callable[[str], Encoder], *, device: str, named: bool) -> Encoder:
    """The encoder or column of a name; a name that works is stored, to be offered again.

    Args:
        name: with its prefix, and optionally `+neutral`.
        kind: of its prefix.
        load_other: loads the encoders that the name contains.
        device: a torch device, for kinds that need one.
        named: whether the user typed the name.

    Raises:
        UnknownEncoder: the name has the wrong form, or the encoder is not available.
        EncoderError: it is damaged, cannot be reached, or has no vectors to neutralise.
        StoreError: a file of vectors cannot be used.
    """
    from .. import endpoints

    plain = name.removesuffix(NEUTRAL)
    if kind.runs == "column" and plain != name:
        raise EncoderError(
            f"{name} has no vectors to neutralise.", hint=f"Put {NEUTRAL} after the encoders that it uses."
        )
    made = _loaded(plain, kind, load_other, device=device, named=named)
    if plain != name:
        from ..neutral import neutralised

        made = neutralised(made)
    endpoints.keep(name)
    return made


def _loaded(name: str, kind: Kind, load_other: Callable[[str], Encoder], *, device: str, named: bool) -> Encoder:
    if kind.runs == "static":
        from . import static

        return static.load(name)
    if kind.runs == "vectors":
        from . import precomputed

        return precomputed.load(name, load_other)
    if kind.runs == "neutral":
        from ..neutral import load_corrected

        return load_corrected(name, load_other)
    if kind.runs == "column":
        from .. import columns

        return columns.load(name, load_other, device=device, named=named)
    from .. import endpoints

    return endpoints.load(name, named=named)
