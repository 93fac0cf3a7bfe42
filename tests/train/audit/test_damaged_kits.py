"""Kits that are damaged, careless or hostile: each is told in a sentence with file and line, and none is half read."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hybrid_search.engine import json_lines
from hybrid_search.engine.errors import DataError
from hybrid_search.train.audit.kits import read_kit, write_kit

from tests.support.audits import small_kit

KIT = small_kit()
QUESTION = '{"id": "a-de", "group": "a", "language": "de", "question": "Wie backt man Brot?"}\n'
OTHER = '{"id": "a-en", "group": "a", "language": "en", "question": "How is bread baked?"}\n'


@pytest.fixture
def kit(tmp_path: Path) -> Path:
    write_kit(KIT, tmp_path / "kit")
    return tmp_path / "kit"


def told(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        read_kit(path)
    assert caught.value.hint, "what to do next is not said"
    return caught.value.message


def change(path: Path, line: int = 0, **values) -> None:
    """Give names of a line other values; `...` takes one away."""
    rows = path.read_text("utf-8").splitlines()
    row = json.loads(rows[line]) | values
    rows[line] = json.dumps({name: value for name, value in row.items() if value is not ...})
    path.write_text("\n".join(rows) + "\n", "utf-8")


# -- values


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"question": ...}, "`question` is missing"),
        ({"question": ["x"]}, "`question` is missing or no text"),
        ({"question": "wie " * 50_000}, "`question` has 200,000 letters"),
        ({"question": "Wie \ud800 geht das?"}, "`question` holds half a letter, \\ud800"),
        ({"question": "?", "language": ...}, "the language of '?' is not clear"),
        ({"id": 1.5}, "`id` is missing or no text"),
        ({"id": True}, "`id` is missing or no text"),
        ({"id": "\ud800"}, "`id` holds half a letter"),
        ({"group": {}}, "`group` is missing or no text"),
        ({"language": "no language"}, "is not a language code"),
        ({"answerable": "no"}, "`answerable` is true or false"),
        ({"answerable": False}, "what nothing answers has no `relevant`"),
        ({"relevant": None}, "`relevant` is a list"),
        ({"relevant": {"tea-de-0": 1}}, "`relevant` is a list"),
        ({"relevant": [1.5]}, "`relevant` is missing or no text"),
        ({"relevant": ["nobody"]}, "'nobody' is `relevant`, and passages.jsonl has no passage of that id"),
        ({"relevant": [7]}, "'7' is `relevant`"),
    ],
)
def test_a_question_with_a_wrong_value_is_told_with_its_line(kit, values, words):
    change(kit / "questions.jsonl", **values)
    said = told(kit)
    assert words in said and "questions.jsonl, line 1" in said


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"id": ...}, "`id` is missing"),
        ({"text": ""}, "`text` is missing"),
        ({"text": "x" * 200_000}, "`text` has 200,000 letters"),
        ({"text": "\udfff"}, "`text` holds half a letter"),
        ({"title": ["x"]}, "`title` is missing or no text"),
        ({"document": False}, "`document` is missing or no text"),
        ({"language": ...}, "`language` is missing"),
        ({"language": "klingon"}, "is not a language code"),
    ],
)
def test_a_passage_with_a_wrong_value_is_told_with_its_line(kit, values, words):
    change(kit / "passages.jsonl", **values)
    said = told(kit)
    assert words in said and "passages.jsonl, line 1" in said


def test_white_space_and_whole_numbers_are_no_damage(kit):
    lines = [(path, line) for path in ("questions.jsonl", "passages.jsonl") for line in (0, 1)]
    for path, line in lines:
        change(kit / path, line, title="", document=None)
    named = [f" {KIT.passages[row].id} " for row in KIT.relevant[0]]
    change(kit / "questions.jsonl", relevant=named)
    assert read_kit(kit).digest == KIT.digest


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"schema": 2}, "is of another version: its `schema` is 2"),
        ({"schema": "1"}, "its `schema` is '1'"),
        ({"schema": ...}, "its `schema` is None"),
        ({"name": 7}, "`name` is missing or no text"),
        ({"notes": "x"}, "`notes` is a list"),
        ({"notes": [1]}, "`notes` is missing or no text"),
    ],
)
def test_a_kit_of_another_version_or_without_a_name_is_told(kit, values, words):
    said = json.loads((kit / "kit.json").read_text("utf-8")) | values
    (kit / "kit.json").write_text(
        json.dumps({name: value for name, value in said.items() if value is not ...}), "utf-8"
    )
    assert words in told(kit) and "kit.json" in told(kit)


# -- whole files


def twice(path: Path) -> None:
    path.write_text(path.read_text("utf-8") * 2, "utf-8")


def same_again(path: Path) -> None:
    first = json.loads(path.read_text("utf-8").splitlines()[0]) | {"id": "another"}
    path.write_text(path.read_text("utf-8") + json.dumps(first) + "\n", "utf-8")


def cut_in_a_line(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-30])


def cut_after_a_line(path: Path) -> None:
    path.write_text("".join(path.read_text("utf-8").splitlines(keepends=True)[:-12]), "utf-8")


def of_german_alone(path: Path) -> None:
    rows = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(row for row in rows if json.loads(row)["language"] == "de"), "utf-8")


def in_another_encoding(path: Path) -> None:
    path.write_bytes(path.read_text("utf-8").encode("utf-16"))


def in_latin_letters(path: Path) -> None:
    path.write_bytes(path.read_bytes() + '{"id": "ä"}\n'.encode("latin-1"))


def as_one_list(path: Path) -> None:
    path.write_text("[" + ",".join(path.read_text("utf-8").splitlines()) + "]", "utf-8")


def nested_without_end(path: Path) -> None:
    path.write_text("[" * 100_000, "utf-8")


def packed_without_end(path: Path) -> None:
    path.write_bytes(gzip.compress(b"{" + b" " * json_lines.MOST_IN_LINE))


@pytest.mark.parametrize(
    ("file", "harm", "words"),
    [
        ("questions.jsonl", Path.unlink, "is not a kit: it has no questions.jsonl"),
        ("questions.jsonl", lambda path: path.write_text(""), "has no questions"),
        ("questions.jsonl", twice, "has two questions of the id"),
        ("questions.jsonl", same_again, "asks tea-1 twice in de: tea-1-de and another"),
        ("questions.jsonl", cut_in_a_line, "not JSON (Unterminated string starting at, column"),
        ("questions.jsonl", of_german_alone, "asks in de alone"),
        ("questions.jsonl", in_another_encoding, "line 1: the file is in UTF-16"),
        ("questions.jsonl", in_latin_letters, "not UTF-8"),
        ("questions.jsonl", as_one_list, "line 1: no object"),
        ("questions.jsonl", nested_without_end, "line 1: not JSON that can be read"),
        ("questions.jsonl", packed_without_end, "line 1: longer than 64 MB"),
        ("passages.jsonl", Path.unlink, "is `relevant`, and passages.jsonl has no passage of that id"),
        ("passages.jsonl", lambda path: path.write_text(""), "is `relevant`"),
        ("passages.jsonl", twice, "occurs twice"),
        ("passages.jsonl", cut_in_a_line, "not JSON"),
        ("passages.jsonl", cut_after_a_line, "is `relevant`"),
        ("passages.jsonl", of_german_alone, "is `relevant`"),
        ("passages.jsonl", in_another_encoding, "line 1: the file is in UTF-16"),
        ("passages.jsonl", in_latin_letters, "not UTF-8"),
        ("passages.jsonl", nested_without_end, "line 1: not JSON that can be read"),
        ("kit.json", lambda path: path.write_text("[]"), "kit.json: no object"),
        ("kit.json", nested_without_end, "kit.json: not JSON that can be read"),
        ("kit.json", lambda path: path.write_bytes(b'{"name": "\xff"}'), "kit.json, line 1: not UTF-8"),
        ("markdown/tea.de.md", lambda path: path.write_bytes(b"\xff"), "tea.de.md cannot be read (invalid start byte)"),
        ("markdown/tea.de.md", lambda path: os.truncate(path, 2**27), "tea.de.md cannot be read (it is too large"),
    ],
)
def test_a_damaged_file_is_told(kit, file: str, harm: Callable[[Path], object], words: str):
    harm(kit / file)
    assert words in told(kit)


def test_marks_and_line_ends_of_other_systems_are_no_damage(kit):
    for name in ("questions.jsonl", "passages.jsonl", "kit.json"):
        text = (kit / name).read_bytes()
        (kit / name).write_bytes(b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n"))
    found = read_kit(kit)
    assert found.digest == KIT.digest and found.notes == ()


def test_a_kit_without_documents_or_description_is_one(kit):
    for path in (kit / "markdown").iterdir():
        path.unlink()
    (kit / "markdown").rmdir()
    (kit / "kit.json").unlink()
    found = read_kit(kit)
    assert found.digest == KIT.digest and found.name == "kit" and found.texts == ()


def test_what_was_changed_after_it_was_written_is_told(kit):
    change(kit / "questions.jsonl", question="Was ist ein Gletscher?")
    assert [note for note in read_kit(kit).notes if "were changed after they were written" in note]


# -- what is no file of the kit


def link(path: Path) -> None:
    path.symlink_to("/etc/passwd")


def link_to_zeros(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="links, pipes and devices are POSIX")
@pytest.mark.parametrize("file", ["questions.jsonl", "passages.jsonl", "kit.json", "markdown/tea.de.md"])
@pytest.mark.parametrize("other", [link, link_to_zeros, os.mkfifo if hasattr(os, "mkfifo") else None, Path.mkdir])
def test_links_pipes_devices_and_folders_are_not_opened(kit, file, other):
    (kit / file).unlink()
    other(kit / file)
    assert Path(file).name in told(kit)


def test_documents_that_no_passage_is_of_are_not_opened(kit):
    (kit / "markdown" / "x.md").symlink_to("/dev/zero")
    change(kit / "passages.jsonl", document="../../../../etc/passwd")
    assert "x.md" not in dict(read_kit(kit).texts) and len(read_kit(kit).texts) == len(KIT.texts)


# -- questions alone


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("questions.jsonl", "", "has no questions"),
        ("questions.jsonl", QUESTION, "asks in de alone"),
        ("questions.jsonl", QUESTION + "{", "line 2: not JSON"),
        ("questions.jsonl", QUESTION + "How is bread baked?\n", "line 2: not JSON"),
        ("questions.txt", QUESTION + "{", "line 2: not JSON"),
        ("questions.txt", "?\n", "the language of '?' is not clear"),
    ],
)
def test_damaged_questions_alone_are_told_with_their_line(tmp_path, name, text, words):
    (tmp_path / name).write_text(text, "utf-8")
    assert words in told(tmp_path / name)


def test_judgements_without_passages_are_left_out_and_told(tmp_path):
    judged = json.dumps(json.loads(QUESTION) | {"relevant": ["p1"]}) + "\n"
    (tmp_path / "questions.jsonl").write_text(judged + OTHER, "utf-8")
    found = read_kit(tmp_path / "questions.jsonl")
    assert not found.judged and "left out" in found.notes[0]


def test_what_is_not_there_is_told(tmp_path):
    assert "nowhere" in told(tmp_path / "nowhere") and "is not a kit" in told(tmp_path)
