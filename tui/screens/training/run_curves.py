"""The curves of runs and sweeps: which there are, and the points of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from ....train.measure import registry
from ....train.runs import thinned
from ...widgets.charts import Named
from .runs_told import Live, Row

LOSS = "loss"


@dataclass(frozen=True)
class Drawn:
    """The curves to draw."""

    title: str
    series: Sequence[Named]
    axis: str
    smooth: bool
    empty: str


def after(view: str, chosen: Sequence[Row]) -> str:
    """The next kind of curve that these rows have."""
    views = [LOSS, *(each.key for each in registry.headlines() if _measured(each.key, chosen))]
    return views[(views.index(view) + 1) % len(views)] if view in views else views[0]


def _measured(key: str, chosen: Sequence[Row]) -> bool:
    return any(
        key in row.data["curves"] if row.is_sweep else any(key in each["scores"] for each in row.data["validations"])
        for row in chosen
    )


def drawn(chosen: Sequence[Row], view: str, live: Live) -> Drawn:
    """The curves of the rows: for sweeps figures over alpha, for runs the loss or a measure over steps."""
    sweeps = [row for row in chosen if row.is_sweep]
    if sweeps:
        return _of_sweeps(sweeps, view)
    if view != LOSS:
        measure = registry.named(view)
        series = [(row.name, _followed(row, view, live)) for row in chosen]
        return Drawn(measure.label, series, "step", False, "Nothing was validated.")
    if len(chosen) == 1:
        curves = _curve(chosen[0], live)
        series = [(f"{kind} batches", points) for kind, points in sorted(curves.items())]
    else:
        series = [(row.name, sorted(chain.from_iterable(_curve(row, live).values()))) for row in chosen]
    return Drawn("Loss", series, "step", True, "Its losses were not kept.")


def _of_sweeps(sweeps: Sequence[Row], view: str) -> Drawn:
    if view == LOSS:
        # All compared headline measures at once, as far as higher is better.
        series = [
            (f"{each.heading}" if len(sweeps) == 1 else f"{row.name}: {each.heading}", _points(row, each.key))
            for row in sweeps
            for each in registry.headlines()
            if each.compared and each.better == "higher"
        ]
        return Drawn("What α changes", series, "α, the share of mono batches", False, "No run of it has ended yet.")
    measure = registry.named(view)
    series = [(row.name, _points(row, view)) for row in sweeps]
    return Drawn(measure.label, series, "α, the share of mono batches", False, "It was not measured.")


def _points(row: Row, key: str) -> list[tuple[float, float]]:
    return [(alpha, value) for alpha, value in row.data["curves"].get(key, ())]


def _curve(row: Row, live: Live) -> dict[str, list[tuple[float, float]]]:
    """The losses of a run by kind of batch; for the running one, stored losses followed by those of its events."""
    kept = {kind: [(step, loss) for step, loss in points] for kind, points in row.data["curve"].items()}
    if live.name != row.name:
        return kept
    for kind, points in live.followed.curve.items():
        first = points[0][0]
        kept[kind] = [point for point in kept.get(kind, []) if point[0] < first] + thinned(points)
    return kept


def _validations(row: Row, live: Live) -> list[Mapping[str, Any]]:
    own = live.followed.validations if live.name == row.name else {}
    before = [each for each in row.data["validations"] if each["step"] not in own]
    return sorted([*before, *({"step": step, "scores": scores} for step, scores in own.items())], key=_step)


def _followed(row: Row, key: str, live: Live) -> list[tuple[float, float]]:
    return [(each["step"], each["scores"][key]) for each in _validations(row, live) if key in each["scores"]]


def _step(validation: Mapping[str, Any]) -> int:
    return int(validation["step"])
