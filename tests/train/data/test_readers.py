"""Training data that are damaged, in another encoding or layout: every failure is told by file and line."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import tempfile
from pathlib import Path

import pytest
from hybrid_search.engine.errors import DataError
from hybrid_search.train.data.formats.file_names import languages_of
from hybrid_search.train.data.formats.readers import read
from hybrid_search.train.data.pairs import Example
from hypothesis import given, settings
from hypothesis import strategies as st

PAIR = {"id": "a", "language": "en", "question": "Where?", "passage": "There."}
TMX = (
    '<tmx><body><tu><tuv xml:lang="en"><seg>One.</seg></tuv><tuv xml:lang="de"><seg>Eins.</seg></tuv></tu></body></tmx>'
)


def examples(path: Path | str, language: str = "") -> tuple[list[Example], list[str]]:
    broken: list[str] = []
    return list(read(str(path), broken.append, language=language)), broken


def put(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.tsv", "question\tpassage\nWhere?\tThere.\n"),
        ("x.csv", "question,passage\nWhere?,There.\n"),
        ("x.csv", "question;passage\nWhere?;There.\n"),
        ("x.csv", "question\tpassage\nWhere?\tThere.\n"),
        ("x.jsonl", json.dumps(PAIR)),
        ("x.json", json.dumps([PAIR])),
        ("x.json", json.dumps(PAIR) + "\n\n" + json.dumps({**PAIR, "id": "b"})),
        (
            "en.json",
            json.dumps([{"id": "1", "question": "Where?", "context": "There.", "answers": {"text": ["There"]}}]),
        ),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_mark_and_either_line_end_change_nothing(tmp_path: Path, name: str, content: str, line_end: str):
    found, broken = examples(put(tmp_path / name, ("\ufeff" + content).replace("\n", line_end)), "en")
    assert not broken
    assert {(each.question["en"], each.passage["en"]) for each in found} == {("Where?", "There.")}


@pytest.mark.parametrize(("suffix", "pack"), [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress)])
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.jsonl", json.dumps(PAIR) + "\n"),
        ("x.tsv", "question\tpassage\nWhere?\tThere.\n"),
        ("x.csv", "question,passage\nWhere?,There.\n"),
        ("x.json", json.dumps([PAIR])),
        ("x.tmx", TMX),
    ],
)
def test_packed_files_are_read_and_damaged_ones_named(tmp_path: Path, name: str, content: str, suffix: str, pack):
    path = put(tmp_path / (name + suffix), pack(content.encode()))
    assert len(examples(path, "en")[0]) == 1
    packed = bytearray(pack(content.encode() * (1 if name.endswith(("json", "tmx")) else 60)))
    put(path, bytes(packed[:-10]))
    with pytest.raises(DataError, match=rf"{path.name} cannot be read to its end.*Fetch or copy it again"):
        examples(path, "en")
    packed[len(packed) // 2] ^= 0xFF
    put(path, bytes(packed))
    with pytest.raises(DataError, match=rf"{path.name} cannot be read to its end"):
        examples(path, "en")


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("x.tsv", ["question\tpassage", "Wo?\tDa.", "Où?\tLà."]),
        ("x.csv", ["question,passage", "Wo?,Da.", '"Où?","Là, là."']),
        ("x.jsonl", [json.dumps(PAIR), json.dumps(PAIR), '{"question": "Où?", "passage": "Là."}']),
    ],
)
def test_a_row_that_is_not_utf_8_is_reported_by_its_line_and_the_others_are_read(
    tmp_path: Path, name: str, lines: list[str]
):
    path = put(tmp_path / name, "\n".join(lines).encode("latin-1"))
    found, broken = examples(path, "fr")
    assert len(found) == (2 if name == "x.jsonl" else 1)
    assert len(broken) == 1
    assert broken[0].startswith(f"{path}:3: not UTF-8")


def test_a_header_that_is_not_utf_8_is_refused(tmp_path: Path):
    with pytest.raises(DataError, match=r"x\.tsv, line 1: the header is not UTF-8.*Save the file as UTF-8"):
        examples(put(tmp_path / "x.tsv", "question\tpassage\tpièce\na\tb\tc\n".encode("latin-1")))


@pytest.mark.parametrize("name", ["x.tsv", "x.csv", "x.jsonl", "en.json"])
def test_utf_16_is_named_with_the_next_step(tmp_path: Path, name: str):
    with pytest.raises(DataError, match=r"line 1: the file is in UTF-16.*Save it as UTF-8"):
        examples(put(tmp_path / name, "question\tpassage\na\tb\n".encode("utf-16")))


def test_a_translation_memory_in_utf_16_is_read(tmp_path: Path):
    path = put(tmp_path / "x.tmx", f'<?xml version="1.0" encoding="utf-16"?>{TMX}'.encode("utf-16"))
    assert examples(path)[0][0].passage == {"en": "One.", "de": "Eins."}


def test_a_stray_quote_between_tabs_takes_no_other_row_along(tmp_path: Path):
    content = 'question\tpassage\n"Where?\tThere.\n5" pipe?\tYes.\n"quoted ""so"""\tRight.\n'
    found, broken = examples(put(tmp_path / "x.tsv", content), "en")
    assert not broken
    assert [each.question["en"] for each in found] == ['"Where?', '5" pipe?', 'quoted "so"']


def test_a_quote_that_is_never_closed_is_named_by_its_line(tmp_path: Path):
    content = 'question,passage\nWhere?,There.\nWho?,"Me.\nWhen?,Now.\n'
    with pytest.raises(DataError, match=r"x\.csv, line 3: a quote is opened there and closed nowhere"):
        examples(put(tmp_path / "x.csv", content), "en")


def test_rows_keep_the_number_of_the_line_where_they_begin(tmp_path: Path):
    content = '\nquestion,passage\n"Wh\nere?","Th\nere."\n\nonly one\n'
    found, broken = examples(put(tmp_path / "x.csv", content), "en")
    assert [each.id for each in found] == ["x.csv:3"]
    assert broken == [f"{tmp_path / 'x.csv'}:7: 1 columns where the header has 2"]


def test_words_of_two_letters_are_a_header_only_if_they_are_languages(tmp_path: Path):
    assert examples(put(tmp_path / "x.tsv", "ok\tqq\nWhere?\tThere.\n"), "en")[0][0].question == {"en": "ok"}
    assert examples(put(tmp_path / "y.tsv", "pt-BR\tzh_TW\nSim.\t是。\n"))[0][0].question == {
        "pt": "Sim.",
        "zh-tw": "是。",
    }


@pytest.mark.parametrize(
    "content", ["<tmx><body><tu>", '<?xml version="1.0" encoding="nonsense"?><tmx/>', "no XML", "", "<tmx>\0</tmx>"]
)
def test_a_translation_memory_that_is_no_xml_is_reported(tmp_path: Path, content: str):
    found, broken = examples(put(tmp_path / "x.tmx", content))
    assert not found
    assert "x.tmx: after unit 0: not XML" in broken[0]


def test_a_unit_that_names_no_language_is_reported(tmp_path: Path):
    _, broken = examples(put(tmp_path / "x.tmx", TMX.replace(' xml:lang="de"', "")))
    assert broken == [f"{tmp_path / 'x.tmx'}: unit 1: text: no language is named"]


def test_an_id_may_be_0(tmp_path: Path):
    assert examples(put(tmp_path / "x.jsonl", json.dumps({**PAIR, "id": 0})))[0][0].id == "0"


def test_what_names_no_language_is_a_broken_row(tmp_path: Path):
    _, broken = examples(put(tmp_path / "x.jsonl", '{"text": {"\\ud800": "x", "en": "y"}}'))
    assert "x.jsonl:1: text: '\\ud800' is not a language code" in broken[0]


def squad(**more: object) -> dict:
    asked = {"id": "1", "question": "Where?", "answers": {"text": ["There"], "answer_start": [0]}, **more}
    return {"data": [{"title": "T", "paragraphs": [{"context": "There it is.", "qas": [asked]}]}]}


def test_squad_answers_may_be_objects_of_lists_and_impossible(tmp_path: Path):
    assert examples(put(tmp_path / "en.json", json.dumps(squad())))[0][0].answer == {"en": "There"}
    (example,), broken = examples(put(tmp_path / "en.json", json.dumps(squad(answers=[], is_impossible=True))))
    assert (example.answer, broken) == ({}, [])


def test_rows_of_the_hub_in_several_languages_are_joined_by_id(tmp_path: Path):
    for code in ("en", "de"):
        row = {
            "id": "1",
            "question": f"{code}?",
            "context": f"{code}.",
            "answers": {"text": [code], "answer_start": [0]},
        }
        put(tmp_path / f"xquad.{code}.json", json.dumps(row))
    for code in ("en", "de"):
        put(tmp_path / f"xquad.{code}.json", json.dumps([json.loads((tmp_path / f"xquad.{code}.json").read_text())]))
    (example,), _ = examples(tmp_path)
    assert example.question == {"en": "en?", "de": "de?"}
    assert example.answer == {"en": "en", "de": "de"}


def test_a_squad_file_whose_name_tells_no_language_is_of_the_source_s(tmp_path: Path):
    path = put(tmp_path / "train-v2.0.json", json.dumps(squad()))
    assert examples(path, "en")[0][0].question == {"en": "Where?"}
    with pytest.raises(DataError, match=r"train-v2\.0\.json contains no language"):
        examples(path)


def test_json_beside_the_data_that_is_something_else_is_reported_and_left_out(tmp_path: Path):
    put(tmp_path / "package.json", "{}")
    put(tmp_path / "en.json", json.dumps(squad()))
    found, broken = examples(tmp_path)
    assert len(found) == 1
    assert "package.json: no training data" in broken[0]


def test_a_question_that_is_not_as_squad_has_it_is_reported_by_its_place(tmp_path: Path):
    _, broken = examples(put(tmp_path / "en.json", json.dumps(squad(question=None))))
    assert broken == [f"{tmp_path / 'en.json'}: paragraph 1, question 1: question 1 has no text"]


def test_a_folder_with_a_comma_in_its_name_is_one_folder(tmp_path: Path):
    put(tmp_path / "a, b" / "x.jsonl", json.dumps(PAIR))
    assert len(examples(tmp_path / "a, b")[0]) == 1


@pytest.mark.parametrize("path", ["", " , ", "x" * 5000, "\0", "~nobody-of-that-name/x"])
def test_a_path_that_names_nothing_is_an_error_in_words(path: str):
    with pytest.raises(DataError):
        examples(path)


@pytest.mark.parametrize(
    ("name", "languages"),
    [
        ("dev-context-ar-question-de.json", ("de", "ar")),
        ("xquad.zh-CN.json", ("zh", "zh")),
        ("dev.json", ("", "")),
        ("tsconfig.json", ("", "")),
        ("what-is-new.json", ("", "")),
        ("train-de-v1.1.json", ("de", "de")),
        ("bem.jsonl.gz", ("bem", "bem")),
    ],
)
def test_the_name_of_a_file_tells_languages_that_there_are(name: str, languages: tuple[str, str]):
    assert languages_of(Path(name)) == languages


CONTENT = st.one_of(
    st.binary(max_size=80),
    st.text(max_size=80).map(str.encode),
    st.lists(
        st.sampled_from(["en", "de", "question", "passage", "\t", ",", ";", '"', "\n", "\r", "\0", "é"]), max_size=20
    ).map(lambda cells: "".join(cells).encode("latin-1")),
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.sampled_from(["", "x", "en", "\ud800"]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "id",
                        "question",
                        "passage",
                        "text",
                        "en",
                        "answer",
                        "answers",
                        "data",
                        "paragraphs",
                        "context",
                        "qas",
                    ]
                ),
                inner,
                max_size=5,
            )
        ),
        max_leaves=15,
    ).map(lambda value: json.dumps(value).encode()),
    st.binary(max_size=40).map(lambda data: gzip.compress(data)[:-3]),
    st.binary(max_size=40).map(lambda data: TMX.encode()[: len(data) * 4] + data),
)


@pytest.mark.parametrize("name", ["x.jsonl", "x.tsv", "x.csv", "x.tmx", "en.json", "x.json", "x.jsonl.gz", "x.tsv.xz"])
@given(content=CONTENT, language=st.sampled_from(["", "en"]))
@settings(max_examples=40, deadline=None)
def test_no_bytes_raise_anything_but_an_error_in_words(name: str, content: bytes, language: str):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        try:
            found, broken = examples(path, language)
        except DataError as error:
            assert error.hint, "the next step is said"
        else:
            assert all(line.startswith(str(path)) for line in broken if name != "en.json")
            assert all(each.question and each.passage for each in found)
