"""Finding one's way: every mode has its key on the smallest screens, help is where one is, keys can be others."""

from __future__ import annotations

import json

import pytest
from hybrid_search.engine.library.library import Library
from hybrid_search.tui.screens.dialogs.choose import Choose
from hybrid_search.tui.screens.dialogs.help import HelpScreen
from hybrid_search.tui.screens.dialogs.keys import KeysScreen, PressKey
from hybrid_search.tui.screens.dialogs.pick_folder import Folders, PickFolder
from hybrid_search.tui.state.settings import Settings, settings_file
from hybrid_search.tui.widgets.frame.footing import Always
from hybrid_search.tui.widgets.frame.keys import Keys
from hybrid_search.tui.widgets.frame.masthead import KEYS, Tab
from hybrid_search.tui.widgets.marks import Marks
from textual.widgets import OptionList, Static

from tests.tui.conftest import settled


def first_line(pilot) -> str:
    """What the top line of the screen shows."""
    return "".join(segment.text for segment in pilot.app.screen._compositor.render_strips()[0])


def last_line(pilot) -> str:
    return "".join(segment.text for segment in pilot.app.screen._compositor.render_strips()[-1])


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40), (200, 50)])
async def test_every_mode_shows_its_key_and_the_footer_help_palette_and_quit(start, until, library, size, monkeypatch):
    monkeypatch.setattr("hybrid_search.tui.screens.audit.AuditScreen._begin_if_new", lambda screen: None)
    async with start(library, size=size) as pilot:
        await until(pilot, lambda: pilot.app.status)
        for mode, key in KEYS.items():
            await pilot.press(key.lower())
            await until(pilot, lambda mode=mode: getattr(pilot.app.screen, "MODE", "") == mode)
            top = first_line(pilot)
            assert all(f"{each} " in top for each in KEYS.values()), top
            assert mode.capitalize() in top
            assert "…" not in top, "words are left out whole"
            if size[0] >= 72:
                assert all(name.capitalize() in top for name in KEYS), top
            assert all(words in last_line(pilot) for words in ("? Help", "^p All", "^q Quit"))
        assert len(pilot.app.screen.query(Tab)) == len(pilot.app.screen.query(Always)) + 4


async def test_help_begins_with_where_one_is(start, until, library):
    async with start(library, "bread") as pilot:
        await until(pilot, lambda: pilot.app.status)
        await pilot.press("f3")
        await until(pilot, lambda: getattr(pilot.app.screen, "MODE", "") == "library")
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(pilot.app.screen, HelpScreen))
        assert str(pilot.app.screen.query(".prose").first(Static).render()).startswith("Here: a table")
        told = " ".join(str(each.render()) for each in pilot.app.screen.query(Static))
        assert str(settings_file()) in told
        await pilot.press("question_mark")
        await until(pilot, lambda: getattr(pilot.app.screen, "MODE", "") == "library")


@pytest.mark.parametrize("width", [60, 80, 120])
async def test_the_footer_says_what_can_be_done_here_and_cuts_no_key(start, until, library, width):
    async with start(library, "bread", size=(width, 24)) as pilot:
        await until(pilot, lambda: settled(pilot))
        # In the question no key leads to the question, and one to the results.
        line = last_line(pilot)
        assert "↓ Results" in line and "esc Ask" not in line
        await pilot.press("down", "down")
        await until(pilot, lambda: "⏎ Read" in last_line(pilot))
        line = last_line(pilot)
        assert "esc Ask" in line and "w Why" in line
        keys = pilot.app.screen.query_one(Keys)
        whole = {f"{each.shown} {each.words}" for each in keys.keys}
        shown = [part.strip() for part in line[: keys.size.width].split("  ") if part.strip()]
        assert shown and set(shown) <= whole, line


async def test_a_question_mark_in_the_question_is_a_question_mark(start, until, library):
    async with start(library) as pilot:
        await until(pilot, lambda: pilot.app.status)
        await pilot.press("w", "h", "y", "question_mark")
        assert pilot.app.screen.question.bar.input.value == "why?"


async def test_a_key_is_changed_kept_and_taken_back(start, until, library):
    async with start(library) as pilot:
        app = pilot.app
        await until(pilot, lambda: app.status)
        app.action_keys()
        await until(pilot, lambda: isinstance(app.screen, KeysScreen))
        box = app.screen.query_one(OptionList)
        box.highlighted = next(at for at, each in enumerate(app.screen._entries) if each[2] == "app.light")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, PressKey))
        await pilot.press("f12")
        await until(pilot, lambda: isinstance(app.screen, KeysScreen))
        await pilot.press("escape")
        await until(pilot, lambda: app.settings.keymap == {"app.light": "f12"})
        theme = app.theme
        await pilot.press("f12")
        assert app.theme != theme
        await app.keep()
        assert json.loads(settings_file().read_text())["keymap"] == {"app.light": "f12"}
        app.action_keys()
        await until(pilot, lambda: isinstance(app.screen, KeysScreen))
        app.screen.query_one(OptionList).highlighted = box.highlighted
        await pilot.press("delete", "escape")
        await until(pilot, lambda: app.settings.keymap == {})


async def test_in_a_browser_no_key_is_one_that_the_browser_keeps(start, until, library, monkeypatch):
    monkeypatch.setenv("TEXTUAL_DRIVER", "textual.drivers.web_driver:WebDriver")
    async with start(library) as pilot:
        await until(pilot, lambda: pilot.app.status)
        shown = {active.binding.id: key for key, active in pilot.app.screen.active_bindings.items()}
        assert shown["ask.next_language"] == "alt+down" and shown["ask.in"] == "alt+up"
        # Told from the first moment on, not once the focus has moved.
        await until(pilot, lambda: "alt+↓ Next language" in last_line(pilot))
        assert "^n" not in last_line(pilot)
        assert not {"ctrl+n", "ctrl+t", "ctrl+w"} & set(shown.values())


async def test_libraries_that_were_open_and_the_demo_are_one_choice_away(start, until, library, demo, tmp_path):
    async with start(library) as pilot:
        await until(pilot, lambda: pilot.app.status)
        pilot.app.settings.recent = [str(tmp_path / "gone"), str(library)]
        await pilot.press("f3", "o")
        await until(pilot, lambda: isinstance(pilot.app.screen, Choose))
        options = pilot.app.screen.query_one(OptionList)
        shown = [str(options.get_option_at_index(at).prompt) for at in range(options.option_count)]
        assert shown == [str(tmp_path / "gone"), str(library), "the demo library", "another one…"]
        await pilot.press("end", "up", "enter")
        await until(pilot, lambda: pilot.app.answers.count("open") == 2)
        opened = [with_["library"] for op, with_ in pilot.app.answers.asked if op == "open"]
        assert opened[-1] == str(demo)
        await until(pilot, lambda: pilot.app.settings.library == str(demo))


def test_the_last_libraries_are_remembered_each_once():
    settings = Settings()
    for name in [*"abcdefghijk", "c"]:
        settings.remember(name)
    assert settings.recent == list("ckjihgfed")


async def test_what_is_marked_is_told_apart_without_colour(start, until, library):
    async with start(library) as pilot:
        await until(pilot, lambda: pilot.app.status)
        pilot.app.screen.action_columns()
        await until(pilot, lambda: pilot.app.screen.query(Marks))
        box = pilot.app.screen.query_one(Marks)
        await pilot.pause()
        lines = ["".join(segment.text for segment in box.render_line(y)) for y in range(box.option_count)]
        assert lines[0].startswith("[x] mono") and any(line.startswith("[ ] bm25") for line in lines)


async def test_the_tree_of_folders_follows_what_is_typed_and_goes_up(start, until, library, tmp_path):
    (tmp_path / "deep" / "deeper").mkdir(parents=True)
    async with start(library) as pilot:
        await until(pilot, lambda: pilot.app.status)
        await pilot.press("f3", "i")
        await until(pilot, lambda: isinstance(pilot.app.screen, PickFolder) and pilot.app.screen.query(Folders))
        dialog = pilot.app.screen
        assert str(library) in str(dialog.query_one("#how", Static).render())
        dialog.query_one("#folder").focus()
        dialog.query_one("#folder").value = str(tmp_path / "nowhere")
        await pilot.press("enter")
        await until(pilot, lambda: "no folder" in str(dialog.query_one("#wrong", Static).render()))
        dialog.query_one("#folder").value = str(tmp_path / "deep" / "deeper")
        await until(pilot, lambda: str(dialog.query_one(Folders).path) == str(tmp_path / "deep" / "deeper"))
        assert not str(dialog.query_one("#wrong", Static).render())
        dialog.query_one(Folders).focus()
        await pilot.press("backspace")
        await until(pilot, lambda: str(dialog.query_one(Folders).path) == str(tmp_path / "deep"))
        assert dialog.query_one("#folder").value == str(tmp_path / "deep")


async def test_a_reason_that_a_column_cuts_is_read_in_full_below(start, until, library, texts):
    (texts / "broken.pdf").write_bytes(b"%PDF-1.4 broken")
    with Library.open(library) as opened:
        opened.index([texts], encoders=[])
    async with start(library) as pilot:
        await until(pilot, lambda: pilot.app.status)
        await pilot.press("f3")
        screen = pilot.app.screen
        await until(pilot, lambda: screen.query_one("#unreadable").row_count == 1)
        screen.query_one("#unreadable").focus()
        reason = pilot.app.status["unreadable"][0]["reason"]
        await until(pilot, lambda: reason in str(screen.query_one("#whole", Static).render()))
