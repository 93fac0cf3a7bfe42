"""Compares the schema of a library's database with the one that the program creates, to find damage in it."""

from __future__ import annotations

from ..connection import Connection
from ..schema import MIGRATIONS, is_current, m001_tables


def unlike_made(connection: Connection) -> list[str]:
    """The names of the tables and indexes whose definitions differ from a library's, or which are missing."""
    statement = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"
    found = [row for block in connection.raw_blocks(statement) for row in block]
    there = {bytes(name).decode("utf-8", "replace"): bytes(sql).decode("utf-8", "replace") for name, sql in found}
    every = len(MIGRATIONS)
    # A database that is only read may lack the last migrations.
    steps = (every,) if is_current(connection) else range(1, every)
    made = [_made(full=full, steps=number) for number in steps for full in (False, True)]
    return min(([name for name, sql in each.items() if there.get(name) != sql] for each in made), key=len)


def _made(*, full: bool, steps: int) -> dict[str, str]:
    """The definitions of a library's tables and indexes; `full`: of one that was not empty when it was migrated."""
    from sqlite_utils import Database

    database = Database(memory=True)
    m001_tables(database)
    if full:
        database.execute("INSERT INTO folders (path) VALUES ('')")
    for step in MIGRATIONS[1:steps]:
        step(database)
    rows = database.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    database.conn.close()
    return dict(rows)
