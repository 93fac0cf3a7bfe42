"""Settings of a calibration: how a map behind a trained encoder is fitted."""

from __future__ import annotations

from dataclasses import dataclass

from .setting import check_all, setting


@dataclass(frozen=True)
class CalibrationSettings:
    """How a map is fitted; each field describes its setting.

    Raises:
        TrainingError: a value is invalid.
    """

    pairs: int = setting(
        4800, "Pairs of a question and a passage, drawn by the run's own sampling.", low=16, high=10**8, unit="pairs"
    )
    steps: int = setting(300, "Updates of the map, by Adam with a falling rate.", low=1, high=10**7)
    learning_rate: float = setting(
        3e-4, "Adam's learning rate at the first step; it falls to 0.", low=0, high=10, option=None
    )
    keep: float = setting(20.0, "Weight of keeping the original similarities.", low=0, high=10**6)
    keep_temperature: float = setting(
        0.02, "Temperature of the softmax over the original similarities.", low=1e-4, high=100, option=None
    )
    size: int = setting(
        1024,
        "Fragments, questions and, times four, passages in one update.",
        low=2,
        high=10**6,
        unit="texts",
        option=None,
    )
    translations: int = setting(
        13, "Languages besides its own that a pair of a cross batch is read in.", low=0, high=1000, unit="languages"
    )
    agree: float = setting(
        60.0,
        "Weight of agreement between languages: rank as the means over translations do; 0 is off.",
        low=0,
        high=10**6,
    )
    agree_temperature: float = setting(
        0.05, "Temperature of the softmax over those means.", low=1e-4, high=100, option=None
    )
    share: float = setting(0.5, "How much of the fitted map is taken; 0 leaves all as it was.", low=0, high=1)

    def __post_init__(self) -> None:
        """Check every value."""
        check_all(self)
