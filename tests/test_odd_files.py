"""A pipe, a device, a file without an end and nesting without one, wherever a file by hand or of ours is read."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
from pathlib import Path
from typing import cast

import pytest
from hybrid_search.engine import json_lines, paths
from hybrid_search.engine.encoders.endpoints import consent
from hybrid_search.engine.encoders.weights import digests
from hybrid_search.engine.errors import DataError
from hybrid_search.train.audit import gate
from hybrid_search.train.audit.kits import Kit, read_kit
from hybrid_search.train.settings import recipes
from hybrid_search.train.study import methods
from hybrid_search.train.suite import reading
from hybrid_search.tui.app import own_themes
from hybrid_search.tui.display import terminal
from hybrid_search.tui.state import measured, settings

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes and devices are POSIX")


def sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 36)


ODD = {
    "a pipe": os.mkfifo,
    "a device": lambda path: path.symlink_to("/dev/zero"),
    "no end": sparse,
    "nesting": lambda path: path.write_text(("x = " if path.suffix == ".toml" else "") + "[" * 100_000, "utf-8"),
    "no number": lambda path: path.write_text('{"a": {"marks": {"b": 1e999}, "widens": 1, "joins": 1}}', "utf-8"),
}


def a_kit(path: Path) -> object:
    """A kit whose facts, or one of whose documents, are odd."""
    folder = path.parent.parent if path.parent.name == "markdown" else path.parent
    questions = [{"language": code, "group": "a", "question": text} for code, text in (("en", "Who?"), ("de", "Wer?"))]
    (folder / "questions.jsonl").write_text("\n".join(map(json.dumps, questions)), "utf-8")
    return read_kit(folder)


# What reads a file, where it lies, and what it raises of one that cannot be read: the caller shows that.
READERS = {
    "recipe": (recipes.read_recipe, "recipe.toml", DataError),
    "run": (recipes.read_recipe, "run.json", DataError),
    "suite": (reading.read_suite, "suite.toml", DataError),
    "methods": (methods.read_methods, "methods.toml", DataError),
    "baseline": (lambda path: gate.read_baseline(path, cast(Kit, None)), "audit.json", DataError),
    "facts of a kit": (a_kit, "kit.json", DataError),
    "document of a kit": (a_kit, "markdown/a.md", DataError),
    "data": (lambda path: list(json_lines.json_lines(path)), "data.jsonl", DataError),
    "theme": (own_themes.read, "mine.toml", (OSError, ValueError, RecursionError)),
    "settings": (lambda path: settings.Settings.load(), "config/settings.json", ()),
    "history": (lambda path: settings.read_history(), "history.jsonl", ()),
    "names": (lambda path: consent.kept(), "named.json", ()),
    "digests": (lambda path: digests._remembered(), "cache/digests.json", ()),
    "cells": (lambda path: terminal._kept(), "cache/terminals.json", ()),
    "evaluations": (lambda path: measured.last_evaluation(), "reports/a/results.json", ()),
}


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("reader", READERS)
def test_it_is_refused_or_passed_over_in_words(reader, odd, home, monkeypatch):
    for limit in ("_MOST_BYTES", "MOST_IN_LINE"):
        monkeypatch.setattr(json_lines, limit, 1 << 20)
    read, name, refuses = READERS[reader]
    path = paths.data_folder() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    ODD[odd](path)
    with contextlib.suppress(refuses) if refuses else contextlib.nullcontext():
        read(path)


def test_what_a_shell_hands_over_is_read():
    read, write = os.pipe()
    with os.fdopen(write, "wb") as file:
        file.write(b'steps = 7\nbase = "mine"\n')
    assert recipes.read_recipe(Path(f"/dev/fd/{read}")) == {"steps": 7, "base": "mine"}
    os.close(read)


def test_a_small_file_that_unpacks_to_an_endless_line_is_refused(tmp_path, monkeypatch):
    for limit in ("_MOST_BYTES", "MOST_IN_LINE"):
        monkeypatch.setattr(json_lines, limit, 1 << 20)
    path = tmp_path / "data.json.gz"
    path.write_bytes(gzip.compress(b"[" * (1 << 21)))
    with pytest.raises(DataError, match="larger than 1,048,576 bytes"):
        json_lines.json_document(path)
    with pytest.raises(DataError, match="longer than 1 MB"):
        list(json_lines.json_lines(path))
