"""Themes of the user's own: shown as their file changes, kept as chosen, refused in words."""

from __future__ import annotations

import pytest
from hybrid_search.tui.app.app import HybridSearchApp
from hybrid_search.tui.app.own_themes import OwnThemes, read, themes_folder
from hybrid_search.tui.desk.desk import Desk
from hybrid_search.tui.state.settings import Settings

from tests.tui.conftest import LocalService

MINE = 'primary = "#3366cc"\nbackground = "{}"\n[variables]\nborder = "#445566 50%"\n'


def write(text, name="mine"):
    path = themes_folder() / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def background(app):
    return app.screen.styles.background.hex.lower()


async def test_a_theme_is_shown_as_its_file_is_changed(start, until, library):
    write(MINE.format("#101820"))
    Settings(theme="mine").save()
    async with start(library, size=(80, 24)) as pilot:
        await until(pilot, lambda: background(pilot.app) == "#101820")
        write(MINE.format("#28304a"))
        await until(pilot, lambda: background(pilot.app) == "#28304a", "the new colour")
        write('primary = "nonsense"')
        await until(pilot, lambda: any("primary is a colour" in n.message for n in pilot.app._notifications))
        assert background(pilot.app) == "#28304a", "the last one that was a theme stays"


async def test_a_theme_that_cannot_be_read_at_the_start_stays_chosen(start, until, library):
    write("primary =")
    Settings(theme="mine").save()
    async with start(library, size=(80, 24)) as pilot:
        await until(pilot, lambda: any("mine.toml is not used" in n.message for n in pilot.app._notifications))
        assert (pilot.app.theme, pilot.app.settings.theme) == ("hybrid-night", "mine")
        write(MINE.format("#102030"))
        await until(pilot, lambda: background(pilot.app) == "#102030", "it is mended")
        await pilot.press("f9")
        assert pilot.app.settings.theme != "mine", "what is chosen in the app is chosen"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "names no colour for primary"),
        ("primary = 1", "primary is a colour"),
        ('primary = "red"\nacent = "blue"', "acent is not one of"),
        ('primary = "red"\ndark = "no"', "dark must be true or false"),
        ('primary = "red"\ntext_alpha = 7.0', "text_alpha must be a number"),
        ('primary = "red"\nvariables = 3', "variables is no table"),
        ('primary = "red"\n[variables]\nborder = "blue 900%"', "border is a colour"),
        ('primary = "red"\n[variables]\nbordr = "blue"', "no variable bordr"),
        ('primary = "red"\n[variables]\nblock-cursor-text-style = "loud"', "block-cursor-text-style is made of"),
        ("primary = [", "line 1|end of document"),
        ("x" * 200_000, "too large"),
    ],
)
def test_what_is_no_theme_is_refused_with_the_reason(text, words):
    with pytest.raises((OSError, ValueError), match=words):
        read(write(text))


def test_a_file_that_is_not_text_and_no_folder_are_no_error():
    themes = OwnThemes(themes_folder())
    assert themes._changed() == ([], [])
    write("").write_bytes(b"\xff\xfe\x00")
    found, problems = themes._changed()
    assert not found and len(problems) == 1
    assert themes._changed() == ([], []), "it is said once"


async def test_a_theme_that_was_set_before_the_start_stays(demo, load):
    app = HybridSearchApp(str(demo), answers=LocalService(Desk(load)), worker=lambda: LocalService(Desk(load)))
    app.theme = "hybrid-day"
    async with app.run_test() as pilot:
        app._look_at_themes()
        await pilot.pause()
        assert app.theme == "hybrid-day"
