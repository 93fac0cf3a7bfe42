"""A gate for CI: finds, by a paired test, languages that got significantly worse than in an earlier audit."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...engine.errors import DataError
from ...engine.json_lines import BadLine, json_document
from ...engine.languages import name as name_of
from ..measure import Difference, registry, significance
from .auditing import Audit
from .kits import Kit
from .watched import JUDGED, UNJUDGED, WATCHED, label

ALL = "all"


@dataclass(frozen=True)
class Fall:
    """One comparison of the gate: a figure of one language, or of all, now and before.

    Attributes:
        key: a key of `WATCHED`.
        language: its code, or "all".
        now, before: means over the questions that both audits have.
        difference: now minus before, with a p-value corrected over all comparisons.
        worse: whether it is significantly worse.
    """

    key: str
    language: str
    now: float
    before: float
    difference: Difference
    worse: bool

    def sentence(self) -> str:
        """The comparison in a sentence, with figures."""
        where = "all languages" if self.language == ALL else name_of(self.language)
        item = self.difference
        what = "is worse than before" if self.worse else "was not shown to be worse"
        return (
            f"{where}: {label(self.key)} {what}: {self.before:.3f} → {self.now:.3f}, {item.mean:+.4f} "
            f"[{item.low:+.4f}, {item.high:+.4f}], p = {item.p:.3g} over {item.pairs} questions."
        )

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        item = self.difference
        return {
            "measure": self.key,
            "language": self.language,
            "now": round(self.now, 6),
            "before": round(self.before, 6),
            "difference": round(item.mean, 6),
            "low": round(item.low, 6),
            "high": round(item.high, 6),
            "p": item.p,
            "questions": item.pairs,
            "worse": self.worse,
        }


@dataclass(frozen=True)
class Gate:
    """The result of a gate.

    Attributes:
        baseline: the file of the earlier audit.
        compared: every comparison.
        missing: languages for which too few questions have a figure in both audits.
    """

    baseline: str
    compared: tuple[Fall, ...]
    missing: tuple[str, ...] = ()

    @property
    def fallen(self) -> tuple[Fall, ...]:
        """The comparisons that are significantly worse, by ascending p-value."""
        return tuple(sorted((each for each in self.compared if each.worse), key=lambda each: each.difference.p))

    def sentences(self) -> list[str]:
        """The outcome in sentences."""
        said = [each.sentence() for each in self.fallen] or [
            f"Nothing got significantly worse since {self.baseline}: {len(self.compared)} comparisons over the same "
            "questions, Holm-corrected."
        ]
        if self.missing:
            said.append(
                f"Not all could be compared of {', '.join(map(name_of, self.missing))}: fewer than "
                f"{significance.FEWEST_PAIRS} questions have the figure in both audits."
            )
        return said

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "baseline": self.baseline,
            "failed": bool(self.fallen),
            "fallen": [each.as_dict() for each in self.fallen],
            "compared": [each.as_dict() for each in self.compared],
            "missing": list(self.missing),
        }


@dataclass(frozen=True)
class Baseline:
    """An earlier audit.

    Attributes:
        name: its file.
        values: one value per question, by key of `WATCHED` and the question's id.
        unit: what was ranked, passages or documents.
        depth: how many answers each question was asked for; None for whole rankings.
        watched: keys of `WATCHED` that are compared, all of them in `values`; empty for the default ones.
    """

    name: str
    values: Mapping[str, Mapping[str, float | None]]
    unit: str
    depth: int | None
    watched: Sequence[str] = ()


def read_baseline(path: Path, kit: Kit, watched: Sequence[str] = ()) -> Baseline:
    """Read an earlier audit that `--json` or `--report` wrote; call it before asking, which may take long.

    Args:
        path: its file.
        kit: the questions of the new audit.
        watched: keys of `WATCHED` to compare; if empty, multi mAP if both audits have it, else the share of the
            question's language.

    Raises:
        DataError: it is damaged, has other questions, or lacks a watched figure.
    """
    found = json_document(path)
    if isinstance(found, BadLine):
        raise DataError(
            f"The baseline {path} cannot be read ({found}).", hint="`--json` or `--report` of an earlier audit is one."
        )
    try:
        values, digest, unit, depth = found["values"], found["kit"]["digest"], str(found["unit"]), found["depth"]
        if depth is not None and type(depth) is not int:
            raise TypeError("no number")
        for column in values.values():
            for value in column.values():
                if value is not None and (isinstance(value, bool) or not math.isfinite(value)):
                    raise TypeError("no number")
    except (KeyError, TypeError, AttributeError, OverflowError) as error:
        raise DataError(
            f"{path} is not an audit.", hint="`--json` or `--report` of an earlier audit is a baseline."
        ) from error
    if digest != kit.digest:
        raise _other(str(path), "other questions or passages", "Audit with the kit of the baseline")
    _require_figures(str(path), watched, values)
    return Baseline(str(path), values, unit, depth, tuple(watched))


def hold_against(now: Audit, baseline: Baseline) -> Gate:
    """Compare an audit with an earlier one in the figures that are watched.

    Raises:
        DataError: their units or depths differ, the audit lacks a watched figure, or they share fewer than six
            questions.
    """
    before, asked = baseline.values, now.asked
    if baseline.unit != asked.unit:
        raise _other(baseline.name, f"{baseline.unit}, not {asked.unit}", "Give the answers the ids that they had")
    if baseline.depth != asked.depth:
        raise _other(baseline.name, f"{_deep(baseline.depth)}, not {_deep(asked.depth)}", "Ask with the same -k")
    values = now.values()
    keys = baseline.watched or [key for key in ("multi", "own_language") if key in values and key in before][:1]
    _require_figures("This audit", keys, values)
    compared = [each for key in keys for each in _compared(now, key, values[key], before[key])]
    if not compared:
        raise DataError(
            f"{baseline.name} and this audit share fewer than {significance.FEWEST_PAIRS} questions a language.",
            hint="Fewer cannot show a fall; ask more questions.",
        )
    fixed = significance.corrected([each[3] for each in compared])
    falls = []
    for (key, code, (after, earlier), _), item in zip(compared, fixed, strict=True):
        worse = item.significant() and (item.mean < 0) == WATCHED[key]
        falls.append(Fall(key, code, after, earlier, item, worse))
    known = {(each.key, each.language) for each in falls}
    missing = {code: None for key in keys for code in asked.kit.languages if (key, code) not in known}
    return Gate(baseline.name, tuple(falls), tuple(missing))


def _other(name: str, what: str, hint: str) -> DataError:
    return DataError(
        f"{name} is an audit of {what}: nothing can be said of what changed.",
        hint=f"{hint}, or make the baseline anew.",
    )


def _require_figures(name: str, watched: Sequence[str], held: Mapping[str, object]) -> None:
    for key in watched:
        if key not in held:
            only = f"Without judgements only {', '.join(UNJUDGED)} can be watched."
            raise DataError(f"{name} has no figures of {key}.", hint=only if key in JUDGED else "Make it anew.")


Compared = tuple[str, str, tuple[float, float], Difference]


def _compared(
    now: Audit, key: str, values: Mapping[str, float | None], before: Mapping[str, float | None]
) -> list[Compared]:
    """Comparisons of one measure: over all languages, and for each."""
    questions = [each for each in now.asked.kit.questions if each.id in before]
    after = _column(values, [each.id for each in questions])
    earlier = _column(before, [each.id for each in questions])
    found: list[Compared] = []
    for code in (ALL, *now.asked.kit.languages):
        rows = [row for row, each in enumerate(questions) if code in (ALL, each.language)]
        groups = [questions[row].group for row in rows]
        one, other = after[rows], earlier[rows]
        both = ~np.isnan(one) & ~np.isnan(other)
        try:
            item = significance.differences({"now": one, "before": other}, groups)[0]
        except DataError:
            continue
        found.append((key, code, (float(one[both].mean()), float(other[both].mean())), item))
    return found


def _column(values: Mapping[str, float | None], names: Sequence[str]) -> registry.Values:
    return np.array([np.nan if (value := values.get(name)) is None else value for name in names], dtype=np.float64)


def _deep(depth: int | None) -> str:
    return "whole rankings" if depth is None else f"the first {depth:,} answers"
