"""What widgets compute before they draw."""

from __future__ import annotations

import itertools

import pytest
from hybrid_search.tui.display import counted
from hybrid_search.tui.widgets.charts.batch_view import BatchView
from hybrid_search.tui.widgets.charts.chart import Canvas, Chart, smoothed
from hybrid_search.tui.widgets.charts.curves import Curves
from hybrid_search.tui.widgets.charts.heatmap import Matrix, difference, matrix_of, number, on_one_scale, shade
from hybrid_search.tui.widgets.charts.language_bar import blocks
from hybrid_search.tui.widgets.charts.language_bars import bar
from hybrid_search.tui.widgets.charts.rank_strip import RankStrip, cell_of, places
from hybrid_search.tui.widgets.charts.share_gauge import position
from hybrid_search.tui.widgets.column import Notice, duration, nothing, summary
from hybrid_search.tui.widgets.explained.part_bars import PartBars
from hybrid_search.tui.widgets.frame.table import Table
from hybrid_search.tui.widgets.results import Hit, Results, movement
from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual.app import App

FOURTEEN = ("ar", "de", "el", "en", "es", "fr", "hi", "ja", "ko", "ru", "th", "tr", "vi", "zh")


@pytest.mark.parametrize("width", [3, 10, 24, 37, 80])
@pytest.mark.parametrize(
    "counts",
    [{"en": 10}, {"en": 7, "de": 2, "th": 1}, dict.fromkeys(FOURTEEN[:8], 1)],
)
def test_a_language_bar_fills_its_width_exactly_and_names_every_block(counts, width):
    drawn = blocks(counts, width)
    assert sum(cell_len(label) for _, label in drawn) == width
    assert all(code in label or not code for code, label in drawn)


def test_a_bars_blocks_are_proportional_and_counted():
    drawn = dict(blocks({"en": 8, "de": 2}, 40))
    assert cell_len(drawn["en"]) > 2 * cell_len(drawn["de"])
    assert drawn["en"].strip() == "en 8" and drawn["de"].strip() == "de 2"


def test_languages_that_do_not_fit_are_counted():
    assert blocks(dict.fromkeys(("ar", "de", "el", "en", "es"), 1), 12)[-1] == ("", "+2 ")


def test_nothing_to_count_draws_nothing():
    assert blocks({}, 20) == [] and blocks({"en": 1}, 2) == []


def test_movement_is_told_against_the_reference():
    reference = {7: 4, 8: 1, 9: 2}
    assert movement(1, reference, 7) == "▲3"
    assert movement(3, reference, 8) == "▼2"
    assert movement(2, reference, 9) == ""
    assert movement(5, reference, 10) == "new"


def test_a_gauge_runs_from_end_to_end():
    assert position(0, 20) == 0 and position(1, 20) == 19 and position(0.5, 21) == 10


def test_the_rank_axis_is_logarithmic():
    assert cell_of(1, 1000, 31) == 0 and cell_of(1000, 1000, 31) == 30 and cell_of(10, 1000, 31) == 10


def test_marks_never_overlap_and_keep_their_order():
    ranks = {
        code: rank
        for rank, code in enumerate(
            ["ar", "de", "el", "en", "es", "fr", "hi", "ja", "ko", "ru", "th", "tr", "vi", "zh"], start=1
        )
    }
    columns = places(ranks, 420, 40)
    assert [code for _, code in columns] == list(ranks)
    assert all(second - first >= 2 for (first, _), (second, _) in itertools.pairwise(columns))
    assert columns[0][0] >= 0 and columns[-1][0] <= 38


def test_marks_at_the_far_end_move_back_inside():
    columns = places({"ar": 419, "de": 420, "el": 418}, 420, 20)
    assert [code for _, code in columns] == ["el", "ar", "de"] and columns[-1][0] == 18


def test_where_not_all_marks_fit_the_best_and_the_worst_do():
    ranks = {code: rank for rank, code in enumerate(FOURTEEN[:8], start=1)}
    columns = places(ranks, 100, 9)
    assert columns[0] == (0, "ar") and columns[-1][1] == "ja" and len(columns) == 4


def test_heat_maps_of_several_encoders_share_a_scale():
    result = {"mono": {"de": 0.8, "en": 0.9}, "cross": {"de-en": 0.5, "en-de": None}}
    other = {"mono": {"de": 0.7, "en": 0.2}, "cross": {"de-en": 0.6, "en-de": 0.4}}
    first, second = on_one_scale([matrix_of(result), matrix_of(other)])
    assert first.scale == second.scale == (0.2, 0.9)
    away = difference(second, first)
    assert away.values["de", "en"] == pytest.approx(0.1) and away.values["en", "de"] is None


def test_hundredths_fit_their_cells():
    assert number(0.8, 3, signed=False) == "80 " and number(1.0, 3, signed=False) == "100"
    assert number(0.12, 4, signed=True) == "+12 " and number(-0.05, 4, signed=True) == " -5 "


def test_shades_run_from_dark_to_light_and_differences_from_the_middle():
    assert shade(0, 0, 1, is_difference=False) == "#00224e" and shade(1, 0, 1, is_difference=False) == "#fee838"
    assert shade(0.0, -1, 1, is_difference=True) == "#8d8f96"
    assert Matrix(["en"], {}).values == {}


def test_dots_land_in_the_corners():
    canvas = Canvas(4, 2)
    canvas.dot(0, 0, Style())
    canvas.dot(1, 1, Style())
    assert canvas.row(1).plain[0] == "⡀" and canvas.row(0).plain[-1] == "⠈"


def test_smoothing_starts_where_the_series_starts():
    assert smoothed([(1, 2.0), (2, 2.0)]) == [(1, 2.0), (2, 2.0)]


def test_a_bar_is_never_quite_empty():
    assert bar(0.0001, 20) == "╸" and bar(1, 20) == "━" * 20


def test_states_are_words():
    ranking = {"hits": [0] * 10, "searched": 1336, "seconds": 0.041}
    assert summary(ranking) == "10 of 1,336 · 41 ms"
    assert summary(ranking, 36).endswith("36 not encoded yet")
    assert duration(1.23) == "1.2 s"
    assert nothing(5, ["th"]) == "No passage in Thai."
    assert nothing(0, []).startswith("The library has no passages yet.")


async def test_numbers_stand_before_text_in_a_result():
    class Shown(App[None]):
        def compose(self):
            yield Results()

    async with Shown().run_test(size=(60, 5)) as pilot:
        results = pilot.app.query_one(Results)
        results.show([Hit(1, 0.632, 7, "hi", "हिमनद कैसे चलते हैं", "", "/x", "हिमनद बर्फ़ की नदियाँ हैं।")])
        results.reference = {7: 4}
        await pilot.pause()
        first = results.render_lines(results.size.region)[0].text
    assert first.index("▲3") < first.index("0.632") < first.index("हिमनद")
    assert not any(character.isdigit() for character in first[first.index("हिमनद") :])


@pytest.mark.parametrize(
    ("make", "name"),
    [(RankStrip, "words"), (PartBars, "words"), (BatchView, "words"), (Chart, "empty"), (Curves, "empty")],
)
async def test_words_in_place_of_a_chart_are_wrapped_and_never_cut(make, name):
    words = "This needs the data of a benchmark, which are not there: name their folder in the form, then draw again."
    app = App()
    async with app.run_test(size=(30, 12)) as pilot:
        widget = make()
        await app.mount(widget)
        setattr(widget, name, words)
        await pilot.pause()
        drawn = ["".join(part.text for part in line) for line in app.screen._compositor.render_strips()]
        assert " ".join(" ".join(drawn).split()) == words


async def test_a_columns_words_that_have_no_room_end_in_an_ellipsis():
    app = App()
    async with app.run_test(size=(20, 4)) as pilot:
        notice = Notice()
        await app.mount(notice)
        for words, cut in (
            ("Searching…", False),
            ("A long reason why there is no answer, and a longer one what can be done about it.", True),
        ):
            notice.words = words
            await pilot.pause()
            drawn = " ".join("".join(part.text for part in line) for line in app.screen._compositor.render_strips())
            assert drawn.split()[0] == words.split()[0] and drawn.rstrip().endswith("…")
            assert (words.split()[-1] not in drawn.split()) == cut


async def test_why_batches_cannot_be_drawn_is_told_whole():
    error = "Cross batches need two languages with the same examples, and these data have one language only."
    app = App()
    async with app.run_test(size=(30, 12)) as pilot:
        view = BatchView()
        await app.mount(view)
        view.samplings = {"cross": {"error": error}}
        await pilot.pause()
        drawn = ["".join(part.text for part in line) for line in app.screen._compositor.render_strips()]
        assert " ".join(" ".join(drawn).split()) == f"cross {error}"


async def test_rows_are_drawn_whole_whenever_their_width_becomes_known_and_end_in_an_ellipsis_where_they_are_cut(until):
    def drawn():
        return ["".join(part.text for part in line) for line in app.screen._compositor.render_strips()]

    def cut(name):
        return [line.rstrip().endswith("…") for line in drawn() if name in line]

    app = App()
    async with app.run_test(size=(30, 8)) as pilot:
        table = Table(id="folders")
        await app.mount(table)
        table.add_columns("folder", "what")
        table.add_row(Text("/short"), Text(""))
        await pilot.pause()
        table.clear()
        table.add_row(Text("/of another length"), Text(""))
        drawn()
        await until(pilot, lambda: any("/of another length" in line for line in drawn()))
        table.add_row(Text("/wide"), Text("more than there is room for"))
        await until(pilot, lambda: cut("/wide") == [True])
        assert cut("/of") == [False]


def test_one_of_a_thing_is_one():
    assert [counted(number, "passage") for number in (0, 1, 2, 1200)] == [
        "0 passages",
        "1 passage",
        "2 passages",
        "1,200 passages",
    ]


async def test_the_cursor_of_a_table_stays_on_its_row_when_the_rows_are_read_again():
    app = App()
    async with app.run_test(size=(30, 8)) as pilot:
        table = Table(id="encoders")
        await app.mount(table)
        table.add_columns("encoder")
        assert table.key == ""
        table.fill((name, [Text(name)]) for name in ("mono", "cross", "hybrid"))
        table.move_cursor(row=2)
        table.fill((name, [Text(name)]) for name in ("new", "hybrid", "mono"))
        await pilot.pause()
        assert table.key == "hybrid" and table.cursor_row == 1
        table.fill([("new", [Text("new")])])
        await pilot.pause()
        assert table.key == "new"
