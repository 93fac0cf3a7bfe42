"""Judgements as files: whoever reads them afterwards finds what was judged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hybrid_search.engine.errors import DataError
from hybrid_search.engine.library.library import Library
from hybrid_search.train.benchmarks import load
from hybrid_search.train.data.formats.readers import read
from hybrid_search.train.judged import judging_progress, write_judgements
from hybrid_search.train.measure.questions import read_queries

from tests.tui.conftest import write_texts


@pytest.fixture
def library(tmp_path: Path, keyword_encoder):
    with Library.open(tmp_path / "library", create=True) as opened:
        opened.index([write_texts(tmp_path / "texts")], encoders=[keyword_encoder])
        yield opened


def of(library: Library, path: str) -> int:
    hits = library.search(path.split("/")[1], encoder="bm25", k=50).hits
    numbers = [hit.passage.id for hit in hits] or library._searcher.roster().ids.tolist()
    every = library.passages([*numbers, *library._searcher.roster().ids.tolist()])
    return next(each.id for each in every if each.path.endswith(f"{path}.md"))


@pytest.fixture
def judged(library) -> Library:
    library.judge("Why does bread rise?", of(library, "de/bread"), 2)
    library.judge("Why does bread rise?", of(library, "ja/bread"), 1)
    library.judge("Why does bread rise?", of(library, "en/moon"), 0)
    library.judge("なぜ月は光る？", of(library, "en/moon"), 2, query_language="ja")
    library.judge("Nothing answers this", of(library, "en/tree"), 0)
    return library


def test_qrels_are_read_as_a_benchmark(judged, tmp_path):
    done = write_judgements(judged, "qrels", tmp_path / "out")
    assert done.questions == 3
    found = load(str(tmp_path / "out"))
    asked = [query.text for query in found.queries]
    assert "なぜ月は光る？" in asked and len(found.pool) == 4
    row = asked.index("Why does bread rise?")
    texts = [found.pool[place].text[:4] for place in found.relevant[row]]
    assert len(texts) == 2 and any("Brot" in text for text in texts) and any("パン" in text for text in texts)
    corpus = [json.loads(line) for line in (tmp_path / "out" / "corpus.jsonl").read_text("utf-8").splitlines()]
    assert {row["language"] for row in corpus} == {"de", "ja", "en"}


def test_evaluation_questions_are_read_with_the_paths_that_answer(judged, tmp_path):
    write_judgements(judged, "evaluation", tmp_path / "asked.jsonl")
    asked = {each.text: each.relevant for each in read_queries(tmp_path / "asked.jsonl")}
    assert [path.rsplit("/", 2)[1] for path in asked["Why does bread rise?"]] == ["de", "ja"]
    assert asked["Nothing answers this"] == ()


def test_pairs_are_read_by_training_with_their_languages_and_a_wrong_one_as_negative(judged, tmp_path):
    done = write_judgements(judged, "pairs", tmp_path / "pairs.jsonl")
    reported: list[str] = []
    examples = list(read(str(tmp_path / "pairs.jsonl"), reported.append))
    assert not reported and done.questions == 2 and "1 question" in done.words
    bread = next(each for each in examples if "en" in each.question)
    assert list(bread.passage) == ["de"] and bread.negative["en"].startswith("The moon")
    moon = next(each for each in examples if "ja" in each.question)
    assert list(moon.passage) == ["en"] and not moon.negative


def test_what_is_judged_of_a_document_that_is_gone_is_exported_all_the_same(judged, tmp_path):
    judged.remove(tmp_path / "texts")
    write_judgements(judged, "pairs", tmp_path / "pairs.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "pairs.jsonl").read_text("utf-8").splitlines()]
    assert [list(row["passage"]) for row in rows] == [["de"], ["en"]]


@pytest.mark.parametrize("form", ["qrels", "evaluation", "pairs"])
def test_without_judgements_the_key_is_named(library, tmp_path, form):
    with pytest.raises(DataError) as caught:
        write_judgements(library, form, tmp_path / "out")
    assert "1 marks" in caught.value.hint and not (tmp_path / "out").exists()


def test_a_place_that_cannot_be_written_is_named(judged, tmp_path):
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(DataError, match="cannot be written"):
        write_judgements(judged, "qrels", tmp_path / "file" / "out")


def test_progress_counts_questions_with_a_right_answer_and_says_what_comes_next(judged):
    made = judged.judgements()
    assert judging_progress(made).startswith("2 questions have a right answer; with 4 more")
    many = [made[0].__class__(**{**vars(made[0]), "query": f"question {number}"}) for number in range(250)]
    assert "enough" in judging_progress(many)
