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
    assert "nowhere" in links["sub/self"].reason


def test_the_folder_itself_may_be_a_link(folder, tmp_path_factory):
    link = tmp_path_factory.mktemp("links") / "docs"
    link.symlink_to(folder)
    assert found(link) == found(folder)


def test_pictures_are_passed_over_quietly_and_unread_formats_are_not(folder):
    (folder / "p.png").write_bytes(b"\x89PNG")
    (folder / "program").write_bytes(b"\x7fELF\x00\x01\x02" * 50)
    (folder / "sheet.xlsx").write_bytes(b"PK")
    out = skipped(folder)
    assert not out["p.png"].problem and not out["program"].problem
    assert out["sheet.xlsx"].problem and "no reader for .xlsx" in out["sheet.xlsx"].reason


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
