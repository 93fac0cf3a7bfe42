"""Damaged or exchanged files of a library: only error messages, and no wrong answer if a check finds no damage."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

from hybrid_search.engine.errors import HybridSearchError
from hybrid_search.engine.library.library import DATABASE, Library
from hybrid_search.engine.search import exact

from tests.conftest import KeywordEncoder

from ..mutating import mutated, odd_value
from ..running import Attempt, Wrong, outside

_QUERIES = ("bread and water", "Mond", "village tree")
_SIDECARS = ("-wal", "-shm", "-journal")


def prepare(folder: Path) -> tuple[Attempt, tuple[type[BaseException], ...]]:
    """A small library with two encoders and their index files, mutated, then opened, asked, checked and indexed."""
    exact.EXACT_LIMIT = 8
    encoders = [KeywordEncoder(), KeywordEncoder("biased", bias=2.0)]
    texts = written(folder / "texts")
    whole = folder / "library"
    with Library.open(whole, create=True) as library:
        library.index([texts], encoders=encoders)
        right = _answers(library, encoders)
        # Copied while the library is open, so that a log is beside the database.
        library.forget_encoder("nobody")
        shutil.copytree(whole, folder / "open")
    shutil.copyfile(whole / DATABASE, outside(folder) / "theirs.db")
    for name in _SIDECARS:
        (folder / "open" / f"{DATABASE}{name}").unlink(missing_ok=True) if name == "-shm" else None

    def attempt(chance: Random, place: Path) -> None:
        # For the random order in which index files are compared; the library itself draws nothing.
        random.seed(chance.random())
        path = place / "library"
        shutil.copytree(folder / chance.choice(("library", "library", "open")), path)
        _damage(path, chance, [outside(place) / "theirs.db"])
        _use(path, chance, encoders, right, texts)

    return attempt, (HybridSearchError,)


def _use(path: Path, chance: Random, encoders: list[KeywordEncoder], right: dict[str, Any], texts: Path) -> None:
    steps = ["search", "check", "status"]
    chance.shuffle(steps)
    readonly = chance.random() < 0.5
    in_order: bool | None = None
    found: dict[str, Any] = {}
    with Library.open(path, readonly=readonly) as library:
        for step in steps:
            try:
                if step == "search":
                    found = _answers(library, encoders)
                elif step == "check":
                    in_order = not library.check(repair=False).findings
                else:
                    library.status().as_dict()
            except HybridSearchError:
                in_order = in_order and step == "status"
        if in_order and found and found != right and not library.notices:
            raise Wrong(f"answers: in order, and {_difference(found, right)}")
    if chance.random() < 0.5:
        return
    with Library.open(path) as library:
        mended = library.check().ok and not library.check(repair=False).findings
        library.index([texts], encoders=encoders)
        if mended and (found := _answers(library, encoders)) != right:
            raise Wrong(f"answers after mending: {_difference(found, right)}")


def _answers(library: Library, encoders: list[KeywordEncoder]) -> dict[str, Any]:
    """The results of a few questions, without the ids of passages."""
    found = {}
    for query in _QUERIES:
        for encoder in (*encoders, "bm25"):
            hits = library.search(query, encoder=encoder, k=50).hits
            name = encoder if isinstance(encoder, str) else encoder.name
            found[f"{name}: {query}"] = sorted(
                (round(hit.score, 4), Path(hit.passage.path).name, hit.passage.start, hit.passage.end, hit.passage.text,
                 hit.passage.title, hit.passage.heading, hit.passage.language)
                for hit in hits
            )  # fmt: skip
    found["languages"] = library.languages()
    library.compare(_QUERIES[0], encoders=[*encoders, "bm25"], k=5)
    return found


def _difference(found: dict[str, Any], right: dict[str, Any]) -> str:
    for name, value in right.items():
        if found[name] != value:
            if isinstance(value, dict):
                return f"{name}: {found[name]} instead of {value}"
            others = (
                [each for each in found[name] if each not in value],
                [each for each in value if each not in found[name]],
            )
            return f"{name}: {others[0][:1]} instead of {others[1][:1]}"
    return "nothing"


def _damage(path: Path, chance: Random, strangers: list[Path]) -> None:
    how = chance.randrange(10)
    if how < 5:
        _change_row(path / DATABASE, chance)
    elif how < 8:
        _change_file(chance.choice(_files(path)), chance)
    else:
        _exchange(chance.choice(_files(path)), chance, strangers)
    if chance.random() < 0.2:
        odd = path / chance.choice(
            ("vectors/1-1.hnsw", "vectors/99-1.hnsw", "vectors/x.hnsw", "library.db-journal", "vectors/a b")
        )
        # Follows no link that an earlier change made.
        if odd.parent.is_dir() and not odd.parent.is_symlink() and not os.path.lexists(odd):
            odd.write_bytes(chance.randbytes(chance.choice((0, 10, 5000))))


def _files(path: Path) -> list[Path]:
    return sorted(each for each in path.rglob("*") if each.is_file())


def _change_file(file: Path, chance: Random) -> None:
    data = file.read_bytes()
    if chance.random() < 0.4:
        size = chance.choice((512, 1024, 4096, 16384))
        pages = [data[at : at + size] for at in range(0, len(data), size)]
        one, other = chance.randrange(len(pages) or 1), chance.randrange(len(pages) or 1)
        if pages:
            pages[one], pages[other] = pages[other], pages[one]
        file.write_bytes(b"".join(pages))
        return
    file.write_bytes(mutated(data, chance))


def _exchange(file: Path, chance: Random, strangers: list[Path]) -> None:
    """Replace a file with something else."""
    file.unlink()
    how = chance.randrange(8)
    if how == 0:
        file.mkdir()
    elif how == 1:
        os.mkfifo(file)
    elif how == 2:
        file.symlink_to(chance.choice((*map(str, sorted(strangers[0].parent.iterdir())), str(file), "/nowhere/at/all")))
    elif how == 3:
        file.symlink_to(chance.choice(strangers))
    elif how == 4:
        file.write_bytes(chance.randbytes(chance.choice((0, 1, 100, 100_000))))
    elif how == 5:
        file.write_bytes(b"SQLite format 3\x00" + chance.randbytes(5000))
    elif how == 6:
        with closing(sqlite3.connect(file)) as other:
            other.execute("CREATE TABLE texts (id, text)")
    elif file.parent.name == "vectors" and chance.random() < 0.5:
        shutil.rmtree(file.parent)
        file.parent.symlink_to(strangers[0].parent)


def _change_row(database: Path, chance: Random) -> None:
    """Make one value of one row odd, or drop a part of the schema."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        tables = [
            row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        ]
        table = chance.choice([name for name in tables if not name.startswith("sqlite_stat")])
        try:
            if chance.random() < 0.1:
                kind, name = chance.choice(
                    connection.execute(
                        "SELECT type, name FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"
                    ).fetchall()
                )
                connection.execute(f'DROP {kind} "{name}"')
                return
            columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
            column = chance.choice(columns)
            rows = connection.execute(f'SELECT COUNT(*) FROM "{table}"').fetchone()[0]
            offset = chance.randrange(rows or 1)
            keyed = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")') if row[5]] or ["rowid"]
            old = connection.execute(
                f'SELECT "{keyed[0]}", "{column}" FROM "{table}" LIMIT 1 OFFSET {offset}'
            ).fetchone()
            if old is None:
                return
            connection.execute(
                f'UPDATE "{table}" SET "{column}" = ? WHERE "{keyed[0]}" = ?', (_other(old[1], chance), old[0])
            )
        except (sqlite3.Error, OverflowError, UnicodeError):
            # The table itself refuses the value.
            return


def _other(old: object, chance: Random) -> Any:
    how = chance.randrange(4)
    if how == 0 and isinstance(old, int):
        return old + chance.choice((-1, 1, 1000, -(10**6)))
    if how < 3 and isinstance(old, bytes):
        return mutated(old, chance)
    if how < 3 and isinstance(old, str):
        return mutated(old.encode(), chance).decode("utf-8", "replace")
    value = odd_value(chance, depth=3)
    if isinstance(value, (list, dict)):
        value = chance.randbytes(8)
    return value


def written(folder: Path) -> Path:
    folder.mkdir()
    texts = {
        "en": "The bread is in the house. Water runs by the tree.",
        "de": "Das Brot ist im Haus. Wasser fließt am Baum. Der Mond scheint.",
        "ru": "Хлеб в доме. Вода у дерева. Луна и огонь.",
        "ja": "パンは家にある。水は木のそばを流れる。月が出る。",
    }
    for code, text in texts.items():
        (folder / code).mkdir()
        for number in range(3):
            parts = "\n\n".join(f"# Part {part}\n\n{text} {number * 3 + part}" for part in range(2))
            (folder / code / f"{number}.md").write_text(f"{parts}\n\n# End\n\nThe same words close every village note.")
    return folder
