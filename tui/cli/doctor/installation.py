"""Checks Python, the required packages and the extras."""

from __future__ import annotations

import re
import sqlite3
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec

from .finding import Finding, pip_install

TOPIC = "installation"
PROGRAM = "hybrid-search"
# Extras that a command needs: the command, and the module to check for.
EXTRAS = {
    "mcp": ("`hybrid-search mcp`", "mcp"),
    "remote": ("`hybrid-search push` and libraries on an engine", "pymilvus"),
}
# A package that pip compiles; the program works without it, less well.
_SPARE = "hnswlib"
_OLDEST_PYTHON = (3, 11)


def examine() -> Iterator[Finding]:
    """Check Python, the required packages, SQLite's full-text search, and the extras."""
    yield _python()
    yield _packages()
    yield _index()
    yield _sqlite()
    for extra, (serves, module) in EXTRAS.items():
        if find_spec(module) is None:
            yield Finding(
                TOPIC, extra, "note", f"{serves} needs the extra {extra!r}.", pip_install(f"'hybrid-search[{extra}]'")
            )
        else:
            yield Finding(TOPIC, extra, "ok", f"{serves} can be used.")


def _python() -> Finding:
    here = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < _OLDEST_PYTHON:
        wanted = ".".join(map(str, _OLDEST_PYTHON))
        return Finding(TOPIC, "Python", "wrong", f"Python {here} is too old.", f"Install Python {wanted} or later.")
    return Finding(TOPIC, "Python", "ok", f"Python {here}.")


def _packages() -> Finding:
    try:
        own = version(PROGRAM)
        needed = [each for each in requires(PROGRAM) or () if "extra ==" not in each]
    except PackageNotFoundError:
        return Finding(TOPIC, "packages", "note", "The program runs from its source, without an installation.",
                       pip_install("-e ."))  # fmt: skip
    missing = [name for name in map(_name, filter(_here, needed)) if name != _SPARE and not _is_there(name)]
    if missing:
        listed = " ".join(missing)
        return Finding(TOPIC, "packages", "wrong", f"Packages are missing: {', '.join(missing)}.", pip_install(listed))
    return Finding(TOPIC, "packages", "ok", f"{PROGRAM} {own} with all that it needs.")


def _name(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    return found[0] if found else requirement


def _here(requirement: str) -> bool:
    """Whether a requirement applies to this system: the only markers used here exclude Linux."""
    return "sys_platform != 'linux'" not in requirement.replace('"', "'") or sys.platform != "linux"


def _is_there(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True


def _index() -> Finding:
    if find_spec(_SPARE) is not None:
        return Finding(TOPIC, _SPARE, "ok", "Large libraries are searched through an approximate index.")
    return Finding(
        TOPIC,
        _SPARE,
        "note",
        "hnswlib is not installed: every search compares every vector, which is slow above 50,000 passages.",
        pip_install(_SPARE),
    )


def _sqlite() -> Finding:
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("CREATE VIRTUAL TABLE words USING fts5(tokens)")
    except sqlite3.Error as error:
        return Finding(TOPIC, "SQLite", "wrong", f"SQLite {sqlite3.sqlite_version} has no full-text search: {error}.",
                       "Use a Python whose SQLite has FTS5, such as one from python.org.")  # fmt: skip
    finally:
        connection.close()
    return Finding(TOPIC, "SQLite", "ok", f"SQLite {sqlite3.sqlite_version} with full-text search.")
