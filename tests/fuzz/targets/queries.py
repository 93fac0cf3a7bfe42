"""Odd questions to an undamaged library: they get the ranking that was asked for, or an error message."""

from __future__ import annotations

import json
import math
from pathlib import Path
from random import Random
from typing import Any

from hybrid_search.engine import encoders
from hybrid_search.engine.errors import HybridSearchError
from hybrid_search.engine.library.library import Library
from hybrid_search.engine.search import Ranking, exact

from tests.conftest import KeywordEncoder
from tests.support.small_encoders import write_folder

from ..mutating import ODD_TEXTS, mutated
from ..running import Attempt, Wrong
from .libraries import written

_WORDS = (
    "bread",
    "Brot",
    "хлеб",
    "パン",
    "ขนมปัง",
    "خبز",
    "house OR tree",
    '"moon',
    "NEAR(bread water)",
    "-bread",
    "bre*",
    "col:bread",
)
_CODES = (
    "en",
    "de",
    "ru",
    "ja",
    "und",
    "EN",
    "de-AT",
    "zz",
    "",
    "x" * 300,
    "en_US",
    "*",
    "\x00",
    "\ud800",
    "i-klingon",
    "-",
    "en-",
)


def prepare(folder: Path) -> tuple[Attempt, tuple[type[BaseException], ...]]:
    """One library with two encoders, searched in every way."""
    exact.EXACT_LIMIT = 8
    real = encoders.load(str(write_folder(folder / "encoder")), precision="fp32")
    asked = [KeywordEncoder(), real]
    with Library.open(folder / "library", create=True) as library:
        library.index([written(folder / "texts")], encoders=asked)
    library = Library.open(folder / "library", readonly=True)
    passages = sum(library.languages().values())

    def attempt(chance: Random, place: Path) -> None:
        query = _query(chance)
        k = chance.choice((1, 3, 10, 50, 1000, 0, -1, 2**31, 2**70))
        languages = [chance.choice(_CODES) for _ in range(chance.choice((0, 0, 1, 2, 5)))]
        complete = chance.random() < 0.3
        described = {"query": query, "k": k, "languages": languages, "exact": complete}
        (place / "query.json").write_text(json.dumps(described))
        rankings = []
        options: dict[str, Any] = {"k": k, "languages": languages, "exact": complete}
        for encoder in (*asked, "bm25"):
            try:
                rankings.append(library.search(query, encoder=encoder, **options))
                _sound(rankings[-1], k, passages)
            except HybridSearchError:
                pass
        if rankings:
            _sound(library.fuse(rankings, k), k, passages)
        library.compare(query, encoders=[*asked, "bm25"], **options)
        for hit in (rankings[0].hits if rankings else ())[:2]:
            library.ranks(query, asked[0], [hit.passage.id, -1, 2**62])
            library.neighbours(hit.passage.id)
            library.translations(hit.passage.id)

    return attempt, (HybridSearchError,)


def _query(chance: Random) -> str:
    parts = [chance.choice((*_WORDS, *ODD_TEXTS)) for _ in range(chance.choice((1, 1, 2, 4)))]
    text = " ".join(parts)
    how = chance.randrange(6)
    if how == 0:
        return (text * chance.choice((10, 500)))[:300_000]
    if how == 1:
        return mutated(text.encode("utf-8", "surrogatepass"), chance).decode("utf-8", "replace")[:100_000]
    if how == 2:
        return "".join(chr(chance.randrange(0x110000)) for _ in range(chance.choice((1, 20, 300))))
    return text


def _sound(ranking: Ranking, k: int, passages: int) -> None:
    hits = ranking.hits
    if len(hits) > max(0, min(k, passages)):
        raise Wrong(f"number: {len(hits)} answers where {k} were asked for")
    if len({hit.passage.id for hit in hits}) != len(hits):
        raise Wrong("doubled: a passage is named twice")
    scores = [hit.score for hit in hits]
    if not all(math.isfinite(score) for score in scores) or scores != sorted(scores, reverse=True):
        raise Wrong(f"order: {scores[:10]}")
