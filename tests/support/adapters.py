"""Writes small adapters on the bundled base, as a training run does."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from hybrid_search.engine import paths
from hybrid_search.engine.encoders.weights import adapter

PARTS = ("attention.self.query", "output.dense")
SHAPES = {"attention.self.query": (384, 384), "output.dense": (384, 1536)}


def write(name: str, *, seed: int, rank: int = 4, parts: tuple[str, ...] = PARTS, **more: object) -> Path:
    """Write a small adapter on the bundled base to the folder of trained encoders."""
    rng, folder = np.random.default_rng(seed), paths.encoders_folder() / name
    tensors = {}
    for part in parts:
        out, width = SHAPES[part]
        start = f"base_model.model.encoder.layer.3.{part}"
        tensors[f"{start}.lora_A.weight"] = rng.standard_normal((rank, width)).astype(np.float32) * 0.05
        tensors[f"{start}.lora_B.weight"] = rng.standard_normal((out, rank)).astype(np.float32) * 0.05
    adapter.save(folder, tensors, rank=rank, alpha=2.0 * rank)
    told = f"trained with seed {seed}"
    described = {"schema": 1, "base": "base", "batches": "hybrid", "description": told, **more}
    (folder / "encoder.json").write_text(json.dumps(described))
    (folder / "run.json").write_text(json.dumps({"schema": 1, "config": {"seed": seed}}))
    card = f"---\nbase_model: base\n---\n# {name}\n\n## Training\n\n| seed |\n|---|\n| {seed} |\n"
    (folder / "README.md").write_text(card)
    return folder
