"""Columns of any kind: found by searching, named by folder, joined, and refused in words where there is nothing."""

from __future__ import annotations

import shutil

import pytest
from hybrid_search.engine.encoders import registry
from hybrid_search.tui.app.app import HybridSearchApp
from hybrid_search.tui.screens.dialogs.pick_columns import PickColumns
from hybrid_search.tui.service.encoding import MOST_AT_ONCE, Encoding
from hybrid_search.tui.widgets.column import Column
from textual.widgets import Input, SelectionList, Static

from tests.support import adapters


def columns(pilot) -> dict[str, Column]:
    return {column.encoder: column for column in pilot.app.screen.query(Column)}


async def picking(pilot, until):
    """The dialog, opened from the results."""
    await until(pilot, lambda: pilot.app.status)
    pilot.app.screen.action_columns()
    await until(pilot, lambda: isinstance(pilot.app.screen, PickColumns))
    return pilot.app.screen


def listed(dialog) -> list[str]:
    box = dialog.query_one(SelectionList)
    return [str(box.get_option_at_index(at).value) for at in range(box.option_count)]


async def test_typing_searches_names_and_descriptions(start, until, library):
    async with start(library) as pilot:
        dialog = await picking(pilot, until)
        assert {"mono", "cross", "hybrid", "bm25", "fused"} <= set(listed(dialog))
        await pilot.press("slash", *"words")
        await until(pilot, lambda: listed(dialog) == ["bm25"])


async def test_what_all_columns_say_together_is_a_column(start, until, library):
    async with start(library, "Why does bread rise?") as pilot:
        dialog = await picking(pilot, until)
        await pilot.press("slash", *"fused", "enter", "enter")
        await until(pilot, lambda: pilot.app.screen is not dialog and "fused" in columns(pilot))
        await until(pilot, lambda: columns(pilot)["fused"].has_class("-result"))
        fused = columns(pilot)["fused"].results.hits
        assert len(fused) == 10
        # The passage that every column has first is first here.
        first = {columns(pilot)[name].results.hits[0].id for name in ("mono", "cross", "hybrid")}
        assert fused[0].id in first
        assert len(columns(pilot)["mono"].results.hits) == 10


async def test_one_ranking_alone_is_not_fused(start, until, library):
    async with start(library, "bread") as pilot:
        await until(pilot, lambda: pilot.app.status)
        pilot.app.screen.columns.have(["mono", "fused"])
        await until(pilot, lambda: "fused" in columns(pilot) and columns(pilot)["fused"].has_class("-error"))
        assert "two or more" in str(columns(pilot)["fused"].notice.render())


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("nowhere", "no encoder 'nowhere'"),
        ("openai:", "incomplete"),
        ("openai:m#zzz=1", "zzz"),
        ("/", "folder without an encoder"),
    ],
)
async def test_a_name_that_stands_for_nothing_is_told_in_the_dialog(start, until, library, typed, words):
    async with start(library) as pilot:
        dialog = await picking(pilot, until)
        dialog.query_one(Input).focus()
        dialog.query_one(Input).value = typed
        await pilot.press("enter")
        await until(pilot, lambda: words in str(dialog.query_one(".hint", Static).render()))
        assert pilot.app.screen is dialog


@pytest.mark.usefixtures("used_before")
async def test_an_encoder_in_a_folder_becomes_a_column_and_is_encoded_in_the_background(
    until, library, tmp_path, monkeypatch
):
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    folder = tmp_path / "my encoder"
    shutil.move(adapters.write("aside", seed=1), folder)
    assert registry.resolve(str(folder)).kind == "folder"
    app = HybridSearchApp(str(library), "Why does bread rise?")
    app.settings.columns = ["bm25"]
    async with app.run_test(size=(130, 42)) as pilot:
        dialog = await picking(pilot, until)
        dialog.query_one(Input).focus()
        dialog.query_one(Input).value = str(folder)
        await pilot.press("enter")
        await until(pilot, lambda: str(folder) in dialog._chosen)
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is not dialog and str(folder) in columns(pilot))
        await until(pilot, lambda: columns(pilot)[str(folder)].has_class("-result"), "it is encoded and answers", 6000)
        assert len(columns(pilot)[str(folder)].results.hits) == 10
        assert app.status["encoders"][str(folder)]["encoded"] == 21


def test_what_a_person_names_is_encoded_however_much_there_is():
    class Work:
        running = ""

        def start(self, job: str, op: str, **parameters: object) -> str:
            self.begun = job
            return ""

    work = Work()
    encoding = Encoding(work, lambda: {})
    assert encoding.want("big", MOST_AT_ONCE + 1).over
    encoding.ask_for(["big"])
    assert not encoding.want("big", MOST_AT_ONCE + 1).over
    assert work.begun == "encoding for big"
