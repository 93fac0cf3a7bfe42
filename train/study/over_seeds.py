"""Statistics of a figure that was measured once for each seed."""

from __future__ import annotations

import math
from collections.abc import Sequence


def mean(values: Sequence[float]) -> float:
    """The mean over seeds."""
    return sum(values) / len(values)


def half_width(values: Sequence[float]) -> float:
    """Half of the 95 % confidence interval of the mean (Student's t over seeds); NaN for one seed."""
    if len(values) < 2:
        return math.nan
    centre = mean(values)
    deviation = math.sqrt(sum((value - centre) ** 2 for value in values) / (len(values) - 1))
    # The same as scipy.stats.t.ppf, whose import takes seconds.
    from scipy.special import stdtrit

    return float(stdtrit(len(values) - 1, 0.975)) * deviation / math.sqrt(len(values))


def interval(values: Sequence[float], digits: int, *, signed: bool = False) -> str:
    """Mean ± half width; the mean alone for one seed."""
    centre, width = mean(values), half_width(values)
    told = f"{centre:+,.{digits}f}" if signed else f"{centre:,.{digits}f}"
    return told if math.isnan(width) else f"{told} ± {width:,.{digits}f}"


def summary(values: Sequence[float]) -> dict[str, float | list[float] | None]:
    """Mean, half width (None for one seed) and the values themselves, as plain JSON values."""
    width = half_width(values)
    return {"mean": mean(values), "half_width": None if math.isnan(width) else width, "values": list(values)}
