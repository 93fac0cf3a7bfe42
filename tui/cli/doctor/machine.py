"""Checks the machine: compiler, processor, memory and GPU."""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from ....engine.shown import counted
from .finding import Finding, pip_install

TOPIC = "machine"
# Bytes of memory that training with the bundled settings takes, about.
_MEMORY = 4_000_000_000


def examine() -> Iterator[Finding]:
    """Check compiler, cores, memory and GPU."""
    yield _compiler()
    yield Finding(TOPIC, "processor", "ok", f"{os.cpu_count() or 1} cores.")
    yield from _memory()
    yield _gpu()


def _compiler() -> Finding:
    found = next((name for name in ("c++", "g++", "clang++", "cl") if shutil.which(name)), None)
    if found:
        return Finding(TOPIC, "compiler", "ok", f"{found}, which installing hnswlib needs.")
    if find_spec("hnswlib") is not None:
        return Finding(TOPIC, "compiler", "ok", "None, and none is needed: hnswlib is installed.")
    mends = {"darwin": "xcode-select --install", "win32": "winget install Microsoft.VisualStudio.2022.BuildTools"}
    return Finding(
        TOPIC, "compiler", "note", "There is no C++ compiler, which installing hnswlib needs.",
        mends.get(sys.platform, "sudo apt-get install g++"),
    )  # fmt: skip


def _memory() -> Iterator[Finding]:
    try:
        size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return
    told = f"{size / 1e9:,.1f} GB."
    if size < _MEMORY:
        yield Finding(TOPIC, "memory", "note", f"{told} Searching needs less than 1 GB; training needs about 4.")
    else:
        yield Finding(TOPIC, "memory", "ok", told)


def _gpu() -> Finding:
    built = _torch_built_for()
    if sys.platform == "darwin":
        return Finding(TOPIC, "GPU", "note", "Encoders run on the processor; `--device mps` uses Apple's GPU.")
    number = _cuda_devices()
    if number == 0:
        return Finding(TOPIC, "GPU", "ok", "No GPU; nothing needs one.")
    if number is None:
        return Finding(TOPIC, "GPU", "wrong", "There is an NVIDIA GPU whose driver does not answer.", "nvidia-smi")
    devices = counted(number, "GPU")
    if built is None:
        return Finding(TOPIC, "GPU", "wrong", f"{devices}, but PyTorch is not installed.", pip_install("torch"))
    if not built:
        return Finding(
            TOPIC, "GPU", "wrong", f"{devices}, but PyTorch was built without CUDA.",
            pip_install("--force-reinstall torch --index-url https://download.pytorch.org/whl/cu128"),
        )  # fmt: skip
    return Finding(TOPIC, "GPU", "ok", f"{devices}; PyTorch is built for CUDA {built}: give `--device cuda`.")


def _cuda_devices() -> int | None:
    """How many GPUs NVIDIA's driver offers; None if there is one and the driver fails."""
    present = any(Path("/dev").glob("nvidia[0-9]*"))
    try:
        driver = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return None if present else 0
    number = ctypes.c_int(0)
    if driver.cuInit(0) != 0 or driver.cuDeviceGetCount(ctypes.byref(number)) != 0:
        return None if present else 0
    return number.value


def _torch_built_for() -> str | None:
    """The version of CUDA that PyTorch was built for, "" for none; None if it is not installed. Imports nothing."""
    found = find_spec("torch")
    if found is None or not found.origin:
        return None
    try:
        text = (Path(found.origin).parent / "version.py").read_text("utf-8")
    except OSError:
        return ""
    built = re.search(r"^cuda\b[^=]*=\s*['\"]([^'\"]+)", text, re.MULTILINE)
    return built[1] if built else ""
