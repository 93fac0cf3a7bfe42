"""Runs a graph with matrix products in bfloat16, by OpenVINO, on processors with instructions for them.

Sums, norms and outputs stay float32. OpenVINO is optional; without it, or on other processors, `available` is false and
bf16 is computed in fp32.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any


@lru_cache(maxsize=1)
def available() -> bool:
    """Whether OpenVINO is installed and the processor multiplies in bfloat16."""
    try:
        return "BF16" in _core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    except (ImportError, RuntimeError, OSError):
        return False


class BfloatSession:
    """A graph that is ready to run, with the interface of an ONNX Runtime session.

    Args:
        serialised: the graph in fp32.
        threads: of the processor's cores; all by default.
    """

    def __init__(self, serialised: bytes, threads: int | None) -> None:
        settings: dict[str, Any] = {"INFERENCE_PRECISION_HINT": "bf16", "PERFORMANCE_HINT": "LATENCY"}
        if threads:
            settings["INFERENCE_NUM_THREADS"] = threads
        core = _core()
        self._compiled = core.compile_model(core.read_model(serialised, b""), "CPU", settings)

    def run(self, names: Sequence[str], feed: Mapping[str, Any]) -> list[Any]:
        """The outputs of these names."""
        found = self._compiled(dict(feed))
        return [found[name].copy() for name in names]


# OpenVINO's converter of models, which includes telemetry and is not used.
_NOT_WANTED = ("openvino.tools.ovc", "openvino_telemetry")


@lru_cache(maxsize=1)
def _core() -> Any:
    blocked = [name for name in _NOT_WANTED if name not in sys.modules]
    # A module that is None here cannot be imported, and OpenVINO continues without it.
    sys.modules.update(dict.fromkeys(blocked))  # type: ignore[arg-type]
    try:
        import openvino
    finally:
        for name in blocked:
            sys.modules.pop(name, None)
    return openvino.Core()
