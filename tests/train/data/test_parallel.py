"""Parallel pairs as a data set: what an index means, where pairs come from, and what is refused with a reason."""

from __future__ import annotations

import json
import pickle

import pytest
from hybrid_search.engine.errors import DataError, HybridSearchError

from tests.support import tiny_models

datasets = pytest.importorskip("datasets")
from hybrid_search.train.data.parallel import ParallelPairs  # noqa: E402

ROWS = [
    {"id": f"r{n}", "question": {"de": f"Wo {n}?", "en": f"Where {n}?"}, "passage": {"de": f"Da {n}.", "en": f"T {n}."}}
    for n in range(6)
]


def texts(pairs):
    """Every triple with its texts, without regard to the order of rows and languages."""
    return sorted((pairs.triple(place)[1:], tuple(pairs[place].values())) for place in range(len(pairs)))


@pytest.fixture
def pairs():
    return ParallelPairs.from_rows(ROWS)


def test_an_index_is_a_row_in_two_languages(pairs):
    assert (len(pairs), pairs.rows, pairs.languages) == (6 * 4, 6, ("de", "en"))
    assert pairs[3, "de", "en"] == {"anchor": "Wo 3?", "positive": "T 3."}
    assert pairs[3, "en", "en"] == {"anchor": "Where 3?", "positive": "T 3."}
    found = {pairs.triple(index): pairs[index] for index in range(len(pairs))}
    assert len(found) == 24
    assert all(pairs[tuple(triple)] == row for triple, row in found.items())
    assert [pairs.index(*triple) for triple in found] == list(range(24))


def test_rows_and_columns_as_of_any_data_set(pairs):
    assert isinstance(pairs, datasets.Dataset)
    assert pairs.column_names == ["anchor", "positive"]
    assert pairs[:3]["anchor"] == [pairs[n]["anchor"] for n in range(3)]
    assert pairs[[5, 2]] == {name: [pairs[5][name], pairs[2][name]] for name in pairs.column_names}
    assert pairs[-1] == pairs[23]
    assert list(pairs) == [pairs[n] for n in range(24)]
    assert list(pairs["positive"])[:4] == pairs[:4]["positive"]
    assert pairs[0:0] == {"anchor": [], "positive": []}
    assert not hasattr(pairs, "to_csv")
    assert [pairs.take(2)[:], len(pairs.shuffle(seed=1))] == [pairs[:2], 24]
    changed = pairs.with_transform(lambda rows: {"text": [f"{text}!" for text in rows["anchor"]]})
    assert changed[3] == {"text": f"{pairs[3]['anchor']}!"}
    some = pairs.select(range(4))
    assert type(some) is datasets.Dataset
    assert some[:] == pairs[:4]
    with pytest.raises(IndexError, match="these are 24"):
        pairs[24]


def test_rows_need_not_have_the_same_languages():
    rows = [
        {"question": {"de": "a"}, "passage": {"de": "b"}},
        {"question": {"en": "c", "fr": "d"}, "passage": {"fr": "e"}},
        {"question": {"de": "f"}, "passage": {"en": "g", "fr": "h", "de": "i"}},
    ]
    pairs = ParallelPairs.from_rows(rows)
    assert [tuple(pairs.triple(index)) for index in range(len(pairs))] == [
        (0, "de", "de"), (1, "en", "fr"), (1, "fr", "fr"), (2, "de", "en"), (2, "de", "fr"), (2, "de", "de"),
    ]  # fmt: skip
    with pytest.raises(DataError, match="Row 1 has no question in 'de'"):
        pairs[1, "de", "fr"]
    with pytest.raises(IndexError, match="no row 3"):
        pairs[3, "de", "de"]


def test_a_sentence_of_bitext_is_no_translation_of_itself():
    pairs = ParallelPairs.from_bitext({"de": ["eins", "zwei"], "en": ["one", "two"], "fr": ["un", None]})
    assert len(pairs) == 3 * 2 + 2
    assert all(pairs.triple(index).question != pairs.triple(index).passage for index in range(len(pairs)))
    assert pairs[1, "en", "de"] == {"anchor": "two", "positive": "zwei"}
    with pytest.raises(DataError, match="not a translation of itself"):
        pairs[0, "de", "de"]


def test_one_content_from_every_kind_of_place(tmp_path, pairs):
    pandas = pytest.importorskip("pandas")
    file = tmp_path / "rows.jsonl"
    file.write_text("\n".join(map(json.dumps, ROWS)), "utf-8")
    squad = tmp_path / "squad"
    squad.mkdir()
    for code in ("de", "en"):
        paragraphs = [
            {"context": row["passage"][code], "qas": [{"id": row["id"], "question": row["question"][code]}]}
            for row in ROWS
        ]
        (squad / f"{code}.json").write_text(json.dumps({"data": [{"paragraphs": paragraphs}]}), "utf-8")
    long = [
        {"id": row["id"], "language": code, "question": row["question"][code], "passage": row["passage"][code]}
        for row in ROWS
        for code in ("de", "en")
    ]
    hub = {
        code: datasets.Dataset.from_list(
            [{"id": r["id"], "question": r["question"][code], "context": r["passage"][code]} for r in ROWS]
        )
        for code in ("de", "en")
    }
    asked = {name: [row["question"][code] for row in ROWS] for name, code in (("frage", "de"), ("ask", "en"))}
    read = {name: [row["passage"][code] for row in ROWS] for name, code in (("da", "de"), ("there", "en"))}
    wide = pandas.DataFrame({**asked, **read})
    columns = {"question": {"de": "frage", "en": "ask"}, "passage": {"de": "da", "en": "there"}}
    for other in (
        ParallelPairs.from_files(str(file)),
        ParallelPairs.from_files(str(squad)),
        ParallelPairs.from_rows(iter(ROWS)),
        ParallelPairs.from_dataset(datasets.Dataset.from_list(ROWS)),
        ParallelPairs.from_dataset(datasets.Dataset.from_list(long)),
        ParallelPairs.from_dataset(hub),
        ParallelPairs.from_pandas(pandas.DataFrame(long)),
        ParallelPairs.from_pandas(wide, columns=columns),
    ):
        assert texts(other) == texts(pairs)


def test_languages_that_a_row_of_a_data_set_lacks_are_not_there():
    rows = [{"question": {"de": "a"}, "passage": {"en": "b"}}, {"question": {"fr": "c"}, "passage": {"en": "d"}}]
    assert len(ParallelPairs.from_dataset(datasets.Dataset.from_list(rows))) == 2


@pytest.mark.parametrize(
    "rows",
    [
        [{"en": "one", "de": "eins"}, {"en": "two", "de": "zwei"}],
        [{"id": 1, "en": "one", "de": "eins"}, {"id": 2, "en": "two", "de": "zwei"}],
        [{"translation": {"en": "one", "de": "eins"}}, {"translation": {"en": "two", "de": "zwei"}}],
    ],
)
def test_columns_that_are_languages_are_bitext(rows):
    pairs = ParallelPairs.from_dataset(datasets.Dataset.from_list(rows))
    assert pairs.pools[0].bitext
    assert texts(pairs) == texts(ParallelPairs.from_bitext({"en": ["one", "two"], "de": ["eins", "zwei"]}))


def test_a_column_of_wrong_passages_comes_where_every_row_has_one():
    wrong = [{**row, "negative": {"de": f"Nein {row['id']}", "en": f"No {row['id']}"}} for row in ROWS]
    assert ParallelPairs.from_rows(wrong)[2, "de", "en"]["negative"] == "Nein r2"
    assert ParallelPairs.from_rows([*wrong[1:], ROWS[0]]).column_names == ["anchor", "positive"]


def test_pairs_of_two_sources_are_counted_through(pairs):
    both = pairs + ParallelPairs.from_bitext({"de": ["x"], "en": ["y"]})
    assert (both.rows, len(both)) == (7, 26)
    assert both[6, "de", "en"] == {"anchor": "x", "positive": "y"}
    assert tuple(both.triple(24)) == (6, "de", "en")


def test_rows_that_are_held_out_have_no_index(pairs):
    some = ParallelPairs.from_rows(ROWS, holdout=2)
    out = some.reports[0].held_out
    assert 0 < out < 6
    assert len(some) == len(pairs) - 4 * out
    assert len({some.triple(index).row for index in range(len(some))}) == 6 - out


def test_a_split_keeps_passages_apart():
    rows = [{**row, "passage": {"de": f"P {n // 2}"}} for n, row in enumerate(ROWS * 4)]
    pairs = ParallelPairs.from_rows(rows)
    train, held = pairs.split(3)
    assert len(train) + len(held) == len(pairs)
    sides = [{row["positive"] for row in side} for side in (train, held)]
    assert sides[0] and sides[1] and not sides[0] & sides[1]
    for one_in in (1, 10**6):
        with pytest.raises(DataError, match="cannot be split"):
            ParallelPairs.from_rows(rows[:2]).split(one_in)


def test_what_overlaps_a_benchmark_is_left_out(tmp_path):
    protected = tmp_path / "benchmark.jsonl"
    protected.write_text(json.dumps(ROWS[2]), "utf-8")
    pairs = ParallelPairs.from_rows(ROWS, protect=[str(protected)])
    assert pairs.reports[0].overlapping == 1
    assert 2 not in {pairs.triple(index).row for index in range(len(pairs))}
    with pytest.raises(DataError, match="held out or overlaps"):
        pairs[2, "de", "de"]
    assert len(ParallelPairs.from_rows(ROWS, protect=[str(protected)], allow_overlap=True)) == 24


def test_another_process_gets_the_same_pairs(pairs):
    assert pickle.loads(pickle.dumps(pairs))[:] == pairs[:]


def test_the_cache_holds_what_was_given_once(home):
    first = ParallelPairs.from_rows(ROWS).sources.corpora[0].folder
    assert ParallelPairs.from_rows(ROWS).sources.corpora[0].folder == first
    assert ParallelPairs.from_rows(ROWS[:-1]).sources.corpora[0].folder != first


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: ParallelPairs.from_rows([]), "rows holds no usable row"),
        (lambda: ParallelPairs.from_rows([{"question": "a", "passage": "b"}]), "rows:1: question is one text and no"),
        (lambda: ParallelPairs.from_rows(["text"]), "a row must be an object"),
        (lambda: ParallelPairs.from_rows(ROWS, columns={"question": "ask"}), "no column 'ask', but id, question"),
        (lambda: ParallelPairs.from_rows(ROWS, hold_out=3), "no setting hold_out"),
        (lambda: ParallelPairs.from_rows(ROWS, crop="all"), "crop"),
        (lambda: ParallelPairs.from_rows(ROWS, negatives="mine"), "need a training run's encoder"),
        (lambda: ParallelPairs.from_bitext({"de": ["a"], "en": []}), "de 1, en 0"),
        (lambda: ParallelPairs.from_bitext({"de": "abc", "en": "def"}), "The de sentences is 'abc'; expected: a list"),
        (lambda: ParallelPairs.from_rows(ROWS, languages="de,en"), "languages is 'de,en'; expected: a list"),
        (lambda: ParallelPairs.from_rows(ROWS, languages=["de", "xx"]), "rows has no text in 'xx'"),
        (lambda: ParallelPairs.from_files("nowhere.jsonl"), "no data at nowhere.jsonl"),
        (lambda: ParallelPairs.from_rows(ROWS).map(dict), "no table for `map`"),
        (lambda: ParallelPairs.from_rows(ROWS).to_pandas(), "no table for `to_pandas`"),
        (lambda: ParallelPairs.from_dataset({"train": datasets.Dataset.from_list(ROWS)}), "'train' is not a language"),
        (lambda: ParallelPairs.from_rows(ROWS).select_columns("anchor"), "always have all"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(make, reason):
    with pytest.raises(HybridSearchError, match=reason):
        make()


def test_a_file_is_read_as_training_reads_it(tmp_path):
    file = tiny_models.pairs(tmp_path / "pairs.jsonl", 5)
    assert ParallelPairs.from_files(str(file))[4, "es", "de"] == {
        "anchor": "dónde fuego 4",
        "positive": "feuer 4 feuer 4",
    }
