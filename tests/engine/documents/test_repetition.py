"""One thing many times over is read in a time that grows with its length, and no faster."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

import pytest
from hybrid_search.engine.documents import read
from hybrid_search.engine.errors import UnreadableDocument

LENGTH = 400_000


@pytest.mark.parametrize(
    ("suffix", "unit"),
    [
        (".tex", "\n"),
        (".tex", " \n"),
        (".csv", "a@"),
        (".csv", "a.b@"),
        (".csv", "a,"),
        (".csv", "name,name (2),"),
        (".tsv", "\t"),
        (".jsonl", "a\n"),
        (".jsonl", "]\n"),
    ],
)
def test_it_takes_no_time(tmp_path: Path, suffix: str, unit: str) -> None:
    path = tmp_path / f"many{suffix}"
    path.write_text(f"word {unit * (LENGTH // len(unit))}x", "utf-8")
    _is_read_soon(path)


def test_a_table_as_wide_as_it_is_long_takes_no_time(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text("text" + ",a" * (LENGTH // 4) + "\n" + "some words\n" * (LENGTH // 20), "utf-8")
    _is_read_soon(path)


def _is_read_soon(path: Path) -> None:
    start = time.process_time()
    with suppress(UnreadableDocument):
        assert all(document.text for document in read(path))
    # Where each looked at all the others, it would be minutes.
    assert time.process_time() - start < 10
