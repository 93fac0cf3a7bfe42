"""Loads the column of a name: `fuse:A,B`, `rerank:MODEL`, `sparse:MODEL`, `multivector:MODEL`."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote

from ...errors import UnknownEncoder
from ..names import BM25, TRIO, kind_of, parts_of
from ..protocol import Encoder
from .column import DEPTH, Column, Fused, Part, Reranked, Scorer, Whole, WholeScorer

_MOST_DEPTH = 10_000
# The most passages per kind: with 200 weights each they take 160 MB, with 200 vectors of 128 numbers each 500 MB.
MOST = {"sparse": 100_000, "multivector": 5_000}


def load(name: str, load_other: Callable[[str], Encoder], *, device: str = "cpu", named: bool = False) -> Column:
    """The column of a name.

    Args:
        name: as `names.KINDS` describes it.
        load_other: loads the encoders that it asks.
        device: a torch device for its model.
        named: whether the user typed the name, for endpoints.

    Raises:
        UnknownEncoder: the name has the wrong form, or a model is not available.
        EncoderError: a model is damaged or of another kind.
    """
    kind = kind_of(name)
    assert kind is not None
    what, settings = parts_of(name, kind)
    depth = _depth(name, settings.get("depth"))

    def part(inner: str) -> Part:
        return BM25 if inner == BM25 else load_other(inner)

    if kind.prefix == "fuse":
        inner = [unquote(each) for each in what.split(",") if each]
        if len(inner) < 2:
            raise UnknownEncoder(f"{name!r} joins fewer than two encoders.", hint=f"It is written {kind.form}.")
        return Fused(name, [part(each) for each in inner], depth)
    if kind.prefix in MOST and not settings:
        return Whole(name, _whole(kind.prefix, unquote(what), device), MOST[kind.prefix])
    first = part(settings.get("of", TRIO[0]))
    return Reranked(name, first, _scorer(kind.prefix, unquote(what), device, named), depth)


def _scorer(prefix: str, model: str, device: str, named: bool) -> Scorer:
    from ..endpoints import is_endpoint

    if prefix == "rerank" and is_endpoint(model):
        from ..endpoints import reranker

        return reranker(model, named=named)
    if prefix != "rerank":
        return _whole(prefix, model, device)
    from .scorers import CrossEncoderScorer

    return CrossEncoderScorer(model, device)


def _whole(prefix: str, model: str, device: str) -> WholeScorer:
    from . import scorers

    made: dict[str, Callable[[str, str], WholeScorer]] = {
        "sparse": scorers.SparseScorer,
        "multivector": scorers.MultiVectorScorer,
    }
    return made[prefix](model, device)


def _depth(name: str, said: str | None) -> int:
    if said is None:
        return DEPTH
    if not (said.isascii() and said.isdigit()) or not 0 < int(said) <= _MOST_DEPTH:
        raise UnknownEncoder(
            f"{name!r} has depth={said!r}.", hint=f"depth is a whole number from 1 to {_MOST_DEPTH:,}."
        )
    return int(said)
