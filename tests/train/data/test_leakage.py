"""The leakage guard: what overlaps a benchmark is found, what only resembles it is not."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hybrid_search import ParallelPairs
from hybrid_search.engine.errors import DataError
from hybrid_search.train.data.corpora import open_corpus
from hybrid_search.train.data.leakage import Guard, normalised, shingles
from hybrid_search.train.data.prepared import prepare
from hybrid_search.train.settings.config import RunConfig, SourceConfig

SENTENCE = "The old lighthouse keeper walked down to the harbour every single morning before breakfast."
HINDI = "पुराने प्रकाशस्तंभ का रखवाला हर सुबह नाश्ते से पहले बंदरगाह तक पैदल जाता था।"
THAI = "ผู้ดูแลประภาคารเก่าเดินลงไปที่ท่าเรือทุกเช้าก่อนอาหารเช้าเสมอมา"
CHINESE = "老灯塔看守人每天早上在早餐之前都会步行到港口去看看海面。"


@pytest.fixture
def benchmark(tmp_path):
    path = tmp_path / "benchmark.jsonl"
    row = {
        "id": "bench-1",
        "question": {"en": "Who walked to the harbour?", "de": "Wer ging zum Hafen?"},
        "passage": {"en": SENTENCE, "hi": HINDI, "th": THAI, "zh": CHINESE},
    }
    path.write_text(json.dumps(row, ensure_ascii=False), "utf-8")
    return str(path)


def corpus(tmp_path, rows):
    path = tmp_path / "train.jsonl"
    full = [
        {"id": f"r{n}", "question": {"en": f"question {n}"}, "passage": {"en": f"passage {n}"}, **row}
        for n, row in enumerate(rows)
    ]
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in full), "utf-8")
    return SourceConfig(str(path))


@pytest.mark.parametrize(
    "row",
    [
        {"id": "bench-1"},
        {"question": {"de": "wer ging  zum Hafen"}},
        {"passage": {"en": f"Long before. {SENTENCE.upper()} And after."}},
        {"passage": {"hi": HINDI}},
        {"passage": {"th": f"เมื่อวานนี้ {THAI}"}},
        {"passage": {"zh-tw": f"他說：{CHINESE}"}},
    ],
)
def test_overlap_is_found(tmp_path, benchmark, row):
    guard = Guard.of([benchmark])
    assert guard.clean(open_corpus(corpus(tmp_path, [{}, row]))).tolist() == [True, False]


@pytest.mark.parametrize(
    "row",
    [
        {"passage": {"en": "The old lighthouse keeper walked down to town, and then to the harbour."}},
        {"passage": {"hi": "हर सुबह नाश्ते से पहले पुराने दोस्त बंदरगाह जाते थे।"}},
        {"passage": {"th": "ผู้ดูแลประภาคารเก่า"}},
        {"passage": {"de": "Etwas ganz anderes über einen Leuchtturm am Hafen und seinen Wärter."}},
    ],
)
def test_resemblance_is_none(tmp_path, benchmark, row):
    assert Guard.of([benchmark]).clean(open_corpus(corpus(tmp_path, [{}, row]))).all()


def test_bitext_is_searched_too(tmp_path, benchmark):
    path = tmp_path / "bitext.jsonl"
    path.write_text(json.dumps({"id": "1", "text": {"en": SENTENCE, "de": "Anders."}}), "utf-8")
    assert not Guard.of([benchmark]).clean(open_corpus(SourceConfig(str(path)))).any()


def test_overlapping_rows_are_left_out_and_counted_unless_one_says_otherwise(tmp_path, benchmark):
    source = corpus(tmp_path, [{}] * 8 + [{"passage": {"en": SENTENCE}}])
    config = RunConfig(sources=(source,), batches="mono", batch_size=2, protect=(benchmark,))
    run = prepare(config, sentences=lambda text, _: [(0, len(text))])
    assert run.reports[0].overlapping == 1
    assert 8 not in {pick.row for number in range(100) for pick in run.batches.batch(number).picks}
    anyway = prepare(config.replace(allow_overlap=True), sentences=lambda text, _: [(0, len(text))])
    assert anyway.reports[0].overlapping == 1
    assert 8 in {pick.row for number in range(100) for pick in anyway.batches.batch(number).picks}


def test_without_benchmarks_nothing_is_left_out(tmp_path):
    guard = Guard(*(np.zeros(0, np.uint64) for _ in range(3)), frozenset(), "none")
    assert guard.clean(open_corpus(corpus(tmp_path, [{}, {}]))).all()


def test_a_benchmark_that_cannot_be_read_stops_the_run(tmp_path):
    path = tmp_path / "b.jsonl"
    path.write_text("{", "utf-8")
    with pytest.raises(DataError, match="protected benchmark cannot be read"):
        Guard.of([str(path)])


def test_shingles_stay_within_a_text():
    runs, owners = shingles(["one two three four", "five six seven eight"])
    assert not len(runs)
    runs, owners = shingles(["a b c d e f g h i", "x"])
    assert owners.tolist() == [0, 0]
    assert normalised("It’s  HERE, now!") == normalised("it’s here now")


def test_the_shared_training_data_hold_no_id_of_xquad(shared):
    guard = Guard.of([str(shared / "data" / "test" / "xquad-r")])
    source = SourceConfig(str(shared / "data" / "train" / "parallel.jsonl.gz"), include={"source": ("bitcoin.org",)})
    found = open_corpus(source)
    assert len(guard.ids) >= 1190
    assert not np.isin(np.asarray(found.ids), guard.ids).any()


ROWS = [
    {"anchor": "wer ging zum Hafen", "positive": "etwas anderes"},
    {"anchor": "What else?", "positive": f"Long before. {SENTENCE.upper()}"},
    {"id": "bench-1", "anchor": "a", "positive": "b"},
    {"anchor": "c", "positive": ["d", {"th": f"เมื่อวานนี้ {THAI}"}]},
    {"anchor": "e", "positive": "f"},
]


@pytest.mark.parametrize("form", [list, "dataset", "frame"])
def test_overlaps_of_anybodys_data_say_with_what(benchmark, form):
    rows = ROWS
    if form == "dataset":
        plain = [{"id": None} | {key: str(value) for key, value in row.items()} for row in ROWS]
        rows = pytest.importorskip("datasets").Dataset.from_list(plain)
    if form == "frame":
        rows = pytest.importorskip("pandas").DataFrame(ROWS)
    found = Guard.of([benchmark]).overlaps(rows)
    assert found.rows.tolist() == [True, True, True, True, False]
    assert (len(found), found.clean, bool(found)) == (4, [4], True)
    assert [(each.row, each.kind) for each in found.found] == [
        (0, "question"),
        (1, "passage"),
        (2, "id"),
        (3, "passage"),
    ]
    assert {each.benchmark for each in found.found} == {benchmark}
    assert found.found[0].text == "wer ging zum Hafen" and found.found[0].column == "anchor"
    assert found.found[1].text == "the old lighthouse keeper walked down to the"
    assert found.found[3].text == THAI[: len(found.found[3].text)]
    assert "row 0, anchor: the question 'wer ging zum Hafen' is in" in str(found)


def test_overlaps_of_a_file_and_of_a_corpus_are_the_same(tmp_path, benchmark):
    source = corpus(tmp_path, [{}, {"passage": {"en": SENTENCE}}])
    guard = Guard.of([benchmark])
    for form in (source.path, open_corpus(source)):
        [found] = guard.overlaps(form).found
        assert (found.row, found.kind, found.column) == (1, "passage", "passage.en")


def test_overlaps_name_the_benchmark_that_has_the_text(tmp_path, benchmark):
    other = tmp_path / "other.jsonl"
    other.write_text(json.dumps({"id": "x", "question": {"en": "Where is it?"}, "passage": {"en": "There."}}), "utf-8")
    found = Guard.of([benchmark, str(other)]).overlaps([{"anchor": "where is it"}, {"anchor": "wer ging zum hafen?"}])
    assert [each.benchmark for each in found.found] == [str(other), benchmark]


def test_a_text_of_a_benchmark_that_ships_as_digests_is_found_without_its_files(benchmark):
    # A question of XQuAD: only digests of it are in the installation.
    found = Guard.of([]).overlaps(["How many points did the Panthers defense surrender?", "Something else entirely?"])
    assert [(each.row, each.benchmark) for each in found.found] == [(0, "a published benchmark")]


def test_data_without_overlap_are_clean_and_say_so(benchmark):
    found = Guard.of([benchmark]).overlaps([{"anchor": "a"}, {"anchor": None, "n": 3}])
    assert not found and found.clean == [0, 1] and str(found) == "None of 2 rows overlaps."
    assert len(Guard.of([benchmark]).overlaps([])) == 0


def test_what_is_no_data_set_is_refused_in_words(tmp_path, benchmark):
    guard = Guard.of([benchmark])
    for wrong in (7, {"train": []}, [7]):
        with pytest.raises(DataError):
            guard.overlaps(wrong)
    with pytest.raises(DataError, match="no data"):
        guard.overlaps(tmp_path / "absent.jsonl")
    (tmp_path / "broken.jsonl").write_text("{", "utf-8")
    with pytest.raises(DataError, match="cannot be compared"):
        guard.overlaps(tmp_path / "broken.jsonl")


def test_one_benchmark_may_be_given_by_itself_and_as_a_path(benchmark):
    assert Guard.of(benchmark).key == Guard.of(Path(benchmark)).key == Guard.of([Path(benchmark)]).key


def test_the_rows_of_parallel_pairs_are_compared_not_their_pairs_of_languages(benchmark):
    pytest.importorskip("datasets")
    from hybrid_search import ParallelPairs

    rows = [
        {"question": {"en": f"question {n}", "de": f"Frage {n}"}, "passage": {"en": f"passage {n}", "de": f"Text {n}"}}
        for n in range(3)
    ]
    rows[1]["passage"]["en"] = SENTENCE
    found = Guard.of(benchmark).overlaps(ParallelPairs.from_rows(rows))
    assert found.rows.tolist() == [False, True, False]
    assert [(each.row, each.column) for each in found.found] == [(1, "passage.en")]


def test_no_kind_of_value_hides_a_text_or_an_id(tmp_path, benchmark):
    pd = pytest.importorskip("pandas")
    guard = Guard.of(benchmark)
    for value in ({SENTENCE}, frozenset([SENTENCE]), pd.Series([SENTENCE]), (SENTENCE,), {"a": [SENTENCE]}.values()):
        assert guard.overlaps([{"column": value}]), type(value)
    path = tmp_path / "numbers.jsonl"
    path.write_text(json.dumps({"id": 17, "question": {"en": "What?"}, "passage": {"en": "That."}}), "utf-8")
    numbered = Guard.of(path)
    for value in (17, "17", 17.0, np.int64(17), np.uint8(17), np.float32(17)):
        assert len(numbered.overlaps([{"id": value}])) == 1, type(value)
    assert numbered.overlaps(pd.DataFrame({"id": [17, None]})).rows.tolist() == [True, False]
    assert not numbered.overlaps([{"id": 17.5}, {"id": float("nan")}, {"id": float("inf")}, {"id": None}])


def test_a_cache_that_cannot_be_written_is_named(benchmark, monkeypatch):
    monkeypatch.setenv("HYBRID_SEARCH_HOME", "/dev/null/nowhere")
    for prepare_data in (
        lambda: Guard.of(benchmark),
        lambda: open_corpus(SourceConfig(path=benchmark)),
        lambda: ParallelPairs.from_bitext({"en": ["one dog"], "de": ["ein Hund"]}),
    ):
        with pytest.raises(DataError, match=r"cannot be written.*HYBRID_SEARCH_HOME"):
            prepare_data()
