"""SQuAD's layout as it is published: one file or many, named by language or not, its answers in two forms."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hybrid_search.engine.errors import DataError
from hybrid_search.train.benchmarks.loading import load

CONTEXT = "Bread rises over night. Glaciers move slowly over rock."
KOREAN = "빵은 밤사이에 부풀어 오른다. 빙하는 바위 위로 천천히 움직인다."
ANSWER = [{"text": "Glaciers", "answer_start": CONTEXT.index("Glaciers")}]


def article(answers: object = ANSWER, context: str = CONTEXT, **more: object) -> dict:
    asked = {"id": "1", "question": "what moves?", "answers": answers, **more}
    return {"title": "T", "paragraphs": [{"context": context, "qas": [asked]}]}


def flat(name: str = "1", answers: object = None) -> dict:
    usual = {"text": ["Glaciers"], "answer_start": [24]}
    return {"id": name, "title": "T", "context": CONTEXT, "question": f"what {name}?", "answers": answers or usual}


def put(folder: Path, name: str, value: object, *, start: str = "") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    (folder / name).write_text(start + text, "utf-8")
    return folder / name


def test_a_mark_at_the_start_changes_nothing(tmp_path: Path):
    put(tmp_path, "en.json", {"data": [article()]}, start="\ufeff")
    assert load(tmp_path).relevant == ((1,),)


@pytest.mark.parametrize(
    "answers",
    [
        {"text": ["Glaciers"], "answer_start": [24]},
        {"text": "Glaciers", "answer_start": 24},
        [{"text": "Glaciers", "answer_start": "24"}],
        [{"text": "Glaciers", "answer_start": 24.0}],
        [{"text": "Glaciers"}],
        [{"text": "Glaciers", "answer_start": -1}],
        [{"text": "Glaciers", "answer_start": 9999}],
        {"text": ["Glaciers", "Bread"], "answer_start": [24, 0]},
    ],
)
def test_answers_are_lists_of_objects_or_objects_of_lists(tmp_path: Path, answers: object):
    put(tmp_path, "en.json", {"data": [article(answers)]})
    assert load(tmp_path).relevant == ((1,),)


@pytest.mark.parametrize(
    "impossible",
    [
        {"answers": []},
        {"answers": None},
        {"answers": {"text": [], "answer_start": []}},
        {"answers": [], "is_impossible": True, "plausible_answers": ANSWER},
        {"answers": ANSWER, "is_impossible": True},
        {"answers": [{"text": "nowhere"}]},
    ],
)
def test_a_question_that_cannot_be_answered_has_no_relevant_sentence_and_is_counted(tmp_path: Path, impossible: dict):
    data = article()
    data["paragraphs"][0]["qas"].append({"id": "2", "question": "what else?", **impossible})
    put(tmp_path, "en.json", {"version": "v2.0", "data": [data]})
    made = load(tmp_path)
    assert made.relevant == ((1,), ())
    assert made.notes == ("1 questions have no answer within a sentence.",)


@pytest.mark.parametrize("form", ["data", "list", "lines"])
@pytest.mark.parametrize("alone", [True, False])
def test_a_row_a_question_as_the_hub_has_it_shares_its_context_s_sentences(tmp_path: Path, form: str, alone: bool):
    values = [flat("1"), flat("2")]
    written = {
        "data": json.dumps({"version": 1, "data": values}),
        "list": json.dumps(values),
        "lines": "".join(json.dumps(value) + "\n" for value in values),
    }
    path = put(tmp_path, "en.jsonl" if form == "lines" else "en.json", written[form])
    made = load(path if alone else tmp_path)
    assert [query.id for query in made.queries] == ["1", "2"]
    assert len(made.pool) == 2
    assert made.relevant == ((1,), (1,))


def test_json_lines_may_be_called_json(tmp_path: Path):
    path = put(tmp_path, "en.json", json.dumps(flat("1")) + "\n" + json.dumps(flat("2")) + "\n")
    assert len(load(path).queries) == 2


@pytest.mark.parametrize("name", ["en.json", "squad-en.json", "xquad.en.json"])
def test_one_file_is_a_benchmark_of_the_language_in_its_name(tmp_path: Path, name: str):
    made = load(put(tmp_path, name, {"data": [article()]}))
    assert made.languages == ("en",)
    assert (made.name, made.notes) == (name, ())


@pytest.mark.parametrize(
    ("name", "context", "code"),
    [
        ("dev.json", CONTEXT, "en"),
        ("dev-v2.0.json", CONTEXT, "en"),
        ("KorQuAD_v1.0_dev.json", KOREAN, "ko"),
    ],
)
@pytest.mark.parametrize("alone", [True, False])
def test_where_the_name_tells_no_language_the_texts_do_and_that_is_noted(
    tmp_path: Path, name: str, context: str, code: str, alone: bool
):
    start = [{"text": context[:2], "answer_start": 0}]
    path = put(tmp_path, name, {"data": [article(start, context)]})
    made = load(path if alone else tmp_path)
    assert made.languages == (code,)
    assert made.notes == (f"The name of {name} contains no language; its texts look like {code}.",)


def test_where_neither_name_nor_texts_tell_a_language_the_file_is_refused(tmp_path: Path):
    path = put(tmp_path, "dev.json", {"data": [article([], "12 + 30.")]})
    for place in (path, tmp_path):
        with pytest.raises(DataError, match=r"dev\.json: its name contains no language.*de\.json"):
            load(place)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("xquad.ar.json", "ar"),
        ("zh-TW.json", "zh-tw"),
        ("xquad.zh_Hant.json", "zh-tw"),
        ("pt-br.json", "pt"),
        ("deu.json", "de"),
        ("EN.json", "en"),
        ("squad-en-de.json", "de"),
        ("test-context-vi-question-vi.json", "vi"),
        ("mlqa-german.json", "de"),
        ("de.json.gz", "de"),
    ],
)
def test_names_of_files_tell_languages_in_many_ways(tmp_path: Path, name: str, code: str):
    put(tmp_path, name, {"data": [article()]})
    assert load(tmp_path).languages == (code,)


def test_languages_may_be_asked_for_by_any_of_their_names(tmp_path: Path):
    for name in ("zh-CN.json", "he.json", "en.json"):
        put(tmp_path, name, {"data": [article()]})
    assert load(tmp_path, languages=["zh-Hans", "iw", "EN"]).languages == ("en", "he", "zh")
    assert load(tmp_path / "he.json", languages=["iw"]).languages == ("he",)


def test_other_json_beside_files_that_are_named_by_language_is_left_out_and_noted(tmp_path: Path):
    put(tmp_path, "xquad.en.json", {"data": [article()]})
    put(tmp_path, "package.json", "{}")
    put(tmp_path, "results.json", "not JSON")
    made = load(tmp_path)
    assert made.languages == ("en",)
    assert made.notes == ("Left out, since their names contain no language: package.json, results.json.",)


def test_other_json_beside_the_only_file_is_left_out_and_noted(tmp_path: Path):
    put(tmp_path, "dev-v2.0.json", {"data": [article()]})
    put(tmp_path, "package.json", "{}")
    made = load(tmp_path)
    assert made.languages == ("en",)
    assert "package.json was left out: it is not SQuAD-format JSON." in made.notes


def test_of_several_splits_of_one_language_dev_is_read(tmp_path: Path):
    put(tmp_path, "train-v2.0.json", {"data": [article(id="from train")]})
    put(tmp_path, "dev-v2.0.json", {"data": [article(id="from dev")]})
    made = load(tmp_path)
    assert [query.id for query in made.queries] == ["from dev"]
    assert "train-v2.0.json was left out: dev-v2.0.json is of en too." in made.notes


def test_two_files_of_one_language_are_refused(tmp_path: Path):
    put(tmp_path, "de.json", {"data": [article()]})
    put(tmp_path, "xquad.de.json", {"data": [article()]})
    with pytest.raises(DataError, match=r"de\.json and xquad\.de\.json are both of de.*Keep one"):
        load(tmp_path)


def test_a_folder_without_squad_files_says_what_each_is(tmp_path: Path):
    put(tmp_path, "package.json", "{}")
    with pytest.raises(DataError, match=r"no file that is SQuAD-format JSON \(package\.json: no `data`"):
        load(tmp_path)


def test_questions_and_contexts_of_one_file_may_be_in_two_languages(tmp_path: Path):
    made = load(put(tmp_path, "dev-context-en-question-de.json", {"data": [article()]}))
    assert {query.language for query in made.queries} == {"de"}
    assert {item.language for item in made.pool} == {"en"}


def test_of_questions_with_one_id_the_first_stays_and_is_noted(tmp_path: Path):
    data = article()
    data["paragraphs"][0]["qas"].append({"id": "1", "question": "again?", "answers": ANSWER})
    put(tmp_path, "en.json", {"data": [data]})
    made = load(tmp_path)
    assert made.query_texts() == ["what moves?"]
    assert made.relevant == ((1,),)
    assert made.notes == ("1 questions repeat an id in their language; the first of each counts.",)


def test_ids_may_be_numbers(tmp_path: Path):
    put(tmp_path, "en.json", {"data": [article(id=0)]})
    assert load(tmp_path).queries[0].id == "0"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (article(context=None), "paragraph 1: not in SQuAD's format .`context` is not text"),
        (article(question=None), "paragraph 1: not in SQuAD's format .question 1 has no text"),
        (article([{"answer_start": "x"}]), "paragraph 1: not in SQuAD's format .`answer_start` is not a number"),
        (article(["Glaciers"]), "paragraph 1: not in SQuAD's format .an answer is not an object"),
        ({"paragraphs": 3}, "paragraph 1: not in SQuAD's format"),
        ("article", "article 1: not in SQuAD's format"),
        ({**flat(), "context": 3}, "row 1: not in SQuAD's format"),
    ],
)
def test_what_is_not_as_squad_has_it_is_named_by_its_place(tmp_path: Path, value: object, message: str):
    put(tmp_path, "en.json", {"data": [value]})
    with pytest.raises(DataError, match=rf"en\.json, {message}"):
        load(tmp_path)


def test_a_damaged_file_is_named_by_its_line_and_a_file_in_another_encoding_with_the_next_step(tmp_path: Path):
    path = put(tmp_path, "en.json", '{"data":\n[{"paragraphs"')
    with pytest.raises(DataError, match=r"en\.json is not SQuAD-format JSON \(line 2: not JSON.*fetch it again"):
        load(tmp_path)
    path.write_bytes('{"data":\n"é"}'.encode("latin-1"))
    with pytest.raises(DataError, match=r"en\.json, line 2: not UTF-8.*Save the file as UTF-8"):
        load(tmp_path)
    path.write_bytes(json.dumps({"data": [article()]}).encode("utf-16"))
    with pytest.raises(DataError, match=r"en\.json, line 1: the file is in UTF-16.*Save it as UTF-8"):
        load(tmp_path)


def parallel(name: str, **more: object) -> dict:
    usual = {
        "id": name,
        "question": {"en": f"what {name}?", "de": f"was {name}?"},
        "passage": {"en": f"It rains {name}. I eat bread.", "de": f"Es regnet {name}. Ich esse Brot."},
        "answer": {"en": "bread", "de": "Brot"},
    }
    return usual | more


@pytest.mark.parametrize("form", ["lines", "list"])
def test_parallel_rows_are_read_from_lines_or_a_list_with_a_mark(tmp_path: Path, form: str):
    values = [parallel("a"), parallel("b")]
    text = json.dumps(values) if form == "list" else "\n".join(map(json.dumps, values))
    path = put(tmp_path, "dev.json" if form == "list" else "dev.jsonl", text, start="\ufeff")
    assert len(load(path).queries) == 4


def test_parallel_rows_that_repeat_an_id_are_counted_and_null_texts_are_not_there(tmp_path: Path):
    values = [
        parallel("a"),
        parallel("a"),
        parallel("b", question={"en": "what?", "de": None}),
        parallel("c", answer=3),
    ]
    made = load(put(tmp_path, "dev.jsonl", "\n".join(map(json.dumps, values))))
    assert {query.id for query in made.queries} == {"a"}
    assert made.notes == (
        "1 questions were left out: their answer could not be placed in every language.",
        "1 rows repeat an id; the first of each counts.",
    )
