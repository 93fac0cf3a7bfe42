"""bf16 on a processor: the same graph by OpenVINO, close to fp32, whatever the lengths of the texts beside a text."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hybrid_search.engine import encoders
from hybrid_search.engine.encoders.graphs import bfloat

from tests.support.small_encoders import TEXTS, write_folder


@pytest.fixture
def able() -> None:
    pytest.importorskip("openvino", reason="needs the extra [openvino]")
    if not bfloat.available():
        pytest.skip("this processor has no bfloat16")


@pytest.mark.parametrize("kind", ["xlm-roberta", "bert"])
def test_vectors_are_close_to_those_in_fp32_and_do_not_depend_on_their_neighbours(
    tmp_path: Path, able: None, kind: str
) -> None:
    folder = str(write_folder(tmp_path / "small", kind=kind))
    whole = encoders.load(folder, precision="fp32")
    narrow = encoders.load(folder, precision="bf16", threads=1)
    assert isinstance(narrow._session, bfloat.BfloatSession)
    assert narrow.fingerprint.split("-")[0] == whole.fingerprint.split("-")[0] and "-bf16." in narrow.fingerprint
    together = narrow.encode_document(TEXTS)
    assert together.dtype == np.float32 and ((together * whole.encode_document(TEXTS)).sum(1) > 0.999).all()
    alone = np.concatenate([narrow.encode_document([text]) for text in TEXTS])
    assert ((together * alone).sum(1) > 0.9999).all()


def test_without_openvino_or_bfloat16_a_processor_answers_in_fp32(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bfloat, "available", lambda: False)
    folder = str(write_folder(tmp_path / "small", kind="bert"))
    other = encoders.load(folder, precision="bf16")
    assert np.array_equal(other.encode_query(TEXTS), encoders.load(folder, precision="fp32").encode_query(TEXTS))


def test_a_library_in_bf16_is_gone_on_with(tmp_path: Path) -> None:
    folder = str(write_folder(tmp_path / "small", kind="bert"))
    made = encoders.load(folder, precision="bf16").fingerprint
    assert encoders.load(folder, stored=[made]).fingerprint == made


def test_openvino_is_asked_for_nothing_but_to_compute(able: None) -> None:
    code = (
        "import sys; from hybrid_search.engine.encoders.graphs import bfloat; bfloat.available(); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert "openvino" in loaded and not {"openvino_telemetry", "openvino.tools.ovc"} & set(loaded)
