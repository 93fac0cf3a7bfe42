"""Answers a question: rankings of encoders, of search by words, and of several of them joined."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ....engine.encoders import BM25, EVERY, FUSED
from ....engine.errors import HybridSearchError
from ..plain import passage_data
from ..requests import Request
from .everywhere import Everywhere

if TYPE_CHECKING:
    from ....engine.encoders import Encoder
    from ....engine.library import Searchable
    from ....engine.search import Comparing, Comparison, LanguageShares, Ranking


class Asking:
    """Puts questions to the open library.

    Args:
        library: returns it; raises `LibraryError` if none is open.
        encoder: returns an encoder by name, and tells the request if it has to be loaded.
    """

    def __init__(self, library: Callable[[], Searchable], encoder: Callable[[str, Request | None], Encoder]) -> None:
        self._open, self._encoder = library, encoder
        self._everywhere = Everywhere()

    @property
    def library(self) -> Searchable:
        """The open library."""
        return self._open()

    def ask(
        self,
        request: Request,
        query: str,
        encoders: list[str],
        k: int = 10,
        languages: list[str] | None = None,
        exact: bool = False,
        neutral: bool = False,
        query_language: str = "",
        known: Mapping[str, str] | None = None,
        translator: str = "",
    ) -> dict[str, Any]:
        """Rank passages by each encoder; each ranking is sent as soon as it is ready, their comparison at the end.

        Args:
            request: gets the rankings.
            query: in any language.
            encoders: names of encoders, "bm25", "every:NAME" for an encoder's joined answers to the question in every
                language, and "fused" for the other rankings joined.
            k: the number of passages in each ranking.
            languages: of the passages; none for all.
            exact: compare every vector.
            neutral: first subtract what each language adds to the vectors.
            query_language: the code of the question's language, if known; else it is detected.
            known: the question in other languages, by their codes.
            translator: the one whose stored translations are used; it is not asked for new ones.
        """
        from ....engine.search import Comparing, fusion

        settings: dict[str, Any] = {
            "k": k,
            "languages": languages or [],
            "exact": exact,
            "neutral": neutral,
            "query_language": query_language,
        }
        comparing = Comparing(self.library.languages(), languages or [])
        others = [name for name in encoders if name != FUSED]
        joined: list[Ranking] = []
        if FUSED in encoders:
            settings["k"] = max(k, fusion.DEPTH)
        for name in others:
            request.check()
            try:
                if name.startswith(EVERY):
                    ranking = self._in_every_language(request, query, name, settings, known or {}, translator)
                else:
                    ranking = self._rank(request, query, name, settings)
            except NotEncoded as error:
                request.tell(column=name, missing=error.pending)
                continue
            except HybridSearchError as error:
                request.tell(column=name, error={"message": error.message, "hint": error.hint})
                continue
            joined.append(ranking)
            ranking = ranking.first(k)
            request.tell(column=name, ranking=ranking_data(ranking, comparing.add(ranking)))
        if FUSED in encoders:
            self._tell_fused(request, joined, k, comparing)
        found = comparing.comparison()
        return {
            "query": query,
            "query_language": _language_data(found) if found is not None else None,
            "overlap": [
                {"pair": list(pair), "shared": each.shared, "jaccard": each.jaccard, "rbo": each.rbo}
                for pair, each in (found.overlap.items() if found is not None else ())
            ],
        }

    def _in_every_language(
        self,
        request: Request,
        query: str,
        name: str,
        settings: Mapping[str, Any],
        known: Mapping[str, str],
        translator: str,
    ) -> Ranking:
        from ....engine.search import across, fusion

        source = settings["query_language"] or self._language_of(query)
        texts = self._everywhere.texts(query, source, list(self.library.languages()), known, translator)
        deep = {**settings, "k": max(settings["k"], fusion.DEPTH)}
        try:
            rankings = {
                code: self._rank(request, text, name.removeprefix(EVERY), {**deep, "query_language": code})
                for code, text in texts.items()
            }
        except NotEncoded as error:
            raise HybridSearchError(error.message, hint="Its own column encodes them: c adds it.") from None
        return replace(across(rankings, settings["k"], query).fused, encoder=name)

    def _language_of(self, query: str) -> str:
        from ....engine.search import language_of_query

        return language_of_query(query, self.library.languages()).code

    def everywhere(
        self,
        request: Request,
        query: str,
        encoders: list[str],
        k: int = 10,
        languages: list[str] | None = None,
        neutral: bool = False,
        query_language: str = "",
        known: Mapping[str, str] | None = None,
        translator: str = "",
        exact: bool = False,
    ) -> dict[str, Any]:
        """Ask in every language of the library, and compare what each language of the question gets.

        The translator is asked only for translations that are neither known nor stored; other parameters as in `ask`.
        """
        source = query_language or self._language_of(query)
        texts = self._everywhere.texts(query, source, list(self.library.languages()), known or {}, translator, request)
        how = {"languages": languages or [], "exact": exact, "neutral": neutral}

        def rank(name: str, text: str, code: str, depth: int) -> Ranking:
            return self._rank(request, text, name, {**how, "k": depth, "query_language": code})

        answers = self._everywhere.ask(request, texts, encoders, query, k, rank)
        return {"query": query, "query_language": source, "texts": texts, "encoders": answers}

    def _tell_fused(self, request: Request, joined: Sequence[Ranking], k: int, comparing: Comparing) -> None:
        """Send the joined ranking of all columns, or an error if fewer than two have an answer."""
        if len(joined) < 2:
            words = "What is fused are the answers of other columns, of two or more."
            request.tell(column=FUSED, error={"message": words, "hint": "Add columns with c."})
            return
        ranking = self.library.fuse(joined, k)
        request.tell(column=FUSED, ranking=ranking_data(ranking, comparing.add(ranking)))

    def _rank(self, request: Request, query: str, name: str, settings: Mapping[str, Any]) -> Ranking:
        library = self.library
        if name == BM25:
            return library.search(query, encoder=name, **settings)
        encoder = self._encoder(name, request)
        pending = library.pending(encoder)
        if pending:
            total = sum(library.languages().values())
            if pending >= total:
                raise NotEncoded(pending, name)
            request.tell(column=name, pending=pending)
        return library.search(query, encoder=encoder, **settings)


class NotEncoded(HybridSearchError):
    """An encoder has no vector yet of any passage of the library."""

    def __init__(self, pending: int, encoder: str) -> None:
        super().__init__(f"Nothing is encoded for {encoder} yet.", hint="e on the Library screen (F3) encodes it.")
        self.pending = pending


def ranking_data(ranking: Ranking, shares: LanguageShares) -> dict[str, Any]:
    """A ranking as plain data, with its languages and the share of the question's language in it and in the library."""
    return {
        "encoder": ranking.encoder,
        "hits": [{"rank": hit.rank, "score": hit.score, **passage_data(hit.passage)} for hit in ranking.hits],
        "searched": ranking.searched,
        "exact": ranking.exact,
        "seconds": ranking.seconds,
        "query_language": _language_data(ranking),
        "languages": shares.languages,
        "share": shares.share,
        "library_share": shares.library_share,
        "bias": shares.bias,
    }


def _language_data(asked: Ranking | Comparison) -> dict[str, Any]:
    return {"code": asked.query_language.code, "confidence": asked.query_language.confidence}
