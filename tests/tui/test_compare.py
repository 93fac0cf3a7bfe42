"""Compare: asking, reading, moving, switching, in every state."""

from __future__ import annotations

import json
import shutil
import threading

import pytest
from hybrid_search.engine.library.library import Library
from hybrid_search.tui.screens.answers.reader import Reader
from hybrid_search.tui.screens.compare import CompareScreen
from hybrid_search.tui.screens.dialogs.choose import AskText, Choose, ChooseSeveral
from hybrid_search.tui.screens.saving import save_as
from hybrid_search.tui.widgets.column import Column
from hybrid_search.tui.widgets.starters import Starters


def columns(pilot) -> dict[str, Column]:
    return {column.encoder: column for column in pilot.app.screen.query(Column)}


def answered(pilot) -> bool:
    found = columns(pilot)
    return bool(found) and all(column.has_class("-result") for column in found.values())


def words_of(column: Column) -> str:
    return str(column.notice.render())


async def test_a_question_is_answered_in_every_column_and_bias_is_visible(start, until, library):
    async with start(library, "Why does bread rise?") as pilot:
        await until(pilot, lambda: answered(pilot))
        found = columns(pilot)
        assert list(found) == ["mono", "cross", "hybrid"]
        assert found["mono"].gauge.share.here > found["hybrid"].gauge.share.here
        assert {hit.language for hit in found["mono"].results.hits[:3]} == {"en", "de", "es"}
        assert {hit.language for hit in found["hybrid"].results.hits[:7]} == {"en", "de", "es", "ru", "ja", "th", "ar"}
        assert found["hybrid"].gauge.share.library == pytest.approx(1 / 7)
        assert "10 of 21" in str(found["mono"].border_subtitle)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("Warum geht Brot auf?", "de"),
        ("パンはなぜ膨らみますか", "ja"),
        ("ทำไมขนมปังจึงขึ้นฟู", "th"),
        ("لماذا يرتفع خبز", "ar"),
    ],
)
async def test_the_language_of_the_question_is_told(start, until, library, query, code):
    async with start(library, query) as pilot:
        await until(pilot, lambda: answered(pilot))
        assert str(pilot.app.screen.question.bar.language.render()).strip().startswith(code)


async def test_typing_asks_by_itself_and_enter_remembers(start, until, library):
    async with start(library) as pilot:
        await pilot.press(*"moon")
        await until(pilot, lambda: answered(pilot))
        assert pilot.app.history == []
        await pilot.press("enter")
        assert pilot.app.history == ["moon"]
        await pilot.press("ctrl+u", *"tree", "enter", "up", "up")
        assert pilot.app.screen.question.bar.input.value == "moon"


async def test_only_the_last_of_overlapping_questions_is_shown(start, until, library, encoders):
    gate, entered = threading.Event(), threading.Event()

    def before():
        entered.set()
        gate.wait(30)

    async with start(library) as pilot:
        await until(pilot, lambda: pilot.app.status)
        encoders["mono"].before = before
        screen = pilot.app.screen
        screen.question.put("bread")
        await until(pilot, entered.is_set)
        screen.question.put("moon")
        screen.question.put("tree")
        # By then the first question is told to stop; before, its next encoder would rightly be asked.
        await until(pilot, lambda: any(with_.get("query") == "tree" for _, with_ in pilot.app.answers.asked))
        gate.set()
        await until(pilot, lambda: answered(pilot))
        assert all("tree" in column.results.hits[0].path for column in columns(pilot).values())
        asked = [with_["query"] for op, with_ in pilot.app.answers.asked if op == "ask"]
        assert asked[0] == "bread" and asked[-1] == "tree"
        assert encoders["hybrid"].texts.count("bread") == 0


async def test_loading_is_told_in_words(start, until, library, load):
    async with start(library) as pilot:
        await until(pilot, lambda: pilot.app.status)
        gate, entered = threading.Event(), threading.Event()

        def slowly(name):
            entered.set()
            gate.wait(30)
            return load(name)

        pilot.app.answers.desk._load = slowly
        pilot.app.screen.question.put("bread")
        await until(pilot, entered.is_set)
        await until(pilot, lambda: "Loading the encoder mono" in words_of(columns(pilot)["mono"]))
        gate.set()
        await until(pilot, lambda: answered(pilot))


async def test_the_same_passage_is_marked_in_every_column_and_its_translations_are_ranked(start, until, library):
    async with start(library, "bread") as pilot:
        await until(pilot, lambda: answered(pilot))
        await pilot.press("escape", "down")
        await until(pilot, lambda: pilot.app.screen.columns.focused is not None)
        await pilot.press("down", "down")
        hit = columns(pilot)["mono"].results.current
        assert all(column.results.same == hit.id for column in columns(pilot).values())
        strip = pilot.app.screen.detail.strip
        await until(pilot, lambda: strip.strips is not None and strip.strips.language == hit.language)
        assert set(strip.strips.ranks) == {"mono", "cross", "hybrid"}
        assert set(strip.strips.ranks["hybrid"]) == {"en", "de", "es", "ru", "ja", "th", "ar"}
        spread = {name: max(ranks.values()) - min(ranks.values()) for name, ranks in strip.strips.ranks.items()}
        assert spread["mono"] > spread["hybrid"]


async def test_movement_is_against_the_reference_and_another_column_can_be_it(start, until, library):
    async with start(library, "Why does bread rise?") as pilot:
        await until(pilot, lambda: answered(pilot))
        assert columns(pilot)["mono"].results.reference is None
        assert columns(pilot)["hybrid"].results.reference
        await pilot.press("down")
        await until(pilot, lambda: pilot.app.screen.columns.focused is not None)
        await pilot.press("right", "right", "r")
        await until(pilot, lambda: columns(pilot)["hybrid"].results.reference is None)
        assert columns(pilot)["mono"].results.reference
        assert pilot.app.settings.reference == "hybrid"


async def test_a_language_filter_gives_results_in_that_language_only(start, until, library):
    async with start(library, "bread") as pilot:
        await until(pilot, lambda: answered(pilot))
        await pilot.press("down")
        await until(pilot, lambda: pilot.app.screen.columns.focused is not None)
        await pilot.press("f")
        await until(pilot, lambda: isinstance(pilot.app.screen, ChooseSeveral))
        pilot.app.screen.dismiss(["de"])
        await until(pilot, lambda: isinstance(pilot.app.screen, CompareScreen) and answered(pilot))
        await until(pilot, lambda: {hit.language for hit in columns(pilot)["mono"].results.hits} == {"de"})
        pilot.app.screen._filtered(["ko"])
        await until(pilot, lambda: "No passage in Korean." in words_of(columns(pilot)["mono"]))
        assert "f chooses other languages" in words_of(columns(pilot)["mono"])


async def test_switches_change_the_question_that_is_asked(start, until, library):
    async with start(library, "bread") as pilot:
        await until(pilot, lambda: answered(pilot))
        await pilot.press("down")
        await until(pilot, lambda: pilot.app.screen.columns.focused is not None)
        await pilot.press("minus", "x")
        await until(pilot, lambda: answered(pilot) and len(columns(pilot)["mono"].results.hits) == 5)
        asked = [with_ for op, with_ in pilot.app.answers.asked if op == "ask"]
        assert asked[-1]["k"] == 5 and asked[-1]["exact"] is True


async def test_taking_out_language_means_lessens_the_bias(start, until, texts, library, encoders):
    for code in ("en", "de", "es", "ru", "ja", "th", "ar"):
        for number in range(6):
            (texts / code / f"more-{number}.md").write_text(
                (texts / code / "tree.md").read_text("utf-8") + f"\n\n{number}", "utf-8"
            )
    with Library.open(library) as opened:
        opened.index([texts], encoders=list(encoders.values()))
    async with start(library, "Why does bread rise at night?") as pilot:
        await until(pilot, lambda: answered(pilot))
        before = columns(pilot)["mono"].gauge.share.here
        await pilot.press("down")
        await until(pilot, lambda: pilot.app.screen.columns.focused is not None)
        await pilot.press("n")
        await until(pilot, lambda: answered(pilot) and columns(pilot)["mono"].gauge.share.here < before)


async def test_a_passage_opens_over_the_screen_and_closes(start, until, library):
    async with start(library, "moon") as pilot:
        await until(pilot, lambda: answered(pilot))
        await pilot.press("down")
        await until(pilot, lambda: pilot.app.screen.detail.passage and pilot.app.screen.columns.pointed)
        await until(
            pilot, lambda: pilot.app.screen.detail.passage["passage"]["id"] == columns(pilot)["mono"].results.current.id
        )
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, Reader))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, CompareScreen))


async def test_the_best_sentence_is_found_by_meaning(start, until, library):
    async with start(library, "moon") as pilot:
        await until(pilot, lambda: answered(pilot))
        await until(pilot, lambda: all(hit.span for hit in columns(pilot)["hybrid"].results.hits))


async def test_a_demo_question_is_asked_in_the_next_language_with_one_key(start, until, library):
    async with start(library) as pilot:
        screen = pilot.app.screen
        await until(pilot, lambda: screen.question.known.rows)
        row = screen.question.known.rows[0]
        screen.question.put(row["en"])
        await until(pilot, lambda: answered(pilot))
        assert set(screen.question.switches.translations.codes) == set(row)
        await pilot.press("ctrl+n")
        codes = list(row)
        following = codes[(codes.index("en") + 1) % len(codes)]
        await until(pilot, lambda: screen.question.text == row[following] and answered(pilot))
        await pilot.press("ctrl+t")
        await until(pilot, lambda: isinstance(pilot.app.screen, Choose))
        pilot.app.screen.dismiss("ja")
        await until(pilot, lambda: screen.question.text == row["ja"])


async def test_before_the_first_question_there_are_questions_to_pick(start, until, demo):
    async with start(demo) as pilot:
        starters = pilot.app.screen.query_one(Starters)
        await until(pilot, lambda: starters.option_count > 5)
        assert starters.display
        await pilot.press("down")
        await until(pilot, lambda: starters.has_focus and starters.highlighted == 0)
        await pilot.press("enter")
        await until(pilot, lambda: answered(pilot))
        assert pilot.app.question == pilot.app.screen.question.known.starters(1)[0][1]
        assert not starters.display


async def test_a_library_of_ones_own_is_not_offered_the_demos_questions(start, until, library):
    async with start(library) as pilot:
        starters = pilot.app.screen.query_one(Starters)
        await until(pilot, lambda: "21 passages, 7 languages" in str(starters.border_title))
        assert [str(option.prompt) for option in starters.options] == [
            "Type a question in any language; results come in all."
        ]
        demo_question = pilot.app.screen.question.known.rows[0]["en"]
        pilot.app.history += ["Why does bread rise?", demo_question]
        pilot.app.refresh_library()
        await until(pilot, lambda: [str(option.prompt) for option in starters.options] == ["Why does bread rise?"])
        await pilot.press("down", "enter")
        await until(pilot, lambda: answered(pilot))


async def test_user_text_is_never_markup(start, until, tmp_path, encoders):
    folder = tmp_path / "odd"
    folder.mkdir()
    (folder / "a[bold]b.md").write_text("# [red]bread[/] [/nothing]\n\nbread [blink]is[/blink] \\[ bread [", "utf-8")
    with Library.open(tmp_path / "odd-library", create=True) as opened:
        opened.index([folder], encoders=list(encoders.values()))
    async with start(tmp_path / "odd-library", "bread [/] [bold]") as pilot:
        await until(pilot, lambda: answered(pilot))
        await until(pilot, lambda: pilot.app.screen.detail.passage)
        assert "[red]bread[/] [/nothing]" in columns(pilot)["mono"].results.hits[0].label
        assert "[blink]is[/blink]" in str(pilot.app.screen.detail.reader.body.render())
        for key in ("f3", "f6", "f2"):
            await pilot.press(key)


async def test_a_column_for_words_can_be_added_and_columns_move(start, until, library):
    async with start(library, "bread") as pilot:
        await until(pilot, lambda: answered(pilot))
        pilot.app.screen.columns.have(["mono", "cross", "hybrid", "bm25"])
        await until(pilot, lambda: "bm25" in columns(pilot) and answered(pilot))
        await pilot.press("down")
        await until(pilot, lambda: pilot.app.screen.columns.focused is not None)
        await pilot.press("greater_than_sign")
        await until(pilot, lambda: list(columns(pilot))[:2] == ["cross", "mono"])
        await until(pilot, lambda: pilot.app.screen.columns.focused is not None)
        await pilot.press("right", "right")
        await until(pilot, lambda: pilot.app.screen.columns.focused.encoder == "bm25")
        await pilot.press("greater_than_sign", "less_than_sign", "greater_than_sign")
        await until(pilot, lambda: list(columns(pilot)) == ["cross", "mono", "hybrid", "bm25"])
        pilot.app.screen.columns.have(["hybrid"])
        await until(pilot, lambda: list(columns(pilot)) == ["hybrid"])


async def test_what_is_not_encoded_is_encoded_and_then_answered(start, until, library, encoders, keyword_encoder_type):
    encoders["mine"] = keyword_encoder_type("mine")
    async with start(library, "bread") as pilot:
        await until(pilot, lambda: answered(pilot))
        pilot.app.screen.columns.have(["mono", "mine"])
        await until(pilot, lambda: "mine" in columns(pilot) and answered(pilot))
        assert columns(pilot)["mine"].results.hits


async def test_an_encoder_that_is_missing_says_so_and_the_others_answer(start, until, library):
    async with start(library, "bread") as pilot:
        await until(pilot, lambda: answered(pilot))
        pilot.app.screen.columns.have(["mono", "nowhere"])
        await until(pilot, lambda: "nowhere" in columns(pilot) and columns(pilot)["nowhere"].has_class("-error"))
        assert "There is no encoder nowhere." in words_of(columns(pilot)["nowhere"])
        assert columns(pilot)["mono"].results.hits


async def test_no_library_is_told_with_the_next_step(start, until, tmp_path):
    async with start(tmp_path / "nothing") as pilot:
        await until(pilot, lambda: columns(pilot)["mono"].has_class("-error"))
        assert "There is no library at" in words_of(columns(pilot)["mono"])


async def test_a_broken_library_is_told(start, until, library):
    (library / "library.db").write_bytes(b"not a database" * 1000)
    async with start(library) as pilot:
        await until(pilot, lambda: columns(pilot)["mono"].has_class("-error"))
        assert "librar" in words_of(columns(pilot)["mono"])


async def test_a_library_removed_under_its_feet_is_told_and_the_app_lives(start, until, library):
    async with start(library, "bread") as pilot:
        await until(pilot, lambda: answered(pilot))
        shutil.rmtree(library)
        pilot.app.screen.question.put("moon")
        await until(pilot, lambda: all(column.has_class("-error") for column in columns(pilot).values()))
        assert "is gone" in words_of(columns(pilot)["hybrid"])


@pytest.mark.parametrize("removed", ["folder", "file"])
async def test_a_library_that_goes_is_told_without_a_question_and_opened_when_it_comes_back(
    start, until, library, tmp_path, removed
):
    what = library if removed == "folder" else library / "library.db"
    async with start(library, "bread") as pilot:
        app, compare = pilot.app, pilot.app.screen
        await until(pilot, lambda: answered(pilot))
        await pilot.press("f3")
        await until(pilot, lambda: getattr(app.screen, "MODE", "") == "library")
        what.rename(tmp_path / "elsewhere")
        await until(pilot, lambda: app.state_words == "the library is gone")
        said = app.screen.facts.render().plain
        assert f"{library} is gone" in said and "Open another one" in said
        assert not app.screen.bars.counts and app.screen.query_one("#encoders").row_count == 0
        assert all("is gone" in words_of(column) for column in compare.query(Column))
        (tmp_path / "elsewhere").rename(what)
        await until(pilot, lambda: app.status)
        await until(pilot, lambda: all(column.has_class("-result") for column in compare.query(Column)))
        assert "21 passages" in app.state_words


async def test_what_another_program_does_to_the_library_is_told_on_every_screen(start, until, library, texts, encoders):
    async with start(library, "bread") as pilot:
        app, compare = pilot.app, pilot.app.screen
        await until(pilot, lambda: answered(pilot))
        await pilot.press("f3")
        await until(pilot, lambda: getattr(app.screen, "MODE", "") == "library")
        (texts / "en" / "news.md").write_text("A loaf of bread, written while the app was open.", "utf-8")
        with Library.open(library) as elsewhere:
            elsewhere.index([texts], encoders=[encoders["hybrid"]])
        await until(pilot, lambda: "22 passages" in app.state_words, "the head of every screen")
        await until(pilot, lambda: app.screen.bars.counts["en"] == 4, "the Library screen")
        await until(pilot, lambda: compare.asked and len(compare.columns.rankings) == 3, "it is asked again")
        searched = {name: ranking["searched"] for name, ranking in compare.columns.rankings.items()}
        await until(pilot, lambda: compare.columns.rankings["hybrid"]["searched"] == 22, f"by hybrid: {searched}")


async def test_copying_and_saving(start, until, library, tmp_path):
    async with start(library, "bread") as pilot:
        await until(pilot, lambda: answered(pilot))
        await until(pilot, lambda: pilot.app.screen.detail.passage)
        await pilot.press("down")
        await until(pilot, lambda: pilot.app.screen.columns.focused is not None)
        await pilot.press("y")
        assert pilot.app.clipboard == pilot.app.screen.detail.passage["passage"]["text"]
        await pilot.press("Y")
        assert pilot.app.clipboard.startswith("# bread") and "## hybrid" in pilot.app.clipboard
        for ending in ("md", "json", "svg"):
            await save_as(pilot.app.screen, pilot.app.screen.comparison(), str(tmp_path / f"out.{ending}"))
            await until(pilot, (tmp_path / f"out.{ending}").exists)
        assert json.loads((tmp_path / "out.json").read_text("utf-8"))["rankings"]["mono"]["hits"]
        assert (tmp_path / "out.svg").read_text("utf-8").startswith("<svg")
        # Toasts told of the files before; the picture does not show them.
        assert "Saved" not in (tmp_path / "out.svg").read_text("utf-8")
        await save_as(pilot.app.screen, pilot.app.screen.comparison(), str(tmp_path / "out.md"))
        await until(pilot, (tmp_path / "out-2.md").exists)


async def test_where_a_comparison_cannot_be_saved_the_dialog_says_so_and_stays(start, until, library, tmp_path):
    async with start(library, "bread") as pilot:
        await until(pilot, lambda: answered(pilot))
        pilot.app.screen.action_export()
        await until(pilot, lambda: isinstance(pilot.app.screen, AskText) and pilot.app.screen.query(".hint"))
        dialog = pilot.app.screen
        for name, words in (
            (tmp_path / "nowhere" / "x.md", "There is no folder"),
            (tmp_path / "c.pdf", ".pdf is none of its forms"),
            ("", "Name a file."),
            (tmp_path, "is a folder"),
        ):
            dialog.query_one("#text").value = str(name)
            await pilot.press("enter")
            await until(pilot, lambda words=words: words in str(dialog.query_one(".hint").render()), words)
            assert pilot.app.screen is dialog
        assert not (tmp_path / "nowhere").exists()
        dialog.query_one("#text").value = str(tmp_path / "v1.2")
        await pilot.press("enter")
        await until(pilot, (tmp_path / "v1.2.md").exists)


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40), (220, 60)])
async def test_every_size_of_terminal_shows_results(start, until, library, size):
    async with start(library, "Why does bread rise?", size=size) as pilot:
        await until(pilot, lambda: answered(pilot))
        first = columns(pilot)["mono"].results
        assert first.size.height >= 5 and first.size.width >= 20
        assert pilot.app.screen.question.bar.input.size.width >= 20


def strip_agrees(pilot) -> bool:
    """Whether the strip has every column's rank of the passage shown, and an axis as long as what was searched."""
    screen = pilot.app.screen
    strips, shown = screen.detail.strip.strips, screen.detail.passage
    if strips is None or shown is None or set(strips.ranks) != set(columns(pilot)):
        return False
    number, code = shown["passage"]["id"], shown["passage"]["language"]
    ranks = {
        name: {hit["id"]: hit["rank"] for hit in ranking["hits"]}.get(number)
        for name, ranking in screen.columns.rankings.items()
    }
    known = {name: rank for name, rank in ranks.items() if rank is not None}
    return (
        bool(known)
        and all(strips.ranks[name].get(code) == rank for name, rank in known.items())
        and strips.searched == screen.columns.rankings["mono"]["searched"]
    )


async def test_the_strip_agrees_with_the_columns_after_every_switch(start, until, library):
    async with start(library, "moon") as pilot:
        await until(pilot, lambda: answered(pilot) and strip_agrees(pilot))
        screen = pilot.app.screen
        screen.action_turn("neutral")
        await until(pilot, lambda: not strip_agrees(pilot) or pilot.app.answers.count("ask") > 1)
        await until(pilot, lambda: answered(pilot) and strip_agrees(pilot), "the neutral ranks are on the strip")
        last = [with_ for op, with_ in pilot.app.answers.asked if op == "passage"][-1]
        assert last["neutral"] is True
        screen._filtered(["de", "en"])
        await until(
            pilot, lambda: answered(pilot) and screen.columns.rankings["mono"]["searched"] == 6 and strip_agrees(pilot)
        )
        assert all(set(ranks) <= {"de", "en"} for ranks in screen.detail.strip.strips.ranks.values())
        screen.columns.have(["mono", "hybrid"])
        await until(pilot, lambda: answered(pilot) and set(columns(pilot)) == {"mono", "hybrid"})
        screen.columns.have(["mono", "hybrid", "cross"])
        await until(pilot, lambda: answered(pilot) and strip_agrees(pilot), "the new column's ranks are on the strip")


async def test_what_a_column_had_encoded_counts_on_every_screen(start, until, library, encoders, keyword_encoder_type):
    encoders["own"] = keyword_encoder_type("own")
    async with start(library, "moon") as pilot:
        await until(pilot, lambda: answered(pilot))
        pilot.app.screen.columns.have(["mono", "own"])
        await until(pilot, lambda: answered(pilot) and "own" in columns(pilot))
        assert pilot.app.screen.columns.rankings["own"]["hits"]
        await until(pilot, lambda: "own" in pilot.app.status["encoders"])
        assert pilot.app.status["encoders"]["own"] == {"encoded": 21, "pending": 0}


async def test_the_strip_says_why_it_has_no_ranks(start, until, library, texts):
    (texts / "en" / "new.md").write_text("# New\n\nBread that no encoder has seen.", "utf-8")
    with Library.open(library) as opened:
        opened.index([texts], encoders=[])
    async with start(library, "bread") as pilot:
        await until(pilot, lambda: answered(pilot) and pilot.app.screen.detail.strip.strips is not None)
        strip = pilot.app.screen.detail.strip
        await until(pilot, lambda: strip.words == "Ranks need every passage encoded: e on Library (F3).")
        assert strip.words in str(strip.render())
        pilot.app.screen.columns.have(["bm25"])
        await until(pilot, lambda: strip.words == "Ranks come from an encoder; words alone have none.")


async def test_a_column_taken_away_or_moved_does_so_on_the_strip(start, until, library):
    async with start(library, "moon") as pilot:
        await until(pilot, lambda: answered(pilot) and strip_agrees(pilot))
        pilot.app.screen.columns.have(["hybrid", "mono"])
        strip = pilot.app.screen.detail.strip
        await until(pilot, lambda: list(strip.strips.ranks) == ["hybrid", "mono"])


async def test_a_question_asked_while_its_column_encodes_shows_the_progress(
    start, until, library, encoders, keyword_encoder_type
):
    encoders["mine"] = keyword_encoder_type("mine")
    gate, entered = threading.Event(), threading.Event()

    def before():
        entered.set()
        gate.wait(30)

    async with start(library, "bread") as pilot:
        await until(pilot, lambda: answered(pilot))
        encoders["mine"].before = before
        pilot.app.screen.columns.have(["mono", "mine"])
        await until(pilot, entered.is_set)
        asked = pilot.app.answers.count("ask")
        pilot.app.screen.action_turn("exact")
        await until(
            pilot, lambda: pilot.app.answers.count("ask") > asked and columns(pilot)["mono"].has_class("-result")
        )
        await until(pilot, lambda: "ncoding" in words_of(columns(pilot)["mine"]))
        assert "Waiting" not in words_of(columns(pilot)["mine"])
        gate.set()
        await until(pilot, lambda: answered(pilot), tries=1500)


async def test_a_theme_changed_while_a_passage_is_read_changes_its_pane(start, until, library):
    async with start(library, "moon") as pilot:
        await until(pilot, lambda: answered(pilot) and pilot.app.screen.detail.passage)
        reader = pilot.app.screen.detail.reader

        def drawn():
            return {str(span.style) for span in reader.body.render().spans}

        night = drawn()
        await pilot.press("f9")
        await until(pilot, lambda: drawn() and drawn() != night, "the pane is drawn in the other theme")


async def test_a_column_that_answers_late_has_its_row_on_the_strip(start, until, library, encoders):
    gate = threading.Event()
    async with start(library) as pilot:
        await until(pilot, lambda: pilot.app.status)
        encoders["hybrid"].before = lambda: gate.wait(30)
        pilot.app.screen.question.put("moon")
        await until(pilot, lambda: columns(pilot)["mono"].has_class("-result"))
        await pilot.press("down")
        await until(pilot, lambda: pilot.app.screen.columns.focused is not None)
        gate.set()
        await until(pilot, lambda: answered(pilot) and strip_agrees(pilot), "all three have a row")


async def test_what_changes_while_long_work_runs_is_told_when_that_ends(start, until, library, texts, encoders):
    async with start(library) as pilot:
        app = pilot.app
        await until(pilot, lambda: app.status)
        app.jobs.running = "evaluating"
        (texts / "en" / "news.md").write_text("A loaf of bread, written while the app was open.", "utf-8")
        with Library.open(library) as elsewhere:
            elsewhere.index([texts], encoders=[encoders["hybrid"]])
        await until(pilot, lambda: app._changed, "it is noticed")
        app.jobs.running = ""
        await until(pilot, lambda: "22 passages" in app.state_words, "it is told")
