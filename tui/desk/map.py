"""The map of a library by an encoder: where each passage lies, how mixed languages are, where a question falls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...engine.errors import LibraryError
from .child import Later, Request

if TYPE_CHECKING:
    from .desk import Desk

MOST_POINTS = 700
_COMPONENTS = 40


def draw(desk: Desk, request: Request, encoder: str, query: str = "", k: int = 10) -> Any:
    """Points of the plane; what the library gives is fetched now, the slow drawing goes on beside other requests."""
    library = desk.library
    model = desk.encoder(encoder, request)
    ids, vectors = library.vectors(model)
    if len(ids) < 3:
        raise LibraryError(
            f"Too few passages are encoded for {encoder} to draw a map.", hint="Encode them on the Library screen (F3)."
        )
    hits = [hit.passage.id for hit in library.search(query, encoder=model, k=k).hits] if query else []
    key = (model.fingerprint, len(ids), int(ids[-1]))
    if key in desk.maps:
        return {**desk.maps[key], "hits": hits}

    from ...train.measure import principal
    from . import projection

    languages = library.languages_of(ids)
    rows = projection.sample(languages, MOST_POINTS)
    chosen = vectors[rows]
    codes = [languages[row] for row in rows]
    numbers = [int(ids[row]) for row in rows]
    titles = [library.passage(number).title for number in numbers]

    def finish() -> dict[str, Any]:
        same, chance = projection.same_language_neighbours(chosen, codes)
        facts = {"languages": codes, "ids": numbers, "titles": titles, "same": same, "chance": chance}
        facts["total"] = len(ids)

        def follow(step: int, points: projection.Floats) -> None:
            request.check()
            request.tell(step=step, points=projection.squared(points).round(4).tolist(), **facts)

        points = projection.tsne(principal(chosen, _COMPONENTS), follow=follow)
        answer = {"points": projection.squared(points).round(4).tolist(), **facts}
        desk.maps[key] = answer
        return {**answer, "hits": hits}

    return Later(finish)
