"""A walk over a folder finds what is text, once, and survives what folders hold."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hybrid_search.engine.documents import FoundFile, SkippedFile, storable, walk
from hybrid_search.engine.errors import HybridSearchError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.txt", "sub/b.md", "sub/.hidden.txt", ".git/c.txt", "build/d.txt", "sub/build/e.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("text")
    return tmp_path


def found(folder: Path, *exclude: str) -> list[str]:
    return [each.relative for each in walk(folder, exclude=exclude) if isinstance(each, FoundFile)]


def skipped(folder: Path) -> dict[str, SkippedFile]:
    return {each.relative: each for each in walk(folder) if isinstance(each, SkippedFile)}


def test_hidden_names_do_not_appear(folder):
    assert found(folder) == ["a.txt", "build/d.txt", "sub/b.md", "sub/build/e.txt"]


def test_excludes_are_read_as_git_reads_them(folder):
    assert found(folder, "build/") == ["a.txt", "sub/b.md"]
    assert found(folder, "/build") == ["a.txt", "sub/b.md", "sub/build/e.txt"]
    assert found(folder, "*.txt", "!a.txt") == ["a.txt", "sub/b.md"]
    with pytest.raises(HybridSearchError, match="pattern"):
        found(folder, "!")


def test_a_single_file_can_be_walked(folder):
    assert found(folder / "a.txt") == ["a.txt"]


def test_links_in_circles_and_out_of_the_folder(folder, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret.txt").write_text("x")
    (folder / "sub/up").symlink_to(folder)
    (folder / "sub/self").symlink_to("self")
    (folder / "twin.txt").symlink_to("a.txt")
    (folder / "out").symlink_to(outside)
    (folder / "annexed.txt").symlink_to(".git/c.txt")
    assert found(folder) == ["a.txt", "annexed.txt", "build/d.txt", "sub/b.md", "sub/build/e.txt"]
    links = skipped(folder)
    assert "out of the folder" in links["out"].reason and not links["out"].problem
    assert "broken" in links["sub/self"].reason


def test_the_folder_itself_may_be_a_link(folder, tmp_path_factory):
    link = tmp_path_factory.mktemp("links") / "docs"
    link.symlink_to(folder)
    assert found(link) == found(folder)


def test_pictures_are_passed_over_quietly_and_unread_formats_are_not(folder):
    (folder / "p.png").write_bytes(b"\x89PNG")
    (folder / "program").write_bytes(b"\x7fELF\x00\x01\x02" * 50)
    (folder / "sheet.xls").write_bytes(b"PK")
    out = skipped(folder)
    assert not out["p.png"].problem and not out["program"].problem
    assert out["sheet.xls"].problem and "no reader for .xls" in out["sheet.xls"].reason


def test_names_that_are_not_utf8_are_found_and_can_be_stored(folder):
    raw = os.fsencode(folder) + b"/caf\xe9 \\ \xff.txt"
    with open(raw, "w") as file:  # noqa: PTH123
        file.write("text")
    (each,) = [each for each in walk(folder) if isinstance(each, FoundFile) and "caf" in each.relative]
    assert each.relative == r"caf\xe9 \\ \xff.txt"
    each.relative.encode()
    assert each.path.read_text() == "text"
    assert storable("caf\\é") == "caf\\é"


def test_devices_are_passed_over(folder):
    os.mkfifo(folder / "pipe")
    assert skipped(folder)["pipe"].reason == "not a regular file"


def test_a_folder_without_permission_is_reported(folder):
    if not os.geteuid():
        pytest.skip("root may read everything")
    (folder / "sub").chmod(0)
    try:
        assert skipped(folder)["sub"].problem
    finally:
        (folder / "sub").chmod(0o755)


def test_a_folder_that_does_not_exist_is_an_error(folder):
    with pytest.raises(HybridSearchError, match="does not exist"):
        list(walk(folder / "nowhere"))


def test_an_empty_folder_has_nothing(tmp_path):
    assert list(walk(tmp_path)) == []


@pytest.mark.parametrize(
    "name",
    [
        *["~$report.docx", "~WRL0001.tmp", "~lock.report.odt#", "#notes.txt#", "notes.txt~", "notes.txt.swp"],
        *["4913", "Thumbs.db", "desktop.ini", "Icon\r", "report.docx.sb-1a2b3c4d-xYz123", "notes.txt___jb_tmp___"],
        *["book.pdf.part", "book.pdf.crdownload", ".~lock.report.odt#", ".#notes.txt", ".notes.txt.swp", ".DS_Store"],
    ],
)
def test_what_programs_leave_beside_a_document_is_no_problem(folder, name):
    (folder / name).write_bytes(b"\x05Owner" + bytes(40))
    assert name not in found(folder)
    assert not any(each.problem for each in skipped(folder).values())


@pytest.mark.parametrize("name", ["~report.txt", "#1 notes.txt", "report $.txt", "lock.txt", "tmp", "part.txt"])
def test_names_that_only_resemble_locks_are_documents(folder, name):
    (folder / name).write_text("text")
    assert name in found(folder)


def test_folders_of_the_system_are_passed_over(folder):
    for name in ("lost+found", "$RECYCLE.BIN", "__MACOSX"):
        (folder / name).mkdir()
        (folder / name / "a.txt").write_text("text")
    assert not any("lost" in name or "RECYCLE" in name or "MACOSX" in name for name in found(folder))
    assert not skipped(folder)["lost+found"].problem


@pytest.mark.parametrize("name", ["a" * 300, "a/" * 3000, "nul\0byte", "a.txt/below"])
def test_a_path_that_cannot_be_does_not_exist(folder, name):
    with pytest.raises(HybridSearchError, match="does not exist") as error:
        list(walk(folder / name))
    assert len(error.value.message) < 500


def test_a_loop_of_links_does_not_exist(folder):
    (folder / "loop").symlink_to("loop")
    with pytest.raises(HybridSearchError, match="does not exist"):
        list(walk(folder / "loop"))


def refusing(monkeypatch, name: str, error: OSError) -> None:
    """Make the system refuse to say anything about a path of this name."""
    real = os.stat

    def stat(path, *arguments, **options):
        if Path(os.fsdecode(path)).name == name:
            raise error
        return real(path, *arguments, **options)

    monkeypatch.setattr(os, "stat", stat)


def test_a_path_behind_a_closed_door_is_named(folder, monkeypatch):
    refusing(monkeypatch, "x", PermissionError(13, "Permission denied"))
    with pytest.raises(HybridSearchError, match=r"x cannot be accessed: permission denied\."):
        list(walk(folder / "sub/x"))


def test_a_file_that_may_not_be_looked_at_is_named_and_the_rest_found(folder, monkeypatch):
    refusing(monkeypatch, "a.txt", PermissionError(13, "Permission denied"))
    assert skipped(folder)["a.txt"].problem and skipped(folder)["a.txt"].reason == "permission denied"
    assert found(folder) == ["build/d.txt", "sub/b.md", "sub/build/e.txt"]


def test_a_folder_that_is_too_deep_to_be_listed_is_named(folder, monkeypatch):
    real = os.scandir

    def scandir(path):
        if Path(path).name == "sub":
            raise OSError(36, "File name too long")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert skipped(folder)["sub"].reason == "cannot be listed: file name too long"
    assert found(folder) == ["a.txt", "build/d.txt"]
