"""The questions asked are kept between starts, whatever became of the file."""

from __future__ import annotations

import pytest
from hybrid_search.tui.state.settings import Settings, history_file, read_history, settings_file, write_history


def test_questions_come_back_in_any_script_and_with_half_a_surrogate():
    asked = ["Brot?", "ขนมปัง", "\ud800 odd"]
    write_history(asked)
    assert read_history() == asked


@pytest.mark.parametrize("line", [b"\xff\xfe", b'"\xff"', b"[" * 100_000, b"{", b"7", b""])
def test_a_damaged_line_costs_that_line(line: bytes):
    history_file().parent.mkdir(parents=True, exist_ok=True)
    history_file().write_bytes(b'"before"\n' + line + b'\n"after"\n')
    assert read_history() == ["before", "after"]


@pytest.mark.parametrize("content", [b"\xff\xfe", b"[" * 100_000, b"{"])
def test_damaged_settings_are_told_and_the_defaults_serve(content: bytes):
    settings_file().parent.mkdir(parents=True, exist_ok=True)
    settings_file().write_bytes(content)
    settings, said = Settings.load()
    assert settings == Settings() and "cannot be read" in said


def test_settings_that_cannot_be_written_are_told_in_the_words_of_the_system_alone():
    settings_file().parent.parent.mkdir(parents=True, exist_ok=True)
    settings_file().parent.write_bytes(b"a file where a folder belongs")
    said = Settings().save()
    assert said.startswith("The settings cannot be saved: ") and "Errno" not in said and "settings.json" not in said
