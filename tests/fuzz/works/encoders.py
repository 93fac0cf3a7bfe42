"""Work on encoders to kill: registering and exporting, training, calibrating."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from random import Random

import numpy as np
from hybrid_search.engine import paths

WORDS = ("bread", "brot", "water", "wasser", "moon", "хлеб", "水")
ENCODERS = (
    "onnx",
    "onnxruntime",
    "tokenizers",
    "hybrid_search.engine.encoders.light",
    "hybrid_search.engine.encoders.exporting",
)
_TRAINING = (
    "sentence_transformers",
    "datasets",
    "hybrid_search.train.run.training",
    "hybrid_search.train.calibration.outcome",
)


class Encoders:
    """The base of works on encoders' folders: replaces the bundled base by a small one."""

    modules = ENCODERS

    def __init__(self, root: Path) -> None:
        self.root = root
        self.assets = root / "assets"

    def prepare(self) -> None:
        """The base and an adapter on it."""
        from tests.support.small_encoders import write_adapter, write_base

        write_base(self.assets / "base")
        for number in (1, 2):
            write_adapter(self.root / f"adapter {number}", base="base", seed=number)

    def _settled(self) -> None:
        paths.assets_folder = lambda: self.assets  # type: ignore[assignment]

    def _vectors(self, name: str) -> bytes:
        from hybrid_search.engine import encoders

        return encoders.load(name, precision="fp32").encode_query(list(WORDS)).tobytes()


class Export(Encoders):
    """Registers an encoder in place of another and exports it; at any time the old or the new one is there."""

    def scene(self, chance: Random) -> None:
        """Choose one of two adapters for the next act."""
        (self.root / "next").write_text(str(chance.choice((1, 2))))
        shutil.rmtree(self.root / "exports", ignore_errors=True)
        (self.root / "exports").mkdir()

    def act(self) -> None:
        """Register and export."""
        from hybrid_search.engine import encoders

        self._settled()
        encoders.register(self._next(), "mine")
        encoders.export("mine", self.root / "exports" / "mine")

    def verify(self) -> None:
        """Check that the kill left whole encoders, and that the next act succeeds."""
        from hybrid_search.engine import encoders
        from hybrid_search.engine.errors import EncoderError

        self._settled()
        known = {self._vectors(str(self.root / f"adapter {number}")) for number in (1, 2)}
        export = self.root / "exports" / "mine"
        if (paths.encoders_folder() / "mine").exists():
            assert self._vectors("mine") in known, "the registered encoder is neither the old one nor the new one"
        if export.exists():
            assert _near(self._vectors(str(export)), known), "the export is neither whole nor absent"
            shutil.rmtree(export)
        try:
            self.act()
        except EncoderError as error:
            raise AssertionError(str(error)) from error
        assert self._vectors("mine") == self._vectors(str(self._next()))
        assert _near(self._vectors(str(export)), {self._vectors("mine")})
        assert [info.name for info in encoders.available()] == ["base", "mine"]

    def _next(self) -> Path:
        return self.root / f"adapter {(self.root / 'next').read_text()}"


def _near(vectors: bytes, known: set[bytes]) -> bool:
    # An export is in float32 with its adapter merged, which differs by rounding.
    return any(
        np.allclose(np.frombuffer(vectors, np.float32), np.frombuffer(each, np.float32), atol=1e-4) for each in known
    )


class Train:
    """Trains with a checkpoint at every step, and resumes."""

    modules = _TRAINING

    def __init__(self, root: Path) -> None:
        self.root = root

    def prepare(self) -> None:
        """Make a base, data, and the weights of an undisturbed run."""
        from tests.support import tiny_models

        tiny_models.xlm_r(self.root / "base")
        tiny_models.pairs(self.root / "pairs.jsonl")
        self._fit("whole", resume=False)

    def scene(self, chance: Random) -> None:
        """Remove the run, or keep what an earlier kill left of it."""
        if chance.random() < 0.6:
            shutil.rmtree(paths.data_folder() / "runs" / "killed", ignore_errors=True)
            shutil.rmtree(paths.encoders_folder() / "killed", ignore_errors=True)

    def act(self) -> None:
        """Begin or resume the run."""
        from hybrid_search.train.run import checkpoints

        folder = checkpoints.run_folder("killed")
        if (paths.encoders_folder() / "killed").exists() and not checkpoints.steps(folder):
            return
        self._fit("killed", resume=(folder / "config.json").is_file())

    def verify(self) -> None:
        """Check that the weights equal those of the undisturbed run bit by bit."""
        self.act()
        assert self._weights("killed") == self._weights("whole"), "other weights"

    def _weights(self, name: str) -> bytes:
        return (paths.encoders_folder() / name / "model.safetensors").read_bytes()

    def _fit(self, name: str, *, resume: bool) -> None:
        from hybrid_search.train.run import fit
        from hybrid_search.train.settings import RunConfig, SourceConfig

        config = RunConfig(
            name=name, base=str(self.root / "base"), sources=(SourceConfig(str(self.root / "pairs.jsonl")),), steps=5,
            batch_size=4, lora_rank=4, learning_rate=1e-2, warmup_steps=1, precision="fp32", device="cpu",
            checkpoint_every=1,
        )  # fmt: skip
        fit(config, lambda event: None, resume=resume)


class Calibrate(Encoders):
    """Fits a map applied after an encoder, and registers both together."""

    modules = (*ENCODERS, *_TRAINING)

    def prepare(self) -> None:
        """Also make the pairs, and the vectors of an undisturbed calibration."""
        super().prepare()
        rows = [
            {"id": str(row), "question": dict.fromkeys(("en", "de"), f"bread {row} a"),
             "passage": dict.fromkeys(("en", "de"), f"{row} water moon b c. Brot wasser {row} d.")}
            for row in range(40)
        ]  # fmt: skip
        (self.root / "pairs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        self._calibrate("whole")

    def scene(self, chance: Random) -> None:
        """Remove the encoder of that name."""
        shutil.rmtree(paths.encoders_folder() / "killed", ignore_errors=True)

    def act(self) -> None:
        """Calibrate."""
        self._calibrate("killed")

    def verify(self) -> None:
        """Check that the encoder is whole or absent, and that the next call makes it."""
        self._settled()
        if not (paths.encoders_folder() / "killed").exists():
            self.act()
        assert self._vectors("killed") == self._vectors("whole"), "other vectors"

    def _calibrate(self, name: str) -> None:
        from hybrid_search.train.calibration import calibrate
        from hybrid_search.train.settings import CalibrationSettings, RunConfig, SourceConfig

        self._settled()
        config = RunConfig(
            sources=(SourceConfig(str(self.root / "pairs.jsonl")),), batches="hybrid", batch_size=8, distill=0.5
        )
        calibrate(
            name, str(self.root / "adapter 1"), config, CalibrationSettings(pairs=24, steps=6, size=8, translations=1)
        )
