"""Why a passage ranks where it does, and a passage beside its translations: the screens that Compare opens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hybrid_search.engine.library.library import Library
from hybrid_search.tui.screens.answers.parallel import NEAREST, TRANSLATED, Parallel
from hybrid_search.tui.screens.answers.why import FEW, Why
from hybrid_search.tui.service import ServiceError
from hybrid_search.tui.widgets.column import Column
from hybrid_search.tui.widgets.explained.part_bars import bar
from hybrid_search.tui.widgets.explained.slider import Slider
from rich.console import Console
from textual.widgets import Static

from tests.tui.conftest import TEXTS, write_texts

QUESTION = "Why does bread rise?"
ENDS = re.compile(r"(?<=[.。]) ?| (?=[ก-๛])")


@pytest.fixture
def wide(tmp_path, encoders) -> Path:
    """Nine passages in each of seven languages, so that the mean of each language is known."""
    folder = write_texts(tmp_path / "texts")
    for topic, texts in TEXTS.items():
        for code, text in texts.items():
            first, *others = [each for each in ENDS.split(text) if each]
            for number, turned in enumerate(([*others, first], [*others, first, first])):
                (folder / code / f"{topic}-{number}.md").write_text(" ".join(turned) + "\n", "utf-8")
    path = tmp_path / "wide"
    with Library.open(path, create=True) as opened:
        opened.index([folder], encoders=list(encoders.values()))
    return path


def answered(pilot) -> bool:
    columns = list(pilot.app.screen.query(Column))
    return bool(columns) and all(column.has_class("-result") for column in columns)


async def explain(pilot, until, *keys: str) -> Why:
    await until(pilot, lambda: answered(pilot))
    await pilot.press("down", "home", *keys, "w")
    await until(pilot, lambda: isinstance(pilot.app.screen, Why))
    screen = pilot.app.screen
    await until(pilot, lambda: screen.explained and screen.results.hits, "the explanation comes")
    return screen


def drawn(widget) -> str:
    return "\n".join(strip.text for strip in widget.render_lines(widget.size.region))


def words_of(static: Static, width: int = 110) -> str:
    console = Console(width=width)
    with console.capture() as caught:
        console.print(static.content)
    return caught.get()


async def test_the_parts_of_a_score_are_bars_that_sum_to_it(start, until, wide):
    async with start(wide, QUESTION) as pilot:
        await until(pilot, lambda: answered(pilot))
        score = pilot.app.screen.columns.rankings["mono"]["hits"][0]["score"]
        screen = await explain(pilot, until)
        assert sum(screen.explained["parts"].values()) == pytest.approx(score, abs=1e-6)
        text = drawn(screen.bars)
        assert f"{score:+.3f}" in text and all(name in text for name in ("language", "meaning", "█"))
        assert "meaning" in screen.sentences.body.render().plain
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen.MODE == "compare")


async def test_the_slider_moves_the_ranking_from_raw_to_neutral(start, until, wide):
    async with start(wide, QUESTION) as pilot:
        screen = await explain(pilot, until)
        raw = [hit.id for hit in screen.results.hits]
        assert raw[:3] == [hit["id"] for hit in screen.app.screen_stack[0].columns.rankings["mono"]["hits"]][:3]
        await pilot.press("end")
        assert screen.slider.strength == 1
        await until(pilot, lambda: [hit.id for hit in screen.results.hits] != raw, "the ranking moves")
        assert screen.results.reference is not None and "100% of language removed" in drawn(screen.slider)
        await pilot.press("home")
        await until(pilot, lambda: [hit.id for hit in screen.results.hits] == raw and screen.results.reference is None)
        await pilot.press("right", "right", "left")
        assert screen.slider.strength == pytest.approx(0.1)


async def test_the_next_encoder_explains_it_too(start, until, wide):
    async with start(wide, QUESTION) as pilot:
        screen = await explain(pilot, until)
        first = screen.explained["parts"]
        await pilot.press("e")
        await until(pilot, lambda: screen.explained and screen.explained["encoder"] == "cross")
        assert screen.explained["parts"]["language"] < first["language"]


async def test_where_too_few_passages_tell_of_language_it_is_said(start, until, library):
    async with start(library, QUESTION) as pilot:
        screen = await explain(pilot, until)
        assert not screen.explained["known"] and FEW in str(screen.query_one("#why").border_subtitle)


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (200, 50)])
async def test_it_fits_every_terminal(start, until, library, size):
    async with start(library, QUESTION, size=size) as pilot:
        screen = await explain(pilot, until)
        for widget in (screen.bars, screen.sentences, screen.slider, screen.results):
            region = widget.region
            assert region.width > 10 and region.height > 0 and region.right <= size[0] and region.bottom <= size[1]


async def test_what_goes_wrong_is_said_in_words(start, until, library, monkeypatch):
    async with start(library, QUESTION) as pilot:
        await until(pilot, lambda: answered(pilot))
        ask = pilot.app.ask

        async def broken(op, *arguments, **parameters):
            if op in ("explain", "parallel"):
                raise ServiceError("There is no passage 7.", hint="Ask again.", kind="LibraryError")
            return await ask(op, *arguments, **parameters)

        monkeypatch.setattr(pilot.app, "ask", broken)
        await pilot.press("down", "w")
        await until(pilot, lambda: isinstance(pilot.app.screen, Why) and "no passage 7" in pilot.app.screen.bars.words)
        assert "Ask again." in str(pilot.app.screen.sentences.body.render())
        await pilot.press("escape", "t")
        await until(pilot, lambda: isinstance(pilot.app.screen, Parallel))
        await until(pilot, lambda: "no passage 7" in str(pilot.app.screen.text.render()))


async def test_without_a_result_under_the_cursor_the_keys_say_what_to_do(start, until, library):
    async with start(library) as pilot:
        await until(pilot, lambda: pilot.app.status)
        pilot.app.screen.set_focus(None)
        await pilot.press("w", "t")
        said = [each.message for each in pilot.app._notifications]
        assert sum("Go to a result first" in each for each in said) == 2


async def test_a_passage_stands_beside_the_nearest_of_each_language_with_ranks(start, until, library):
    async with start(library, QUESTION) as pilot:
        await until(pilot, lambda: answered(pilot))
        await pilot.press("down", "t")
        await until(pilot, lambda: isinstance(pilot.app.screen, Parallel))
        screen = pilot.app.screen
        await until(pilot, lambda: len(screen.rows) == 6, "six languages come")
        assert str(screen.query_one("#parallel").border_title) in (NEAREST, TRANSLATED)
        own = screen.head["passage"]["language"]
        assert {row["other"]["language"] for row in screen.rows} == set(TEXTS["bread"]) - {own}
        assert all(set(row["ranks"]) == {"mono", "cross", "hybrid"} for row in screen.rows)
        before = words_of(screen.text)
        await pilot.press("down")
        await until(pilot, lambda: words_of(screen.text) != before, "the next language is shown")
        other = screen.rows[1]["other"]
        for text in (screen.head["passage"]["text"], other["text"]):
            assert text.strip()[:8] in words_of(screen.text)
        await pilot.press("y")
        assert pilot.app.clipboard == other["text"]


async def test_translations_that_the_library_knows_are_shown_as_such(start, until, library, monkeypatch):
    def translations(self, number):
        return {each.language: each for each in self.passages(range(1, 30)) if each.path.endswith("bread.md")}

    monkeypatch.setattr(Library, "translations", translations)
    async with start(library, QUESTION) as pilot:
        await until(pilot, lambda: answered(pilot))
        await pilot.press("down", "t")
        await until(pilot, lambda: isinstance(pilot.app.screen, Parallel) and len(pilot.app.screen.rows) == 6)
        screen = pilot.app.screen
        assert str(screen.query_one("#parallel").border_title) == TRANSLATED
        for row in screen.rows:
            assert row["likeness"] is None
            assert row["pairs"][0][0] == 0 and row["pairs"][-1][1] == len(screen.head["sentences"])


@pytest.mark.parametrize(
    ("share", "shown"), [(0, ""), (1, "████"), (0.5, "██"), (0.03, "▏"), (7, "████"), (-0.5, "░░"), (-9, "░░░░")]
)
def test_a_bar_is_as_long_as_its_share(share, shown):
    assert bar(share, 4) == shown


@pytest.mark.parametrize("width", [12, 20, 44, 90])
def test_ranks_under_the_slider_never_run_into_each_other(width):
    slider = Slider()
    slider.ranks = [1234, 900, 700, 650, 420, 300, 150, 70, 20, 3, None]
    for step in range(11):
        slider.set_reactive(Slider.strength, step / 10)
        line = slider._ranks(width, lambda name: "").plain
        here = slider.ranks[step]
        assert len(line) == width and (f"{here:,}" if here else "–") in line.split()
        assert set(line.split()) <= {f"{rank:,}" if rank else "–" for rank in slider.ranks}
