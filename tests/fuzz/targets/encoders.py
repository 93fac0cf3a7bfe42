"""Foreign encoders' folders: they give unit vectors of the size they claim, or an error message."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from random import Random

import numpy as np
from hybrid_search.engine import encoders, paths
from hybrid_search.engine.errors import HybridSearchError

from tests.support.small_encoders import TEXTS, write_adapter, write_base, write_folder

from ..mutating import mutated, mutated_json, odd_value
from ..running import Attempt, Wrong, outside


def prepare(folder: Path) -> tuple[Attempt, tuple[type[BaseException], ...]]:
    """Whole folders, adapters and packed bases with one to three files changed, removed or exchanged."""
    assets = folder / "assets"
    paths.assets_folder = lambda: assets  # type: ignore[assignment]
    write_base(assets / "base")
    seeds = [
        write_folder(folder / "xlm-r"),
        write_folder(folder / "bert", kind="bert"),
        write_adapter(folder / "adapter", base="base"),
        assets / "base",
    ]
    right = encoders.load("base", precision="fp32").encode_query(TEXTS[:3])

    def attempt(chance: Random, place: Path) -> None:
        theirs = place / "theirs"
        shutil.copytree(chance.choice(seeds), theirs)
        for _ in range(chance.choice((1, 1, 2, 3))):
            _change(theirs, chance, outside(place))
        try:
            _use(theirs, chance, place)
        finally:
            if chance.random() < 0.1:
                ours = encoders.load("base", precision="fp32").encode_query(TEXTS[:3])
                if not np.array_equal(ours, right):
                    raise Wrong("base: the bundled base gives other vectors after this folder was used")

    return attempt, (HybridSearchError,)


def _use(theirs: Path, chance: Random, place: Path) -> None:
    name = str(theirs)
    if chance.random() < 0.2:
        name = encoders.register(theirs, "theirs").name
        encoders.available()
    try:
        encoders.resolve(name)
        encoder = encoders.load(name, precision=chance.choice(("fp32", "fp32", "int8")))
        for vectors in (encoder.encode_query(TEXTS), encoder.encode_document(TEXTS)):
            if vectors.shape != (len(TEXTS), encoder.dimension):
                raise Wrong(f"shape: {vectors.shape} of an encoder of {encoder.dimension} numbers")
            norms = np.linalg.norm(vectors, axis=1)
            if not np.allclose(norms, 1, atol=1e-3):
                raise Wrong(f"length: {norms.min()} to {norms.max()}")
        if any(number < 0 for number in encoder.count_tokens(TEXTS)):
            raise Wrong("tokens: fewer than none")
        if chance.random() < 0.3:
            encoders.export(name, place / "export")
    finally:
        shutil.rmtree(paths.encoders_folder() / "theirs", ignore_errors=True)


def _change(folder: Path, chance: Random, beyond: Path) -> None:
    file = chance.choice(
        sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()) or [folder / "x"]
    )
    if not file.is_file():
        return
    data = file.read_bytes()
    how = chance.randrange(14)
    if how == 0:
        file.unlink()
    elif how == 1:
        file.unlink()
        os.mkfifo(file)
    elif how == 2:
        file.unlink()
        file.symlink_to(chance.choice((*map(str, sorted(beyond.iterdir())), str(file), "/nowhere")))
    elif how == 3:
        file.unlink()
        file.mkdir()
    elif how == 4:
        target = folder / chance.choice(
            ("pytorch_model.bin", "modules.json", "encoder.json", "head.safetensors", "map.npz")
        )
        if not os.path.lexists(target):
            target.write_bytes(data)
    elif how == 5:
        file.write_bytes(chance.randbytes(chance.choice((0, 1, 8, 1000))))
    elif file.suffix == ".json":
        file.write_bytes(mutated_json(data, chance))
    elif file.suffix == ".safetensors" and how < 11:
        file.write_bytes(_odd_header(data, chance))
    else:
        file.write_bytes(mutated(data, chance) if len(data) < 500_000 else _flipped(data, chance))


def _flipped(data: bytes, chance: Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 10, 1000))):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed[: chance.choice((len(changed), len(changed), chance.randrange(len(changed))))])


def _odd_header(data: bytes, chance: Random) -> bytes:
    """A safetensors file with an odd header."""
    length = int.from_bytes(data[:8], "little")
    header, body = data[8 : 8 + length], data[8 + length :]
    try:
        described = json.loads(header)
        name = chance.choice(list(described))
        if chance.random() < 0.4:
            described[name] = odd_value(chance)
        else:
            described[name][chance.choice(("dtype", "shape", "data_offsets"))] = chance.choice(
                ("F64", "I64", "BOOL", [0], [2**40], [1, -1], [0, 8], [8, 0], [0, 2**62], odd_value(chance))
            )
        header = json.dumps(described).encode()
    except (ValueError, TypeError):
        header = mutated(header, chance)
    size = len(header) if chance.random() < 0.9 else chance.choice((0, 2**63, 2**64 - 1, len(header) - 1))
    return size.to_bytes(8, "little") + header + body
