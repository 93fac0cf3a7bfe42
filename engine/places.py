"""Where a library on a distributed engine is: its address told apart from a folder's path."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from .errors import LibraryError

DEFAULT_NAME = "library"
# Any number of slashes: an address that went through a Path has lost one of its two.
_ADDRESS = re.compile(r"(https?|tcp|milvus):/+(?=[^/])", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z0-9_]{1,100}")


@dataclass(frozen=True)
class Place:
    """An engine's address and the name of one of the libraries on it.

    Attributes:
        uri: `http://host:19530` (https, tcp), or the path of a Milvus Lite file, which ends in `.db`.
        name: letters, digits and underscores.
    """

    uri: str
    name: str = DEFAULT_NAME

    def __str__(self) -> str:
        """As it is written on the command line."""
        return self.uri if self.name == DEFAULT_NAME else f"{self.uri}#{self.name}"

    @property
    def local(self) -> bool:
        """Whether the engine is a file on this machine, run inside this process."""
        return _ADDRESS.match(self.uri) is None

    @classmethod
    def parse(cls, text: str) -> Place:
        """The place that is meant by `http://host:19530`, `http://host:19530#name` or `file.db#name`.

        Raises:
            LibraryError: it is neither an address nor a `.db` file, or the name cannot be one.

        """
        uri, _, name = text.partition("#")
        found = _ADDRESS.match(uri)
        if found is not None:
            scheme = "http" if found[1].lower() == "milvus" else found[1].lower()
            uri = f"{scheme}://{uri[found.end() :].rstrip('/')}"
        elif not uri.endswith(".db"):
            raise LibraryError(
                f"{text!r} is no address of an engine.",
                hint="Milvus is at an address such as http://host:19530; Milvus Lite is a file that ends in .db.",
            )
        if name and not _NAME.fullmatch(name):
            raise LibraryError(
                f"{name!r} cannot be a library's name on an engine.", hint="Use letters, digits and underscores."
            )
        return cls(uri, name or DEFAULT_NAME)


def place_of(path: Path | str) -> Place | None:
    """The place on an engine that a library's path stands for; None where it is a folder's path."""
    text = str(path)
    if _ADDRESS.match(text):
        return Place.parse(text)
    file = Path(text.partition("#")[0])
    if file.suffix == ".db" and os.path.exists(file) and not os.path.exists(file / "library.db"):  # noqa: PTH110
        return Place.parse(text)
    return None
