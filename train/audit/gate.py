"""A gate for CI: which languages got significantly worse than in an earlier audit, by a paired test."""

from __future__ import annotations

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
from .watched import JUDGED, UNJUDGED, WATCHED, label

ALL = "all"


@dataclass(frozen=True)
class Fall:
    """One comparison of the gate: a figure of one language, or of all, now and before.

    Attributes:
        key: of what is watched.
        language: its code, or "all".
        now, before: means over the questions that both have.
        difference: now minus before, its p-value corrected over all that was compared.
        worse: whether it was shown to be worse.
    """

    key: str
    language: str
    now: float
    before: float
    difference: Difference
    worse: bool

    def sentence(self) -> str:
        """What was found, with figures."""
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
    """What a gate says: `fallen` are the comparisons that were shown to be worse, the most certain first."""

    baseline: str
    compared: tuple[Fall, ...]

    @property
    def fallen(self) -> tuple[Fall, ...]:
        """What fell."""
        return tuple(sorted((each for each in self.compared if each.worse), key=lambda each: each.difference.p))

    def sentences(self) -> list[str]:
        """The outcome for people."""
        if self.fallen:
            return [each.sentence() for each in self.fallen]
        return [
            f"Nothing got significantly worse since {self.baseline}: {len(self.compared)} comparisons over the same "
            "questions, Holm-corrected."
        ]

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "baseline": self.baseline,
            "failed": bool(self.fallen),
            "fallen": [each.as_dict() for each in self.fallen],
            "compared": [each.as_dict() for each in self.compared],
        }


def hold_against(now: Audit, baseline: Path, watched: Sequence[str]) -> Gate:
    """Compare an audit with an earlier one.

    Args:
        now: the audit.
        baseline: JSON of an earlier one, as `--json` and `--report` write it.
        watched: keys of `WATCHED`; none for what both know: multi mAP, else the share of the question's language.

    Raises:
        DataError: the baseline is damaged, was asked other questions, has no such figure, or shares fewer than six
            questions.
    """
    before, digest = _read(baseline)
    if digest != now.asked.kit.digest:
        raise DataError(
            f"{baseline} is an audit with other questions or passages, so it cannot be compared.",
            hint="Audit with the kit of the baseline, or make a new baseline.",
        )
    values = now.values()
    keys = list(watched) or [key for key in ("multi", "own_language") if key in values and key in before][:1]
    for key in keys:
        for where, held in (("This audit", values), (str(baseline), before)):
            if key not in held:
                only = f"Without judgements only {', '.join(UNJUDGED)} can be watched."
                hint = only if key in JUDGED else "Make a new baseline."
                raise DataError(f"{where} has no figures of {key}.", hint=hint)
    compared = [each for key in keys for each in _compared(now, key, values[key], before[key])]
    if not compared:
        raise DataError(
            f"{baseline} and this audit share fewer than {significance.FEWEST_PAIRS} questions a language.",
            hint="Fewer cannot show a difference; ask more questions.",
        )
    fixed = significance.corrected([each[3] for each in compared])
    falls = []
    for (key, code, (after, earlier), _), item in zip(compared, fixed, strict=True):
        worse = item.significant() and (item.mean < 0) == WATCHED[key]
        falls.append(Fall(key, code, after, earlier, item, worse))
    return Gate(str(baseline), tuple(falls))


Compared = tuple[str, str, tuple[float, float], Difference]


def _compared(
    now: Audit, key: str, values: Mapping[str, float | None], before: Mapping[str, float | None]
) -> list[Compared]:
    """One measure, of all languages together and of each."""
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


def _read(path: Path) -> tuple[dict[str, dict[str, float | None]], str]:
    found = json_document(path)
    if isinstance(found, BadLine):
        raise DataError(
            f"The baseline {path} cannot be read ({found}).", hint="`--json` or `--report` of an earlier audit is one."
        )
    try:
        values, digest = found["values"], found["kit"]["digest"]
        for column in values.values():
            for value in column.values():
                if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
                    raise TypeError("no number")
    except (KeyError, TypeError, AttributeError) as error:
        raise DataError(
            f"{path} is not an audit.", hint="`--json` or `--report` of an earlier audit is a baseline."
        ) from error
    return values, str(digest)
