"""Reports a comparison of methods: means over seeds with intervals, and differences from one method, seed by seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...engine.files import write_text
from ...engine.shown import counted
from ..measure import Measure, registry
from ..run import checkpoints
from ..settings import RunConfig
from ..suite import SCORES, SHOWN, suite_number
from . import over_seeds
from .single_runs import Scores

# The row of the untrained encoder.
BASE = "base"


@dataclass(frozen=True)
class Compared:
    """Methods with their scores.

    Attributes:
        base: scores of the untrained encoder, by part and measure.
        methods: scores of each method's runs, one for each seed, in the same order of seeds.
        counted: the scores that count in each part.
    """

    base: Scores
    methods: Mapping[str, Sequence[Scores]]
    counted: Mapping[str, Sequence[str]]

    def numbers(self, method: str) -> list[float]:
        """The number by which encoders are compared, one for each seed."""
        return [suite_number(scores, self.counted) for scores in self.methods[method]]

    def values(self, method: str, part: str, measure: str) -> list[float]:
        """A measure's figures, one for each seed; empty if it was not measured with every seed."""
        found = [scores.get(part, {}).get(measure) for scores in self.methods[method]]
        return [] if None in found else [float(value) for value in found if value is not None]

    def measures(self, part: str) -> list[Measure]:
        """The measures of a part's tables: those that the base and every method have."""
        shown = [registry.named(key) for key in SHOWN]
        return [
            each
            for each in shown
            if each.key in self.base.get(part, {}) and all(self.values(name, part, each.key) for name in self.methods)
        ]


def write_report(compared: Compared, config: RunConfig, changes: Mapping[str, Mapping[str, Any]], folder: Path) -> None:
    """Write the tables (`study.md`) and the numbers (`study.json`)."""
    seeds = len(next(iter(compared.methods.values())))
    values = [
        {"method": name, "changes": dict(changes[name]), "number": over_seeds.summary(compared.numbers(name))}
        | {
            "parts": {
                part: {
                    each.key: over_seeds.summary(compared.values(name, part, each.key))
                    for each in compared.measures(part)
                }
                for part in compared.base
            }
        }
        for name in compared.methods
    ]
    checkpoints.write_json(
        folder / "study.json",
        {"schema": 1, "config": config.as_dict(), "base": compared.base, "methods": values},
    )
    of = config.validation.rstrip("/").rpartition("/")[2] if config.validation else "the parts of a suite"
    first = next(iter(compared.methods))
    lines = [
        "# Study: methods",
        "",
        f"{config.base}, {config.steps} updates of {config.batch_size} pairs where a method does not say otherwise, "
        f"{counted(seeds, 'seed')}; measured on {of}. Means over seeds with 95 % confidence "
        "intervals (Student's t). The number is the mean over the parts of the mean of what counts in each.",
        "",
        *_overview(compared),
        "",
        *(f"- {name}: {_settings(changes[name])}" for name in compared.methods),
        "",
    ]
    for part in compared.base:
        lines += [f"## {part}", "", *_table(compared, part), ""]
        if seeds > 1:
            lines += [f"Less {first}, seed by seed; bold where the interval excludes 0:", ""]
            lines += [*_differences(compared, part, first), ""]
    write_text(folder / "study.md", "\n".join(lines).rstrip() + "\n")


def _overview(compared: Compared) -> list[str]:
    """The number, and the means of what each part is measured by."""
    heads = []
    for part in compared.base:
        measures = [each for each in compared.measures(part) if each.key in (compared.counted.get(part) or SCORES)]
        heads.append((part, measures))
    named = [f"{part}: {' '.join(each.key for each in measures)}" for part, measures in heads]
    lines = ["| | number | " + " | ".join(named) + " |", "|---|---|" + "---|" * len(named)]
    bare = [" ".join(_brief(each, compared.base[part][each.key]) for each in measures) for part, measures in heads]
    number = suite_number(compared.base, compared.counted)
    lines.append(f"| {BASE} | {number:.4f} | " + " | ".join(bare) + " |")
    for name in compared.methods:
        cells = [
            " ".join(_brief(each, over_seeds.mean(compared.values(name, part, each.key))) for each in measures)
            for part, measures in heads
        ]
        lines.append(f"| {name} | {over_seeds.interval(compared.numbers(name), 4)} | " + " | ".join(cells) + " |")
    return lines


def _table(compared: Compared, part: str) -> list[str]:
    measures = compared.measures(part)
    lines = ["| | " + " | ".join(each.label for each in measures) + " |", "|---|" + "---|" * len(measures)]
    lines.append(f"| {BASE} | " + " | ".join(each.text(compared.base[part][each.key]) for each in measures) + " |")
    for name in compared.methods:
        cells = [over_seeds.interval(compared.values(name, part, each.key), each.digits) for each in measures]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def _differences(compared: Compared, part: str, first: str) -> list[str]:
    measures = compared.measures(part)
    lines = ["| | " + " | ".join(each.label for each in measures) + " |", "|---|" + "---|" * len(measures)]
    for name in compared.methods:
        if name == first:
            continue
        cells = []
        for each in measures:
            pairs = zip(compared.values(name, part, each.key), compared.values(first, part, each.key), strict=True)
            less = [value - of_first for value, of_first in pairs]
            shown = over_seeds.interval(less, each.digits, signed=True)
            beyond = abs(over_seeds.mean(less)) > over_seeds.half_width(less)
            cells.append(f"**{shown}**" if beyond and each.improved(over_seeds.mean(less)) is not None else shown)
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def _brief(measure: Measure, value: float) -> str:
    return measure.text(value, brief=True).removeprefix("0")


def _settings(changes: Mapping[str, Any]) -> str:
    return ", ".join(f"`{key} = {value!r}`" for key, value in changes.items()) or "the recipe as it is"
