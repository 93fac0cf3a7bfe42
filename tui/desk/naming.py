"""Describes what an encoder's name refers to, and lists the kinds of names."""

from __future__ import annotations

from typing import Any

from ...engine.paths import typed
from .requests import Operation, Request

# Columns that are not encoders.
WORDS = {"bm25": "search by words", "fused": "what all other columns say together (reciprocal rank fusion)"}


def operations() -> dict[str, Operation]:
    """The operations by name."""
    return {"resolve": resolve, "kinds": kinds}


def resolve(request: Request, name: str) -> dict[str, Any]:
    """What a name that the user typed refers to; if it is an endpoint, texts may be sent to it from then on.

    Raises:
        UnknownEncoder: it refers to nothing.
        EncoderError: it refers to a damaged encoder.
    """
    from ...engine import encoders

    if name in (encoders.BM25, encoders.FUSED):
        return {"name": name, "kind": name, "description": WORDS[name]}
    found = encoders.resolve(name)
    encoders.remember(name)
    # An absolute path, since the app may next be started in another folder.
    named = str(typed(name).absolute()) if found.kind == "folder" else found.name
    return {"name": named, "kind": found.kind, "description": found.description}


def kinds(request: Request) -> dict[str, Any]:
    """The forms that a name may have, each with its meaning."""
    from ...engine.encoders import KINDS

    return {
        "forms": [
            {"form": "FOLDER", "what": "a SentenceTransformer folder, or one that train wrote"},
            {"form": "OWNER/NAME", "what": "a Hugging Face id; it is downloaded when it is first asked"},
            *({"form": kind.form, "what": kind.what} for kind in KINDS),
        ]
    }
