"""Lists every setting as a record, made from its declaration, for the reference and tables."""

from __future__ import annotations

from dataclasses import dataclass

from .calibration import CalibrationSettings
from .config import RunConfig, SourceConfig
from .setting import kind_in_words, settings_of
from .study import StudySettings

TABLES: tuple[tuple[str, type], ...] = (
    ("run", RunConfig),
    ("source", SourceConfig),
    ("calibration", CalibrationSettings),
    ("study", StudySettings),
)


@dataclass(frozen=True)
class Described:
    """A setting in words.

    Attributes:
        table: `run`, `source` (a `[[sources]]` table of a recipe), `calibration` or `study`.
        name: its key in a recipe.
        option: its spelling on the command line; empty if it has none.
        type: the type of its value.
        default: its default value.
        range: the allowed values; empty for any.
        unit: the unit of a number.
        help: what it does.
    """

    table: str
    name: str
    option: str
    type: str
    default: str
    range: str
    unit: str
    help: str


def described() -> list[Described]:
    """All settings: a run's, a source's, a calibration's, a study's, each in the order of declaration."""
    return [
        Described(
            table,
            name,
            each.option or "",
            kind_in_words(each),
            each.shown(each.default),
            each.range,
            each.unit,
            each.help,
        )
        for table, kind in TABLES
        for name, each in settings_of(kind).items()
    ]
