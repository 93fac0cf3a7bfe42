"""The parts of an OOXML file, found by relationship and content type, else by their usual names."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from ...errors import UnreadableDocument
from ..archive import ENCRYPTED, Archive
from ..building import Builder
from ..kinds import OLE
from ..model import Document, Source
from .events import Events, Title

_MOST_RELATIONSHIPS = 50_000
NO_TEXT = "it holds no text"
ONLY_PICTURES = "it holds no text, only pictures"
ONLY_NUMBERS = "it holds no text, only numbers"
_PICTURE = re.compile(r"(?!docProps|Thumbnails).*\.(?:png|jpe?g|gif|bmp|tiff?|emf|wmf|svg|webp)$", re.IGNORECASE)


class Relationship(NamedTuple):
    """A reference to another part: the last word of the relationship's type, and the part's name in the archive."""

    type: str
    target: str


class _Relationships(Events):
    def __init__(self, base: str, archive: Archive) -> None:
        super().__init__()
        self.found: dict[str, Relationship] = {}
        self._base = base
        self._archive = archive
        self.opening["rel:Relationship"] = self._relationship

    def _relationship(self, facts: dict[str, str]) -> None:
        target = facts.get("Target", "")
        if facts.get("TargetMode") == "External" or not target or len(self.found) >= _MOST_RELATIONSHIPS:
            return
        name = self._archive.find(posixpath.normpath(posixpath.join("/", self._base, target)).lstrip("/"))
        if name:
            kind = facts.get("Type", "").rstrip("/").rpartition("/")[2]
            self.found[facts.get("Id", "")] = Relationship(kind, name)


class _ContentTypes(Events):
    def __init__(self) -> None:
        super().__init__()
        self.by_part: dict[str, str] = {}
        self.by_suffix: dict[str, str] = {}
        self.opening["ct:Override"] = self._override
        self.opening["ct:Default"] = self._default

    def _override(self, facts: dict[str, str]) -> None:
        self.by_part[facts.get("PartName", "").lstrip("/").lower()] = facts.get("ContentType", "").lower()

    def _default(self, facts: dict[str, str]) -> None:
        self.by_suffix[facts.get("Extension", "").lower()] = facts.get("ContentType", "").lower()


class Package:
    """An OOXML file.

    Raises:
        UnreadableDocument: it is not a zip file, damaged, or encrypted.

    """

    def __init__(self, data: bytes, limit: int) -> None:
        refuse_ole(data)
        self.archive = Archive(data, limit)
        self._related: dict[str, dict[str, Relationship]] = {}
        self._types: _ContentTypes | None = None

    def main(self, usual: str, content_type: str) -> str:
        """The part with the document: by the package's relationships, else by content type, else by its usual name.

        A part of the usual name may be missing.
        """
        for relationship in self.related("").values():
            if relationship.type == "officeDocument":
                return relationship.target
        for name, declared in self.types.by_part.items():
            if content_type in declared and "main+xml" in declared and (found := self.archive.find(name)):
                return found
        return self.archive.find(usual) or usual

    @property
    def types(self) -> _ContentTypes:
        """The content of [Content_Types].xml."""
        if self._types is None:
            self._types = _ContentTypes()
            self.look("[Content_Types].xml", self._types)
        return self._types

    def content_type(self, part: str) -> str:
        """A part's content type, lower case, "" if none is declared."""
        types = self.types
        return types.by_part.get(part.lower()) or types.by_suffix.get(part.rpartition(".")[2].lower(), "")

    def related(self, part: str) -> dict[str, Relationship]:
        """The part's relationships to other parts of the file, by id; for `part` "", those of the package itself."""
        if part not in self._related:
            folder, name = posixpath.split(part)
            reader = _Relationships(folder, self.archive)
            self.look(f"{folder}/_rels/{name}.rels".lstrip("/"), reader)
            self._related[part] = reader.found
        return self._related[part]

    def has_relationships(self, part: str) -> bool:
        """Whether the file has relationships of this part."""
        folder, name = posixpath.split(part)
        return self.archive.find(f"{folder}/_rels/{name}.rels".lstrip("/")) is not None

    def of_type(self, part: str, kind: str) -> list[str]:
        """The parts that a part has a relationship of this kind to, each once."""
        return list(dict.fromkeys(each.target for each in self.related(part).values() if each.type == kind))

    def numbered(self, pattern: str) -> list[str]:
        """The parts whose full name matches, in the order of their numbers."""
        return numbered(self.archive.names(), pattern)

    def read(self, part: str, reader: Events) -> bool:
        """Parse a part with a reader; False if there is no such part.

        Raises:
            UnreadableDocument: the part is damaged.

        """
        name = self.archive.find(part)
        if name is None:
            return False
        reader.read(self.archive.stream(name), name)
        return True

    def look(self, part: str, reader: Events) -> None:
        """Like `read`, for a part that only describes the text: damage to it does not lose the text."""
        with suppress(UnreadableDocument):
            self.read(part, reader)

    def title(self) -> str:
        """The title in the file's properties."""
        names = self.of_type("", "core-properties") or ["docProps/core.xml"]
        reader = Title()
        self.look(names[0], reader)
        return "".join(reader.pieces)

    def document(self, source: Source, builder: Builder, *, numbers: bool = False) -> Document:
        """The collected text as a document.

        Raises:
            UnreadableDocument: no text was collected.

        """
        return finished(source, builder, self.title, pictures=has_pictures(self.archive), numbers=numbers)


def missing(part: str) -> UnreadableDocument:
    """The error for a file without a part that it needs."""
    return UnreadableDocument(f"it is damaged: {part} is missing")


def has_pictures(archive: Archive) -> bool:
    """Whether the file contains pictures, other than the thumbnail of its first page."""
    return any(map(_PICTURE.match, archive.names()))


def numbered(names: list[str], pattern: str) -> list[str]:
    """The names that match as a whole, in the order of the numbers in them."""
    matches = (re.fullmatch(pattern, name, re.IGNORECASE) for name in names)
    return [match[0] for match in sorted(filter(None, matches), key=lambda match: (len(match[1]), match[1]))]


def finished(
    source: Source, builder: Builder, title: str | Callable[[], str], *, pictures: bool, numbers: bool = False
) -> Document:
    """The document of a builder, titled by `title` or its result.

    Raises:
        UnreadableDocument: there is no text; the message says what there is instead.

    """
    if not builder.parts:
        raise UnreadableDocument(ONLY_NUMBERS if numbers else ONLY_PICTURES if pictures else NO_TEXT)
    return builder.document(source.path, title if isinstance(title, str) else title())


def refuse_ole(data: bytes) -> None:
    """Raise if a file that should be a zip file is OLE: encrypted with a password, or of an old format."""
    if data.startswith(OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise UnreadableDocument(ENCRYPTED)
        raise UnreadableDocument("it is in an Office format from before 2007; save it in a newer one")
