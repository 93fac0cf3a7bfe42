"""What every study does: it trains one run, measures its encoder, and keeps to the settings that it began with."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...engine.errors import TrainingError
from ..run import checkpoints
from ..settings import RunConfig

if TYPE_CHECKING:
    from ..suite import Part

Event = dict[str, Any]
Scores = Mapping[str, Mapping[str, float]]

# The part that stands for a run's validation set.
VALIDATION = "validation"


def refuse_other_settings(file: Path, shared: Mapping[str, Any], before: Mapping[str, Any]) -> None:
    """Write the settings that all runs of a study share.

    Args:
        file: in the study's folder.
        shared: the settings.
        before: those that the folder's runs have, empty if it has none.

    Raises:
        TrainingError: they are others, so the runs would not be comparable.
    """
    plain = json.loads(json.dumps(shared))
    if before and json.loads(json.dumps(before)) != plain:
        raise TrainingError(f"{file.parent} holds a study with other settings.", hint="Name another folder with --out.")
    checkpoints.write_json(file, plain)


class TrainAndMeasure:
    """Trains one run and measures its encoder, which is then deleted; only the first call measures the base.

    Args:
        suite: what to measure on; the run's own validation set when empty.
    """

    def __init__(self, suite: Sequence[Part] = ()) -> None:
        self._suite = suite
        self._base: Scores = {}

    def __call__(self, config: RunConfig, on_event: Callable[[Event], None]) -> tuple[Scores, Scores]:
        """The scores of the base and of the encoder, by part and measure."""
        import shutil

        from ..run import fit

        if self._suite and not self._base:
            self._base = self._measured(config.base, config)
        known = {} if self._suite else self._base.get(VALIDATION, {})
        result = fit(config, on_event, before=known)
        if self._suite:
            scores = self._measured(config.name, config)
        else:
            self._base = {VALIDATION: result.scores_before}
            scores = {VALIDATION: result.scores_after}
        shutil.rmtree(result.path, ignore_errors=True)
        shutil.rmtree(checkpoints.run_folder(config.name), ignore_errors=True)
        return self._base, scores

    def _measured(self, name: str, config: RunConfig) -> Scores:
        from ...engine import encoders
        from ..run import choose_device
        from ..suite import measure_suite

        device = choose_device(config.device)
        (found,) = measure_suite(self._suite, [name], lambda each: encoders.load(each, device=device))
        return found.parts
