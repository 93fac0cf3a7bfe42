"""Reads a suite's file into its parts: each a benchmark, and which of its scores count towards the suite's number."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ...engine.errors import DataError, reason
from ...engine.files import read_given
from ..benchmarks import Benchmark, load
from ..data import open_corpus
from ..settings import SourceConfig, filled
from .sentences import in_sentences, translations

LAYOUTS = ("benchmark", "sentences", "translations")
SCORES = ("mono", "cross", "multi")


@dataclass(frozen=True)
class PartConfig:
    """One part as the file has it.

    Attributes:
        name: shown in tables.
        path: a benchmark's file or folder, or training data.
        layout: `benchmark` for a benchmark as it is; `sentences` for questions of held-out rows, answered by sentences
            of their passages; `translations` for held-out bitext.
        holdout: every Nth passage is held out, as in `SourceConfig.holdout`.
        include: as in `SourceConfig.include`.
        languages: take only these; all when empty.
        rows: the most questions, or rows of bitext; 0 is all.
        distractors: training data whose held-out passages join the pool.
        counted: the scores that count, of `mono`, `cross` and `multi`; empty for a part that is only shown.
    """

    name: str
    path: str
    layout: str = "benchmark"
    holdout: int = 0
    include: Mapping[str, Sequence[str]] | None = None
    languages: Sequence[str] = ()
    rows: int = 0
    distractors: Sequence[str] = ()
    counted: Sequence[str] = SCORES


@dataclass(frozen=True)
class Part:
    """A benchmark of a suite, and which of its scores count."""

    name: str
    benchmark: Benchmark
    counted: tuple[str, ...]


def default_suite() -> Path:
    """The file of the suite by which the bundled encoders were chosen."""
    return Path(__file__).parent / "validation.toml"


def read_suite(path: Path, only: Sequence[str] = (), seed: int = 0) -> tuple[Part, ...]:
    """The parts of a suite.

    Args:
        path: a TOML file with a `[[parts]]` table for each; `${NAME}` in a path is replaced by an environment variable.
        only: names of parts to take; all when empty.
        seed: for the draws of rows.

    Raises:
        DataError: the file is not a suite, a part does not exist, or data cannot be read.
    """
    try:
        tables = tomllib.loads(read_given(path).decode("utf-8")).get("parts")
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(
            f"The suite {path} cannot be read: {reason(error)}.",
            hint="Write TOML: a table [[parts]] for each benchmark.",
        ) from error
    if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
        raise DataError(f"{path} has no parts.", hint="Write a [[parts]] table with a name and a path for each.")
    configs = [_config(table, path) for table in tables]
    known = [config.name for config in configs]
    for name in only:
        if name not in known:
            raise DataError(f"{path} has no part called {name}.", hint=f"It has {', '.join(known)}.")
    return tuple(
        Part(config.name, _benchmark(config, path, seed), tuple(config.counted))
        for config in configs
        if not only or config.name in only
    )


def _config(table: Mapping[str, Any], path: Path) -> PartConfig:
    known = {field.name: field for field in fields(PartConfig)}
    for key in table:
        if key not in known:
            raise DataError(f"A part of {path} has no setting {key!r}.", hint=f"Settings are {', '.join(known)}.")
    for key in ("name", "path"):
        if not isinstance(table.get(key), str) or not table[key]:
            raise DataError(f"A part of {path} has no {key}.", hint="Each part needs a name and a path.")
    kinds = {"name": str, "path": str, "layout": str, "holdout": int, "rows": int, "include": dict}
    for key, value in table.items():
        if not isinstance(value, kinds.get(key, list)) or isinstance(value, bool):
            raise DataError(f"{key} of the part {table['name']} in {path} cannot be {value!r}.")
    config = PartConfig(**table)
    if config.layout not in LAYOUTS:
        raise DataError(
            f"The part {config.name} of {path} has the layout {config.layout!r}.",
            hint=f"Layouts are {', '.join(LAYOUTS)}.",
        )
    for score in config.counted:
        if score not in SCORES:
            raise DataError(
                f"The part {config.name} of {path} counts {score!r}.", hint=f"Scores are {', '.join(SCORES)}."
            )
    if config.layout != "benchmark" and config.holdout < 1:
        raise DataError(
            f"The part {config.name} of {path} does not say which rows are held out of training.",
            hint="Give it the holdout of the recipe's source.",
        )
    return config


def _benchmark(config: PartConfig, origin: Path, seed: int) -> Benchmark:
    place = filled(config.path, origin)
    if config.layout == "benchmark":
        return load(place, languages=config.languages, questions=config.rows or None, seed=seed)
    corpora = [
        open_corpus(SourceConfig(path=filled(each, origin), include=_values(config.include)))
        for each in (config.path, *config.distractors)
    ]
    made = in_sentences if config.layout == "sentences" else translations
    return made(config.name, corpora, config.holdout, languages=config.languages, limit=config.rows, seed=seed)


def _values(include: Mapping[str, Sequence[str]] | None) -> Mapping[str, tuple[str, ...]]:
    return {field: tuple(values) for field, values in (include or {}).items()}
