"""A text of many megabytes is read in pieces, and is then what it would be if it were read whole."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hybrid_search.engine.documents import opening, read, reading
from hybrid_search.engine.documents.decoding import decode, decode_pieces
from hybrid_search.engine.documents.model import LongDocument
from hybrid_search.engine.errors import UnreadableDocument

WORDS = {
    "utf-8": "Der Mond über dem Haus, вода и хлеб, 月は木の上 😀.\n",
    "utf-8-sig": "Größe und Maß der Bäume.\n",
    "utf-16": "Größe und Maß der Bäume, 月は木の上.\r\n",
    "utf-32": "Größe und Maß der Bäume.\n",
    "utf-16-le": "The moon shines on the house.\n",
    "cp1252": "Größe und Maß der Bäume über dem Fluß.\r\n",
    "cp1251": "Вода и хлеб лежат на столе в доме.\r",
    "shift_jis": "月は木の上にのぼり、家の水を照らす。\n",
    "gb18030": "月亮升起在老房子的后面，树下有水。\n",
    "koi8-r": "Вода и хлеб лежат на столе в доме.\n",
}


@pytest.mark.parametrize("encoding", WORDS)
def test_pieces_together_are_the_whole_in_every_encoding(encoding):
    data = (WORDS[encoding] * 1000).encode(encoding)
    for size in (8192, 9001, 12_345):
        blocks = (data[start : start + size] for start in range(0, len(data), size))
        pieces = list(decode_pieces(blocks))
        assert "".join(pieces) == decode(data)
        assert len(pieces) > 1 and max(map(len, pieces)) <= 2 * size


def test_a_long_line_without_any_space_is_one_piece_and_whole():
    data = ("月は木の上にのぼり" * 3000).encode()
    assert "".join(decode_pieces(data[start : start + 8192] for start in range(0, len(data), 8192))) == data.decode()


def test_what_a_file_declares_holds_for_all_of_it():
    data = b"-*- coding: koi8-r -*-\n" + ("Вода. " * 3000).encode("koi8-r")
    assert (
        "".join(decode_pieces(data[start : start + 8192] for start in range(0, len(data), 8192))).count("Вода") == 3000
    )


@pytest.fixture
def long_from_10_kilobytes(monkeypatch):
    monkeypatch.setattr(reading, "_LONG", 10_000)
    monkeypatch.setattr(opening, "_BLOCK", 9000)


def test_a_long_text_is_the_document_it_would_be_if_it_were_short(tmp_path, monkeypatch, long_from_10_kilobytes):
    text = "".join(f"Der Mond scheint über Haus {n}.\r\n\r\n" for n in range(2000))
    for name, data in (("a.txt", text.encode()), ("b.txt.gz", gzip.compress(text.encode("cp1252")))):
        path = tmp_path / name
        path.write_bytes(data)
        documents = reading.read_in_pieces(path)
        long = next(documents)
        assert isinstance(long, LongDocument) and len(list(long.pieces)) > 3
        (found,) = read(path)
        with monkeypatch.context() as context:
            context.setattr(reading, "_LONG", 1 << 30)
            assert list(read(path)) == [found]


def test_long_texts_that_cannot_be_read_say_why(tmp_path, long_from_10_kilobytes):
    def why(name: str, data: bytes, **options) -> str:
        (tmp_path / name).write_bytes(data)
        with pytest.raises(UnreadableDocument) as raised:
            list(read(tmp_path / name, **options))
        return raised.value.message

    text = b"".join(b"The moon shines on house %d.\n" % n for n in range(4000))
    packed = gzip.compress(text)
    assert "compressed data is damaged" in why("a.txt.gz", packed[: len(packed) // 2])
    assert why("b.txt.gz", packed, size_limit=20_000) == (
        "it is too large: it unpacks to more than 20,000 bytes, which is the limit for text"
    )
    assert why("c.txt", text, size_limit=20_000).startswith("it is too large: 122,")
    assert "binary" in why("d.txt", text[:8192] + b"\n" + bytes(range(32)) * 2000)


def test_no_more_is_allotted_than_a_file_has(tmp_path, monkeypatch):
    asked = []
    original = opening.Opened._take
    monkeypatch.setattr(opening.Opened, "_take", lambda self, number: asked.append(number) or original(self, number))
    Path(tmp_path / "a.md").write_text("# Moon\n\n" + "The moon shines. " * 1000)
    list(read(tmp_path / "a.md"))
    assert max(asked) < 20_000
