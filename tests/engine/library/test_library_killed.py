"""A library is whole whenever its writer is killed, and whole to those who read meanwhile."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hybrid_search.engine.library.library import Library

ROOT = Path(__file__).resolve().parents[3]
posix = pytest.mark.skipif(not hasattr(os, "fork"), reason="SIGKILL and fork are POSIX")

# One interpreter that forks for every attempt: what is killed costs no start of Python.
# "at N": killed before its N-th SQL statement. "after S": killed S seconds after it began.
WORKER = """
import os, select, signal, sqlite3, sys
sys.path.insert(0, {root!r})
from tests.conftest import KeywordEncoder
from hybrid_search.engine.search import exact
from hybrid_search.engine.ingest import storing
from hybrid_search.engine.library.library import Library

exact.EXACT_LIMIT = 8
# The long file is stored block by block.
storing._PASSAGES_HELD = 8
connect = sqlite3.connect

def index(library, folder, at):
    left = [at]
    def tick(_statement):
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
    def counted(*arguments, **options):
        connection = connect(*arguments, **options)
        connection.set_trace_callback(tick)
        return connection
    sqlite3.connect = counted
    with Library.open(library, create=True) as opened:
        opened.index([folder], encoders=[KeywordEncoder(), KeywordEncoder("biased", bias=2.0)])

for line in sys.stdin:
    how, number, library, folder = line.rstrip("\\n").split("\\t")
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        try:
            index(library, folder, int(number) if how == "at" else 0)
            os._exit(0)
        except BaseException as error:
            print("failed", repr(error), flush=True)
            os._exit(1)
    os.close(writing)
    if how == "after":
        select.select([reading], [], [], float(number))
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    os.close(reading)
    print("ended" if os.WIFEXITED(status) else "killed", flush=True)
"""


@pytest.fixture
def attempt():
    """Index a folder in another process that is killed at some instant; returns whether it came to its end."""
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER.format(root=str(ROOT))], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )

    def run(how: str, number: float, library: Path, folder: Path) -> bool:
        worker.stdin.write(f"{how}\t{number}\t{library}\t{folder}\n")
        worker.stdin.flush()
        answer = worker.stdout.readline().strip()
        assert answer in ("killed", "ended"), answer
        return answer == "ended"

    yield run
    worker.stdin.close()
    worker.wait(timeout=30)


def paragraph(number: int) -> str:
    words = ("bread", "water", "moon", "tree", "fire", "house")
    return f"Note {number} tells of {words[number % 6]} and of {words[(number // 6) % 6]} in the village by the river."


def fill(folder: Path, files: range) -> Path:
    folder.mkdir(exist_ok=True)
    for number in files:
        # The last paragraph is the same everywhere: one text, many passages.
        parts = [f"# Part {part}\n\n{paragraph(3 * number + part)}" for part in range(3)]
        (folder / f"{number:02}.md").write_text("\n\n".join([*parts, "# End\n\nThe same words close every note."]))
    return folder


def contents(library: Library) -> Counter[tuple]:
    """Every passage with what is stored of it, and whether each encoder knows it."""
    reading = library._reading
    passages = reading.passages(library._searcher.roster().ids.tolist())
    return Counter((Path(p.path).name, p.ordinal, p.start, p.end, p.heading, p.text, p.language) for p in passages)


def vectors_by_text(library: Library, encoder) -> dict[str, bytes]:
    ids, vectors = library.vectors(encoder)
    return {library.passage(int(number)).text: row.tobytes() for number, row in zip(ids, vectors, strict=True)}


def assert_like_new(path: Path, folder: Path, fresh: Path, encoders, *, tolerance: float = 0.0) -> None:
    """A library holds exactly what one holds that was never disturbed; vectors may differ by a tolerance."""
    with Library.open(path) as library, Library.open(fresh, create=True) as other:
        # What is left out as repeated depends on when a folder was indexed; everything is kept here.
        other.index([folder], encoders=encoders, boilerplate=True)
        assert contents(library) == contents(other)
        assert library.check(repair=False).findings == ()
        assert library.status().as_dict()["encoders"][0]["missing"] == 0
        for encoder in encoders:
            found, expected = vectors_by_text(library, encoder), vectors_by_text(other, encoder)
            assert found.keys() == expected.keys()
            for text, vector in found.items():
                rows = (np.frombuffer(vector, np.float32), np.frombuffer(expected[text], np.float32))
                assert np.allclose(*rows, rtol=0, atol=tolerance), text
            assert library.pending(encoder) == 0
        words = [
            library.search("river bread", encoder="bm25", k=200),
            other.search("river bread", encoder="bm25", k=200),
        ]
        found = [sorted((round(hit.score, 9), hit.passage.text) for hit in ranking.hits) for ranking in words]
        assert found[0] == found[1]


@posix
def test_killed_at_any_statement_the_next_run_goes_on_and_nothing_is_lost_or_doubled(
    tmp_path, attempt, keyword_encoder, biased_encoder
):
    chance = random.Random(2)
    library, folder = tmp_path / "library", fill(tmp_path / "texts", range(12))
    (folder / "06 long.md").write_text("\n\n".join(f"# Chapter {n}\n\n{paragraph(n)}" for n in range(30)))
    killed = 0
    for turn in range(14):
        if turn == 5:
            (folder / "03.md").write_text("# Other\n\nNothing of the old note is left but water and fire.")
            (folder / "04.md").unlink()
            (folder / "06 long.md").write_text("\n\n".join(f"# Chapter {n}\n\n{paragraph(n)}" for n in range(9, 40)))
            (folder / "05.md").rename(folder / "renamed.md")
            fill(folder, range(12, 15))
        killed += not attempt("at", chance.choice((chance.randint(1, 60), chance.randint(60, 700))), library, folder)
    assert killed >= 4
    with Library.open(library, create=True) as opened:
        opened.index([folder], encoders=[keyword_encoder, biased_encoder])
    assert_like_new(library, folder, tmp_path / "fresh", [keyword_encoder, biased_encoder])


@posix
def test_killed_while_it_is_made_a_library_is_made_by_the_next_run(tmp_path, attempt):
    folder = tmp_path / "nothing"
    folder.mkdir()
    for statement in (8, 16, 18, 20, 26, 35, 52, 56, 60):
        library = tmp_path / f"library {statement}"
        attempt("at", statement, library, folder)
        with Library.open(library, create=True) as opened:
            assert opened.status().passages == 0


@posix
def test_killed_at_random_instants_the_next_run_goes_on(tmp_path, attempt, keyword_encoder, biased_encoder):
    chance = random.Random(3)
    library, folder = tmp_path / "library", fill(tmp_path / "texts", range(12))
    assert not attempt("after", 0.0, library, folder)
    for _ in range(12):
        attempt("after", chance.uniform(0.0, 0.25), library, folder)
    with Library.open(library, create=True) as opened:
        opened.index([folder], encoders=[keyword_encoder, biased_encoder])
    assert_like_new(library, folder, tmp_path / "fresh", [keyword_encoder, biased_encoder])


@posix
def test_what_was_encoded_before_a_kill_is_not_encoded_again(tmp_path, keyword_encoder_type, monkeypatch):
    class Died(BaseException):
        """Ends everything at once, as a kill does."""

    folder = fill(tmp_path / "texts", range(30))
    monkeypatch.setattr("hybrid_search.engine.ingest.encoding.BATCH", 16)
    monkeypatch.setattr("hybrid_search.engine.ingest.encoding._LARGEST", 16)
    batches = []

    def die_at_the_third() -> None:
        batches.append(1)
        if len(batches) == 3:
            raise Died

    with Library.open(tmp_path / "library", create=True) as library, pytest.raises(Died):
        library.index([folder], encoders=[keyword_encoder_type(before=die_at_the_third)], boilerplate=True)
    encoder = keyword_encoder_type()
    with Library.open(tmp_path / "library") as library:
        library.index([folder], encoders=[encoder], boilerplate=True)
        assert encoder.calls == 91 - 32
        assert library.pending(encoder) == 0


def test_a_reader_beside_a_writer_sees_whole_states_only(tmp_path, keyword_encoder, keyword_encoder_type, monkeypatch):
    monkeypatch.setattr("hybrid_search.engine.ingest.encoding.BATCH", 8)
    monkeypatch.setattr("hybrid_search.engine.ingest.encoding._LARGEST", 8)
    folder = fill(tmp_path / "texts", range(6))
    path = tmp_path / "library"
    with Library.open(path, create=True) as library:
        library.index([folder], encoders=[keyword_encoder])
    with Library.open(path, readonly=True) as reader:
        seen = []

        def look() -> None:
            ranking = reader.search("bread and water", encoder=keyword_encoder, k=500)
            ids, vectors = reader.vectors(keyword_encoder)
            assert len(ranking.hits) == len(ids) == len(vectors) <= sum(reader.languages().values())
            assert len({hit.passage.id for hit in ranking.hits}) == len(ranking.hits)
            assert all(np.isfinite(hit.score) for hit in ranking.hits)
            seen.append(len(ids))

        look()
        with Library.open(path) as writer:
            fill(folder, range(30))
            (folder / "00.md").unlink()
            writer.index([folder], encoders=[keyword_encoder_type(before=look)], boilerplate=True)
        look()
    assert seen == sorted(seen) and seen[-1] == 29 * 4 and len(set(seen)) > 3
