"""The mean of several adapters: its numbers, its files, and what cannot be averaged."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hybrid_search.engine import encoders, paths
from hybrid_search.engine.encoders.averaging import average, mean_update
from hybrid_search.engine.encoders.weights import adapter
from hybrid_search.engine.errors import EncoderError, UnknownEncoder
from hybrid_search.tui.cli import main

from tests.support.adapters import PARTS, write


def update(folder: Path, weight: str) -> np.ndarray:
    """What an adapter adds to a weight."""
    a, b, scale = adapter.read(folder).factors[weight]
    return scale * (b.astype(np.float64) @ a.astype(np.float64))


@pytest.mark.parametrize("part", PARTS)
def test_with_rank_enough_the_average_is_the_mean_of_the_updates(part: str) -> None:
    folders = [write(f"run{seed}", seed=seed, rank=seed + 2) for seed in range(3)]
    made = average("soup", ["run0", "run1", "run2"], rank=9)
    weight = f"encoder.layer.3.{part}.weight"
    mean = sum(update(folder, weight) for folder in folders) / 3
    assert np.abs(update(made.path, weight) - mean).max() < 1e-3 * np.abs(mean).max()
    assert made.rank == 9 and made.kept == pytest.approx(1)


def test_a_lower_rank_keeps_the_largest_part_of_the_mean() -> None:
    folders = [write(f"run{seed}", seed=seed) for seed in range(3)]
    made = average("soup", ["run0", "run1", "run2"])
    weight = "encoder.layer.3.output.dense.weight"
    mean = sum(update(folder, weight) for folder in folders) / 3
    values = np.linalg.svd(mean, compute_uv=False)
    lost = np.linalg.norm(mean - update(made.path, weight)) ** 2
    assert made.rank == 4 and lost == pytest.approx((values[4:] ** 2).sum(), rel=1e-2)
    assert 0.3 < made.kept < 0.9


def test_a_weight_that_only_one_adapter_changes_moves_by_its_share() -> None:
    one, two = write("one", seed=1), write("two", seed=2, parts=PARTS[:1])
    tensors, kept = mean_update([adapter.read(one), adapter.read(two)], 8)
    start = "base_model.model.encoder.layer.3.output.dense"
    product = tensors[f"{start}.lora_B.weight"] @ tensors[f"{start}.lora_A.weight"]
    assert np.allclose(product, update(one, "encoder.layer.3.output.dense.weight") / 2, atol=1e-5)
    assert kept == pytest.approx(1)


@pytest.mark.usefixtures("used_before")
def test_an_average_is_an_encoder_like_any_other_and_remembers_its_runs(capsys) -> None:
    for seed in range(2):
        write(f"run{seed}", seed=seed)
    assert main.main(["encoders", "average", "soup", "run0", "run1", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["name"] == "soup" and told["rank"] == 4
    vectors = {name: encoders.load(name).encode_query(["bread"]) for name in ("base", "run0", "run1", "soup")}
    assert np.linalg.norm(vectors["soup"]) == pytest.approx(1, abs=1e-4)
    assert all(float(vectors["soup"][0] @ vectors[name][0]) < 0.99999 for name in ("base", "run0", "run1"))
    folder = Path(told["path"])
    run = json.loads((folder / "run.json").read_text())
    assert [each["run"]["config"]["seed"] for each in run["averaged"]] == [0, 1]
    card = (folder / "README.md").read_text()
    assert card.startswith("---\n") and "# soup" in card and "run0, run1" in card and "### Training" in card
    assert json.loads((folder / "encoder.json").read_text())["batches"] == "hybrid"


def test_the_card_holds_one_card_for_each_recipe_and_the_description_what_they_share() -> None:
    for place, (name, steps) in enumerate((("run0", 10), ("run1", 10), ("longer", 20))):
        folder = write(name, seed=place)
        run = json.loads((folder / "run.json").read_text())
        run["config"]["steps"] = steps
        (folder / "run.json").write_text(json.dumps(run))
        described = json.loads((folder / "encoder.json").read_text())
        (folder / "encoder.json").write_text(json.dumps(described | {"description": f"base, {steps} steps"}))
        (folder / "README.md").write_text(f"---\nbase_model: base\n---\n# {name}\n\n{steps} steps\n")
    of_one, of_two = average("of-one", ["run0", "run1"]).path, average("of-two", ["run0", "run1", "longer"]).path
    assert "## run0" in (of_one / "README.md").read_text() and "run1\n" not in (of_one / "README.md").read_text()
    card = (of_two / "README.md").read_text()
    assert "## run0\n\n10 steps" in card and "## longer\n\n20 steps" in card and "## run1" not in card
    told = [json.loads((folder / "encoder.json").read_text())["description"] for folder in (of_one, of_two)]
    assert told == ["base, 10 steps, mean of 2 runs", "base fine-tuned with hybrid batches, mean of 3 runs"]


def test_what_cannot_be_averaged_is_said() -> None:
    write("one", seed=1)
    write("two", seed=2)
    write("other", seed=3, base="one")
    with pytest.raises(EncoderError, match="two or more different encoders"):
        average("soup", ["one"])
    with pytest.raises(EncoderError, match="two or more different encoders"):
        average("soup", ["one", "two", "one"])
    with pytest.raises(EncoderError, match="base is not an adapter"):
        average("soup", ["one", "base"])
    with pytest.raises(EncoderError, match=r"other is an adapter of one, one of base"):
        average("soup", ["one", "other"])
    with pytest.raises(EncoderError, match="called two already"):
        average("two", ["one", "two"])
    with pytest.raises(EncoderError, match="cannot be an encoder's name"):
        average("../soup", ["one", "two"])
    with pytest.raises(UnknownEncoder, match="no encoder 'three'"):
        average("soup", ["one", "three"])
    write("deep", seed=4, layer_weights=[0.2, 0.8])
    with pytest.raises(EncoderError, match="deep pools other layers than one"):
        average("soup", ["one", "deep"])
    assert not (paths.encoders_folder() / "soup").exists()


def test_an_average_pools_the_layers_that_its_runs_pooled() -> None:
    folders = [write(f"run{seed}", seed=seed, layer_weights=[0.2, 0.8]) for seed in range(2)]
    made = average("soup", [folder.name for folder in folders])
    assert json.loads((made.path / "encoder.json").read_text())["layer_weights"] == [0.2, 0.8]


def test_the_arithmetic_that_a_base_ran_in_is_no_part_of_which_base_it_is() -> None:
    shipped = json.loads((paths.assets_folder() / "encoders/hybrid/encoder.json").read_text("utf-8"))
    own = shipped["base_fingerprint"].split("-")[0]
    for seed, base in enumerate((f"{own}-int8.1", f"{own}-int8.2", "8899aabbccddeeff-int8.2")):
        write(f"run{seed}", seed=seed, base_fingerprint=base)
    assert average("soup", ["run0", "run1"]).rank
    with pytest.raises(EncoderError, match="run2 was made for another base than the one here"):
        average("other", ["run0", "run2"])
