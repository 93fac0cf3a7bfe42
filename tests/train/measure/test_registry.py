"""The registry: whoever adds a measure to it finds it everywhere, and nobody else says what a measure is called."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import numpy as np
import pytest
from hybrid_search.train.measure import registry
from hybrid_search.train.measure.registry import entries
from hybrid_search.train.measure.registry.measure import Measure, Values
from hybrid_search.train.measure.registry.ranked import Ranked
from hybrid_search.train.reports import report
from hybrid_search.train.run import card, validation
from hybrid_search.train.run.result import RunResult
from hybrid_search.train.settings.config import RunConfig
from hybrid_search.train.study import report as study_report
from hybrid_search.tui.cli import evaluate_tables
from hybrid_search.tui.screens import evaluate as evaluate_screen
from hybrid_search.tui.screens import train as train_screen

from tests.train.measure.test_stored_output import Whole, measured

ROOT = Path(__file__).resolve().parents[3]


def half_of_the_first(ranked: Ranked) -> Values:
    """Half of the rank of each query's first answer."""
    first = np.where(ranked.ranks > 0, ranked.ranks, np.iinfo(np.int64).max).min(axis=1)
    return np.where((ranked.ranks > 0).any(axis=1), first / 2, np.nan)


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> Measure:
    """A measure as somebody adds it: one entry more."""
    added = Measure(
        "first_halved",
        "first rank halved",
        half_of_the_first,
        "multi",
        "half of the rank of the first answer",
        "these tests",
        unit="half ranks",
        digits=2,
        better="lower",
        short="halved",
        headline=True,
        compared=True,
        by_language=True,
    )
    monkeypatch.setattr(entries, "MEASURES", [*entries.MEASURES, added])
    return added


def test_a_new_measure_is_in_the_json(made_up, home):
    found = measured()
    result = found.as_dict()["results"][0]
    assert result["summary"]["first_halved"] >= 0.5
    assert set(result["first_halved"]) == {"de", "en", "zh"}
    assert "first_halved" in {each["measure"] for each in found.as_dict()["comparisons"]}


def test_a_new_measure_is_in_the_report(made_up, home, tmp_path):
    text = report.write_report(measured(), tmp_path)[0].read_text("utf-8")
    tables = [line for line in text.splitlines() if line.startswith("| ") and "first rank halved" in line]
    assert len(tables) == 5, "encoders, differences, and each of three encoders by language"
    assert "- **first rank halved**: half of the rank of the first answer (these tests)." in text
    assert json.loads((tmp_path / "results.json").read_text("utf-8"))["results"][0]["summary"]["first_halved"]


def test_a_new_measure_is_in_the_terminal_s_tables(made_up, home, capsys):
    evaluate_tables.show(measured(), pairs=False)
    headings = [line for line in capsys.readouterr().out.splitlines() if "halved" in line]
    assert len(headings) == 2, "encoders and differences"


def test_a_new_measure_is_kept_in_validation_and_stands_in_the_card(made_up, home, monkeypatch):
    monkeypatch.setattr(validation, "load", lambda *_, **__: measured().benchmark)
    scores = validation.validator(RunConfig(validation="somewhere"), None, Whole("fair", 0))()
    assert scores["first_halved"] >= 0.5
    after = {**scores, "first_halved": 0.5}
    result = RunResult("mine", Path("mine"), 5, 1.0, {**scores, "first_halved": 1.5}, after)
    assert "| first rank halved | 1.50 | 0.50 |" in card._scores(result)
    assert "first rank halved better by 1.00" in card.verdict(result.scores_before, result.scores_after)


def test_a_new_measure_is_in_the_app(made_up):
    table = evaluate_screen.figures([("mine", {"first_halved": 2.25}, False), ("other", {"first_halved": 1.5}, False)])
    assert "halved" in table.plain.splitlines()[0] and "2.2" in table.plain.splitlines()[1]
    best = [table.plain[span.start : span.end] for span in table.spans if "underline" in str(span.style)]
    assert best == ["1.5"]
    scores = train_screen.score_table([("step 1", {"first_halved": 2.25})]).plain
    assert "halved" in scores.splitlines()[0]


def test_the_app_marks_which_encoder_was_shown_to_be_better():
    common = {"first": "one", "second": "other"}
    items = [
        {**common, "measure": "mono", "mean": 0.1, "significant": True},
        {**common, "measure": "multi", "mean": -0.2, "significant": False},
        {**common, "measure": "rank_distance", "mean": 30.0, "significant": True},
    ]
    row = evaluate_screen.differences(items).plain.splitlines()[1]
    assert row.split("  ")[0] == "one − other" and row.split()[3:] == ["+0.100", "▲", "-0.200", "·", "+30", "▼"]
    assert evaluate_screen.differences([]).plain == ""


def test_a_new_measure_is_in_a_study(made_up, tmp_path):
    cells = [study_report.Cell(0.5, "example", {"mono": (0.5, 0.6), "first_halved": (1.0, 2.0)})]
    study_report.write_report(cells, RunConfig(validation="x"), tmp_path, 2)
    assert "| alpha | mono mAP | first rank halved |" in (tmp_path / "study.md").read_text("utf-8")


def test_every_measure_says_what_it_is():
    for each in entries.MEASURES:
        assert each.key and each.label and each.meaning and each.source and each.unit and each.digits >= 0
        assert not each.headline or len(each.heading) <= 10, "columns of the app are narrow"
    for family in (("mono", "cross", "multi", "bias", "alignment"), ("judged", "answers")):
        keys = [each.key for each in registry.of(*family)]
        assert len(keys) == len(set(keys))


def test_nobody_else_types_a_measure_s_name():
    names = {name for each in entries.MEASURES for name in (each.label, each.heading)}
    names -= {each.key for each in entries.MEASURES}
    typed = {
        f"{path.relative_to(ROOT)}: {node.value}"
        for room in ("train", "tui")
        for path in (ROOT / room).rglob("*.py")
        if path.parent.name != "registry"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and node.value in names
    }
    assert typed == set()


def test_figures_are_told_in_the_measure_s_digits():
    distance = registry.named("rank_distance")
    assert distance.text(1214.26) == "1,214.3" and distance.text(1214.26, brief=True) == "1,214"
    assert distance.text(-3.0, signed=True) == "-3.0" and distance.text(None) == distance.text(float("nan")) == "–"


def test_which_change_is_for_the_better_depends_on_the_direction():
    assert registry.named("rank_distance").improved(-3) and registry.named("mono").improved(0.01)
    assert registry.named("mono").improved(-0.01) is False
    assert registry.named("mono").improved(0.00001) is None and registry.named("uniformity").improved(3) is None


def test_the_best_is_the_highest_the_lowest_or_none():
    figures = [None, 2.0, 1.0, float("nan")]
    assert registry.named("mono").best(figures) == 2 and registry.named("rank_distance").best(figures) == 1
    assert registry.named("uniformity").best(figures) is None and registry.named("mono").best([1.0, None]) is None
