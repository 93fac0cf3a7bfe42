"""Settings of a study: what it compares."""

from __future__ import annotations

from dataclasses import dataclass

from .config import RunConfig, read_numbers
from .setting import check_all, setting, settings_of

_PAIRINGS = settings_of(RunConfig)["pairing"].choices


def _read_words(listed: str) -> tuple[str, ...]:
    return tuple(filter(None, (part.strip() for part in listed.split(","))))


def _alphas_problem(alphas: tuple[float, ...]) -> str:
    return "" if alphas and all(0 <= alpha <= 1 for alpha in alphas) else "Each lies between 0 and 1, as in 0,0.5,1."


def _pairings_problem(pairings: tuple[str, ...]) -> str:
    return "" if pairings and set(pairings) <= set(_PAIRINGS) else f"Pairings are {' and '.join(_PAIRINGS)}."


@dataclass(frozen=True)
class StudySettings:
    """What a study compares; each field describes its setting.

    Raises:
        TrainingError: a value is invalid.
    """

    alphas: tuple[float, ...] = setting(
        (0.0, 0.25, 0.4, 0.5, 0.6, 0.75, 1.0),
        "Probabilities of a mono batch to compare.",
        metavar="LIST",
        read=read_numbers,
        check=_alphas_problem,
    )
    pairings: tuple[str, ...] = setting(
        _PAIRINGS,
        "Pairings to compare: languages of a cross pair drawn per example or per batch.",
        metavar="LIST",
        read=_read_words,
        check=_pairings_problem,
    )
    seeds: int = setting(3, "Runs of each setting, from the run's own seed on.", low=1, high=1000, unit="runs")

    def __post_init__(self) -> None:
        """Check every value."""
        check_all(self)
