"""What the child process does: each operation of the app over one open library, as plain data in and out."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...engine import paths
from ...engine.encoders import BM25, FUSED
from ...engine.errors import HybridSearchError, LibraryError
from .map import Maps
from .requests import Operation, Request

if TYPE_CHECKING:
    from ...engine.encoders import Encoder
    from ...engine.library import Searchable
    from ...engine.search import Comparing, Comparison, LanguageShares, Passage, Ranking

_SENTENCES_KEPT = 20_000
_SENTENCES_READ = 12

LoadEncoder = Callable[[str], "Encoder"]


class Desk:
    """One library and the encoders asked for so far.

    Args:
        load: gives the encoder of a name, where it is not the one on the processor in the precision of the library's
            vectors; raises `HybridSearchError` where there is none.
    """

    def __init__(self, load: LoadEncoder | None = None) -> None:
        self._load = load or self._load_as_stored
        self._encoders: dict[str, Encoder] = {}
        self._library: Searchable | None = None
        self._path = Path()
        self._maps = Maps()
        self._sentence_vectors: OrderedDict[tuple[str, int], tuple[list[tuple[int, int]], Any]] = OrderedDict()

    def operations(self) -> Mapping[str, Operation]:
        """Every operation by the name requests use."""
        from . import naming
        from . import runs as desk_runs
        from . import work as desk_work

        own: dict[str, Operation] = {
            "open": self.open,
            "status": self.status,
            "ask": self.ask,
            "sentences": self.sentences,
            "passage": self.passage,
            "map": self.map,
        }
        return {**own, **desk_work.operations(self.encoder), **desk_runs.operations(), **naming.operations()}

    # -- the library

    @property
    def library(self) -> Searchable:
        """The open library; raises `LibraryError` where there is none or it has gone."""
        if self._library is None:
            raise LibraryError("No library is open.", hint="Index a folder on the Library screen.")
        if not self._library.readonly and not self._path.exists():
            raise LibraryError(
                f"The library {self._path} is gone: its folder was removed or moved.",
                hint="Open another one, or index a folder again on the Library screen.",
            )
        return self._library

    def open(self, request: Request, library: str = "") -> dict[str, Any]:
        """Open a library (the default one for ""; the demo where that does not exist) and say what it holds."""
        from ...engine.library import Library, demo
        from ...engine.places import place_of

        path = Path(library) if library else paths.default_library()
        place = place_of(library or path)
        self.close()
        if path == demo.library_folder() or (not library and not path.exists()):
            request.tell(words="opening the demo library…")
            opened: Searchable = demo.open_demo()
            path = demo.library_folder()
        elif place is not None:
            from ...engine.remote import RemoteLibrary

            request.tell(words=f"asking the engine at {place}…")
            opened = RemoteLibrary.open(place)
            path = Path(str(place))
        else:
            opened = Library.open(path)
        self._library, self._path = opened, path
        # Another library may hold vectors of the same encoder in another precision.
        stored = opened.fingerprints()
        held = set(opened.encoders())
        self._encoders = {
            name: encoder
            for name, encoder in self._encoders.items()
            if name not in held or encoder.fingerprint in stored
        }
        return self.status(request)

    def close(self) -> None:
        """Close the library that is open."""
        library, self._library = self._library, None
        self._sentence_vectors.clear()
        if library is not None:
            library.close()

    def status(self, request: Request) -> dict[str, Any]:
        """What the library holds, by language and encoder, and which encoders there are."""
        from .work import status_of

        return status_of(self.library, self._path)

    def encoder(self, name: str, request: Request | None = None) -> Encoder:
        """The encoder of a name, loaded once; says so while it loads."""
        if name not in self._encoders:
            if request is not None:
                request.tell(column=name, state="loading")
            self._encoders[name] = self._load(name)
        return self._encoders[name]

    def _load_as_stored(self, name: str) -> Encoder:
        from ...engine.encoders import load

        return load(name, stored=self._library.fingerprints() if self._library is not None else ())

    # -- a question

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
    ) -> dict[str, Any]:
        """Rank passages by each encoder; each ranking is sent as soon as it is there, what compares them at the end.

        Args:
            request: gets the rankings.
            query: in any language.
            encoders: names of encoders, "bm25", and "fused" for what the others say together.
            k: how many passages of each.
            languages: of the passages; none for all.
            exact: compare every vector.
            neutral: take what each language adds to the vectors away first.
            query_language: the code of the question's language where it is known; else it is detected.
        """
        from ...engine.search import Comparing, fusion

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

    def _tell_fused(self, request: Request, joined: Sequence[Ranking], k: int, comparing: Comparing) -> None:
        """The answer of all columns together, where two or more have one."""
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
        encoder = self.encoder(name, request)
        pending = library.pending(encoder)
        if pending:
            total = sum(library.languages().values())
            if pending >= total:
                raise NotEncoded(pending, name)
            request.tell(column=name, pending=pending)
        return library.search(query, encoder=encoder, **settings)

    def sentences(self, request: Request, query: str, encoder: str, ids: list[int]) -> dict[str, Any]:
        """For each passage the span of the sentence nearest to the query by an encoder, sent as it is found."""
        from ...engine.passages import sentences

        model = self.encoder(encoder)
        wanted = model.encode_query([query])[0]
        new = [number for number in ids if (model.fingerprint, number) not in self._sentence_vectors]
        passages = {passage.id: passage for passage in self.library.passages(new)}
        for number in ids:
            request.check()
            key = (model.fingerprint, number)
            if key not in self._sentence_vectors:
                if number not in passages:
                    continue
                passage = passages[number]
                spans = sentences(passage.text, passage.language)[:_SENTENCES_READ] or [(0, len(passage.text))]
                texts = [passage.text[start:end] for start, end in spans]
                self._sentence_vectors[key] = (spans, model.encode_document(texts) if len(spans) > 1 else None)
                if len(self._sentence_vectors) > _SENTENCES_KEPT:
                    self._sentence_vectors.popitem(last=False)
            spans, vectors = self._sentence_vectors[key]
            best = 0 if vectors is None else int((vectors @ wanted).argmax())
            request.tell(id=number, span=list(spans[best]))
        return {}

    def passage(
        self,
        request: Request,
        id: int,
        query: str = "",
        encoders: Sequence[str] = (),
        languages: Sequence[str] = (),
        neutral: bool = False,
        query_language: str = "",
    ) -> dict[str, Any]:
        """A passage in full with neighbours and translations, and where they rank for the query.

        The ranks are those of `ask` with the same languages, neutral and query_language.
        """
        from ...engine.search import standing

        library = self.library
        passage = library.passage(id)
        translations = {code: each for code, each in library.translations(id).items() if each.id != id}
        family = {passage.language: passage, **translations}
        numbers = [each.id for each in family.values()]
        standings = {}
        for name in encoders or ():
            request.check()
            if query and name not in (BM25, FUSED):
                encoder = self.encoder(name)
                if not library.pending(encoder):
                    ranks = library.ranks(
                        query, encoder, numbers, languages=languages, neutral=neutral, query_language=query_language
                    )
                    standings[name] = standing(family, ranks)
        siblings = library.neighbours(id)
        return {
            "passage": passage_data(passage),
            "before": [passage_data(each) for each in siblings if each.ordinal < passage.ordinal],
            "after": [passage_data(each) for each in siblings if each.ordinal > passage.ordinal],
            "translations": [passage_data(each) for _, each in sorted(translations.items())],
            "ranks": {name: each.ranks.get(passage.language) for name, each in standings.items()},
            "strips": {name: each.ranks for name, each in standings.items() if each.ranks},
            "distances": {name: each.distance for name, each in standings.items()},
        }

    def map(self, request: Request, encoder: str, query: str = "", k: int = 10) -> Any:
        """Passages as points of a plane by one encoder, with the query's results."""
        return self._maps.draw(self.library, self.encoder(encoder, request), request, query, k)


class NotEncoded(HybridSearchError):
    """A library whose passages an encoder has not seen yet."""

    def __init__(self, pending: int, encoder: str) -> None:
        super().__init__(f"{pending:,} passages are not encoded for {encoder} yet.")
        self.pending = pending


def passage_data(passage: Passage) -> dict[str, Any]:
    """A passage as plain data."""
    names = ("id", "path", "part", "title", "heading", "ordinal", "start", "end", "text", "language", "confidence")
    return {name: getattr(passage, name) for name in names}


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
