"""Draws the map of a library by an encoder: the place of each passage, how mixed languages are, a question's hits."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ....engine.errors import EmptyLibrary, LibraryError
from ..requests import Later, Request

if TYPE_CHECKING:
    from ....engine.encoders import Encoder
    from ....engine.library import Searchable

FEWEST_POINTS, MOST_POINTS = 3, 700
_COMPONENTS = 40


class Maps:
    """The maps drawn so far, each under a digest of what is drawn on it."""

    def __init__(self) -> None:
        self._drawn: dict[bytes, dict[str, Any]] = {}

    def draw(self, library: Searchable, model: Encoder, request: Request, query: str = "", k: int = 10) -> Any:
        """Fetch what the map needs from the library now; the slow projection runs beside other requests."""
        from ....train.measure import principal
        from . import projection

        ids, vectors = library.vectors(model)
        if len(ids) < FEWEST_POINTS:
            passages = sum(library.languages().values())
            if not passages:
                raise EmptyLibrary
            few = f"A map needs {FEWEST_POINTS} passages; "
            if passages < FEWEST_POINTS:
                raise LibraryError(f"{few}the library has {passages}.", hint=EmptyLibrary().hint)
            raise LibraryError(
                f"{few}{len(ids)} are encoded for {model.name}.", hint="e on the Library screen (F3) encodes the rest."
            )
        hits = [hit.passage.id for hit in library.search(query, encoder=model, k=k).hits] if query else []
        languages = library.languages_of(ids)
        rows = projection.sample(languages, MOST_POINTS)
        chosen = vectors[rows]
        codes = [languages[row] for row in rows]
        numbers = [int(ids[row]) for row in rows]
        known = {passage.id: passage.title for passage in library.passages(numbers)}
        titles = [known.get(number, "") for number in numbers]
        key = _digest(chosen.tobytes(), [model.fingerprint, len(ids), numbers, codes, titles])
        if key in self._drawn:
            return {**self._drawn[key], "hits": hits}

        def finish() -> dict[str, Any]:
            same, chance = projection.same_language_neighbours(chosen, codes)
            facts = {"languages": codes, "ids": numbers, "titles": titles, "same": same, "chance": chance}
            facts["total"] = len(ids)

            def follow(step: int, points: projection.Floats) -> None:
                request.check()
                request.tell(step=step, points=projection.squared(points).round(4).tolist(), **facts)

            points = projection.tsne(principal(chosen, _COMPONENTS), follow=follow)
            answer = {"points": projection.squared(points).round(4).tolist(), **facts}
            self._drawn[key] = answer
            return {**answer, "hits": hits}

        return Later(finish)


def _digest(vectors: bytes, facts: Sequence[Any]) -> bytes:
    """The key of a map, which depends on its content and not on its library's path."""
    running = hashlib.blake2b(vectors, digest_size=16)
    running.update(json.dumps(facts).encode())
    return running.digest()
