"""Operations on training runs: list, average, calibrate and delete them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...engine.errors import HybridSearchError, TrainingError
from .pace import stages
from .requests import Operation, Request


def operations() -> dict[str, Operation]:
    """The operations by name."""
    return {"runs": runs, "delete_run": delete_run, "average": average, "calibrate": calibrate}


def runs(request: Request) -> dict[str, Any]:
    """Every run and every sweep, with curves as fine as a terminal can show."""
    from ...train.runs import listed, sweeps, thinned

    rows = []
    for run in listed():
        request.check()
        row = run.as_dict()
        row["curve"] = {kind: thinned(points) for kind, points in row["curve"].items()}
        rows.append({**row, "scores": dict(run.scores), "sampling": run.sampling, "resumable": run.resumable})
    found = [
        {
            "name": each.name,
            "path": str(each.folder),
            "over": each.over,
            "runs": each.runs,
            "settings": each.settings,
            "changed": each.changed,
            "curves": {key: [list(point) for point in each.curve(key)] for key in each.values},
        }
        for each in sweeps()
    ]
    return {"runs": rows, "sweeps": found}


def delete_run(request: Request, names: Sequence[str]) -> dict[str, Any]:
    """Delete runs with their encoders, up to one that cannot be; those that are gone already count as deleted."""
    from ...train.runs import delete, listed

    there = {run.name for run in listed()}
    deleted: list[str] = []
    for name in names:
        request.check()
        try:
            if name in there:
                delete(name)
        except TrainingError as error:
            return {"deleted": deleted, "refusal": f"{error.message} {error.hint}".strip()}
        deleted.append(name)
    return {"deleted": deleted, "refusal": ""}


def average(request: Request, name: str, encoders: Sequence[str]) -> dict[str, Any]:
    """Register the mean of several encoders."""
    from ...engine.encoders import average as averaged

    request.tell(words=f"averaging {len(encoders)} encoders…")
    made = averaged(name, list(encoders))
    return {"name": made.name, "rank": made.rank, "kept": made.kept, "of": list(encoders)}


def calibrate(request: Request, name: str, encoder: str) -> dict[str, Any]:
    """Fit a map applied after an encoder, on the data that the encoder was trained on."""
    from ...train.calibration import calibrate as calibrated

    config = _settings_of(encoder)
    request.tell(words="importing the training libraries…")
    _, made = calibrated(name, encoder, config, progress=stages(request))
    return {"name": name, "of": encoder, "before": made.before, "after": made.after, "passages": made.passages}


def _settings_of(encoder: str) -> Any:
    """The settings of the run that made an encoder; for an average, those of its first run.

    Raises:
        TrainingError: they are unknown.
    """
    from ...train.runs import AVERAGED, find
    from ...train.settings import BUNDLED, RunConfig, bundled_pairs, from_dict

    try:
        run = find(encoder)
        while run.kind == AVERAGED and run.made_of and not run.settings:
            run = find(run.made_of[0])
    except HybridSearchError:
        run = None
    if run is not None and run.settings:
        return from_dict(run.settings)
    if run is None:
        return RunConfig(**{**BUNDLED, "sources": (bundled_pairs(),)})
    raise TrainingError(
        f"The data that {encoder} was trained on are not known.",
        hint=f"`hybrid-search encoders calibrate NAME {encoder} DATA` takes them by name.",
    )
