"""A suite: rows that training keeps out as benchmarks, figures by part, and one number."""

from __future__ import annotations

import json

import pytest
from hybrid_search.engine.errors import DataError
from hybrid_search.train.data import open_corpus
from hybrid_search.train.settings import SourceConfig
from hybrid_search.train.suite import default_suite, measure_suite, read_suite
from hybrid_search.tui.cli.main import main

CONCEPTS = {"en": ("bread", "water", "moon", "tree", "fire", "house"),
            "de": ("brot", "wasser", "mond", "baum", "feuer", "haus"),
            "ru": ("хлеб", "вода", "луна", "дерево", "огонь", "дом")}  # fmt: skip


@pytest.fixture
def data(tmp_path, monkeypatch):
    """Questions in three languages on passages in one, bitext, and a suite of both that keeps out every second row."""
    asked, bitext = [], []
    for number in range(60):
        place = number % 6
        code = ("en", "de", "ru")[number % 3]
        word = CONCEPTS[code][place]
        question = {each: f"{words[place]} {number}?" for each, words in CONCEPTS.items()}
        asked.append({"id": f"q{number}", "question": question,
                      "passage": {code: f"Number {number} opens. Here is {word}, {number}. Nothing more is said."},
                      "answer": {code: f"{word}, {number}"}})  # fmt: skip
        bitext.append(
            {"id": f"b{number}", "text": {each: f"{words[place]} {number}" for each, words in CONCEPTS.items()}}
        )
    (tmp_path / "asked.jsonl").write_text("\n".join(map(json.dumps, asked)), "utf-8")
    (tmp_path / "bitext.jsonl").write_text("\n".join(map(json.dumps, bitext)), "utf-8")
    (tmp_path / "suite.toml").write_text(
        """
        [[parts]]
        name = "asked"
        path = "${WHERE}/asked.jsonl"
        layout = "sentences"
        holdout = 2
        [[parts]]
        name = "words"
        path = "bitext.jsonl"
        layout = "translations"
        holdout = 2
        rows = 10
        counted = []
        """,
        "utf-8",
    )
    monkeypatch.setenv("WHERE", str(tmp_path))
    return tmp_path


def test_questions_of_rows_that_are_kept_out_are_answered_by_their_sentences(data):
    part = read_suite(data / "suite.toml", ["asked"])[0]
    corpus = open_corpus(SourceConfig(str(data / "asked.jsonl")))
    kept_out = {corpus.example(row).id for row in corpus.held_out(2).nonzero()[0].tolist()}
    assert 15 < len(kept_out) < 45
    assert {query.id for query in part.benchmark.queries} == kept_out
    assert len(part.benchmark.queries) == 3 * len(kept_out)
    for query, rows in zip(part.benchmark.queries, part.benchmark.relevant, strict=True):
        (row,) = rows
        assert part.benchmark.pool[row].text.endswith(f", {query.id[1:]}.")
    assert len(part.benchmark.pool) >= 2 * len(kept_out)


def test_bitext_that_is_kept_out_finds_its_translations_and_only_so_many_rows_are_drawn(data):
    part = read_suite(data / "suite.toml", ["words"])[0]
    assert len({query.id for query in part.benchmark.queries}) == 10
    for query, rows in zip(part.benchmark.queries, part.benchmark.relevant, strict=True):
        texts = [part.benchmark.pool[row].text for row in rows]
        assert query.text in texts and len(texts) == 3
        assert {text.split()[1] for text in texts} == {query.id[1:]}


def test_the_number_is_the_mean_of_what_counts_and_the_better_encoder_comes_first(data, keyword_encoder_type):
    made = {"leaning": keyword_encoder_type("leaning", bias=3.0), "fair": keyword_encoder_type("fair")}
    found = measure_suite(read_suite(data / "suite.toml"), list(made), made.__getitem__)
    assert [each.encoder for each in found] == ["fair", "leaning"]
    fair, leaning = found
    counted = [fair.parts["asked"][score] for score in ("mono", "cross", "multi")]
    assert fair.number == pytest.approx(sum(counted) / 3)
    assert leaning.parts["asked"]["multi"] < fair.parts["asked"]["multi"]
    assert leaning.parts["words"]["rank_distance"] > fair.parts["words"]["rank_distance"]
    assert set(fair.by_language["asked"]) == {"de", "en", "ru"}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "has no parts"),
        ("parts = 3", "has no parts"),
        ("[[parts]]\nname = 'a'", "has no path"),
        ("[[parts]]\nname = 'a'\npath = 'x'\ncolour = 1", "no setting 'colour'"),
        ("[[parts]]\nname = 'a'\npath = 'x'\nholdout = 'many'", "holdout of the part a"),
        ("[[parts]]\nname = 'a'\npath = 'x'\nlayout = 'round'", "the layout 'round'"),
        ("[[parts]]\nname = 'a'\npath = 'x'\nlayout = 'sentences'", "which rows are held out of training"),
        ("[[parts]]\nname = 'a'\npath = 'x'\ncounted = ['all']", "counts 'all'"),
        ("[[parts]]\nname = 'a'\npath = '${NOBODY_SET_THIS}/x'", "NOBODY_SET_THIS"),
        ("[[parts", "cannot be read"),
    ],
)
def test_a_suite_that_cannot_be_says_why(tmp_path, written, said):
    (tmp_path / "suite.toml").write_text(written, "utf-8")
    with pytest.raises(DataError, match=said):
        read_suite(tmp_path / "suite.toml")


def test_a_part_that_is_not_there_is_named_with_those_that_are(data):
    with pytest.raises(DataError) as caught:
        read_suite(data / "suite.toml", ["sung"])
    assert "sung" in str(caught.value) and "asked, words" in str(caught.value.hint)


def test_the_suite_that_ships_says_which_variable_names_its_data(monkeypatch):
    monkeypatch.delenv("HYBRID_SEARCH_DATA", raising=False)
    with pytest.raises(DataError, match="HYBRID_SEARCH_DATA"):
        read_suite(default_suite())


def test_the_command_prints_the_number_and_every_part(data, keyword_encoder_type, monkeypatch, capsys):
    from hybrid_search.engine import encoders

    made = {"leaning": keyword_encoder_type("leaning", bias=3.0), "fair": keyword_encoder_type("fair")}
    monkeypatch.setattr(encoders, "load", lambda name, **_: made[name], raising=False)
    suite = str(data / "suite.toml")
    assert main(["validate", "leaning", "fair", "--suite", suite, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [each["encoder"] for each in found["encoders"]] == ["fair", "leaning"]
    assert found["parts"]["words"]["queries"] == 30
    assert main(["validate", "fair", "--suite", suite, "--part", "asked", "--languages"]) == 0
    said = capsys.readouterr().out
    assert "number" in said and "counts mono, cross, multi" in said and "fair, asked: de" in said
    assert main(["validate", "fair", "--suite", suite, "--part", "sung"]) == 2
    assert "no part called sung" in capsys.readouterr().err
