"""Turns names into encoders, and texts into unit vectors.

A name comes in (`load`), an `Encoder` goes out, whose `encode_query` and `encode_document` turn texts into unit
vectors of shape (texts, dimensions). Open `registry.py` first: it resolves names. `light.py` runs bundled and exported
encoders without torch, `sentence_transformer.py` runs everything else. Names are imported when they are used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..late import late

if TYPE_CHECKING:
    from . import registry
    from .averaging import average
    from .columns import Column, Fused, Reranked, Whole, before_and_after
    from .devices import encode_through
    from .endpoints import Client, EndpointEncoder, is_endpoint, remember, withheld
    from .kept import Kept, keys_of
    from .names import (
        BASE,
        BM25,
        EVERY,
        FUSED,
        KINDS,
        NEUTRAL,
        SETTINGS,
        TRIO,
        best_first,
        is_encoder,
        kind_of,
        name_problem,
    )
    from .prompts import Prompted, Reworded, family_of_encoder, lacking
    from .protocol import Encoder, TextsDone, Vectors, of_unit_length, vectors_of
    from .registry import EncoderInfo, available, export, exported, load, register, resolve
    from .shares import TellsTokens, TokenShares
    from .source import ENCODER
    from .tokens import Counter, estimated

__all__ = [
    "BASE",
    "BM25",
    "ENCODER",
    "EVERY",
    "FUSED",
    "KINDS",
    "NEUTRAL",
    "SETTINGS",
    "TRIO",
    "Client",
    "Column",
    "Counter",
    "Encoder",
    "EncoderInfo",
    "EndpointEncoder",
    "Fused",
    "Kept",
    "Prompted",
    "Reranked",
    "Reworded",
    "TellsTokens",
    "TextsDone",
    "TokenShares",
    "Vectors",
    "Whole",
    "available",
    "average",
    "before_and_after",
    "best_first",
    "encode_through",
    "estimated",
    "export",
    "exported",
    "family_of_encoder",
    "is_encoder",
    "is_endpoint",
    "keys_of",
    "kind_of",
    "lacking",
    "load",
    "name_problem",
    "of_unit_length",
    "register",
    "registry",
    "remember",
    "resolve",
    "vectors_of",
    "withheld",
]

__getattr__ = late(
    __name__,
    {
        "BASE": ".names",
        "BM25": ".names",
        "NEUTRAL": ".names",
        "TRIO": ".names",
        "TextsDone": ".protocol",
        "Client": ".endpoints",
        "Column": ".columns",
        "Counter": ".tokens",
        "Fused": ".columns",
        "Reranked": ".columns",
        "Whole": ".columns",
        "EndpointEncoder": ".endpoints",
        "encode_through": ".devices",
        "EVERY": ".names",
        "FUSED": ".names",
        "is_encoder": ".names",
        "KINDS": ".names",
        "Kept": ".kept",
        "SETTINGS": ".names",
        "before_and_after": ".columns",
        "best_first": ".names",
        "estimated": ".tokens",
        "is_endpoint": ".endpoints",
        "keys_of": ".kept",
        "kind_of": ".names",
        "name_problem": ".names",
        "remember": ".endpoints",
        "withheld": ".endpoints",
        "Prompted": ".prompts",
        "Reworded": ".prompts",
        "family_of_encoder": ".prompts",
        "lacking": ".prompts",
        "TellsTokens": ".shares",
        "TokenShares": ".shares",
        "ENCODER": ".source",
        "Encoder": ".protocol",
        "EncoderInfo": ".registry",
        "registry": ".",
        "Vectors": ".protocol",
        "of_unit_length": ".protocol",
        "vectors_of": ".protocol",
        "available": ".registry",
        "average": ".averaging",
        "export": ".registry",
        "exported": ".registry",
        "load": ".registry",
        "register": ".registry",
        "resolve": ".registry",
    },
)
