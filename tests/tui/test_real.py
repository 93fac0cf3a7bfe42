"""The app as it is installed: real child process, bundled encoders, the demo library."""

from __future__ import annotations

import pytest
from hybrid_search.tui.app.app import HybridSearchApp
from hybrid_search.tui.state.questions import Questions
from hybrid_search.tui.widgets.column import Column

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("demo_at_home")]
TRIO = ("mono", "cross", "hybrid")


@pytest.fixture(autouse=True)
def shipped():
    from hybrid_search.engine.library.demo import demo_folder, fingerprint_of

    missing = [name for name in TRIO if fingerprint_of(name) is None]
    missing += [name for name in TRIO if not (demo_folder() / "vectors" / f"{name}.npz").is_file()]
    if missing:
        pytest.skip(f"needs the bundled encoders and their vectors of the demo: {', '.join(missing)} are not here")


async def test_a_question_in_each_of_fourteen_languages_is_answered_by_the_bundled_trio(until, monkeypatch):
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    row = Questions.load().rows[0]
    assert len(row) >= 14
    shares: dict[str, list[float]] = {name: [] for name in TRIO}
    app = HybridSearchApp()
    async with app.run_test(size=(150, 46)) as pilot:
        await until(pilot, lambda: app.status, "the demo library opens", 6000)
        assert app.status["demo"]
        screen = app.screen
        for code, question in row.items():
            screen.question.put(question)
            columns = {column.encoder: column for column in screen.query(Column)}
            assert tuple(columns) == TRIO
            await until(
                pilot,
                lambda question=question, columns=columns: (
                    screen.asked.get("query") == question
                    and all(column.has_class("-result") for column in columns.values())
                ),
                f"the question in {code} is answered",
                6000,
            )
            for name, column in columns.items():
                assert len(column.results.hits) == 10
                shares[name].append(screen.columns.rankings[name]["share"])
        await until(
            pilot,
            lambda: screen.detail.strip.strips is not None and screen.detail.strip.strips.ranks,
            "ranks come",
            3000,
        )
        assert set(screen.detail.strip.strips.ranks) == set(TRIO)
    means = {name: sum(values) / len(values) for name, values in shares.items()}
    assert means["mono"] > 2 * means["hybrid"], means


async def test_right_answers_of_the_demo_are_marked_with_their_ranks(until, monkeypatch):
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    row = Questions.load().rows[0]
    app = HybridSearchApp(query=row["en"])
    async with app.run_test(size=(150, 46)) as pilot:
        await until(pilot, lambda: app.screen.columns.grades, "the right answers are known", 6000)
        columns = list(app.screen.query(Column))
        await until(pilot, lambda: all(column.right.display for column in columns))
        # The answer stands in all fourteen languages; the biased encoder puts some of them far down.
        assert len(app.screen.columns.grades) == 14
        ranks = app.screen.columns._right
        assert set(ranks) == set(TRIO) and all(len(each) == 14 for each in ranks.values())
        assert sum(ranks["hybrid"].values()) < sum(ranks["mono"].values())


async def test_a_rank_is_explained_and_a_passage_read_in_all_languages(until, monkeypatch):
    from hybrid_search.tui.screens.answers.parallel import TRANSLATED, Parallel
    from hybrid_search.tui.screens.answers.why import Why

    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    app = HybridSearchApp(query="Why does bread rise?")
    async with app.run_test(size=(150, 46)) as pilot:
        await until(pilot, lambda: len(app.screen.columns.rankings) == 3, "it is answered", 6000)
        compare = app.screen
        scores = {name: {hit["id"]: hit["score"] for hit in compare.columns.rankings[name]["hits"]} for name in TRIO}
        await pilot.press("down", "home", "w")
        await until(pilot, lambda: isinstance(app.screen, Why))
        for name in TRIO:
            await until(pilot, lambda name=name: (app.screen.explained or {}).get("encoder") == name, name, 3000)
            data = app.screen.explained
            assert data["exact"] and data["known"] and len(data["tokens"]) > 20
            for number, part in enumerate(("shared", "language", "meaning")):
                told = sum(each["shares"][number] for each in data["sentences"]) + data["rest"][number]
                # In int8 a vector depends a little on the other texts of its batch (mean cosine .9995).
                assert told == pytest.approx(data["parts"][part], abs=5e-3)
            number = data["passage"]["id"]
            if number in scores[name]:
                assert sum(data["parts"].values()) == pytest.approx(scores[name][number], abs=1e-2)
            await pilot.press("e")
        assert app.screen._passage in scores["mono"], "the first result of the first column is explained"
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is compare)
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, Parallel) and len(app.screen.rows) == 13, "it is read", 6000)
        assert str(app.screen.query_one("#parallel").border_title) == TRANSLATED
        assert all(set(row["ranks"]) == set(TRIO) for row in app.screen.rows)
        aligned = [first == second for row in app.screen.rows for first, _, second, _, _ in row["pairs"]]
        assert sum(aligned) > 0.8 * len(aligned), "translations keep the order of their sentences"


async def test_the_map_names_what_the_encoder_finds_alike(until, monkeypatch):
    from hybrid_search.tui.widgets.charts.panel import Panel

    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    app = HybridSearchApp()
    app.settings.columns = ["hybrid"]
    async with app.run_test(size=(150, 46)) as pilot:
        await until(pilot, lambda: app.status, "the demo library opens", 6000)
        await pilot.press("f6")
        await until(pilot, lambda: any(panel.whole for panel in app.screen.query(Panel)), "a map is drawn", 6000)
        await until(pilot, lambda: isinstance(app.screen.focused, Panel), "it has the keys", 6000)
        await pilot.press("right")
        await until(pilot, lambda: app.screen.near, "its neighbours are found", 3000)
        assert len({each["language"] for each in app.screen.near}) > 3
