"""Judgements: anchored to places in documents, kept when these are indexed anew, verified, safe from a kill."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from hybrid_search.engine.errors import LibraryError
from hybrid_search.engine.library.library import DATABASE, Library
from hybrid_search.engine.store.judgements import Judgement, Place, key_of, passage_of

BREAD = "".join(f"Bread number {n} needs flour and water. The dough rises for {n} hours. " for n in range(60))
MOON = "".join(f"The moon pulls the sea, and tide {n} is high when it is full. " for n in range(60))


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "bread.md").write_text(BREAD, "utf-8")
    (folder / "moon.md").write_text(MOON, "utf-8")
    return folder


@pytest.fixture
def library(tmp_path: Path, texts: Path, keyword_encoder) -> Path:
    path = tmp_path / "library"
    with Library.open(path, create=True) as opened:
        opened.index([texts], encoders=[keyword_encoder])
    return path


def passages(library: Library, name: str):
    found = [library.passage(number) for number in library._searcher.roster().ids.tolist()]
    return [each for each in found if each.path.endswith(name)]


def test_a_judgement_is_found_however_the_question_is_spaced_and_cased(library):
    with Library.open(library) as opened:
        first = passages(opened, "bread.md")[0]
        opened.judge("Why does bread  rise?", first.id, 2)
        assert opened.judged(" why does bread rise?\n") == {first.id: 2}
        assert opened.judged("why does the moon rise?") == {}
        assert opened.judgements()[0].language == "en"


def test_a_later_judgement_replaces_the_earlier_and_none_takes_it_back(library):
    with Library.open(library) as opened:
        first, second = passages(opened, "bread.md")[:2]
        opened.judge("bread?", first.id, 2)
        opened.judge("bread?", second.id, 1)
        opened.judge("bread?", first.id, 0)
        assert opened.judged("bread?") == {first.id: 0, second.id: 1}
        opened.judge("bread?", first.id, None)
        assert opened.judged("bread?") == {second.id: 1}


@pytest.mark.parametrize("change", ["appended", "begun anew", "renamed", "away and back"])
def test_judgements_outlive_indexing_anew(library, texts, keyword_encoder, change):
    with Library.open(library) as opened:
        judged = passages(opened, "bread.md")[1]
        opened.judge("bread?", judged.id, 2)
        file = texts / "bread.md"
        if change == "appended":
            file.write_text(BREAD + MOON, "utf-8")
        elif change == "begun anew":
            file.write_text("A line that was not there before. " + BREAD, "utf-8")
        elif change == "renamed":
            file.rename(texts / "loaf.md")
        else:
            opened.remove(texts)
            assert opened.judged("bread?") == {} and len(opened.judgements()) == 1
        opened.index([texts], encoders=[keyword_encoder])
        found = opened.judged("bread?")
        assert list(found.values()) == [2]
        now = opened.passage(next(iter(found)))
        shared = min(now.end, judged.end) - max(now.start, judged.start)
        assert shared > (judged.end - judged.start) / 3
        if change != "begun anew":
            assert now.text == judged.text
        assert opened.check().ok


def test_a_judgement_of_a_text_that_is_gone_is_for_no_passage_and_is_kept(library, texts, keyword_encoder):
    with Library.open(library) as opened:
        opened.judge("bread?", passages(opened, "bread.md")[-1].id, 2)
        (texts / "bread.md").write_text("Short.", "utf-8")
        opened.index([texts], encoders=[keyword_encoder])
        assert opened.judged("bread?") == {}
        assert opened.judgements()[0].text.startswith("Bread") or "dough" in opened.judgements()[0].text


def test_one_judges_while_another_process_has_the_writers_lock(library):
    with Library.open(library) as writer, Library.open(library) as judge, writer._lock.held():
        number = passages(judge, "moon.md")[0].id
        judge.judge("moon?", number, 2)
        assert writer.judged("moon?") == {number: 2}


@pytest.mark.parametrize(("grade", "question"), [(3, "bread?"), (-1, "bread?"), (2, "  ")])
def test_what_is_no_judgement_is_refused_in_words(library, grade, question):
    with Library.open(library) as opened, pytest.raises(LibraryError) as caught:
        opened.judge(question, passages(opened, "bread.md")[0].id, grade)
    assert caught.value.message.startswith("There is no")


def test_a_library_that_is_only_read_takes_none(library):
    with Library.open(library, readonly=True) as opened, pytest.raises(LibraryError, match="reading only"):
        opened.judge("bread?", passages(opened, "bread.md")[0].id, 2)


def test_a_library_made_before_there_were_judgements_is_read_without_and_gets_them_when_opened_to_write(library):
    raw = sqlite3.connect(library / DATABASE)
    raw.execute("DROP TABLE judgements")
    raw.execute("DELETE FROM _sqlite_migrations WHERE name = 'm004_judgements'")
    raw.commit()
    raw.close()
    with Library.open(library, readonly=True) as opened:
        assert opened.judged("bread?") == {} and opened.judgements() == []
        assert opened.search("bread", encoder="bm25").hits
        assert opened.check(repair=False).ok
    with Library.open(library) as opened:
        number = passages(opened, "bread.md")[0].id
        opened.judge("bread?", number, 2)
        assert opened.judged("bread?") == {number: 2}
        assert opened.check().ok


@pytest.mark.parametrize("column", ["key", "query", "language", "path", "start", '"end"', "text", "grade", "made"])
def test_check_mends_a_flipped_bit_in_any_value_of_a_judgement(library, column):
    with Library.open(library) as opened:
        number = passages(opened, "bread.md")[0].id
        opened.judge("bread?", number, 2)
        before = opened.judgements()
    raw = sqlite3.connect(library / DATABASE)
    (value,) = raw.execute(f"SELECT {column} FROM judgements").fetchone()
    other = value ^ 4 if isinstance(value, int) else chr(ord(value[0]) ^ 1) + value[1:]
    raw.execute(f"UPDATE judgements SET {column} = ?", (other,))
    raw.commit()
    raw.close()
    with Library.open(library) as opened:
        report = opened.check()
        assert report.ok and [each.problem for each in report.findings] == ["1 judgement had a flipped bit"]
        assert opened.judgements() == before and opened.judged("bread?") == {number: 2}
        assert not opened.check().findings


def test_check_takes_out_a_judgement_that_cannot_be_mended_and_says_so(library):
    with Library.open(library) as opened:
        one, other = (passages(opened, name)[0].id for name in ("bread.md", "moon.md"))
        opened.judge("bread?", one, 2)
        opened.judge("moon?", other, 2)
    raw = sqlite3.connect(library / DATABASE)
    raw.execute("UPDATE judgements SET query = x'ff00', grade = 77 WHERE key = 'bread?'")
    raw.commit()
    raw.close()
    with Library.open(library) as opened:
        looked = opened.check(repair=False)
        assert not looked.ok and "1 judgement" in looked.findings[0].problem
        assert "judge again" in opened.check().findings[0].problem
        assert [each.query for each in opened.judgements()] == ["moon?"]
        assert not opened.check().findings


KILLED = """
import sys
from hybrid_search.engine.library.library import Library
with Library.open(sys.argv[1]) as library:
    ids = library._searcher.roster().ids.tolist()
    for turn in range(100000):
        library.judge(f"question {turn}?", ids[turn % len(ids)], turn % 3)
        print(turn, flush=True)
"""


def test_killed_while_judging_everything_that_was_said_is_kept(library):
    command = [sys.executable, "-c", KILLED, str(library)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) as child:
        said = [int(child.stdout.readline()) for _ in range(25)]
        child.send_signal(signal.SIGKILL)
        said += [int(line) for line in child.stdout.read().split("\n")[:-1] if line]
    with Library.open(library) as opened:
        kept = {each.query: each.grade for each in opened.judgements()}
        assert all(kept[f"question {turn}?"] == turn % 3 for turn in said)
        assert len(kept) <= len(said) + 1
        assert opened.check().ok


def test_the_nearest_of_equal_texts_is_the_one_that_was_judged():
    judged = Judgement(1, "q", "en", "/a", "", 100, 110, "same words", 2, "")
    places = [Place(number, "/a", "", start, start + 10, "same words") for number, start in ((1, 0), (2, 95), (3, 300))]
    assert passage_of(judged, places) == 2
    assert passage_of(judged, [Place(9, "/a", "", 104, 140, "other words, other words, other word")]) == 9
    assert passage_of(judged, [Place(9, "/a", "", 106, 140, "other words, other words, other wo")]) is None
    assert key_of("  Ä  b ") == key_of("ä B")
