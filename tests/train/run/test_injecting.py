"""Targeted lexical injection: words of two languages come together at an early layer, and only layers below it move."""

from __future__ import annotations

import pytest
from hybrid_search.engine.errors import DataError, TrainingError
from hybrid_search.train.settings.config import RunConfig, SourceConfig

from tests.support import tiny_models

torch = pytest.importorskip("torch")
from hybrid_search.train.run.aids.injecting import WordPair, likeness, pooled  # noqa: E402
from hybrid_search.train.run.checkpoints import run_folder  # noqa: E402
from hybrid_search.train.run.event_table import fault  # noqa: E402
from hybrid_search.train.run.model import load_base  # noqa: E402
from hybrid_search.train.run.training import fit  # noqa: E402
from safetensors.torch import load_file  # noqa: E402


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    folder = tmp_path_factory.mktemp("injected")
    return tiny_models.run(
        "injected",
        tiny_models.xlm_r(folder / "base"),
        SourceConfig(str(tiny_models.pairs(folder / "pairs.jsonl"))),
        SourceConfig(str(tiny_models.words(folder / "words.jsonl")), mono=0, cross=0),
        steps=1,
        checkpoint_every=0,
        inject=1,
    )


def test_translations_come_together_at_the_layer_more_than_any_two_words_do(config):
    events = []
    fit(config, events.append)
    assert all(fault(event) == "" for event in events)
    (told,) = [event for event in events if event["event"] == "injection"]
    before, after = told["before"], told["after"]
    assert after["layer"] - after["layer_others"] > 3 * (before["layer"] - before["layer_others"])
    assert after["layer_found"] > before["layer_found"]
    assert (told["layer"], told["steps"]) == (1, 100)


def test_layers_above_learn_nothing_from_words(config):
    fit(config.replace(name="frozen", learning_rate=1e-2, steps=1), lambda event: None)
    weights = load_file(run_folder("frozen") / "injected.safetensors")
    moved = {name: bool(weight.abs().sum() > 0) for name, weight in weights.items() if "lora_B" in name}
    assert any(now for name, now in moved.items() if "layer.0." in name)
    assert not any(now for name, now in moved.items() if "layer.1." in name)


def test_an_adapter_of_the_first_layers_changes_no_other(config):
    result = fit(config.replace(name="low", inject=0, lora_layers=1, steps=2), lambda event: None)
    before, _ = load_base(config.base)
    after = load_file(result.path / "model.safetensors")
    own = before[0].auto_model.state_dict()
    changed = {name for name, weight in own.items() if name in after and not torch.equal(weight, after[name])}
    assert changed and all("layer.0." in name for name in changed)


def test_likeness_by_hand(config):
    model, _ = load_base(config.base)
    pairs = [WordPair("bread", "bread"), WordPair("water", "water")]
    found = likeness(model, pairs, 1)
    assert found["layer"] == found["output"] == pytest.approx(1, abs=1e-5)
    assert found["layer_found"] == found["output_found"] == 1
    one, other = pooled(model, ["bread", "water"], 1)
    assert found["layer_others"] == pytest.approx(float((one @ other).detach()), abs=1e-5)


def test_words_that_were_put_in_are_not_put_in_again_when_a_run_goes_on(config):
    def pulled(event):
        if event["event"] == "injection":
            raise OSError("pulled the plug")

    with pytest.raises(OSError):
        fit(config.replace(name="resumed", checkpoint_every=1), pulled)
    kept = load_file(run_folder("resumed") / "injected.safetensors")
    events = []
    with pytest.raises(TrainingError, match="resume"):
        fit(RunConfig(name="nobody"), events.append, resume=True)
    fit(RunConfig(name="resumed"), events.append, resume=True)
    assert not any(event["event"] == "injection" for event in events)
    assert events[-1]["event"] == "done"
    assert kept


@pytest.mark.parametrize(
    ("changes", "kind", "said"),
    [
        ({"inject": 9}, TrainingError, "the base has 2 layers"),
        ({"lora_rank": 0}, TrainingError, "needs an adapter"),
    ],
)
def test_what_cannot_be_injected_is_said(config, changes, kind, said):
    with pytest.raises(kind, match=said):
        fit(config.replace(name="wrong", **changes), lambda event: None)


def test_without_words_the_run_says_what_is_missing(config):
    with pytest.raises(DataError, match="No source has words"):
        fit(config.replace(name="wordless", sources=config.sources[:1]), lambda event: None)
