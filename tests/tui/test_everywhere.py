"""A question asked in every language: the matrix, its consistency, the column, and what is never sent."""

from __future__ import annotations

import json
import sys
from shlex import quote

import pytest
from hybrid_search.tui.app.app import HybridSearchApp
from hybrid_search.tui.screens.dialogs.choose import AskText
from hybrid_search.tui.screens.everywhere import EverywhereScreen, matrix
from hybrid_search.tui.state.questions import Questions
from hybrid_search.tui.widgets.column import Column

WORDS = {"en": "bread", "de": "Brot", "es": "pan", "ru": "хлеб", "ja": "パン", "th": "ขนมปัง", "ar": "خبز"}


@pytest.fixture
def command(tmp_path):
    """A translator that knows one word, and notes every language it was asked for."""
    script = tmp_path / "translate.py"
    script.write_text(
        "import json, pathlib, sys\n"
        f"words = json.loads({json.dumps(json.dumps(WORDS))})\n"
        "pathlib.Path(__file__).with_name('asked').open('a').write(sys.argv[1] + ' ')\n"
        "sys.stdout.buffer.write(words[sys.argv[1]].encode())\n"
    )
    return f"{quote(sys.executable)} {quote(str(script))} {{target}}"


def columns(pilot) -> dict[str, Column]:
    return {column.encoder: column for column in pilot.app.screen.query(Column)}


async def everywhere(pilot, until) -> EverywhereScreen:
    await until(pilot, lambda: pilot.app.status and all(each.has_class("-result") for each in columns(pilot).values()))
    await pilot.press("ctrl+g")
    await until(pilot, lambda: isinstance(pilot.app.screen, EverywhereScreen))
    return pilot.app.screen


async def test_without_a_translator_nothing_is_asked_and_the_way_is_told(start, until, library):
    async with start(library, "bread") as pilot:
        screen = await everywhere(pilot, until)
        await until(pilot, lambda: "translator" in str(screen.state.render()))
        assert not screen.answers


async def test_the_matrix_tells_a_biased_encoder_from_one_that_is_not(start, until, library, command, tmp_path):
    async with start(library, "bread") as pilot:
        screen = await everywhere(pilot, until)
        await until(pilot, lambda: "translator" in str(screen.state.render()))
        await pilot.press("t")
        await until(pilot, lambda: isinstance(pilot.app.screen, AskText))
        pilot.app.screen.query_one("#text").value = command
        await pilot.press("enter")
        await until(pilot, lambda: screen.answers, "all languages answer", 3000)
        mono, hybrid = screen.answers["mono"], screen.answers["hybrid"]
        assert set(mono["counts"]) == set(WORDS)
        assert hybrid["consistency"] > mono["consistency"]
        assert mono["own"] > hybrid["own"]
        assert sorted((tmp_path / "asked").read_text().split()) == sorted(set(WORDS) - {"en"})
        shown = str(screen.matrix.render())
        assert all(f" {code} " in shown for code in WORDS)

        # What was translated once is not sent again, and the joined answers are a column.
        await pilot.press("right", "c")
        await until(pilot, lambda: "every:cross" in columns(pilot))
        await until(pilot, lambda: columns(pilot)["every:cross"].has_class("-result"))
        assert len((tmp_path / "asked").read_text().split()) == len(WORDS) - 1
        first = columns(pilot)["every:cross"].results.hits[:7]
        assert {hit.title.casefold()[:2] for hit in first} and len({hit.language for hit in first}) == 7


async def test_typing_another_question_sends_nothing(start, until, library, command, tmp_path):
    async with start(library, "bread") as pilot:
        pilot.app.settings.translator = command
        await until(pilot, lambda: pilot.app.status)
        pilot.app.screen.columns.have(["mono", "every:hybrid"])
        await until(
            pilot, lambda: "every:hybrid" in columns(pilot) and columns(pilot)["every:hybrid"].has_class("-error")
        )
        assert "not known in every language" in str(columns(pilot)["every:hybrid"].notice.render())
        assert not (tmp_path / "asked").exists()


def test_a_matrix_of_one_language_has_no_agreement():
    shown = matrix({"counts": {"en": {"en": 2, "de": 1}}, "agreement": {}}).plain
    assert "2" in shown and "." not in shown.replace("·", "")


@pytest.mark.slow
@pytest.mark.usefixtures("demo_at_home")
async def test_a_question_of_the_demo_needs_no_translator_and_the_hybrid_is_the_more_consistent(until, monkeypatch):
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    question = Questions.load().rows[0]["en"]
    app = HybridSearchApp(query=question)
    app.settings.columns = ["mono", "hybrid"]
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.status, "the demo opens", 6000)
        screen = await everywhere(pilot, until)
        await until(pilot, lambda: screen.answers, "fourteen languages answer", 6000)
        assert len(screen.answers["mono"]["counts"]) == 14
        assert screen.answers["hybrid"]["consistency"] > screen.answers["mono"]["consistency"]
