"""Explains a passage's rank, and how it changes without language; puts a passage beside its translations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ....engine.encoders import is_encoder
from ....engine.errors import EncoderError, HybridSearchError
from ..plain import passage_data
from ..requests import Operation, Request
from .judging import Keeper

if TYPE_CHECKING:
    from ....engine.encoders import Encoder
    from ....engine.explaining import Explaining as Explainer
    from ....engine.search import Passage

_MOST_SENTENCES = 40


class Explaining:
    """The operations that explain.

    Args:
        desk: keeps the library and the encoders.
    """

    def __init__(self, desk: Keeper) -> None:
        self._desk = desk
        self._explainer: tuple[object, Explainer] | None = None

    def operations(self) -> Mapping[str, Operation]:
        """The operations by the names that requests use."""
        return {"explain": self.explain, "slide": self.slide, "parallel": self.parallel, "alike": self.alike}

    @property
    def explainer(self) -> Explainer:
        """The explainer of the open library."""
        from ....engine.explaining import Explaining as Explainer

        library = self._desk.library
        if self._explainer is None or self._explainer[0] is not library:
            self._explainer = library, Explainer(library)
        return self._explainer[1]

    def explain(
        self,
        request: Request,
        query: str,
        id: int,
        encoder: str,
        languages: Sequence[str] = (),
        query_language: str = "",
    ) -> dict[str, Any]:
        """The parts of a passage's score by sentence and token, and its rank from as trained to neutral."""
        from ....engine.explaining import STEPS

        model = self._dense(encoder, request)
        found = self.explainer.explain(
            query, model, id, languages=languages, query_language=query_language, check=request.check
        )
        told = found.shares
        return {
            "encoder": encoder,
            "passage": passage_data(found.passage),
            "query_language": found.query_language.code,
            "parts": vars(found.parts),
            "known": found.known,
            "exact": told.exact,
            "sentences": [
                {"span": list(span), "shares": row.tolist()}
                for span, row in zip(told.sentences, told.by_sentence, strict=True)
            ],
            "tokens": [
                {"span": list(span), "shares": row.tolist()}
                for span, row in zip(told.tokens, told.by_token, strict=True)
            ],
            "rest": told.rest.tolist(),
            "steps": list(STEPS),
            "ranks": list(found.ranks),
            "searched": found.searched,
        }

    def slide(
        self,
        request: Request,
        query: str,
        encoder: str,
        strength: float,
        k: int = 10,
        languages: Sequence[str] = (),
        query_language: str = "",
    ) -> dict[str, Any]:
        """An encoder's ranking with a share of each language's mean subtracted, from 0 (none) to 1 (all)."""
        model = self._dense(encoder, request)
        found = self.explainer.ranked(query, model, strength, k, languages=languages, query_language=query_language)
        passages = {each.id: each for each in self._desk.library.passages([number for number, _ in found])}
        hits = [
            {"rank": rank, "score": score, **passage_data(passages[number])}
            for rank, (number, score) in enumerate(found, 1)
            if number in passages
        ]
        return {"encoder": encoder, "strength": strength, "hits": hits}

    def alike(self, request: Request, id: int, encoder: str, k: int = 8) -> dict[str, Any]:
        """A passage, and those that an encoder finds most similar to it, best first."""
        found = self.explainer.slide(self._dense(encoder, request)).alike(id, k)
        passages = {each.id: each for each in self._desk.library.passages([id, *(number for number, _ in found)])}
        near = [{"likeness": score, **passage_data(passages[number])} for number, score in found if number in passages]
        return {"passage": passage_data(passages[id]) if id in passages else None, "near": near}

    def parallel(
        self,
        request: Request,
        id: int,
        query: str = "",
        encoders: Sequence[str] = (),
        by: str = "",
        languages: Sequence[str] = (),
        neutral: bool = False,
        query_language: str = "",
    ) -> dict[str, Any]:
        """A passage beside its translations, or if none is known, beside the nearest passage of each language.

        Each one is sent when it is ready, with its ranks and with its sentences paired with the passage's; `by` names
        the encoder that pairs sentences and finds the nearest passages.
        """
        library = self._desk.library
        passage = library.passage(id)
        model = self._dense(by, request)
        others = [each for _, each in sorted(library.translations(id).items()) if each.id != id]
        likeness: dict[int, float] = {}
        translated = bool(others)
        if not others and not library.pending(model):
            near = self.explainer.slide(model).nearest(id)
            likeness = dict(near.values())
            others = sorted(library.passages(list(likeness)), key=lambda each: -likeness[each.id])
        family = [passage, *others]
        ranks = self._ranks(request, family, query, encoders, languages, neutral, query_language)
        spans, vectors = self._sentences(passage, model)
        head = {"passage": passage_data(passage), "sentences": spans, "translated": translated, "total": len(others)}
        request.tell(**head, ranks=ranks.get(id, {}))
        for other in others:
            request.check()
            row = self._beside(other, model, vectors)
            request.tell(**row, ranks=ranks.get(other.id, {}), likeness=likeness.get(other.id))
        return {**head, "ranks": ranks.get(id, {})}

    def _beside(self, other: Passage, model: Encoder, vectors: Any) -> dict[str, Any]:
        from ....engine.explaining import align

        spans, theirs = self._sentences(other, model)
        pairs = [[*pair.first, *pair.second, round(pair.likeness, 4)] for pair in align(vectors, theirs)]
        return {"other": passage_data(other), "sentences": spans, "pairs": pairs}

    def _sentences(self, passage: Passage, model: Encoder) -> tuple[list[list[int]], Any]:
        """The spans of a passage's sentences, and their vectors."""
        from ....engine.passages import sentences

        spans = sentences(passage.text, passage.language)[:_MOST_SENTENCES] or [(0, len(passage.text))]
        if spans[-1][1] < len(passage.text):
            spans[-1] = spans[-1][0], len(passage.text)
        vectors = model.encode_document([passage.text[start:end] for start, end in spans])
        return [list(span) for span in spans], vectors

    def _ranks(
        self,
        request: Request,
        family: Sequence[Passage],
        query: str,
        encoders: Sequence[str],
        languages: Sequence[str],
        neutral: bool,
        query_language: str,
    ) -> dict[int, dict[str, int]]:
        found: dict[int, dict[str, int]] = {}
        numbers = [each.id for each in family]
        for name in encoders if query else ():
            request.check()
            try:
                if not is_encoder(name) or self._desk.library.pending(encoder := self._desk.encoder(name)):
                    continue
                ranks = self._desk.library.ranks(
                    query, encoder, numbers, languages=languages, neutral=neutral, query_language=query_language
                )
            except HybridSearchError:
                # The encoder's column shows this error.
                continue
            for number, rank in ranks.items():
                found.setdefault(number, {})[name] = rank
        return found

    def _dense(self, name: str, request: Request) -> Encoder:
        """An encoder by its name.

        Raises:
            EncoderError: the name is empty, or that of search by words.
        """
        if not name or not is_encoder(name):
            raise EncoderError(
                "Search by words has no vectors to explain.", hint="Go to the column of an encoder (left and right)."
            )
        return self._desk.encoder(name, request)
