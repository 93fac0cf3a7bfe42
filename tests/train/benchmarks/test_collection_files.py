"""Collections as their publishers and editors leave them: marks, headers, ids, grades, duplicates, stray folders."""

from __future__ import annotations

import gzip
import json
import lzma
from pathlib import Path

import numpy as np
import pytest
from hybrid_search.engine.errors import DataError
from hybrid_search.train.benchmarks.loading import load
from hybrid_search.train.measure.protocol import measure_vectors

DOCUMENTS = [
    {"_id": "d1", "title": "Bread", "text": "Bread rises over night."},
    {"_id": "d2", "title": "", "text": "Glaciers move slowly."},
]
QUESTIONS = [{"_id": "q1", "text": "why does bread rise?"}, {"_id": "q2", "text": "how do glaciers move?"}]
QRELS = "query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td2\t1\n"


def rows(*values: dict) -> str:
    return "".join(json.dumps(value) + "\n" for value in values)


def beir(
    folder: Path,
    *,
    corpus: str | bytes = "",
    queries: str | bytes = "",
    qrels: str | bytes = "",
    name: str = "test.tsv",
) -> Path:
    """A collection in BEIR's layout; what is not given is right."""
    (folder / "qrels").mkdir(parents=True)
    for place, given, usual in (
        ("corpus.jsonl", corpus, rows(*DOCUMENTS)),
        ("queries.jsonl", queries, rows(*QUESTIONS)),
        (f"qrels/{name}", qrels, QRELS),
    ):
        content = given or usual
        (folder / place).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


@pytest.mark.parametrize("part", ["corpus", "queries", "qrels", "qrels without header"])
def test_a_mark_at_the_start_of_a_file_changes_nothing(tmp_path: Path, part: str):
    plain = QRELS.partition("\n")[2] if part.endswith("header") else QRELS
    whole = {"corpus": rows(*DOCUMENTS), "queries": rows(*QUESTIONS), "qrels": plain}
    whole[part.split()[0]] = "\ufeff" + whole[part.split()[0]]
    made = load(beir(tmp_path / "b", **whole))
    assert [query.id for query in made.queries] == ["und:q1", "und:q2"]
    assert made.relevant == ((0,), (1,))
    assert made.notes == ()


def test_windows_line_ends_and_blank_lines_change_nothing(tmp_path: Path):
    def windows(text: str) -> str:
        return text.replace("\n", "\r\n\r\n")

    made = load(
        beir(tmp_path, corpus=windows(rows(*DOCUMENTS)), queries=windows(rows(*QUESTIONS)), qrels=windows(QRELS))
    )
    assert made.relevant == ((0,), (1,))


@pytest.mark.parametrize("part", ["corpus", "queries", "qrels"])
def test_a_file_in_utf_16_is_named_with_the_next_step(tmp_path: Path, part: str):
    whole = {"corpus": rows(*DOCUMENTS), "queries": rows(*QUESTIONS), "qrels": QRELS}[part]
    with pytest.raises(DataError, match=r", line 1: the file is in UTF-16.*Save it as UTF-8"):
        load(beir(tmp_path, **{part: whole.encode("utf-16")}))


@pytest.mark.parametrize(
    ("part", "content", "line"),
    [
        ("qrels", "q1\td1\t1\nqé\td2\t1\n", 2),
        ("corpus", '{"_id": "d1", "text": "x"}\n{"_id": "d2", "text": "é"}\n', 2),
    ],
)
def test_a_latin_1_file_is_named_by_its_line(tmp_path: Path, part: str, content: str, line: int):
    with pytest.raises(DataError, match=rf", line {line}: .*not UTF-8.*Save the file as UTF-8"):
        load(beir(tmp_path, **{part: content.encode("latin-1")}))


def test_ids_may_hold_spaces_between_tabs(tmp_path: Path):
    documents = [{**row, "_id": f"doc {row['_id']}"} for row in DOCUMENTS]
    made = load(beir(tmp_path, corpus=rows(*documents), qrels=QRELS.replace("\td", "\tdoc d")))
    assert made.relevant == ((0,), (1,))


def test_ids_may_be_numbers_zero_among_them(tmp_path: Path):
    documents = [{**row, "_id": number} for number, row in enumerate(DOCUMENTS)]
    questions = [{**row, "_id": number} for number, row in enumerate(QUESTIONS)]
    made = load(beir(tmp_path, corpus=rows(*documents), queries=rows(*questions), qrels="0\t0\t1\n1\t1\t1\n"))
    assert made.relevant == ((0,), (1,))


@pytest.mark.parametrize(
    "qrels",
    [
        "query_id\tdoc_id\trelevance\nq1\td1\t1\nq2\td2\t1\n",
        "qid\tpid\tlabel\nq1\td1\t1\nq2\td2\t1\n",
        "qid cid score\nq1 d1 1\nq2 d2 1\n",
        "corpus-id\tscore\tquery-id\nd1\t1\tq1\nd2\t1\tq2\n",
        "score,query-id,corpus-id\n1,q1,d1\n1,q2,d2\n",
        "query-id;corpus-id;score\nq1;d1;1\nq2;d2;1\n",
        "Query ID\tDocNo\tRel\nq1\td1\t1\nq2\td2\t1\n",
        "query_id\tQ0\tdocid\trelevance\nq1\tQ0\td1\t1\nq2\tQ0\td2\t1\n",
        "q1 Q0 d1 1\nq2\t0\td2\t1\n",
        "q1 0 d1\t1\nq2 0 d2\t1\n",
        "query-id\tcorpus-id\nq1\td1\nq2\td2\n",
        '"q1"\t"d1"\t1\nq2\td2\t1\t\n',
        "q1\td1\t1e0\nq2\td2\t2.0\nq2\td1\t-1\n",
        "query-id\tcorpus-id\tscore\nq1\td1\t1\nquery-id\tcorpus-id\tscore\nq2\td2\t1\n",
    ],
)
def test_judgements_are_read_with_any_header_or_none(tmp_path: Path, qrels: str):
    made = load(beir(tmp_path, qrels=qrels))
    assert made.relevant == ((0,), (1,))
    assert made.notes == ()


def test_judgements_may_be_json_lines(tmp_path: Path):
    judged = rows({"query-id": "q1", "corpus-id": "d1", "score": 1}, {"query-id": "q2", "corpus-id": "d2", "score": 2})
    made = load(beir(tmp_path, qrels=judged, name="test.jsonl"))
    assert made.relevant == ((0,), (1,))
    assert made.grades == ((1,), (2,))


def test_a_first_line_without_a_number_and_without_a_known_name_is_a_header_and_noted(tmp_path: Path):
    made = load(beir(tmp_path, qrels="Frage\tDokument\tUrteil\nq1\td1\t1\nq2\td2\t1\n"))
    assert made.relevant == ((0,), (1,))
    assert "line 1 is read as a header: Frage Dokument Urteil" in made.notes[0]


@pytest.mark.parametrize(
    ("qrels", "reason"),
    [
        ("q1\td1\t1\nq2\td2\thigh\n", "line 2: .*the grade is not a number: 'high'"),
        ("q1\td1\t1\nq2\td2\tnan\n", "line 2: .*the grade is not a number: 'nan'"),
        ("q1\td1\t1\nq2\td2\t1e99\n", "line 2: .*the grade is not a number"),
        ("q1\td1\t1\nq2\td2\n", "line 2: .*2 columns"),
        ("q1\td1\t1\nq2\t\t1\n", "line 2: .*an id is empty"),
        ("a b c d 1\n", "line 1: .*5 columns"),
        ("query-id\tcorpus-id\tscore\nq1\td1\n", "line 2: a judgement is query, passage and grade"),
        ("query-id\tcorpus-id\tscore\n", "has no judgements"),
    ],
)
def test_a_line_that_is_no_judgement_is_named(tmp_path: Path, qrels: str, reason: str):
    with pytest.raises(DataError, match=reason):
        load(beir(tmp_path, qrels=qrels))


def test_grades_above_0_are_relevant_and_are_the_gains_of_ndcg_fractions_too(tmp_path: Path):
    made = load(beir(tmp_path, qrels="q1\td1\t1\nq1\td2\t0.5\nq2\td1\t0\nq2\td2\t3\n"))
    assert made.relevant == ((0, 1), (1,))
    assert made.grades == ((1, 0.5), (3,))
    assert made.notes == (
        "1 grades are fractions; all above 0 are relevant, and nDCG uses the fraction (for instance test.tsv, line 2).",
    )
    second_first = np.array([[0.5, 1.0], [0.0, 1.0]], dtype=np.float32)
    measured = measure_vectors(made, second_first, np.eye(2, dtype=np.float32))
    third = 1 / np.log2(3)
    expected = (0.5 + third) / (1 + 0.5 * third)
    assert measured.summary()["ndcg_at_10"] == pytest.approx((expected + 1) / 2)


def test_two_benchmarks_that_differ_in_grades_have_two_digests(tmp_path: Path):
    graded = [load(beir(tmp_path / str(grade), qrels=f"q1\td1\t{grade}\nq1\td2\t1\n")).digest for grade in (1, 2, 0.5)]
    assert len(set(graded)) == 3


def test_of_documents_with_one_id_the_first_stays_and_is_noted(tmp_path: Path):
    again = {"_id": "d1", "title": "Again", "text": "Bread again."}
    made = load(beir(tmp_path, corpus=rows(*DOCUMENTS, again)))
    assert [item.title for item in made.pool] == ["Bread", ""]
    assert made.notes == ("1 passages repeat an id; the first of each counts (for instance corpus.jsonl, line 3).",)


def test_of_questions_with_one_id_the_first_stays_and_is_noted(tmp_path: Path):
    made = load(beir(tmp_path, queries=rows(*QUESTIONS, {"_id": "q1", "text": "again?"})))
    assert made.query_texts() == [row["text"] for row in QUESTIONS]
    assert made.notes == ("1 questions repeat an id; the first of each counts (for instance queries.jsonl, line 3).",)


def test_judgements_that_contradict_each_other_are_noted_and_repeated_ones_are_not(tmp_path: Path):
    made = load(beir(tmp_path, qrels="q1\td1\t1\nq1\td1\t1\nq2\td2\t1\nq2\td2\t2\n"))
    assert made.grades == ((1,), (2,))
    assert made.notes == ("1 judgements contradict an earlier one; the last counts (for instance test.tsv, line 4).",)


def test_judged_questions_and_passages_that_are_nowhere_are_noted(tmp_path: Path):
    made = load(beir(tmp_path, qrels="q1\td1\t1\nq1\tgone\t1\nlost\td1\t1\n"))
    assert made.notes == (
        "1 relevant passages are not in the corpus.",
        "1 judged questions are not among the questions.",
    )


def test_where_no_judged_passage_is_known_the_notes_are_in_the_error(tmp_path: Path):
    with pytest.raises(DataError, match=r"no relevant candidate.*1 relevant passages are not in the corpus"):
        load(beir(tmp_path, qrels="q1\tgone\t1\n"))


def test_null_titles_and_texts_are_empty_and_empty_passages_are_noted(tmp_path: Path):
    documents = [
        {"_id": "d1", "title": None, "text": "Bread."},
        {"_id": "d2", "title": "Ice", "text": None},
        {"_id": "d3", "title": "Title only"},
        {"_id": "d4", "title": None, "text": None},
    ]
    made = load(beir(tmp_path, corpus=rows(*documents)))
    assert made.pool_texts() == ["Bread.", "Ice\n", "Title only\n", ""]
    assert made.notes == ("1 passages are empty (for instance corpus.jsonl, line 4).",)


def test_an_empty_question_is_left_out_and_noted(tmp_path: Path):
    made = load(beir(tmp_path, queries=rows(QUESTIONS[0], {"_id": "q2", "text": None})))
    assert [query.id for query in made.queries] == ["und:q1"]
    assert made.notes == ("1 questions are empty and were left out (for instance queries.jsonl, line 2).",)


@pytest.mark.parametrize(
    "row", ['{"text": "no id"}', '{"_id": {"a": 1}, "text": "x"}', '{"_id": "d", "text": ["x"]}', "[1]", '{"_id": "d"}']
)
def test_a_row_that_is_no_passage_is_named_by_its_line(tmp_path: Path, row: str):
    with pytest.raises(DataError, match=r"corpus\.jsonl, line 3: no passage with docid or _id and text"):
        load(beir(tmp_path, corpus=rows(*DOCUMENTS) + row + "\n"))


def test_pyserini_s_names_of_fields_are_known(tmp_path: Path):
    documents = [{"id": row["_id"], "contents": row["text"]} for row in DOCUMENTS]
    assert load(beir(tmp_path, corpus=rows(*documents))).pool[0].text == DOCUMENTS[0]["text"]


@pytest.mark.parametrize("stray", ["old_corpus/corpus.jsonl", "backup/corpus/docs-0.jsonl", "corpus-old.jsonl"])
def test_a_corpus_is_looked_for_in_the_layout_s_own_places_only(tmp_path: Path, stray: str):
    folder = beir(tmp_path)
    (folder / stray).parent.mkdir(parents=True, exist_ok=True)
    (folder / stray).write_text(rows({"_id": "old", "text": "old"}))
    assert len(load(folder).pool) == 2


def test_rows_may_name_their_languages_where_no_folder_does(tmp_path: Path):
    corpus = rows(
        {**DOCUMENTS[0], "language": "eng_Latn"}, {**DOCUMENTS[1], "language": "DE"}, {"_id": "d3", "text": "x"}
    )
    made = load(beir(tmp_path / "x", corpus=corpus, queries=rows({**QUESTIONS[0], "lang": "en"}, QUESTIONS[1])))
    assert [each.language for each in made.pool] == ["en", "de", "und"]
    assert [each.language for each in made.queries] == ["en", "und"]
    made = load(beir(tmp_path / "miracl-sw", corpus=corpus))
    assert made.languages == ("sw",)


@pytest.mark.parametrize("name", ["collection.tsv", "corpus.tsv"])
def test_passages_may_be_a_table_as_ms_marco_has_them(tmp_path: Path, name: str):
    (tmp_path / name).write_text("d1\tBread rises, over night.\nd2\tGlaciers move.\n")
    (tmp_path / "queries.dev.tsv").write_text("q1\twhy?\n")
    (tmp_path / "qrels.dev.tsv").write_text("q1\t0\td1\t1\n")
    assert [each.text for each in load(tmp_path).pool] == ["Bread rises, over night.", "Glaciers move."]


def test_a_language_may_be_asked_for_by_any_of_its_names(tmp_path: Path):
    for name in ("x-zh", "x-he", "x-de"):
        beir(tmp_path / name)
    assert load(tmp_path, languages=["zh-CN", "iw"]).languages == ("he", "zh")


def test_a_folder_that_ends_like_no_language_is_no_language(tmp_path: Path):
    beir(tmp_path / "x-tmp", qrels="q1\td1\t1\n")
    beir(tmp_path / "x-sw")
    made = load(tmp_path)
    assert made.languages == ("sw",)
    assert made.notes == ("Left out, since their names contain no language: x-tmp.",)


def test_a_collection_in_mr_tydi_s_layout_is_read(tmp_path: Path):
    folder = tmp_path / "mrtydi-v1.1-swahili"
    (folder / "collection").mkdir(parents=True)
    documents = rows(*({"id": row["_id"], "contents": row["text"]} for row in DOCUMENTS))
    (folder / "collection" / "docs.jsonl.gz").write_bytes(gzip.compress(documents.encode()))
    (folder / "topic.dev.tsv").write_text("q1\twhy?\n")
    (folder / "qrels.dev.txt").write_text("q1 Q0 d1 1\n")
    (folder / "qrels.train.txt").write_text("q9 Q0 d1 1\n")
    made = load(folder)
    assert (made.languages, made.relevant, made.notes) == (("sw",), ((0,),), ())


def test_a_file_that_lies_there_packed_and_unpacked_is_read_once(tmp_path: Path):
    folder = beir(tmp_path)
    (folder / "corpus.jsonl.gz").write_bytes(gzip.compress(rows(*DOCUMENTS).encode()))
    made = load(folder)
    assert (len(made.pool), made.notes) == (2, ())


def test_an_archive_unpacked_into_a_folder_of_its_own_is_found(tmp_path: Path):
    beir(tmp_path / "scifact" / "scifact")
    assert load(tmp_path / "scifact").relevant == ((0,), (1,))


def test_json_that_describes_a_collection_does_not_hide_it(tmp_path: Path):
    folder = beir(tmp_path)
    (folder / "dataset_infos.json").write_text("{}")
    (folder / "package.json").write_text("{")
    assert load(folder).relevant == ((0,), (1,))


@pytest.mark.parametrize(
    ("header", "first"), [("query_id\tquery\n", "q1\t{}\n"), ("query\tqid\n", "{}\tq1\n"), ("", "q1\t{}\n")]
)
def test_topics_are_read_with_a_header_in_any_order_or_none(tmp_path: Path, header: str, first: str):
    folder = beir(tmp_path, qrels="q1\td1\t1\n")
    (folder / "queries.jsonl").unlink()
    (folder / "topics.dev.tsv").write_text("\ufeff" + header + first.format("why bread?"), "utf-8")
    assert load(folder).query_texts() == ["why bread?"]


def test_a_topic_without_a_tab_is_named(tmp_path: Path):
    folder = beir(tmp_path)
    (folder / "topics.dev.tsv").write_text("q1\twhy?\nq2 how?\n")
    with pytest.raises(DataError, match=r"topics\.dev\.tsv, line 2: a topic is an id, a tab and a question"):
        load(folder)


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
def test_a_damaged_archive_in_a_collection_is_named(tmp_path: Path, pack):
    folder = beir(tmp_path)
    (folder / "corpus.jsonl").unlink()
    packed = folder / ("corpus.jsonl.gz" if pack is gzip.compress else "corpus.jsonl.xz")
    packed.write_bytes(pack(rows(*DOCUMENTS).encode()))
    assert len(load(folder).pool) == 2
    packed.write_bytes(packed.read_bytes()[:-9])
    with pytest.raises(DataError, match=rf"{packed.name} cannot be read to its end"):
        load(folder)


def test_a_folder_of_parquet_files_says_what_to_do(tmp_path: Path):
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "corpus-0.parquet").write_bytes(b"PAR1")
    with pytest.raises(DataError, match=r"corpus-0\.parquet is a Parquet file.*JSON lines"):
        load(tmp_path)
    with pytest.raises(DataError, match=r"corpus-0\.parquet.*is a Parquet file.*JSON lines"):
        load(tmp_path / "corpus" / "corpus-0.parquet")
