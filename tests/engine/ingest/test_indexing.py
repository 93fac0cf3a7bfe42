"""What indexing does with new, changed, renamed, removed and unreadable files, counted in encoder calls."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from hybrid_search.engine.documents import SIZE_LIMIT, walking
from hybrid_search.engine.errors import EncoderError, HybridSearchError, UnreadableDocument
from hybrid_search.engine.ingest import indexing
from hybrid_search.engine.library.library import Library
from hybrid_search.engine.store import Filing

TEXTS = {
    "en/bread.md": "# Bread\n\nBread is baked from flour and water in an oven over a fire.",
    "de/bread.md": "# Brot\n\nDas Brot wird aus Mehl und Wasser im Ofen über dem Feuer gebacken.",
    "de/mond.txt": "Der Mond geht hinter dem Baum neben dem alten Haus am Abend auf.",
}


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path / "texts", TEXTS)


def write(root: Path, texts: dict[str, str]) -> Path:
    for name, text in texts.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return root


@pytest.fixture
def library(tmp_path):
    with Library.open(tmp_path / "library", create=True) as library:
        yield library


@pytest.fixture
def index(library, folder, keyword_encoder):
    def index(*folders, encoders=None, **options):
        return library.index(
            folders or [folder], encoders=[keyword_encoder] if encoders is None else encoders, **options
        )

    return index


def counts(report) -> tuple[int, int, int, int]:
    return report.new, report.changed, report.unchanged, report.removed


def texts(library) -> list[str]:
    hits = library.search("Brot bread Mond tree Haus Wasser", encoder="bm25", k=100).hits
    return [hit.passage.text for hit in hits]


def test_a_folder_is_indexed_and_a_second_time_costs_no_encoding(index, library, keyword_encoder):
    report = index()
    assert counts(report) == (3, 0, 0, 0) and report.passages == 3 and report.languages == {"de": 2, "en": 1}
    assert keyword_encoder.calls == 3 and report.encoded == {"keyword": 3}
    report = index()
    assert counts(report) == (0, 0, 3, 0) and report.passages == 3 and not report.changes
    assert keyword_encoder.calls == 3


def test_unchanged_files_are_not_even_opened(index, folder, monkeypatch):
    for path in folder.rglob("*.*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    index()
    refuse_to_open(monkeypatch)
    assert counts(index()) == (0, 0, 3, 0)


def test_a_file_that_is_touched_is_unchanged(index, folder, keyword_encoder):
    index()
    os.utime(folder / "en/bread.md", (1_000_000_000, 1_000_000_000))
    assert counts(index()) == (0, 0, 3, 0)
    assert keyword_encoder.calls == 3


def test_a_change_that_leaves_size_and_a_fresh_time_alone_is_seen(index, folder, library):
    index()
    path = folder / "de/mond.txt"
    facts = path.stat()
    path.write_text(path.read_text("utf-8").replace("Mond", "Mund"), "utf-8")
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    assert index().changed == 1
    assert not any("Mond" in text for text in texts(library))


def refuse_to_open(monkeypatch) -> None:
    def refused(*_arguments):
        raise AssertionError("a file was opened")

    monkeypatch.setattr("hybrid_search.engine.ingest.indexing.file_digest", refused)


@pytest.mark.parametrize("renamed", [False, True], ids=["written in place", "saved by renaming"])
def test_a_change_that_keeps_size_and_an_old_time_is_seen(index, folder, library, renamed):
    path = folder / "de/mond.txt"
    old = (1_000_000_000, 1_000_000_000)
    os.utime(path, old)
    index()
    target = folder.parent / "new.txt" if renamed else path
    target.write_text(TEXTS["de/mond.txt"].replace("Mond", "Mund"), "utf-8")
    os.utime(target, old)
    target.replace(path)
    assert counts(index()) == (0, 1, 2, 0)
    assert not any("Mond" in text for text in texts(library))


def test_what_the_version_before_knew_of_files_is_checked_once_and_then_costs_nothing(
    index, folder, library, keyword_encoder, monkeypatch
):
    old = 1_000_000_000_000_000_000
    for path in folder.rglob("*.*"):
        os.utime(path, ns=(old, old))
    index()
    library._connection.execute("UPDATE files SET mtime_ns = ?", (old,))
    assert counts(index()) == (0, 0, 3, 0) and keyword_encoder.calls == 3
    refuse_to_open(monkeypatch)
    assert counts(index()) == (0, 0, 3, 0)


def test_where_times_are_whole_seconds_a_file_touched_lately_is_looked_into_again(tmp_path, monkeypatch):
    path = tmp_path / "bread.md"
    path.write_text("Bread", "utf-8")
    now = time.time_ns() // 1_000_000_000 * 1_000_000_000
    facts = path.stat()
    values = {"st_mtime_ns": 1, "st_ctime_ns": now, "st_ino": facts.st_ino, "st_size": 5, "st_mode": facts.st_mode}
    assert walking._touched(SimpleNamespace(**values)) == now
    assert walking._touched(SimpleNamespace(**{**values, "st_ctime_ns": now + 5})) == 1


def test_a_long_document_tells_how_many_passages_of_about_how_many_it_has(index, folder):
    sentences = (f"Bread number {number} is baked from flour and water over a fire. " for number in range(4000))
    (folder / "long.txt").write_text("".join(sentences), "utf-8")
    seen = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hybrid_search.engine.progress._SECONDS", 0)
        report = index(progress=seen.append)
    cutting = [event for event in seen if event.stage == "cutting"]
    assert {Path(event.path).name for event in cutting} == {"long.txt"}
    assert [event.done for event in cutting] == sorted(event.done for event in cutting) and len(cutting) > 10
    assert all(event.done < event.total for event in cutting)
    assert cutting[-1].total == pytest.approx(report.passages, rel=0.3)


def test_a_changed_document_is_replaced_and_only_its_new_texts_are_encoded(index, folder, library, keyword_encoder):
    index()
    write(folder, {"de/mond.txt": "Der Mond steht heute über dem Wasser und dem alten Haus."})
    report = index()
    assert counts(report) == (0, 1, 2, 0) and report.passages == 3
    assert keyword_encoder.calls == 4 and keyword_encoder.texts[-1].startswith("Der Mond steht")
    assert len(texts(library)) == 3 and not any("geht hinter" in text for text in texts(library))
    assert library.search("geht hinter", encoder="bm25").hits == ()
    assert library.status().passages == 3 and library.check().ok


def test_a_removed_file_leaves(index, folder, library, keyword_encoder):
    index()
    (folder / "de/mond.txt").unlink()
    report = index()
    assert counts(report) == (0, 0, 2, 1) and report.passages == 2
    assert library.search("Mond", encoder="bm25").hits == ()
    assert len(library.search("moon", encoder=keyword_encoder, k=10).hits) == 2
    assert library.check().ok


def test_a_renamed_file_keeps_its_vectors_and_gets_its_new_name(index, folder, library, keyword_encoder):
    index()
    (folder / "neu").mkdir()
    (folder / "de/mond.txt").rename(folder / "neu/abend.txt")
    report = index()
    assert counts(report) == (0, 0, 3, 0) and report.renamed == 1
    assert keyword_encoder.calls == 3
    hit = library.search("Mond", encoder="bm25").hits[0]
    assert hit.passage.path.endswith("/neu/abend.txt")
    assert library.status().documents == 3


def test_identical_texts_are_encoded_once(index, folder, library, keyword_encoder):
    write(folder, {"copy/a.txt": TEXTS["de/mond.txt"], "copy/b.txt": TEXTS["de/mond.txt"]})
    report = index()
    assert report.new == 5 and report.passages == 5
    assert keyword_encoder.calls == 3
    assert len(library.search("Mond", encoder=keyword_encoder, k=10).hits) == 5
    (folder / "copy/a.txt").unlink()
    (folder / "de/mond.txt").unlink()
    index()
    assert len(library.search("Mond", encoder=keyword_encoder, k=10).hits) == 3


def test_rows_of_a_table_are_documents_and_unchanged_rows_stay(index, folder, library, keyword_encoder):
    rows = [f"The moon and tree number {n} beside the house" for n in range(5)]
    (folder / "rows.csv").write_text("text\n" + "\n".join(rows))
    assert index().new == 8
    calls = keyword_encoder.calls
    rows[2] = "The bread and water of the third row"
    (folder / "rows.csv").write_text("text\n" + "\n".join([*rows, "A new fire in the house"]))
    report = index()
    assert counts(report) == (1, 1, 7, 0)
    assert keyword_encoder.calls == calls + 2


def test_unreadable_files_are_named_every_time_and_the_rest_is_indexed(index, folder, library):
    (folder / "broken.pdf").write_bytes(b"%PDF-1.4 nothing")
    (folder / "table.xlsx").write_bytes(b"PK")
    for _ in range(2):
        report = index()
        assert {Path(each.path).name for each in report.unreadable} == {"broken.pdf", "table.xlsx"}
        assert all(each.reason for each in report.unreadable)
        assert report.passages == 3
    assert {Path(each.path).name for each in library.status().failed} == {"broken.pdf", "table.xlsx"}
    (folder / "broken.pdf").unlink()
    (folder / "table.xlsx").unlink()
    assert index().unreadable == () and library.status().failed == ()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_named(index, folder):
    (folder / "de/mond.txt").chmod(0)
    assert "permission" in index().unreadable[0].reason


def test_what_lies_in_a_folder_that_cannot_be_listed_today_stays(index, folder, library, monkeypatch):
    index()
    from hybrid_search.engine.documents import SkippedFile
    from hybrid_search.engine.ingest import indexing

    def walk(root, *, exclude=()):
        yield SkippedFile(Path(root) / "de", "cannot be listed: permission denied", relative="de")
        yield from (each for each in real(root, exclude=exclude) if not each.relative.startswith("de/"))

    real = indexing.walk
    monkeypatch.setattr(indexing, "walk", walk)
    report = index()
    assert report.removed == 0 and report.passages == 3
    assert [Path(each.path).name for each in report.unreadable] == ["de"]


def test_an_empty_folder_and_an_empty_file_are_no_errors(index, tmp_path, library, keyword_encoder):
    (tmp_path / "empty").mkdir()
    report = index(tmp_path / "empty")
    assert counts(report) == (0, 0, 0, 0) and report.passages == 0 and report.passages_per_second == 0
    (tmp_path / "empty/nothing.txt").touch()
    report = index(tmp_path / "empty")
    assert report.passages == 0 and report.unreadable == ()
    assert library.search("moon", encoder=keyword_encoder).hits == ()
    assert library.search("moon", encoder="bm25").hits == ()


def test_a_file_of_200_megabytes_is_refused_by_its_size_alone(index, folder, monkeypatch):
    with (folder / "huge.txt").open("wb") as file:
        file.truncate(max(200 * 1024 * 1024, SIZE_LIMIT + 1))
    report = index()
    assert [Path(each.path).name for each in report.unreadable] == ["huge.txt"]
    assert "too large" in report.unreadable[0].reason and report.passages == 3


def test_names_that_are_not_utf8(index, folder, library):
    for raw in (b"caf\xe9.txt", b"caf\xe8.txt"):
        with open(os.fsencode(folder) + b"/" + raw, "w") as file:  # noqa: PTH123
            file.write(f"The moon of {raw!r} shines on the tree.")
    assert index().new == 5
    assert index().unchanged == 5
    paths = {hit.passage.path for hit in library.search("moon", encoder="bm25").hits}
    assert {Path(path).name for path in paths} == {r"caf\xe9.txt", r"caf\xe8.txt"}
    os.unlink(os.fsencode(folder) + b"/caf\xe9.txt")  # noqa: PTH108
    assert index().removed == 1


def test_the_library_in_the_folder_is_not_indexed(tmp_path, keyword_encoder):
    root = write(tmp_path / "all", TEXTS)
    with Library.open(root / "library", create=True) as library:
        (root / "library/note.txt").write_text("The moon of the library.")
        assert library.index([root], encoders=[keyword_encoder]).new == 3


def test_folders_in_folders_are_indexed_once(index, folder, library):
    assert index(folder / "de").new == 2
    report = index(folder)
    assert counts(report) == (1, 0, 2, 0)
    assert library.status().folders == (str(folder),)
    assert counts(index(folder / "de")) == (0, 0, 2, 0)
    assert library.status().folders == (str(folder),)
    report = index(folder, folder / "de")
    assert report.passages == 3


def test_a_single_file_and_a_link_to_a_folder(index, folder, library, tmp_path):
    assert index(folder / "en/bread.md").new == 1
    (tmp_path / "link").symlink_to(folder)
    assert counts(index(tmp_path / "link")) == (2, 0, 1, 0)


def test_a_folder_with_a_name_that_begins_like_another_is_another(index, tmp_path, library):
    write(tmp_path, {"a/x.txt": "The moon of the first.", "ab/x.txt": "The moon of the second.", "a0/x.txt": "Moon 3."})
    index(tmp_path / "a", tmp_path / "ab", tmp_path / "a0")
    assert index(tmp_path / "a").removed == 0
    assert library.remove(tmp_path / "a") == 1
    assert library.status().documents == 2


def test_remove_takes_documents_and_what_only_they_had(index, folder, library):
    index()
    assert library.remove(folder / "de") == 2
    status = library.status()
    assert status.documents == 1 and status.languages == {"en": 1}
    assert status.encoders[0].vectors == 1 and library.check().ok
    assert library.remove(folder / "nowhere") == 0
    assert library.remove(folder) == 1
    assert library.status().folders == ()


def test_a_folder_that_is_gone_changes_nothing(index, folder, library):
    index()
    folder.rename(folder.with_name("elsewhere"))
    with pytest.raises(HybridSearchError, match="does not exist"):
        index()
    assert library.status().documents == 3


def test_a_new_encoder_on_an_old_library_needs_no_folder(index, folder, library, keyword_encoder, biased_encoder):
    index()
    assert library.pending(biased_encoder) == 3
    for path in folder.rglob("*.*"):
        path.unlink()
    assert library.encode_missing(biased_encoder) == 3
    assert library.pending(biased_encoder) == 0 and library.encoders() == ["keyword", "biased"]
    assert len(library.search("moon", encoder=biased_encoder).hits) == 3
    assert library.encode_missing(biased_encoder) == 0


def test_the_first_encoder_is_searchable_before_the_second_begins(
    index, library, keyword_encoder, keyword_encoder_type, tmp_path
):
    found = []

    def look() -> None:
        with Library.open(library.path, readonly=True) as reader:
            found.append((len(reader.search("moon", encoder=keyword_encoder).hits), reader.pending(second)))

    second = keyword_encoder_type("second", before=look)
    index(encoders=[keyword_encoder, second])
    assert found == [(3, 3)]


def test_an_encoder_that_changed_replaces_its_old_vectors(index, library, keyword_encoder_type):
    index(encoders=[keyword_encoder_type("hybrid")])
    newer = keyword_encoder_type("hybrid", bias=0.5)
    report = index(encoders=[newer])
    assert newer.calls == 3 and library.encoders() == ["hybrid"]
    assert any("changed" in notice for notice in report.notices)
    assert library.status().encoders[0].fingerprint == newer.fingerprint
    assert library._reading.count("vectors") == 3


def test_stopping_keeps_what_is_done_and_the_next_run_goes_on(index, folder, library, keyword_encoder):
    write(folder, {f"more/{n}.txt": f"The moon and tree number {n} stand beside the house." for n in range(150)})
    report = index(cancelled=lambda: keyword_encoder.calls > 0)
    assert report.cancelled and 0 < keyword_encoder.calls < 153
    done = keyword_encoder.calls
    assert library.pending(keyword_encoder) == 153 - done
    report = index()
    assert not report.cancelled and keyword_encoder.calls == 153 and library.pending(keyword_encoder) == 0


def test_stopping_while_reading_removes_nothing(index, folder, library):
    index()
    (folder / "de/mond.txt").unlink()
    report = index(cancelled=lambda: True)
    assert report.cancelled and report.removed == 0
    assert library.status().documents == 3


def test_batches_hold_texts_of_about_one_length(index, folder, keyword_encoder):
    write(folder, {f"more/{n}.txt": "The moon " + "and tree " * (n % 9) + f"number {n}." for n in range(90)})
    index()
    lengths = [len(text.encode()) for text in keyword_encoder.texts]
    assert lengths == sorted(lengths, reverse=True)


def test_progress_comes_in_few_events_that_end_at_the_total(index, folder):
    write(folder, {f"more/{n}.txt": f"Moon {n} of the tree." for n in range(300)})
    events = []
    index(progress=events.append)
    stages = list(dict.fromkeys(event.stage for event in events))
    assert stages == ["looking", "reading", "encoding keyword"]
    for stage in stages[1:]:
        own = [event for event in events if event.stage == stage]
        assert own[-1].done == own[-1].total == 303
        assert [event.done for event in own] == sorted(event.done for event in own)
    assert len(events) < 100


def test_vectors_of_a_wrong_shape_are_refused(index, library, keyword_encoder):
    import numpy as np

    keyword_encoder.encode_document = lambda texts, progress=None: np.zeros((len(texts), 3), np.float32)
    with pytest.raises(EncoderError, match="shape"):
        index()
    keyword_encoder.encode_document = lambda texts, progress=None: np.full(
        (len(texts), keyword_encoder.dimension), np.nan, np.float32
    )
    with pytest.raises(EncoderError, match="NaN"):
        index()
    assert library.status().passages == 3 and library._reading.count("vectors") == 0


def test_an_encoder_that_reads_little_gets_passages_that_fit(index, folder, keyword_encoder, keyword_encoder_type):
    write(folder, {"long.txt": " ".join(f"The moon number {n} shines on the tree and the house." for n in range(40))})
    short = keyword_encoder_type("short")
    short.max_tokens = 40
    index(encoders=[keyword_encoder, short])
    assert max(short.count_tokens(short.texts)) <= 40


def test_an_encoder_that_comes_late_and_reads_too_little_is_told_of(index, library, folder, keyword_encoder_type):
    write(folder, {"long.txt": " ".join(f"The moon number {n} shines on the tree and the house." for n in range(40))})
    index()
    short = keyword_encoder_type("short")
    short.max_tokens = 40
    library.encode_missing(short)
    assert any("longer than the 40 tokens" in notice for notice in library.notices)


def test_without_an_encoder_words_can_be_searched(index, library, folder):
    write(folder, {"long.txt": "Der Mond und das Haus. " * 400})
    report = index(encoders=[])
    assert report.passages > 5 and library.encoders() == []
    assert library.search("Mond", encoder="bm25").hits


def test_the_report_as_json(index, folder):
    (folder / "broken.pdf").write_bytes(b"%PDF-1.4 nothing")
    found = index().as_dict()
    assert set(found["documents"]) >= {"new", "changed", "unchanged", "removed", "unreadable"}
    assert found["documents"]["unreadable"][0]["path"].endswith("broken.pdf")
    assert {"passages", "languages", "seconds", "passages_per_second"} <= set(found)


def stored(library) -> set[str]:
    """All texts that can be found by the word they share."""
    return {hit.passage.text for hit in library.search("moon over", encoder="bm25", k=100).hits}


@pytest.mark.parametrize("name", ["README", "notes.txt"])
def test_a_file_that_cannot_be_opened_today_keeps_what_the_library_has_of_it(index, folder, library, monkeypatch, name):
    write(folder, {name: "The moon rises over the old house."})
    index()
    before = stored(library)
    assert "The moon rises over the old house." in before
    write(folder, {name: "The moon rises over the new house."})
    opened = Path.open

    def closed(self: Path, *arguments, **options):
        if self.name == name:
            raise PermissionError(13, "Permission denied")
        return opened(self, *arguments, **options)

    monkeypatch.setattr(Path, "open", closed)
    report = index()
    assert [(Path(each.path).name, each.reason.lower()) for each in report.unreadable] == [(name, "permission denied")]
    assert stored(library) == before
    monkeypatch.undo()
    index()
    assert "The moon rises over the new house." in stored(library)


@pytest.fixture
def few_held(monkeypatch):
    """Files of more than three passages are stored block by block."""
    monkeypatch.setattr("hybrid_search.engine.ingest.storing._PASSAGES_HELD", 3)


def table(*rows: str) -> str:
    return "text\n" + "\n".join(f'"{row} of the moon."' for row in rows) + "\n"


LONG = {
    "table.csv": table(*(f"Row {n}" for n in range(20))),
    "long.txt": " ".join(f"The moon number {n} shines on the tree and the house." for n in range(300)),
    "short.txt": "The moon alone.",
}


def contents(library) -> set[tuple]:
    reading = library._reading
    passages = reading.passages(library._searcher.roster().ids.tolist())
    return {(p.path, p.part, p.title, p.ordinal, p.start, p.end, p.text, p.language) for p in passages}


def test_what_is_stored_in_blocks_is_what_is_stored_at_once(folder, library, tmp_path, monkeypatch):
    write(folder, LONG)
    with Library.open(tmp_path / "other", create=True) as other:
        once = other.index([folder], encoders=[])
        expected = contents(other)
        digests = other._reading.connection.rows("SELECT part, title, digest FROM documents ORDER BY part, title")
    monkeypatch.setattr("hybrid_search.engine.ingest.storing._PASSAGES_HELD", 3)
    report = library.index([folder], encoders=[])
    assert counts(report) == counts(once) == (25, 0, 0, 0) and report.passages == once.passages
    assert contents(library) == expected
    assert library._reading.connection.rows("SELECT part, title, digest FROM documents ORDER BY part, title") == digests
    assert library.check(repair=False).findings == ()


def test_files_stored_in_blocks_change_move_and_leave_like_others(index, folder, library, keyword_encoder, few_held):
    write(folder, LONG)
    index()
    encoded = keyword_encoder.calls
    write(
        folder,
        {"table.csv": table(*(f"Row {n}" for n in range(5)), "Another row", *(f"Row {n}" for n in range(6, 18)))},
    )
    assert counts(index()) == (0, 1, 22, 2) and keyword_encoder.calls == encoded + 1
    (folder / "long.txt").rename(folder / "renamed.txt")
    report = index()
    assert counts(report) == (0, 0, 23, 0) and report.renamed == 1 and keyword_encoder.calls == encoded + 1
    write(folder, {"renamed.txt": LONG["long.txt"] + " And the end of the moon."})
    assert counts(index()) == (0, 1, 22, 0)
    (folder / "table.csv").unlink()
    assert counts(index()) == (0, 0, 5, 18) and library.check(repair=False).findings == ()


def test_a_long_file_that_fails_in_the_middle_keeps_what_is_whole_of_it(index, folder, library, few_held):
    write(folder, {"rows.jsonl": "".join(f'{{"text": "The moon of row {n}."}}\n' for n in range(9)) + "no row\n"})
    report = index()
    assert report.new == 12 and [Path(each.path).name for each in report.unreadable] == ["rows.jsonl"]
    again = index()
    assert counts(again) == (0, 0, 12, 0) and len(again.unreadable) == 1


def test_a_long_text_that_fails_in_the_middle_leaves_nothing_of_it(folder, library, few_held, monkeypatch):
    write(folder, {"a.txt": LONG["long.txt"]})
    library.index([folder], encoders=[])
    before = contents(library)
    write(folder, {"a.txt": LONG["long.txt"] + " Changed.", "b.txt": LONG["long.txt"] + " Other."})

    cut = indexing.Indexer.cut

    def failing(self, document):
        def pieces():
            yield from document.pieces
            raise UnreadableDocument("its reader was killed")

        long = document.title in ("a", "b")
        return cut(self, replace(document, pieces=pieces()) if long else document)

    monkeypatch.setattr(indexing.Indexer, "cut", failing)
    report = library.index([folder], encoders=[])
    assert {Path(each.path).name: each.reason for each in report.unreadable} == {
        "a.txt": "its reader was killed",
        "b.txt": "its reader was killed",
    }
    assert contents(library) == {each for each in before if not each[0].endswith("a.txt")}
    assert library.check(repair=False).findings == ()


def test_stopping_in_the_middle_of_a_long_text_leaves_nothing_of_it(folder, library, few_held, monkeypatch):
    write(folder, {"de/zz.txt": LONG["long.txt"]})
    blocks = []
    add = Filing.add
    monkeypatch.setattr(Filing, "add", lambda self, block: blocks.append(block) or add(self, block))
    report = library.index([folder / "de"], encoders=[], cancelled=lambda: len(blocks) == 2)
    assert report.cancelled and len(blocks) == 2
    assert {Path(each[0]).name for each in contents(library)} == {"bread.md", "mond.txt"}
    monkeypatch.undo()
    assert library.index([folder / "de"], encoders=[]).passages > 20 and library.check(repair=False).findings == ()
