"""What is killed in the middle: each work sets a scene, acts, and tells whether an act after a kill made all well."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Protocol

import numpy as np
from hybrid_search.engine import paths

from tests.conftest import KeywordEncoder

WORDS = ("bread", "brot", "water", "wasser", "moon", "хлеб", "水")


class Work(Protocol):
    """One kind of work; every method runs in a process of its own, so all state is in files below `root`.

    `modules` are imported once, before those processes are made.
    """

    root: Path
    modules: tuple[str, ...]

    def prepare(self) -> None:
        """Make what all acts need."""

    def scene(self, chance: Random) -> None:
        """Make something to do for the next act."""

    def act(self) -> None:
        """Do it; this is what is killed."""

    def verify(self) -> None:
        """Act again, to the end; raises AssertionError where something is lost, doubled or left."""


_LIBRARIES = (
    "hnswlib", "sentencex", "py3langid", "hybrid_search.engine.library.library", "hybrid_search.engine.ingest.indexing",
    "hybrid_search.engine.documents.texts.plain", "hybrid_search.engine.search",
    "tests.engine.library.test_library_killed",
)  # fmt: skip
_ENCODERS = (
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


class Index:
    """A folder whose files come, change and go is indexed with two encoders and their index files."""

    modules = _LIBRARIES

    def __init__(self, root: Path) -> None:
        from hybrid_search.engine.languages import detection

        # Read once, here, and not in every process that indexes.
        detection.detect("What is read here stays.")
        self.root = root
        self.texts, self.library = root / "texts", root / "library"

    def prepare(self) -> None:
        """A dozen files."""
        from tests.engine.library.test_library_killed import fill

        fill(self.texts, range(12))

    def scene(self, chance: Random) -> None:
        """Some files changed, gone, renamed or new; sometimes there is no library yet."""
        from tests.engine.library.test_library_killed import fill, paragraph

        if chance.random() < 0.15:
            shutil.rmtree(self.library, ignore_errors=True)
        files = sorted(self.texts.glob("*.md"))
        for file in chance.sample(files, min(3, len(files))):
            how = chance.randrange(3)
            if how == 0:
                file.unlink()
            elif how == 1:
                file.rename(file.with_name(f"renamed {chance.randrange(1000)}.md"))
            else:
                file.write_text(f"# Other\n\n{paragraph(chance.randrange(1000))}\n\nThe same words close every note.")
        start = chance.randrange(13, 60)
        fill(self.texts, range(start, start + max(1, 14 - len(files))))

    def act(self) -> None:
        """Index."""
        from hybrid_search.engine.library.library import Library
        from hybrid_search.engine.search import exact

        exact.EXACT_LIMIT = 8
        with Library.open(self.library, create=True) as library:
            library.index([self.texts], encoders=self.encoders())

    def verify(self) -> None:
        """The library holds what one holds that was never disturbed."""
        from tests.engine.library.test_library_killed import assert_like_new

        self.act()
        shutil.rmtree(self.root / "fresh", ignore_errors=True)
        assert_like_new(self.library, self.texts, self.root / "fresh", self.encoders())

    def encoders(self) -> list[KeywordEncoder]:
        """Two of them."""
        return [KeywordEncoder(), KeywordEncoder("biased", bias=2.0)]


class Check(Index):
    """A damaged library is checked and mended."""

    def prepare(self) -> None:
        """A whole library."""
        super().prepare()
        super().act()

    def scene(self, chance: Random) -> None:
        """Vectors that are none, an index of words that is empty, an index file cut short."""
        with closing(sqlite3.connect(self.library / "library.db", isolation_level=None)) as connection:
            connection.execute("UPDATE vectors SET vector = x'00' WHERE id % 5 = ?", (chance.randrange(5),))
            if chance.random() < 0.7:
                connection.execute("INSERT INTO words(words) VALUES ('delete-all')")
        for file in (self.library / "vectors").glob("*.hnsw"):
            if chance.random() < 0.5:
                file.write_bytes(file.read_bytes()[:100])

    def act(self) -> None:
        """Check and mend."""
        from hybrid_search.engine.library.library import Library
        from hybrid_search.engine.search import exact

        exact.EXACT_LIMIT = 8
        with Library.open(self.library) as library:
            library.check()

    def verify(self) -> None:
        """Checked to the end and indexed again, nothing is missing."""
        from tests.engine.library.test_library_killed import assert_like_new

        self.act()
        super().act()
        shutil.rmtree(self.root / "fresh", ignore_errors=True)
        assert_like_new(self.library, self.texts, self.root / "fresh", self.encoders())


class Push(Index):
    """A library is pushed to an engine in a file."""

    def prepare(self) -> None:
        """A whole library."""
        super().prepare()
        super().act()

    def scene(self, chance: Random) -> None:
        """A library that differs from what the engine has."""
        super().scene(chance)
        super().act()
        if chance.random() < 0.3:
            self._forget()

    def act(self) -> None:
        """Push in small requests."""
        from hybrid_search.engine.library.library import Library
        from hybrid_search.engine.remote import pushing

        pushing._RECORDS = 10
        with Library.open(self.library, readonly=True) as library:
            pushing.push(library, self._place(), replace=True)

    def verify(self) -> None:
        """Asked the same, both answer the same."""
        from hybrid_search.engine.library.library import Library
        from hybrid_search.engine.remote.library import RemoteLibrary

        self.act()
        encoder = self.encoders()[0]
        with Library.open(self.library) as library, RemoteLibrary.open(self._place()) as remote:
            assert remote.languages() == library.languages()
            for query in ("bread and water", "the moon", "fire in the house"):
                here = library.search(query, encoder=encoder, k=500, exact=True).hits
                there = remote.search(query, encoder=encoder, k=500, exact=True).hits
                assert [hit.passage.text for hit in here] == [hit.passage.text for hit in there], query

    def _place(self):
        from hybrid_search.engine.places import Place

        return Place(str(self.root / "engine.db"))

    def _forget(self) -> None:
        path = self.root / "engine.db"
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


class Encoders:
    """What works on encoders' folders have in common: a small base in place of the bundled one."""

    modules = _ENCODERS

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
    """An encoder is registered in place of another and exported; whatever is there is the old one or the new one."""

    def scene(self, chance: Random) -> None:
        """Which of two adapters comes next."""
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
        """What the kill left is whole, and the next act ends well."""
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
    # An export is in float32 with its adapter merged: the same but for rounding.
    return any(
        np.allclose(np.frombuffer(vectors, np.float32), np.frombuffer(each, np.float32), atol=1e-4) for each in known
    )


class Train:
    """A run with a checkpoint a step is killed and resumed."""

    modules = _TRAINING

    def __init__(self, root: Path) -> None:
        self.root = root

    def prepare(self) -> None:
        """A base, data, and the weights of an undisturbed run."""
        from tests.support import tiny_models

        tiny_models.xlm_r(self.root / "base")
        tiny_models.pairs(self.root / "pairs.jsonl")
        self._fit("whole", resume=False)

    def scene(self, chance: Random) -> None:
        """Nothing of the killed run is there, or what an earlier kill left of one."""
        if chance.random() < 0.6:
            shutil.rmtree(paths.data_folder() / "runs" / "killed", ignore_errors=True)
            shutil.rmtree(paths.encoders_folder() / "killed", ignore_errors=True)

    def act(self) -> None:
        """Begin, or go on."""
        from hybrid_search.train.run import checkpoints

        folder = checkpoints.run_folder("killed")
        if (paths.encoders_folder() / "killed").exists() and not checkpoints.steps(folder):
            return
        self._fit("killed", resume=(folder / "config.json").is_file())

    def verify(self) -> None:
        """The weights are those of the undisturbed run, to the bit."""
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
    """A map is fitted behind an encoder and both are registered together."""

    modules = (*_ENCODERS, *_TRAINING)

    def prepare(self) -> None:
        """The pairs, too, and the vectors of an undisturbed calibration."""
        super().prepare()
        rows = [
            {"id": str(row), "question": dict.fromkeys(("en", "de"), f"bread {row} a"),
             "passage": dict.fromkeys(("en", "de"), f"{row} water moon b c. Brot wasser {row} d.")}
            for row in range(40)
        ]  # fmt: skip
        (self.root / "pairs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        self._calibrate("whole")

    def scene(self, chance: Random) -> None:
        """There is none of that name."""
        shutil.rmtree(paths.encoders_folder() / "killed", ignore_errors=True)

    def act(self) -> None:
        """Calibrate."""
        self._calibrate("killed")

    def verify(self) -> None:
        """The encoder is whole or not there, and made by the next call."""
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


class App(Index):
    """The app's child process indexes, encodes and checks as its requests tell."""

    modules = (*_LIBRARIES, *_ENCODERS, "hybrid_search.tui.desk.desk")

    def act(self) -> None:
        """Serve requests through the pipes that the app has, in this process."""
        from hybrid_search.engine.search import exact
        from hybrid_search.tui.desk.child import main

        exact.EXACT_LIMIT = 8
        name = str(self.root / "encoder")
        requests = [
            {
                "id": 1,
                "op": "index",
                "with": {"folder": str(self.texts), "encoders": [name], "library": str(self.library)},
            },
            {"id": 2, "op": "check", "with": {"library": str(self.library)}},
        ]
        source, into = os.pipe()
        outof, sink = os.pipe()
        if os.fork():
            # This process is the child of the app: killed, it leaves the other one at the end of its pipe.
            os.dup2(source, 0)
            os.dup2(sink, 1)
            for number in (source, into, outof, sink):
                os.close(number)
            main()
        os.close(source)
        os.close(sink)
        os.write(into, b"".join(json.dumps(request).encode() + b"\n" for request in requests))
        with os.fdopen(outof, "rb") as answers:
            for line in answers:
                if (answer := json.loads(line)).get("id") == 2 and "progress" not in answer:
                    break
        os._exit(0)

    def prepare(self) -> None:
        """An encoder that is loaded by its folder's name."""
        from tests.support.small_encoders import write_folder

        super().prepare()
        write_folder(self.root / "encoder")

    def verify(self) -> None:
        """What the app does next finds all in order."""
        from hybrid_search.engine import encoders
        from hybrid_search.engine.library.library import Library
        from hybrid_search.engine.search import exact

        from tests.engine.library.test_library_killed import assert_like_new

        exact.EXACT_LIMIT = 8
        encoder = encoders.load(str(self.root / "encoder"))
        with Library.open(self.library, create=True) as library:
            library.index([self.texts], encoders=[encoder])
        shutil.rmtree(self.root / "fresh", ignore_errors=True)
        # The texts that are encoded with a text change its vector by a rounding.
        assert_like_new(self.library, self.texts, self.root / "fresh", [encoder], tolerance=1e-5)


WORKS: dict[str, type[Work]] = {
    "index": Index,
    "check": Check,
    "export": Export,
    "app": App,
    "push": Push,
    "calibrate": Calibrate,
    "train": Train,
}
