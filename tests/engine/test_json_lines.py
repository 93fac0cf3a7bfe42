"""JSON and lines of text: packed or marked, and what is said of files that are damaged or something else."""

from __future__ import annotations

import bz2
import gzip
import lzma
from pathlib import Path

import pytest
from hybrid_search.engine.errors import DataError
from hybrid_search.engine.json_lines import BadLine, json_document, json_lines, text_lines

LINES = b'{"a": 1}\r\n\r\n{"a": 2}\n'


def test_lines_keep_their_numbers_without_marks_blank_lines_and_line_ends(tmp_path: Path):
    path = tmp_path / "x.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + LINES + b"\xef\xbb\xbf" + b'{"a": 3}')
    assert list(json_lines(path)) == [(1, {"a": 1}), (3, {"a": 2}), (4, {"a": 3})]


def test_lines_may_end_with_a_carriage_return_alone(tmp_path: Path):
    (tmp_path / "x.csv").write_bytes(b"\xef\xbb\xbfde,en\r\rBrot,bread\r")
    assert list(text_lines(tmp_path / "x.csv")) == [(1, "de,en"), (3, "Brot,bread")]


@pytest.mark.parametrize(
    ("name", "pack"), [("x.gz", gzip.compress), ("x.bz2", bz2.compress), ("x.xz", lzma.compress), ("x", gzip.compress)]
)
def test_packed_files_are_unpacked_by_name_or_first_bytes(tmp_path: Path, name: str, pack):
    (tmp_path / name).write_bytes(pack(LINES))
    assert [value["a"] for _, value in json_lines(tmp_path / name)] == [1, 2]


def test_a_file_that_a_browser_unpacked_and_left_its_name_is_read(tmp_path: Path):
    (tmp_path / "x.jsonl.gz").write_bytes(LINES)
    assert [value["a"] for _, value in json_lines(tmp_path / "x.jsonl.gz")] == [1, 2]


@pytest.mark.parametrize(("name", "pack"), [("x.gz", gzip.compress), ("x.bz2", bz2.compress), ("x.xz", lzma.compress)])
@pytest.mark.parametrize("damage", ["cut", "flipped", "no head"])
def test_a_damaged_archive_is_named(tmp_path: Path, name: str, pack, damage: str):
    whole = bytearray(pack(LINES * 40))
    if damage == "flipped":
        whole[len(whole) // 2] ^= 0xFF
    content = {"cut": whole[:-12], "flipped": whole, "no head": b"\x00\xff\xfe\x00" + whole[4:]}[damage]
    (tmp_path / name).write_bytes(bytes(content))
    with pytest.raises(DataError, match=rf"{name} cannot be read to its end.*again"):
        list(json_lines(tmp_path / name))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"a": 1}'.encode("utf-16"), "line 1: the file is in UTF-16.*Save it as UTF-8"),
        ('{"a": 1}'.encode("utf-16-be"), "line 1: the file is in UTF-16.*Save it as UTF-8"),
        (b"PAR1\x15\x04\x15", "is a Parquet file.*JSON lines"),
        (b"PK\x03\x04\x14\x00", "is a zip archive.*Unpack it"),
    ],
)
def test_what_is_no_text_in_utf_8_is_named_with_the_next_step(tmp_path: Path, content: bytes, message: str):
    (tmp_path / "x.jsonl").write_bytes(content)
    for read in (json_lines, text_lines):
        with pytest.raises(DataError, match=message):
            list(read(tmp_path / "x.jsonl"))
    with pytest.raises(DataError, match=message):
        json_document(tmp_path / "x.jsonl")


def test_a_line_that_is_no_json_or_not_utf_8_says_why_and_the_next_ones_are_read(tmp_path: Path):
    deep = b"[" * 100_000
    (tmp_path / "x.jsonl").write_bytes(b'{"a"\n"caf\xe9"\n' + deep + b"\n7\n")
    values = [value for _, value in json_lines(tmp_path / "x.jsonl")]
    assert [type(value) for value in values] == [BadLine, BadLine, BadLine, int]
    assert "not UTF-8" in str(values[1])


def test_text_that_is_not_utf_8_is_named_by_its_line(tmp_path: Path):
    (tmp_path / "x.tsv").write_bytes(b"a\tb\nc\tcaf\xe9\n")
    with pytest.raises(DataError, match=r"x\.tsv, line 2: not UTF-8.*Save the file as UTF-8"):
        list(text_lines(tmp_path / "x.tsv"))


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b'\xef\xbb\xbf{"a":\n 1}', {"a": 1}),
        (b'{"a": 1}\n{"a": 2}\n', [{"a": 1}, {"a": 2}]),
        (b"[1, 2]", [1, 2]),
    ],
)
def test_a_json_document_is_one_value_or_a_list_of_its_lines(tmp_path: Path, content: bytes, value: object):
    (tmp_path / "x.json").write_bytes(content)
    assert json_document(tmp_path / "x.json") == value


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"a":\n {"b": ', "line 2: not JSON"),
        (b'{"a": 1}\n{"a"\n', "line 2: not JSON"),
        (b"", "line 1: not JSON"),
        (b"[" * 100_000, "not JSON that can be read"),
    ],
)
def test_a_document_that_is_no_json_says_why(tmp_path: Path, content: bytes, message: str):
    (tmp_path / "x.json").write_bytes(content)
    value = json_document(tmp_path / "x.json")
    assert isinstance(value, BadLine)
    assert message in str(value)


def test_a_document_that_is_not_utf_8_is_named_by_its_line(tmp_path: Path):
    (tmp_path / "x.json").write_bytes(b'{"a":\n "caf\xe9"}')
    with pytest.raises(DataError, match=r"x\.json, line 2: not UTF-8"):
        json_document(tmp_path / "x.json")


def test_what_is_missing_or_closed_is_not_called_damaged(tmp_path: Path):
    for read in (json_document, lambda path: list(json_lines(path)), lambda path: list(text_lines(path))):
        with pytest.raises(DataError, match=r"^There is no file .*none\. Check its name"):
            read(tmp_path / "none")
        with pytest.raises(DataError, match=r"cannot be read: is a directory\. Give a file"):
            read(tmp_path)
