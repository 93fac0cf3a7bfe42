"""Explains the passages of one library: the parts of a score, and the ranks when language is removed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..encoders import Encoder
from ..languages import Detected
from ..library import Searchable
from ..search import Passage, language_of_query, query_vector, wanted_languages
from .parts import LanguageSpace, Parts
from .shares import Shares, shares
from .slide import STEPS, Slide

# How many slides stay in memory: each has the vectors of all passages.
_KEPT = 3


@dataclass(frozen=True)
class Explanation:
    """Why a passage ranks where it does for a question by an encoder.

    `parts` splits its score; the targets of `shares` are these parts in the order of `PARTS`. `ranks` are at the
    strengths of `STEPS`, from as trained to neutral. `known` says whether the means of at least two languages are
    known, without which the parts say nothing about language.
    """

    passage: Passage
    query_language: Detected
    parts: Parts
    shares: Shares
    ranks: tuple[int | None, ...]
    searched: int
    known: bool


class Explaining:
    """Makes explanations for one library; keeps the vectors read while the library's passages stay the same.

    Args:
        library: any `Searchable`.
    """

    def __init__(self, library: Searchable) -> None:
        self._library = library
        self._slides: OrderedDict[str, tuple[tuple[int, int, int], Slide]] = OrderedDict()

    def slide(self, encoder: Encoder) -> Slide:
        """The slide of all passages by an encoder.

        Raises:
            LibraryError: the library has no vectors of it.
        """
        ids, vectors = self._library.vectors(encoder)
        state = (len(ids), int(ids.sum()), int(ids[-1]) if len(ids) else 0)
        kept = self._slides.pop(encoder.fingerprint, None)
        if kept is None or kept[0] != state:
            kept = state, Slide.of(ids, vectors, self._library.languages_of(ids))
        self._slides[encoder.fingerprint] = kept
        while len(self._slides) > _KEPT:
            self._slides.popitem(last=False)
        return kept[1]

    def explain(
        self,
        query: str,
        encoder: Encoder,
        passage_id: int,
        *,
        languages: Sequence[str] = (),
        query_language: str = "",
        check: Callable[[], None] = lambda: None,
    ) -> Explanation:
        """Explain a passage's rank.

        Args:
            query: the question.
            encoder: one that the library has vectors of.
            passage_id: of the passage.
            languages: the searched ones; empty for all.
            query_language: its code, if known.
            check: called between steps; may raise to stop.

        Raises:
            LibraryError: there is no such passage, or it has no vector of the encoder.
            EncoderError: the encoder cannot be used.
        """
        passage = self._library.passage(passage_id)
        slide = self.slide(encoder)
        own = slide.vector(passage_id)
        counts = self._library.languages()
        asked, wanted = language_of_query(query, counts, query_language), wanted_languages(languages, counts)
        vector = query_vector(encoder, query)
        space = LanguageSpace.of(slide.fitted, encoder.dimension)
        check()
        if own is None:
            own = encoder.encode_document([passage.text])[0]
        targets = space.told_apart(vector)
        found = shares(encoder, passage.text, passage.language, targets)
        check()
        ranks = tuple(slide.rank(vector, asked.code, step, passage_id, wanted) for step in STEPS)
        searched = int(slide.roster.chosen(wanted).sum())
        return Explanation(passage, asked, space.parts(vector, own), found, ranks, searched, len(slide.fitted) > 1)

    def ranked(
        self,
        query: str,
        encoder: Encoder,
        strength: float,
        k: int,
        *,
        languages: Sequence[str] = (),
        query_language: str = "",
    ) -> list[tuple[int, float]]:
        """The k best passages at a strength from 0, as trained, to 1, neutral: (id, cosine); raises as `explain`."""
        counts = self._library.languages()
        asked, wanted = language_of_query(query, counts, query_language), wanted_languages(languages, counts)
        vector = query_vector(encoder, query)
        return self.slide(encoder).best(vector, asked.code, strength, k, wanted)
