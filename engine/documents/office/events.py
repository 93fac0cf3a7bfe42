"""XML as a stream of events, in bounded memory: no tree, no entities, limited depth and number of names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from xml.parsers import expat

from ...errors import UnreadableDocument
from .names import short

# The parser keeps each open element and each distinct name: these bound its memory to a few dozen megabytes.
MOST_DEPTH = 100_000
MOST_NAMES = 50_000
LARGEST_TAG = 4 * 1024 * 1024
_PIECE = 64 * 1024
_SPACE = b" \t\r\n"

Opening = Callable[[dict[str, str]], object]
Closing = Callable[[], object]


class Events:
    """A reader of one XML part: actions for the start and end of elements, and for the text between.

    A subclass fills `opening` and `closing`, keyed by short name. `text` is called only while `taking` is not 0.
    """

    def __init__(self) -> None:
        self.opening: dict[str, Opening] = {}
        self.closing: dict[str, Closing] = {}
        self.taking = 0
        # The same actions, keyed by the parser's names.
        self._on_start: dict[str, Opening | None] = {}
        self._on_end: dict[str, Closing | None] = {}
        self._depth = 0
        self._skipped_from = 0

    def text(self, data: str) -> None:
        """A piece of text between two events."""

    def skip(self) -> None:
        """Called at an element's start: skips the events of its content and its end."""
        self._skipped_from = self._depth

    def ignore(self, *names: str) -> None:
        """Skip every element of these names, with its content."""
        for name in names:
            self.opening[name] = lambda _: self.skip()

    def take(self, *names: str) -> None:
        """Call `text` for text in elements of these names, at any depth."""
        for name in names:
            self.opening[name] = self._start_taking
            self.closing[name] = self._stop_taking

    def _start_taking(self, _: dict[str, str]) -> None:
        self.taking += 1

    def _stop_taking(self) -> None:
        self.taking -= 1

    def _start(self, name: str, facts: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise UnreadableDocument("it is nested too deeply")
        if self._skipped_from:
            return
        try:
            action = self._on_start[name]
        except KeyError:
            action = self._on_start[name] = self.opening.get(short(name))
        if action is not None:
            action(facts)

    def _end(self, name: str) -> None:
        self._depth -= 1
        if self._skipped_from:
            if self._depth < self._skipped_from:
                self._skipped_from = 0
            return
        try:
            action = self._on_end[name]
        except KeyError:
            action = self._on_end[name] = self.closing.get(short(name))
        if action is not None:
            action()

    def _data(self, data: str) -> None:
        if self.taking and not self._skipped_from:
            self.text(data)

    def read(self, pieces: Iterable[bytes], name: str) -> None:
        """Parse an XML document that comes in pieces and run the actions; `name` is its name in messages.

        Raises:
            UnreadableDocument: it is not valid XML, declares entities, is nested too deeply or has too many names.

        """
        interned: dict[str, str] = {}
        parser = expat.ParserCreate(namespace_separator=" ", intern=interned)
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        parser.StartDoctypeDeclHandler = _refuse_declarations(name)
        try:
            for piece in _growing(pieces, parser, name):
                parser.Parse(piece, False)
                if len(interned) > MOST_NAMES:
                    raise UnreadableDocument(f"{name} in it has more than {MOST_NAMES:,} different names")
            parser.Parse(b"", True)
        except (expat.ExpatError, ValueError, LookupError) as error:
            raise UnreadableDocument(f"it is damaged: {name} is not valid XML ({error})") from error


def _refuse_declarations(name: str) -> Callable[[str, str | None, str | None, bool], None]:
    def refuse(_: str, __: str | None, ___: str | None, has_declarations: bool) -> None:
        if has_declarations:
            raise UnreadableDocument(f"{name} declares entities, which are not expanded here")

    return refuse


def _growing(pieces: Iterable[bytes], parser: expat.XMLParserType, name: str) -> Iterator[bytes]:
    """The same bytes in pieces for the parser, each larger than the last while the parser makes no progress.

    The parser scans an unfinished tag from its start at every new piece: with pieces of one size, a large tag would
    take quadratic time, and a tag as large as the file many times the file's memory.

    Raises:
        UnreadableDocument: a tag or comment is larger than `LARGEST_TAG`.

    """
    size, reached, waiting, started = _PIECE, -1, bytearray(), False
    for piece in pieces:
        waiting += piece
        if not started:
            del waiting[: len(waiting) - len(waiting.lstrip(_SPACE))]
            started = bool(waiting)
        while len(waiting) >= size:
            yield bytes(waiting[:size])
            del waiting[:size]
            size = _PIECE if parser.CurrentByteIndex > reached else size * 2
            if size > LARGEST_TAG:
                raise UnreadableDocument(f"{name} in it has a tag of more than {LARGEST_TAG // 1024 // 1024} MB")
            reached = parser.CurrentByteIndex
    yield bytes(waiting)


class Title(Events):
    """Reads the title in a file's properties: Dublin Core's, in Microsoft's formats and in OpenDocument."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.take("dc:title")

    def text(self, data: str) -> None:
        """A piece of the title."""
        self.pieces.append(data)
