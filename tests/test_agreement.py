"""Teaching by the means over translations: what is taught, that it is learnt, what comes of it, and what is refused."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
sys.path.insert(0, str(Path(__file__).parent))
import tiny_models  # noqa: E402
from hybrid_search.engine import encoders  # noqa: E402
from hybrid_search.engine.encoders import head  # noqa: E402
from hybrid_search.engine.errors import DataError, EncoderError, TrainingError  # noqa: E402
from hybrid_search.train.agreement import Settings, divergence, lessons, start  # noqa: E402
from hybrid_search.train.config import RunConfig, SourceConfig  # noqa: E402
from hybrid_search.train.fit import fit  # noqa: E402
from hybrid_search.train.model import load_base  # noqa: E402
from hybrid_search.train.outcome import adapter_config, write_adapter  # noqa: E402
from hybrid_search.train.taught import agree  # noqa: E402
from hybrid_search.train.translated import Pairs, Side, agreed, draw_pairs, embed  # noqa: E402
from hybrid_search.tui.cli import main  # noqa: E402
from test_averaging import write  # noqa: E402

FEW = Settings(pairs=48, translations=2, steps=20, size=48, learning_rate=5e-3)


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    """A tiny base as a folder of sentence-transformers."""
    folder = tmp_path_factory.mktemp("base")
    model, _ = load_base(str(tiny_models.xlm_r(folder / "plain")))
    model.save_pretrained(str(folder / "whole"), create_model_card=False)
    return folder / "whole"


@pytest.fixture
def run(whole: Path, tmp_path: Path) -> RunConfig:
    """A tiny base known by name, and an adapter trained on it."""
    encoders.register(whole, "tiny-base")
    config = RunConfig(
        name="tiny",
        base="tiny-base",
        sources=(SourceConfig(str(tiny_models.pairs(tmp_path / "pairs.jsonl"))),),
        batches="cross",
        steps=2,
        batch_size=6,
        lora_rank=4,
        learning_rate=1e-2,
        warmup_steps=1,
        layer_weights=(0.2, 0.8),
        precision="fp32",
        device="cpu",
        checkpoint_every=0,
    )
    fit(config, lambda event: None)
    return config


def test_each_text_is_taught_the_mean_of_its_pair_and_negatives_only_stand_by() -> None:
    rng = np.random.default_rng(0)
    side = Side(["a", "b"], ["a2", "a3"], [0, 0])
    pairs = Pairs(side, Side(["p", "q"], ["q2"], [1]), negatives=["n"])
    asked, found = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True) for vectors in rng.random((2, 4, 5)))
    questions, passages = lessons(RunConfig(query_tokens=7, passage_tokens=9), pairs, asked, found)
    mean = asked[[0, 2, 3]].sum(axis=0)
    assert np.allclose(questions.wanted[[0, 2, 3]], mean / np.linalg.norm(mean), atol=1e-6)
    assert np.allclose(questions.wanted[1], asked[1], atol=1e-6)
    assert questions.by_pair == [[0, 2, 3], [1]] and passages.by_pair == [[0], [1, 2]]
    assert list(passages.texts) == ["p", "q", "q2"] and (questions.tokens, passages.tokens) == (7, 9)
    # The pairs' passages and the negative for questions, the pairs' questions for passages.
    second = found[[1, 3]].sum(axis=0)
    assert np.allclose(questions.bank, [found[0], second / np.linalg.norm(second), found[2]], atol=1e-6)
    assert np.allclose(passages.bank, questions.wanted[:2])
    assert np.allclose(agreed(pairs, asked, found)[1][[1, 3]], passages.wanted[1:])


def test_the_divergence_is_that_of_a_plain_loop() -> None:
    rng = np.random.default_rng(1)
    scores, wanted = rng.standard_normal((2, 3, 4))
    total = 0.0
    for row in range(3):
        p, q = (np.exp(part[row] / 0.5) / np.exp(part[row] / 0.5).sum() for part in (wanted, scores))
        total += sum(p[place] * np.log(p[place] / q[place]) for place in range(4))
    assert float(divergence(torch.tensor(scores), torch.tensor(wanted), 0.5)) == pytest.approx(total / 3)


def test_an_adapter_goes_on_where_it_ended(run: RunConfig, tmp_path: Path) -> None:
    folder = encoders.resolve("tiny").path
    assert folder is not None
    # The recipe may have been changed since: what counts is what the adapter says.
    config = adapter_config(folder, run.replace(lora_rank=16, base="base", layer_weights=()))
    assert (config.base, config.lora_rank, config.layer_weights) == ("tiny-base", 4, (0.2, 0.8))
    model = start(config, folder)
    texts = ["wo brot 3", "casa 5"]
    assert np.abs(model.encode_query(texts) - encoders.load("tiny").encode_query(texts)).max() < 1e-4
    write_adapter(model, tmp_path / "again", config, "")
    assert (tmp_path / "again/adapter.safetensors").read_bytes() == (folder / "adapter.safetensors").read_bytes()


def test_a_taught_adapter_agrees_more_and_is_an_encoder_of_its_own(run: RunConfig) -> None:
    told: list[tuple[str, int, int]] = []
    path, done = agree("together", "tiny", run, FEW, lambda *step: told.append(step))
    assert done.last < done.first and told[-1] == ("updates", 20, 20)
    assert {kind for kind, _, _ in told} == {"queries", "passages", "updates"}
    found = {}
    for name in ("tiny", "together"):
        pairs = draw_pairs(run, FEW.pairs, FEW.translations)
        asked, answers = embed(encoders.load(name, precision="fp32"), pairs)
        found[name] = float((asked * agreed(pairs, asked, answers)[0]).sum(axis=1).mean())
    assert found["together"] > found["tiny"]
    described = encoders.resolve("together")
    assert described.path == path and described.description.endswith(", translations agreed")
    before, after = (json.loads((folder / "run.json").read_text("utf-8")) for folder in (path.parent / "tiny", path))
    assert after["agreement"]["settings"]["steps"] == 20 and before == {k: after[k] for k in after if k != "agreement"}
    card = (path / "README.md").read_text("utf-8")
    assert "## Agreement" in card and card.startswith((path.parent / "tiny/README.md").read_text("utf-8").rstrip())


def test_the_same_seed_teaches_the_same(run: RunConfig) -> None:
    paths = [agree(name, "tiny", run, FEW)[0] for name in ("one", "two")]
    first, second = ((path / "adapter.safetensors").read_bytes() for path in paths)
    assert first == second


def test_what_cannot_be_taught_is_refused(run: RunConfig) -> None:
    with pytest.raises(DataError, match="mono batches of these data hold no translations"):
        agree("alone", "tiny", run.replace(batches="mono"), FEW)
    with pytest.raises(EncoderError, match="called tiny already"):
        agree("tiny", "tiny", run, FEW)
    with pytest.raises(EncoderError, match="base is no adapter on a base, and only adapters are taught"):
        agree("other", "base", run, FEW)
    folder = encoders.resolve("tiny").path
    assert folder is not None
    head.write(folder / head.FILE, np.eye(32, dtype=np.float32), np.zeros(32, dtype=np.float32), np.float16)
    with pytest.raises(EncoderError, match="tiny is calibrated already"):
        agree("other", "tiny", run, FEW)
    partial = write("partial", seed=0)
    with pytest.raises(TrainingError, match="changes other weights"):
        start(adapter_config(partial, run), partial)


def test_from_the_command_line(run: RunConfig, capsys) -> None:
    data = run.sources[0].path
    options = ["--pairs", "24", "--steps", "1", "--learning-rate", "1e-3"]
    assert main.main(["encoders", "agree", "together", "tiny", data, *options, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["name"] == "together" and Path(found["path"]).is_dir()
    assert found["divergence"]["first"] == found["divergence"]["last"] > 0
    assert main.main(["encoders", "agree", "together", "tiny", data, *options]) == 2
    assert "already" in capsys.readouterr().err
