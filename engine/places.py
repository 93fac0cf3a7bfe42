"""Parses the address of a library on an engine, and tells it from a folder's path."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from .errors import LibraryError

DEFAULT_NAME = "library"
# Any number of slashes: a Path drops one of an address's two.
_ADDRESS = re.compile(r"\A(https?|tcp|milvus|postgres(?:ql)?):/+(?=[^/])", re.IGNORECASE)
# Up to the last @: a password may contain any character, even one that would end the address.
_SECRET = re.compile(r"(?<=[A-Za-z]{2}:/)(/*).*@")
_NAME = re.compile(r"[A-Za-z0-9_]{1,100}")


@dataclass(frozen=True)
class Place:
    """An engine's address and the name of one of the libraries on it.

    Attributes:
        uri: `http://host:19530` (https, tcp), `postgresql://host:5432/database`, or the path of a Milvus Lite file,
            which ends in `.db`; it holds no password.
        name: letters, digits and underscores.
        token: `user:password` or a key from the address; it is never shown.
    """

    uri: str
    name: str = DEFAULT_NAME
    token: str = field(default="", repr=False)

    def __str__(self) -> str:
        """The address for the command line, without the password."""
        return self.uri if self.name == DEFAULT_NAME else f"{self.uri}#{self.name}"

    @property
    def local(self) -> bool:
        """Whether the engine is a file on this machine, run inside this process."""
        return _ADDRESS.match(self.uri) is None

    @property
    def postgres(self) -> bool:
        """Whether the engine is PostgreSQL."""
        return self.uri.startswith("postgresql://")

    @classmethod
    def parse(cls, text: str) -> Place:
        """Parse `http://host:19530`, `http://user:password@host:19530#name` or `file.db#name`.

        Raises:
            LibraryError: it is neither an address nor a `.db` file, or the name is not valid.

        """
        found = _ADDRESS.match(text)
        if found is None:
            uri, _, name = text.partition("#")
            token = ""
            if not uri.endswith(".db"):
                raise _no_address(text)
        else:
            scheme = {"milvus": "http", "postgres": "postgresql"}.get(found[1].lower(), found[1].lower())
            secret, _, rest = text[found.end() :].rpartition("@")
            rest, _, name = rest.partition("#")
            uri, token = f"{scheme}://{rest.rstrip('/')}", unquote(secret)
            if not _has_host(uri):
                raise _no_address(text)
        if name and not _NAME.fullmatch(name):
            raise LibraryError(
                f"{name!r} cannot be a library's name on an engine.", hint="Use letters, digits and underscores."
            )
        return cls(uri, name or DEFAULT_NAME, token)


def _has_host(uri: str) -> bool:
    """Whether an address has a host, and a valid port if it has one."""
    try:
        parts = urlsplit(uri)
        return bool(parts.hostname) and parts.port != 0 and not re.search(r"\s", uri)
    except ValueError:
        return False


def _no_address(text: str) -> LibraryError:
    return LibraryError(
        f"{shown(text)!r} is not the address of an engine.",
        hint="Milvus is at an address such as http://host:19530, PostgreSQL at one such as "
        "postgresql://user@host/database; Milvus Lite is a file that ends in .db.",
    )


def shown(path: Path | str) -> str:
    """A library's path or address for people, without a password."""
    return _ADDRESS.sub(r"\1://", _SECRET.sub(r"\1", str(path)))


def place_of(path: Path | str) -> Place | None:
    """The place on an engine that a library's path means; None for a folder's path.

    Raises:
        LibraryError: it looks like an address but is not valid.

    """
    text = str(path)
    if _ADDRESS.match(text):
        return Place.parse(text)
    file = Path(text.partition("#")[0])
    if file.suffix == ".db" and os.path.exists(file) and not os.path.exists(file / "library.db"):  # noqa: PTH110
        return Place.parse(text)
    return None


def absolute(text: str) -> str:
    """A library's path made absolute, so that it is valid in any folder; an address is unchanged."""
    # Unlike `Path.expanduser`, this raises nothing for a home that is not there.
    return text if _ADDRESS.match(text) else str(Path(os.path.expanduser(text)).absolute())  # noqa: PTH111
