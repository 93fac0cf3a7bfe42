"""Damaged checkpoints: a resumed run ends with the weights of an undisturbed one, or with an error message."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from random import Random

from hybrid_search.engine import paths
from hybrid_search.engine.errors import HybridSearchError
from hybrid_search.train.run import checkpoints, fit
from hybrid_search.train.settings import RunConfig, SourceConfig
from safetensors.numpy import load_file

from tests.support import tiny_models

from ..mutating import mutated, mutated_json
from ..running import Attempt, Wrong, outside


class _Pulled(Exception):
    """Stops a run as a power failure would."""


def prepare(folder: Path) -> tuple[Attempt, tuple[type[BaseException], ...]]:
    """A run that stopped at step 5 of 6 with checkpoints at 2 and 4, whose files are changed, removed or exchanged."""
    base = tiny_models.xlm_r(folder / "base")
    data = tiny_models.pairs(folder / "pairs.jsonl")
    config = RunConfig(
        name="whole", base=str(base), sources=(SourceConfig(str(data)),), steps=6, batch_size=4, lora_rank=4,
        learning_rate=1e-2, warmup_steps=1, precision="fp32", device="cpu", checkpoint_every=2,
    )  # fmt: skip
    for name in ("whole", "stopped"):
        shutil.rmtree(paths.encoders_folder() / name, ignore_errors=True)
    right = load_file(fit(config, lambda event: None).path / "model.safetensors")

    def pull(event: dict) -> None:
        if event["event"] == "step" and event["step"] == 5:
            raise _Pulled

    try:
        fit(config.replace(name="stopped"), pull)
    except _Pulled:
        shutil.copytree(checkpoints.run_folder("stopped"), folder / "stopped")

    def attempt(chance: Random, place: Path) -> None:
        theirs = checkpoints.run_folder("stopped")
        shutil.rmtree(theirs, ignore_errors=True)
        shutil.rmtree(paths.encoders_folder() / "stopped", ignore_errors=True)
        shutil.copytree(folder / "stopped", theirs)
        for _ in range(chance.choice((1, 1, 2, 3))):
            _change(theirs, chance, outside(place))
        shutil.copytree(theirs, place / "stopped", symlinks=True, ignore=_no_pipes)
        found = load_file(fit(RunConfig(name="stopped"), lambda event: None, resume=True).path / "model.safetensors")
        if found.keys() != right.keys() or any((found[name] != right[name]).any() for name in right):
            raise Wrong("weights: the resumed run ended with others")

    return attempt, (HybridSearchError,)


def _no_pipes(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if not (Path(folder) / name).is_dir() and not (Path(folder) / name).is_file()]


def _change(run: Path, chance: Random, beyond: Path) -> None:
    files = sorted(path for path in run.rglob("*") if path.is_file() and not path.is_symlink())
    if not files:
        return
    file = chance.choice(files)
    data = file.read_bytes()
    how = chance.randrange(12)
    if how == 0:
        file.unlink()
    elif how == 1:
        file.unlink()
        os.mkfifo(file)
    elif how == 2:
        file.unlink()
        file.symlink_to(
            chance.choice((*map(str, sorted(beyond.iterdir())), str(file), "/nowhere", str(chance.choice(files))))
        )
    elif how == 3:
        file.unlink()
        file.mkdir()
    elif how == 4:
        file.write_bytes(data[: chance.randrange(len(data) + 1)])
    elif how == 5 and file.parent != run:
        shutil.rmtree(file.parent)
    elif how == 6 and file.parent != run:
        file.parent.rename(
            run
            / chance.choice(("checkpoint-6", "checkpoint-0", "checkpoint-99999999999", "checkpoint-٣", "checkpoint-3"))
        )
    elif how == 7:
        file.write_bytes(chance.choice(files).read_bytes())
    elif file.name == "config.json":
        # Only cut, since a readable config with other values would be another run, not damage.
        file.write_bytes(data[: chance.randrange(len(data))])
    elif file.suffix == ".json":
        file.write_bytes(mutated_json(data, chance))
    else:
        file.write_bytes(mutated(data, chance))
