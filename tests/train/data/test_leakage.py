"""The leakage guard: what overlaps a benchmark is found, what only resembles it is not."""

from __future__ import annotations

import json

import numpy as np
import pytest
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
