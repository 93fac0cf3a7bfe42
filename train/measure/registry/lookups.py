"""Looks up measures by use: of a setting, in a table, in cards and screens, in validation, in tests."""

from __future__ import annotations

from collections.abc import Mapping

from . import entries
from .measure import Measure, Setting, Table


def of(*settings: Setting) -> list[Measure]:
    """Measures of some settings, setting by setting, each in the registry's order."""
    return [measure for setting in settings for measure in entries.MEASURES if measure.setting == setting]


def shown_in(table: Table) -> list[Measure]:
    """The columns of a table, in the registry's order."""
    return [measure for measure in entries.MEASURES if measure.table == table]


def headlines() -> list[Measure]:
    """The measures that summarise an encoder."""
    return [measure for measure in entries.MEASURES if measure.headline]


def followed() -> list[Measure]:
    """The measures that validation records of an encoder in training."""
    return [measure for measure in entries.MEASURES if measure.headline or measure.followed]


def compared() -> list[Measure]:
    """The measures on which encoders are tested against each other."""
    return [measure for measure in entries.MEASURES if measure.compared]


def named(key: str) -> Measure:
    """The measure of benchmarks with a key.

    Raises:
        KeyError: there is none.
    """
    for measure in of("mono", "cross", "multi", "bias", "alignment"):
        if measure.key == key:
            return measure
    raise KeyError(key)


def in_words(figures: Mapping[str, float]) -> str:
    """The figures of the compared measures in a line."""
    return ", ".join(f"{each.label} {each.text(figures[each.key])}" for each in compared() if each.key in figures)
