"""Writes the files of training runs without training."""

from __future__ import annotations

import json

from hybrid_search.engine import paths
from hybrid_search.train.run import checkpoints
from hybrid_search.train.settings.config import RunConfig


def begun(name, told=(), *, process=None, **settings):
    """Write a run that began, with these (step, loss, kind)."""
    folder = checkpoints.run_folder(name)
    checkpoints.plan(folder, RunConfig(name=name, base="base", **settings).as_dict())
    tell = checkpoints.journal(folder, lambda event: None)
    if process is not None:
        (folder / checkpoints.JOURNAL).write_text(json.dumps({"event": "at_work", "process": process}) + "\n")
    tell({"event": "start", "steps": 9})
    for step, loss, kind in told:
        tell({"event": "step", "step": step, "total": 9, "loss": loss, "kind": kind})
    return folder


def ended(name, after, *, base="base", **settings):
    """Write a run that ended with an encoder of these scores."""
    folder = begun(name, [(1, 2.0, "mono"), (2, 1.0, "cross")], **settings)
    encoder = paths.encoders_folder() / name
    encoder.mkdir(parents=True)
    (encoder / "encoder.json").write_text(json.dumps({"base": base}))
    config = RunConfig(name=name, base="base", **settings).as_dict()
    facts = {"config": config, "scores_before": {"mono": 0.5}, "scores_after": after, "steps": 2, "seconds": 3.0}
    (encoder / "run.json").write_text(json.dumps(facts))
    checkpoints.finish(folder)
    return encoder
