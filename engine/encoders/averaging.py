"""Averages several adapters of one base: a model soup (arXiv 2203.05482), in numpy."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import EncoderError
from . import registry
from .source import ENCODER
from .weights import Floats, adapter, head, read_json

RUN = "run.json"


@dataclass(frozen=True)
class Averaged:
    """An average that was registered.

    Attributes:
        name: of the new encoder.
        path: its folder.
        rank: of its adapter.
        kept: the share of the averaged update that this rank keeps, in squared Frobenius norm, between 0 and 1.
    """

    name: str
    path: Path
    rank: int
    kept: float


def average(name: str, ingredients: Sequence[str], *, rank: int | None = None) -> Averaged:
    """Register the mean of several adapters' updates as an encoder of its own.

    The mean of the products B A has a rank of up to the sum of their ranks. It is replaced by its best approximation of
    a lower rank (Eckart and Young), so that an average is as large and as fast as its ingredients.

    Args:
        name: of the new encoder; an existing one is not overwritten.
        ingredients: names or folders of at least two encoders that are adapters of the same base.
        rank: of the new adapter; by default the largest rank among the ingredients.

    Raises:
        UnknownEncoder: an ingredient does not exist.
        EncoderError: there are fewer than two, one is named twice, is not an adapter, is calibrated or has another
            base, the name is taken or not valid, or the folder cannot be written.
    """
    registry.refuse_taken(name)
    folders = [registry.adapter_folder(each, "averaged") for each in ingredients]
    read = [adapter.read(folder) for folder in folders]
    if len({each.digest for each in read}) < max(2, len(read)):
        raise EncoderError("An average needs two or more different encoders.", hint="Name each encoder once.")
    for each, folder in zip(ingredients, folders, strict=True):
        if (folder / head.FILE).is_file():
            raise EncoderError(
                f"{each} is calibrated, and a calibrated encoder cannot be averaged.",
                hint="Average the encoders that were calibrated, then calibrate the average.",
            )
    described = [_description(folder, each) for folder, each in zip(folders, ingredients, strict=True)]
    base = described[0]["base"]
    for each, other in zip(ingredients, described, strict=True):
        if other.get("layer_weights") != described[0].get("layer_weights"):
            raise EncoderError(
                f"{each} pools other layers than {ingredients[0]}: they cannot be averaged.",
                hint="Average encoders that were trained with the same --layer-weights.",
            )
        # Whether each fits the base of this name was checked when it was resolved.
        if other["base"] != base:
            raise EncoderError(
                f"{each} is an adapter of {other['base']}, {ingredients[0]} of {base}: they cannot be averaged.",
                hint="Average encoders that were trained from the same base.",
            )
    width = rank or max(a.shape[0] for one in read for a, _, _ in one.factors.values())
    mean, kept = mean_update(read, width)
    with registry.making(name) as folder:
        adapter.save(folder, mean, rank=width, alpha=float(width), base=base)
        _describe(folder, name, ingredients, folders, described, kept)
    found = registry.resolve(name)
    assert found.path is not None
    return Averaged(name, found.path, width, kept)


def mean_update(adapters: Sequence[adapter.Adapter], rank: int) -> tuple[dict[str, Floats], float]:
    """The mean of the adapters' updates as factors of at most this rank.

    Args:
        adapters: the update of a weight that one of them does not change counts as zero.
        rank: of each product.

    Returns:
        Factors by PEFT's names, A of shape (rank, in) and B of shape (out, rank), whose scale is 1; and the share of
        the mean's squared Frobenius norm that they keep.
    """
    tensors: dict[str, Floats] = {}
    whole = held = 0.0
    for weight in dict.fromkeys(name for one in adapters for name in one.factors):
        parts = [one.factors[weight] for one in adapters if weight in one.factors]
        a = np.vstack([a for a, _, _ in parts]).astype(np.float64)
        b = np.hstack([b * (scale / len(adapters)) for _, b, scale in parts]).astype(np.float64)
        (right, across), (left, down) = np.linalg.qr(a.T), np.linalg.qr(b)
        u, values, v = np.linalg.svd(down @ across.T)
        whole += float((values**2).sum())
        held += float((values[:rank] ** 2).sum())
        root = np.sqrt(values[:rank])
        missing = rank - len(root)
        start = f"base_model.model.{weight.removesuffix('.weight')}"
        narrow_a, narrow_b = root[:, None] * (v[:rank] @ right.T), (left @ u[:, :rank]) * root
        tensors[f"{start}.lora_A.weight"] = np.pad(narrow_a, ((0, missing), (0, 0))).astype(np.float32)
        tensors[f"{start}.lora_B.weight"] = np.pad(narrow_b, ((0, 0), (0, missing))).astype(np.float32)
    return tensors, held / whole if whole else 1.0


def _description(folder: Path, name: str) -> dict[str, Any]:
    described = read_json(folder / ENCODER)
    if not isinstance(described.get("base"), str):
        raise EncoderError(f"{name} does not name the base that it adapts.", hint="Train it again.")
    return described


def _describe(
    folder: Path,
    name: str,
    ingredients: Sequence[str],
    folders: Sequence[Path],
    described: Sequence[dict[str, Any]],
    kept: float,
) -> None:
    """Write the encoder's description: `encoder.json`, `run.json` with the ingredients' runs, and a card."""
    of_one_kind = {str(each.get("batches", "")) for each in described}
    told = {str(each.get("description", "")) for each in described}
    batches = of_one_kind.pop() if len(of_one_kind) == 1 else ""
    trained = f"{described[0]['base']} fine-tuned" + (f" with {batches} batches" if batches else "")
    what = told.pop() if len(told) == 1 else trained
    facts = {
        "schema": 1,
        "base": described[0]["base"],
        "description": f"{what}, mean of {len(folders)} runs".lstrip(", "),
    }
    facts |= {key: described[0][key] for key in ("base_fingerprint", "layer_weights") if key in described[0]}
    facts |= {"batches": batches} if batches else {}
    (folder / ENCODER).write_text(json.dumps(facts, indent=1, ensure_ascii=False), "utf-8")
    runs = [read_json(each / RUN) if (each / RUN).is_file() else {} for each in folders]
    names = [Path(each).name for each in ingredients]
    averaged = [{"name": each, "run": run} for each, run in zip(names, runs, strict=True)]
    made = {"schema": 1, "kept": round(kept, 6), "averaged": averaged}
    (folder / RUN).write_text(json.dumps(made, indent=1, ensure_ascii=False), "utf-8")
    (folder / "README.md").write_text(_card(name, str(facts["base"]), names, folders, runs, kept), "utf-8")


def _card(
    name: str,
    base: str,
    names: Sequence[str],
    folders: Sequence[Path],
    runs: Sequence[dict[str, Any]],
    kept: float,
) -> str:
    """The model card: the ingredients, and for each recipe one ingredient's card, which says how it was trained."""
    recipes = [
        json.dumps({key: value for key, value in run.get("config", {}).items() if key not in ("seed", "name")})
        for run in runs
    ]
    shown = [place for place, recipe in enumerate(recipes) if recipe not in recipes[:place]]
    which = "Each of them" if len(shown) == len(names) else "One of them for each recipe"
    return "\n".join(
        [
            *adapter.card_head(base),
            f"# {name}",
            "",
            f"The mean of the adapters {', '.join(names)} (arXiv 2203.05482), of which its rank keeps {kept:.1%}; "
            f"`run.json` has what repeats each of them. {which}, by its own card:",
            "",
            *(_own_card(folders[place] / "README.md") for place in shown),
        ]
    )


def _own_card(path: Path) -> str:
    """An ingredient's card without its header for the hub, and with its headings one level lower."""
    rest = path.read_text("utf-8", "replace").rpartition("---\n")[2] if path.is_file() else ""
    return "\n".join(f"#{line}" if line.startswith("#") else line for line in [*rest.strip().splitlines(), ""])
