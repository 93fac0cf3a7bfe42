"""Names to encoders, texts to unit vectors.

A name comes in (`load`), an `Encoder` goes out, whose `encode_query` and `encode_document` turn texts into unit
vectors of shape (texts, dimensions). Open `registry.py` first: it says what a name may be. `light.py` runs bundled and
exported encoders without torch, `sentence_transformer.py` runs everything else. Names are imported when they are used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..late import late

if TYPE_CHECKING:
    from . import registry
    from .averaging import average
    from .names import BASE, BM25, NEUTRAL, RESERVED, TRIO, best_first
    from .protocol import Encoder, TextsDone, Vectors
    from .registry import EncoderInfo, available, export, exported, load, register, resolve
    from .shares import TellsTokens, TokenShares
    from .source import ENCODER

__all__ = [
    "BASE",
    "BM25",
    "ENCODER",
    "NEUTRAL",
    "RESERVED",
    "TRIO",
    "Encoder",
    "EncoderInfo",
    "TellsTokens",
    "TextsDone",
    "TokenShares",
    "Vectors",
    "available",
    "average",
    "best_first",
    "export",
    "exported",
    "load",
    "register",
    "registry",
    "resolve",
]

__getattr__ = late(
    __name__,
    {
        "BASE": ".names",
        "BM25": ".names",
        "NEUTRAL": ".names",
        "RESERVED": ".names",
        "TRIO": ".names",
        "TextsDone": ".protocol",
        "best_first": ".names",
        "TellsTokens": ".shares",
        "TokenShares": ".shares",
        "ENCODER": ".source",
        "Encoder": ".protocol",
        "EncoderInfo": ".registry",
        "registry": ".",
        "Vectors": ".protocol",
        "available": ".registry",
        "average": ".averaging",
        "export": ".registry",
        "exported": ".registry",
        "load": ".registry",
        "register": ".registry",
        "resolve": ".registry",
    },
)
