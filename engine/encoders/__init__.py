"""The registry of encoders and the ways a text becomes a unit vector; names are imported when they are used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .protocol import Encoder
    from .registry import EncoderInfo, available, export, load, register, resolve

__all__ = ["Encoder", "EncoderInfo", "available", "export", "load", "register", "resolve"]


def __getattr__(name: str) -> Any:
    """Import the module of a public name on its first use."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import protocol, registry

    return getattr(protocol if name == "Encoder" else registry, name)
