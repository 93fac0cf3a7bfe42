"""Defines the tables of a library, as numbered migrations, applied once, in order, and never edited after a release."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import LibraryError
from .connection import Connection
from .failing import saying
from .own_files import require_database

if TYPE_CHECKING:
    from sqlite_utils import Database

SET = "hybrid-search"

# Texts and vectors are stored once, however many passages share them. Row ids of texts and passages are never reused
# (AUTOINCREMENT), because index files and running programs refer to them. `files.mtime_ns` is a stamp made of more than
# the modification time; libraries of version 0.1 have only that time.
_TABLES = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE folders (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE);
CREATE TABLE files (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    digest BLOB NOT NULL,
    text_column TEXT NOT NULL
);
CREATE TABLE failures (path TEXT PRIMARY KEY, reason TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    file_id INTEGER NOT NULL REFERENCES files (id),
    part TEXT NOT NULL,
    title TEXT NOT NULL,
    digest BLOB NOT NULL
);
CREATE INDEX documents_of_file ON documents (file_id);
CREATE TABLE texts (id INTEGER PRIMARY KEY AUTOINCREMENT, digest BLOB NOT NULL UNIQUE, text TEXT NOT NULL);
CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id INTEGER NOT NULL REFERENCES documents (id),
    ordinal INTEGER NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    heading TEXT NOT NULL,
    text_id INTEGER NOT NULL REFERENCES texts (id),
    language TEXT NOT NULL,
    confidence REAL NOT NULL
);
CREATE UNIQUE INDEX passages_in_order ON passages (document_id, ordinal);
CREATE INDEX passages_of_text ON passages (text_id);
CREATE INDEX passages_by_language ON passages (language);
CREATE TABLE encoders (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    fingerprint TEXT NOT NULL UNIQUE,
    dimension INTEGER NOT NULL,
    revision INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE vectors (
    id INTEGER PRIMARY KEY,
    encoder_id INTEGER NOT NULL REFERENCES encoders (id),
    text_id INTEGER NOT NULL REFERENCES texts (id),
    vector BLOB NOT NULL
);
CREATE UNIQUE INDEX vectors_by_text ON vectors (encoder_id, text_id);
CREATE INDEX vectors_of_text ON vectors (text_id);
CREATE TABLE indexes (
    encoder_id INTEGER PRIMARY KEY REFERENCES encoders (id),
    file TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    rows INTEGER NOT NULL,
    dimension INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    revision INTEGER NOT NULL
);
CREATE VIRTUAL TABLE words USING fts5(tokens, content='', tokenize='ascii');
INSERT INTO facts (name, value) VALUES ('revision', '0');
"""


def m001_tables(database: Database) -> None:
    """The tables of the first version."""
    for statement in _TABLES.split(";\n"):
        if statement.strip():
            database.execute(statement)


def m002_sums(database: Database) -> None:
    """Checksums, and a MAC for index files; an empty library also gets strict column types.

    Tables with content only get columns, which takes no time and rewrites nothing. `Mending.seal` adds the checksums of
    their content.
    """
    empty = not any(database.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0] for table in _HELD)
    strict = empty and sqlite3.sqlite_version_info >= _STRICT_SINCE
    if strict:
        begun = [each.strip() for each in _TABLES.split(";\n") if each.strip()]
        facts = database.execute("SELECT name, value FROM facts").fetchall()
        for table in reversed(_ORDINARY):
            database.execute(f"DROP TABLE {table}")
        for statement in begun:
            if statement.startswith("CREATE TABLE"):
                database.execute(statement + (", STRICT" if statement.endswith("ROWID") else " STRICT"))
            elif "VIRTUAL" not in statement:
                database.execute(statement)
        for fact in facts:
            database.execute("INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)", fact)
    for table in ("files", "documents", "passages", "vectors", "encoders"):
        database.execute(f"ALTER TABLE {table} ADD COLUMN sum INTEGER")
    database.execute("ALTER TABLE indexes ADD COLUMN mac TEXT NOT NULL DEFAULT ''")
    if empty:
        database.execute(f"INSERT INTO facts (name, value) VALUES ('{SEALED}', 'yes')")


def m003_short_vectors(database: Database) -> None:
    """From now on vectors are stored in half the space; a program that does not know this form must not read them."""


def m004_judgements(database: Database) -> None:
    """Judgements, each anchored to a place in a document; `key` is the question's normal form."""
    database.execute(
        """
        CREATE TABLE judgements (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            key TEXT NOT NULL,
            query TEXT NOT NULL,
            language TEXT NOT NULL,
            path TEXT NOT NULL,
            part TEXT NOT NULL,
            start INTEGER NOT NULL,
            "end" INTEGER NOT NULL,
            text TEXT NOT NULL,
            grade INTEGER NOT NULL,
            made TEXT NOT NULL,
            sum INTEGER
        )
        """
    )
    database.execute("CREATE INDEX judgements_of_query ON judgements (key)")


# The name of the fact that all stored data has checksums.
SEALED = "sealed"
_STRICT_SINCE = (3, 37)
_HELD = ("folders", "files", "failures", "documents", "texts", "passages", "encoders", "vectors", "indexes")
_ORDINARY = ("facts", *_HELD)
# The signs of computed definitions: generated columns, conditions, partial indexes, defaults in brackets.
_COMPUTED = re.compile(r"\b(AS|CHECK|WHERE|GENERATED)\b|\bDEFAULT\s*\(", re.IGNORECASE)
WORDS = "CREATE VIRTUAL TABLE words USING fts5(tokens, content='', tokenize='ascii')"

MIGRATIONS = (m001_tables, m002_sums, m003_short_vectors, m004_judgements)
# Migrations that reading does not need, so that an older library can be read without writing to it.
_FOR_WRITERS = {"m002_sums", "m003_short_vectors", "m004_judgements"}


def migrate(path: Path) -> None:
    """Create or update a database; only one process may do this at a time.

    Raises:
        LibraryError: the file is not a library, is damaged, or cannot be written.

    """
    from sqlite_utils import Database, Migrations

    steps: Any = Migrations(SET)
    for step in MIGRATIONS:
        steps()(step)
    require_database(path)
    with saying(path):
        raw = sqlite3.connect(path, timeout=10)
        try:
            if not raw.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0]:
                # A vector of 384 numbers takes 1.5 kB: a page of 16 kB holds ten of them, the default page two.
                raw.execute("PRAGMA page_size=16384")
            raw.execute("PRAGMA journal_mode=WAL")
            steps.apply(Database(raw))
            raw.commit()
        finally:
            raw.close()


def is_empty(connection: Connection) -> bool:
    """Whether the database has no table of a library, because it was not completed or its file was emptied."""
    return not connection.value("SELECT COUNT(*) FROM sqlite_master WHERE name <> '_sqlite_migrations'")


def is_current(connection: Connection) -> bool:
    """Whether every migration was applied.

    Raises:
        LibraryError: the database is not a library, has content that no library has, or is of a newer version.

    """
    return not _missing(connection)


def is_readable(connection: Connection) -> bool:
    """Whether a database that is not current lacks only migrations that readers do not need; raises as `is_current`."""
    missing = _missing(connection)
    return bool(missing) and missing <= _FOR_WRITERS


def _missing(connection: Connection) -> set[str]:
    """The migrations that were not applied."""
    known = {step.__name__ for step in MIGRATIONS}
    tables = {name for (name,) in connection.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables:
        return known
    applied: set[str] = set()
    if "_sqlite_migrations" in tables:
        rows = connection.rows("SELECT name FROM _sqlite_migrations WHERE migration_set = ?", (SET,))
        applied = {name for (name,) in rows}
    if applied - known:
        raise LibraryError(
            f"{connection.path} was made by a newer version of hybrid-search.",
            hint="Update the program, then try again.",
        )
    if not applied and tables - {"_sqlite_migrations"}:
        raise LibraryError(
            f"{connection.path} is a database, but not a library of hybrid-search. It has not been changed.",
            hint="Name another place with --library.",
        )
    _refuse_what_runs(connection)
    return known - applied


def _refuse_what_runs(connection: Connection) -> None:
    """Refuse views, triggers, other virtual tables and expressions, which would run untrusted code."""
    for kind, name, statement in connection.rows("SELECT type, name, sql FROM sqlite_master"):
        text = str(statement)
        virtual = text.lstrip().upper().startswith("CREATE VIRTUAL")
        computed = _COMPUTED.search(text) or (kind == "index" and text.count("(") > 1)
        if (kind not in ("table", "index") or virtual or computed) and text != WORDS:
            raise LibraryError(
                f"{connection.path} holds {name!r}, which no library contains, so it is not read. It has not been "
                f"changed.",
                hint="Restore it from a copy, or index the folders into another library.",
            )
