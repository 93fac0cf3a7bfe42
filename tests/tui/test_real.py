"""The app as it is installed: real child process, bundled encoders, the demo library."""

from __future__ import annotations

import pytest
from hybrid_search.tui.app.app import HybridSearchApp
from hybrid_search.tui.state.questions import Questions
from hybrid_search.tui.widgets.column import Column

pytestmark = pytest.mark.slow
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
