"""An `.npz` file from somebody: what is not one, waits, holds code or would fill the memory is refused in words."""

from __future__ import annotations

import os
import zipfile

import numpy as np
import pytest
from hybrid_search.engine.encoders.neutral import by_file
from hybrid_search.engine.errors import DataError
from hybrid_search.engine.stores import arrays, arrays_of


def bomb(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed, packed.open("mean.en.npy", "w") as member:
        np.lib.format.write_array(member, np.zeros(1 << 20, np.float32))


def lying(path):
    """A shape of which nothing stands behind it."""
    with zipfile.ZipFile(path, "w") as packed, packed.open("mean.en.npy", "w") as member:
        shape = {"descr": "<f4", "fortran_order": False, "shape": (1 << 50,)}
        np.lib.format.write_array_header_1_0(member, shape)


def cut(path):
    np.savez(path, **{"mean.en": np.ones(100)})
    path.write_bytes(path.read_bytes()[:300])


ODD = {
    "a bomb": bomb,
    "a lie": lying,
    "a part": cut,
    "nothing": lambda path: path.write_bytes(b""),
    "a pickle": lambda path: np.savez(path, **{"mean.en": np.array([{}], dtype=object)}),
    "one array": lambda path: np.save(path.open("wb"), np.ones(3)),
    "a pipe": os.mkfifo,
}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes are POSIX")
@pytest.mark.parametrize("odd", ODD)
def test_what_is_no_honest_file_of_arrays_is_refused(odd, tmp_path, monkeypatch):
    monkeypatch.setattr(arrays, "_NEVER_A_BOMB", 1 << 20)
    path = tmp_path / "mine.npz"
    ODD[odd](path)
    with pytest.raises((OSError, ValueError)):
        arrays_of(path)
    with pytest.raises(DataError, match="holds no neutraliser"):
        by_file.read(path)


def test_what_was_written_is_read(tmp_path):
    np.savez_compressed(tmp_path / "a.npz", vectors=np.zeros((1000, 384), np.float32), ids=np.array(["a", "b"]))
    found = arrays_of(tmp_path / "a.npz")
    assert found["vectors"].shape == (1000, 384) and found["ids"].tolist() == ["a", "b"]
