"""The demo library: there at once from what ships, made again where that does not fit."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hybrid_search.engine.errors import LibraryError
from hybrid_search.engine.library import demo, demo_indexing
from hybrid_search.engine.library.demo import open_demo

from tests.making import demo as demo_files

TEXTS = {
    "en/moon.md": "# Moon\n\nThe moon rises behind the tree.\n\nIt shines on the old house.",
    "de/moon.md": "# Mond\n\nDer Mond geht hinter dem Baum auf.\n\nEr scheint auf das alte Haus.",
    "ja/moon.md": "# 月\n\n月が木の後ろから昇る。\n\n古い家を照らしている。",
}


@pytest.fixture
def source(tmp_path, monkeypatch) -> Path:
    """A small demo that ships in place of the real one."""
    folder = tmp_path / "ships"
    for name, text in TEXTS.items():
        (folder / "passages" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "passages" / name).write_text(text, "utf-8")
    monkeypatch.setattr(demo, "demo_folder", lambda: folder)
    return folder


@pytest.fixture
def shipped(source, monkeypatch, keyword_encoder_type):
    """Its vectors by an encoder called hybrid, which is the only one there is."""
    encoder = keyword_encoder_type("hybrid")
    known = {"hybrid": encoder.fingerprint}
    monkeypatch.setattr(demo, "fingerprint_of", known.get)
    texts = demo_files.write_spans(source, [encoder])
    demo_files.write_vectors(source, encoder, texts)
    encoder.calls = 0
    return encoder


def test_it_opens_without_cutting_detecting_or_encoding_anything(shipped, monkeypatch):
    def refused(*_arguments, **_options):
        raise AssertionError("done again although it ships")

    for place in ("hybrid_search.engine.ingest.cutting.packed", "hybrid_search.engine.ingest.finishing.detect"):
        monkeypatch.setattr(place, refused)
    with open_demo() as library:
        assert library.languages() == {"de": 1, "en": 1, "ja": 1}
        assert library.encoders() == ["hybrid"] and library.pending(shipped) == 0
        ranking = library.search("moon", encoder=shipped)
        assert shipped.calls == 1 and len(ranking.hits) == 3
        for hit in ranking.hits:
            text = Path(hit.passage.path).read_text("utf-8")
            assert text[hit.passage.start : hit.passage.end] == hit.passage.text
    assert library.notices == []


def test_what_ships_gives_the_scores_of_the_encoder(shipped):
    with open_demo() as library:
        query = shipped.encode_query(["moon"])[0]
        for hit in library.search("moon", encoder=shipped).hits:
            own = shipped.encode_document([hit.passage.text])[0] @ query
            assert hit.score == pytest.approx(float(own), abs=1e-3)


def test_where_home_cannot_be_written_to_it_is_made_for_the_time_being(shipped, home, monkeypatch):
    monkeypatch.setenv("HYBRID_SEARCH_HOME", str(home / "a file"))
    (home / "a file").write_text("in the way", "utf-8")
    said = []
    with open_demo(notify=said.append) as library:
        place = library.path
        assert library.search("moon", encoder=shipped).hits
    assert len(said) == 1 and "cannot be written to" in said[0]
    assert not place.exists()


def test_a_demo_that_is_damaged_is_told_and_not_made_elsewhere(shipped):
    open_demo().close()
    (demo.library_folder() / "library.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(LibraryError, match="damaged"):
        open_demo()


def test_a_second_opening_makes_nothing(shipped, monkeypatch):
    open_demo().close()

    def refused(*_arguments):
        raise AssertionError("made again")

    monkeypatch.setattr(demo.DemoLibrary, "fill", refused)
    with open_demo() as library:
        assert len(library.search("moon", encoder=shipped).hits) == 3


def test_vectors_of_an_encoder_that_changed_are_made_again_once(shipped, monkeypatch, keyword_encoder_type):
    open_demo().close()
    newer = keyword_encoder_type("hybrid", bias=1.0)
    monkeypatch.setattr(demo, "fingerprint_of", {"hybrid": newer.fingerprint}.get)
    told = []
    with open_demo(notify=told.append) as library:
        for _ in range(2):
            assert len(library.search("moon", encoder=newer).hits) == 3
        assert newer.calls == 3 + 2
        assert "encodes the passages" in told[0]
        assert library.ranks("moon", newer, [library.search("moon", encoder=newer).hits[0].passage.id])


def test_any_other_encoder_encodes_the_demo_when_it_is_first_asked(shipped, keyword_encoder_type):
    own = keyword_encoder_type("own")
    with open_demo() as library:
        found = library.compare("moon", encoders=[shipped, own, "bm25"])
        assert list(found.rankings) == ["hybrid", "own", "bm25"]
        assert own.calls == 4


def test_passages_that_changed_are_cut_and_encoded_again(shipped, source):
    open_demo().close()
    (source / "passages/en/moon.md").write_text("# Moon\n\nThe moon is made of bread.", "utf-8")
    (source / "passages/ja/moon.md").unlink()
    with open_demo() as library:
        assert library.languages() == {"de": 1, "en": 1}
        texts = [hit.passage.text for hit in library.search("bread", encoder=shipped).hits]
        assert texts[0] == "The moon is made of bread." and len(texts) == 2


def test_a_program_that_moved_keeps_one_copy(shipped, source, monkeypatch):
    open_demo().close()
    moved = source.with_name("moved")
    source.rename(moved)
    monkeypatch.setattr(demo, "demo_folder", lambda: moved)
    with open_demo() as library:
        assert library.status().documents == 3
        assert all("/moved/" in hit.passage.path for hit in library.search("moon", encoder=shipped).hits)
        assert library.status().folders == (str(moved / "passages"),)


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 nothing"])
def test_damaged_files_only_cost_time(shipped, source, damage):
    (source / "vectors/hybrid.npz").write_bytes(damage)
    (source / demo_indexing.SPANS).write_bytes(damage)
    with open_demo() as library:
        assert len(library.search("moon", encoder=shipped).hits) == 3
        assert shipped.calls == 4


def test_two_who_open_it_at_once_both_get_it(shipped):
    import threading

    found = []

    def opened() -> None:
        with open_demo() as library:
            found.append((library.status().documents, library.pending(shipped)))

    threads = [threading.Thread(target=opened) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert found == [(3, 0)] * 3


def test_an_installation_without_a_demo_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "demo_folder", lambda: tmp_path / "none")
    with pytest.raises(LibraryError, match="no demo library"):
        open_demo()


def test_vectors_that_ship_are_unit_vectors_again(shipped, source):
    found = demo_indexing.read_vectors(source / "vectors/hybrid.npz")
    assert found.vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(found.vectors, axis=1), 1, atol=1e-6)


def test_the_demo_that_ships_is_parallel_and_its_spans_are_current():
    folder = demo.demo_folder()
    spans = demo_indexing.read_spans(folder)
    files = list((folder / "passages").rglob("*.md"))
    topics = {path.stem for path in files}
    languages = {path.parent.name for path in files}
    assert len(files) == len(topics) * len(languages) and len(languages) >= 14
    for path in files:
        known = spans[demo_indexing.file_digest(path).hex()]
        assert len(known) == 1 and {each[3] for each in known[0]} == {path.parent.name}
    for path in sorted((folder / "vectors").glob("*.npz")):
        assert len(demo_indexing.read_vectors(path).digests) == len(files)
    assert json.dumps(spans)
