"""What the child process does: each operation of the app over one open library, as plain data in and out."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...engine import paths
from ...engine.errors import HybridSearchError, LibraryError
from .child import Operation, Request

if TYPE_CHECKING:
    from ...engine.encoders import Encoder
    from ...engine.library import Asking
    from ...engine.search import Passage, Ranking

LEXICAL = "bm25"
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
        self._library: Asking | None = None
        self._path = Path()
        self.maps: dict[tuple[str, int, int], dict[str, Any]] = {}
        self._sentence_vectors: OrderedDict[tuple[str, int], tuple[list[tuple[int, int]], Any]] = OrderedDict()

    def operations(self) -> Mapping[str, Operation]:
        """Every operation by the name requests use."""
        from . import work as desk_work

        own: dict[str, Operation] = {
            "open": self.open,
            "status": self.status,
            "ask": self.ask,
            "sentences": self.sentences,
            "passage": self.passage,
            "map": self.map,
        }
        return {**own, **desk_work.operations(self)}

    # -- the library

    @property
    def library(self) -> Asking:
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
        place = place_of(path)
        self.close()
        if path == demo.library_folder() or (not library and not path.exists()):
            request.tell(words="opening the demo library…")
            opened: Asking = demo.open_demo()
        elif place is not None:
            from ...engine.remote import RemoteLibrary

            request.tell(words=f"asking the engine at {place}…")
            opened = RemoteLibrary.open(place)
        else:
            opened = Library.open(path)
        self._library, self._path = opened, path if place is not None else opened.path
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
        """Rank passages by each encoder; each ranking is sent as soon as it is there, what compares them at the end."""
        from ...engine.search import overlap

        counts = self.library.languages()
        rankings: dict[str, Ranking] = {}
        detected = None
        for name in encoders:
            request.check()
            try:
                ranking = self._rank(request, query, name, k, languages or [], exact, neutral)
            except NotEncoded as error:
                request.tell(column=name, missing=error.pending)
                continue
            except HybridSearchError as error:
                request.tell(column=name, error={"message": error.message, "hint": error.hint})
                continue
            rankings[name] = ranking
            detected = detected or ranking.query_language
            code = query_language or ranking.query_language.code
            request.tell(column=name, ranking=ranking_data(ranking, code, counts))
        pairs = [(first, second) for index, first in enumerate(rankings) for second in list(rankings)[index + 1 :]]
        overlaps = {pair: overlap(rankings[pair[0]], rankings[pair[1]]) for pair in pairs}
        return {
            "query": query,
            "query_language": {"code": detected.code, "confidence": detected.confidence} if detected else None,
            "overlap": [
                {"pair": list(pair), "shared": each.shared, "jaccard": each.jaccard, "rbo": each.rbo}
                for pair, each in overlaps.items()
            ],
        }

    def _rank(
        self, request: Request, query: str, name: str, k: int, languages: list[str], exact: bool, neutral: bool
    ) -> Ranking:
        library = self.library
        if name == LEXICAL:
            return library.search(query, encoder=LEXICAL, k=k, languages=languages)
        encoder = self.encoder(name, request)
        pending = library.pending(encoder)
        if pending:
            total = sum(library.languages().values())
            if pending >= total:
                raise NotEncoded(pending, name)
            request.tell(column=name, pending=pending)
        if neutral:
            from .work import neutral_search

            return neutral_search(library, encoder, query, k, languages)
        return library.search(query, encoder=encoder, k=k, languages=languages, exact=exact)

    def sentences(self, request: Request, query: str, encoder: str, ids: list[int]) -> dict[str, Any]:
        """For each passage the span of the sentence nearest to the query by an encoder, sent as it is found."""
        from ...engine.passages import sentences

        model = self.encoder(encoder)
        wanted = model.encode_query([query])[0]
        for number in ids:
            request.check()
            key = (model.fingerprint, number)
            if key not in self._sentence_vectors:
                passage = self.library.passage(number)
                spans = sentences(passage.text, passage.language)[:_SENTENCES_READ] or [(0, len(passage.text))]
                texts = [passage.text[start:end] for start, end in spans]
                self._sentence_vectors[key] = (spans, model.encode_document(texts) if len(spans) > 1 else None)
                if len(self._sentence_vectors) > _SENTENCES_KEPT:
                    self._sentence_vectors.popitem(last=False)
            spans, vectors = self._sentence_vectors[key]
            best = 0 if vectors is None else int((vectors @ wanted).argmax())
            request.tell(id=number, span=list(spans[best]))
        return {}

    def passage(self, request: Request, id: int, query: str = "", encoders: list[str] | None = None) -> dict[str, Any]:
        """A passage in full with neighbours and translations, and the exact rank of each for the query."""
        library = self.library
        passage = library.passage(id)
        translations = {code: each for code, each in library.translations(id).items() if each.id != id}
        numbers = [id, *(each.id for each in translations.values())]
        ranks: dict[str, dict[int, int]] = {}
        for name in encoders or []:
            request.check()
            if query and name != LEXICAL:
                encoder = self.encoder(name)
                if not library.pending(encoder):
                    ranks[name] = library.ranks(query, encoder, numbers)
        siblings = library.neighbours(id)
        family = {passage.language: passage, **translations}
        return {
            "passage": passage_data(passage),
            "before": [passage_data(each) for each in siblings if each.ordinal < passage.ordinal],
            "after": [passage_data(each) for each in siblings if each.ordinal > passage.ordinal],
            "translations": [passage_data(each) for _, each in sorted(translations.items())],
            "ranks": {name: found.get(id) for name, found in ranks.items()},
            "strips": {
                name: {code: found[each.id] for code, each in family.items() if each.id in found}
                for name, found in ranks.items()
            },
        }

    def map(self, request: Request, encoder: str, query: str = "", k: int = 10) -> Any:
        """Passages as points of a plane by one encoder, with the query's results."""
        from .map import draw

        return draw(self, request, encoder, query, k)


class NotEncoded(HybridSearchError):
    """A library whose passages an encoder has not seen yet."""

    def __init__(self, pending: int, encoder: str) -> None:
        super().__init__(f"{pending:,} passages are not encoded for {encoder} yet.")
        self.pending = pending


def passage_data(passage: Passage) -> dict[str, Any]:
    """A passage as plain data."""
    names = ("id", "path", "part", "title", "heading", "ordinal", "start", "end", "text", "language", "confidence")
    return {name: getattr(passage, name) for name in names}


def ranking_data(ranking: Ranking, language: str, counts: Mapping[str, int]) -> dict[str, Any]:
    """A ranking as plain data, with its languages and the share of one language in it and in the library."""
    found: dict[str, int] = {}
    for hit in ranking.hits:
        found[hit.passage.language] = found.get(hit.passage.language, 0) + 1
    total = sum(counts.values())
    return {
        "encoder": ranking.encoder,
        "hits": [{"rank": hit.rank, "score": hit.score, **passage_data(hit.passage)} for hit in ranking.hits],
        "searched": ranking.searched,
        "exact": ranking.exact,
        "seconds": ranking.seconds,
        "query_language": {"code": ranking.query_language.code, "confidence": ranking.query_language.confidence},
        "languages": dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))),
        "share": found.get(language, 0) / len(ranking.hits) if ranking.hits else 0.0,
        "library_share": counts.get(language, 0) / total if total else 0.0,
    }
