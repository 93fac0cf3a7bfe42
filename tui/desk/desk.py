"""The operations of the child process on one open library, with plain data in and out."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...engine import paths
from ...engine.encoders import Column, is_encoder
from ...engine.errors import LibraryError
from ...engine.files import identity_of
from .answers import Asking, Drilling, Explaining, Judging
from .maps import Maps
from .plain import passage_data
from .requests import LibraryGone, Operation, Request

if TYPE_CHECKING:
    from ...engine.encoders import Encoder
    from ...engine.library import Searchable

_SENTENCES_KEPT = 20_000
_SENTENCES_READ = 12

LoadEncoder = Callable[[str], "Encoder"]


class Desk:
    """One library and the encoders asked for so far.

    Args:
        load: loads an encoder by name, or raises `HybridSearchError`; the default loads it on the processor, in the
            precision of the library's vectors.
    """

    def __init__(self, load: LoadEncoder | None = None) -> None:
        self._load = load or self._load_as_stored
        self._encoders: dict[str, Encoder] = {}
        self._library: Searchable | None = None
        self._path = Path()
        self._file: Path | None = None
        self._opened: tuple[int, int] | None = None
        self._maps = Maps()
        self._asking = Asking(lambda: self.library, self.encoder)
        self._sentence_vectors: OrderedDict[tuple[str, int], tuple[list[tuple[int, int]], Any]] = OrderedDict()

    def operations(self) -> Mapping[str, Operation]:
        """Every operation by the name requests use."""
        from . import auditing, naming
        from . import runs as desk_runs
        from . import work as desk_work

        own: dict[str, Operation] = {
            "open": self.open,
            "status": self.status,
            "ask": self.ask,
            "everywhere": self._asking.everywhere,
            "sentences": self.sentences,
            "passage": self.passage,
            "map": self.map,
        }
        return {
            **own,
            **desk_runs.operations(),
            **naming.operations(),
            **auditing.operations(self.encoder),
            **Judging(self).operations(),
            **Explaining(self).operations(),
            **Drilling(self).operations(),
            **desk_work.operations(self.encoder),
        }

    # -- the library

    @property
    def library(self) -> Searchable:
        """The open library; raises `LibraryError` if none is open, `LibraryGone` if its file is not there any more."""
        if self._library is None:
            raise LibraryError("No library is open.", hint="Index a folder on the Library screen.")
        if self._file is not None and identity_of(self._file) != self._opened:
            raise LibraryGone(
                f"The library {self._path} is gone: it was removed, moved or replaced.",
                hint="Open another one, or index a folder again on the Library screen.",
            )
        return self._library

    def open(self, request: Request, library: str = "") -> dict[str, Any]:
        """Open a library (for "" the default one, or the demo if that does not exist) and return its status."""
        from ...engine.library import DATABASE, Library, demo
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
        # An engine elsewhere has no file here.
        self._file = None if place is not None else path / DATABASE
        self._opened = identity_of(self._file) if self._file is not None else None
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
        """What the library holds, by language and encoder, and the available encoders."""
        from .work import status_of

        return {**status_of(self.library, self._path), "file": str(self._file or "")}

    def encoder(self, name: str, request: Request | None = None) -> Encoder:
        """An encoder by name, loaded once; the request is told before it loads."""
        if name not in self._encoders:
            if request is not None:
                request.tell(column=name, state="loading")
            self._encoders[name] = self._load(name)
        return self._encoders[name]

    def _load_as_stored(self, name: str) -> Encoder:
        from ...engine.encoders import load

        return load(name, stored=self._library.fingerprints() if self._library is not None else ())

    # -- a question

    @property
    def ask(self) -> Operation:
        """Rankings of a question; see `Asking.ask`."""
        return self._asking.ask

    def sentences(self, request: Request, query: str, encoder: str, ids: list[int]) -> dict[str, Any]:
        """Send for each passage the span of the sentence that an encoder finds nearest to the query."""
        from ...engine.passages import sentences

        model = self.encoder(encoder)
        while isinstance(model, Column):
            # A joined column makes no vectors: its first encoder does.
            inner = [part for part in model.parts if not isinstance(part, str)]
            if not inner:
                return {}
            model = inner[0]
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
        """A passage in full with neighbours and translations, and the ranks of it and its translations for the query.

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
            if query and is_encoder(name):
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
        """Passages as points of a plane by an encoder's vectors, with the query's results."""
        return self._maps.draw(self.library, self.encoder(encoder, request), request, query, k)
