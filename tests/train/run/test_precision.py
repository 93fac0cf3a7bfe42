"""Everything that a run can add works with matrix products in bf16, which `auto` takes where the processor has them."""

from __future__ import annotations

import pytest
from hybrid_search.train.settings.config import SourceConfig

from tests.support import tiny_models

pytest.importorskip("torch")
from hybrid_search.train.run.training import fit

ADDITIONS = {
    "words put into an early layer": {"inject": 1},
    "an adapter on the first layer": {"lora_layers": 1},
    "all weights": {"lora_rank": 0, "learning_rate": 1e-4},
    "the base as the teacher": {"distill": 0.5},
    "a teacher on translations": {"distill": 0.5, "teacher": "translations"},
    "both losses on bitext": {"semantic_weight": 0.5, "language_weight": 0.5},
    "a gradient cache": {"gradient_cache": 4},
    "two layers pooled": {"layer_weights": (0.5, 0.5)},
    "a share of the weights chosen on validation": {"average": 0.0},
}


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    folder = tmp_path_factory.mktemp("precise")
    return tiny_models.run(
        "precise",
        tiny_models.xlm_r(folder / "base"),
        SourceConfig(str(tiny_models.pairs(folder / "pairs.jsonl")), holdout=4),
        SourceConfig(str(tiny_models.words(folder / "words.jsonl")), mono=0, cross=0),
        steps=2,
        precision="bf16",
        validation="held-out",
    )


@pytest.mark.parametrize("addition", ADDITIONS)
def test_a_run_in_bf16_can_have(config, addition):
    events = []
    fit(config.replace(name="precise-" + addition.replace(" ", "-"), **ADDITIONS[addition]), events.append)
    (begun,) = [event for event in events if event["event"] == "start"]
    assert begun["precision"] == "bf16"
    assert events[-1]["event"] == "done"


@pytest.mark.parametrize("negatives", ["siblings", "mine"])
def test_a_run_in_bf16_can_have_hard_negatives(config, negatives):
    first, words = config.sources
    sources = (SourceConfig(first.path, holdout=4, negatives=negatives), words)
    events = []
    fit(config.replace(name=f"precise-{negatives}", sources=sources), events.append)
    assert events[-1]["event"] == "done"
