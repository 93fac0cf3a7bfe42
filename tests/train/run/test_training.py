"""Whole training runs on tiny random encoders: what they leave, and what becomes of them when something goes wrong."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.support import tiny_models

torch = pytest.importorskip("torch")
from hybrid_search.engine import paths  # noqa: E402
from hybrid_search.engine.errors import DataError, TrainingError  # noqa: E402
from hybrid_search.train.run import checkpoints, outcome  # noqa: E402
from hybrid_search.train.run import trainer as trainer_module  # noqa: E402
from hybrid_search.train.run.event_table import fault  # noqa: E402
from hybrid_search.train.run.training import fit  # noqa: E402
from hybrid_search.train.settings import fixed  # noqa: E402
from hybrid_search.train.settings.config import RunConfig, SourceConfig  # noqa: E402
from safetensors.torch import load_file  # noqa: E402


@pytest.fixture(scope="module")
def bases(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bases")
    return {"xlm-r": tiny_models.xlm_r(folder / "xlm-r"), "labse": tiny_models.labse(folder / "labse")}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return tiny_models.pairs(tmp_path_factory.mktemp("data") / "pairs.jsonl")


@pytest.fixture
def config(bases, data):
    return settings(bases, data)


def settings(bases, data):
    return tiny_models.run("tiny", bases["xlm-r"], SourceConfig(str(data)))


class Events(list):
    """Keeps events; may fail at a step, as a machine does."""

    def __init__(self, fail_at=0):
        super().__init__()
        self.fail_at = fail_at

    def __call__(self, event):
        json.dumps(event)
        assert fault(event) == ""
        self.append(event)
        if event["event"] == "step" and event["step"] == self.fail_at:
            raise OSError("pulled the plug")

    def named(self, name):
        return [event for event in self if event["event"] == name]


def weights(path):
    return load_file(path / "model.safetensors")


def same(first, second):
    return set(first) == set(second) and all(torch.equal(first[name], second[name]) for name in first)


@pytest.mark.parametrize("base", ["xlm-r", "labse"])
@pytest.mark.parametrize("rank", [4, 0])
def test_a_run_leaves_a_folder_that_sentence_transformers_loads(config, bases, base, rank):
    from sentence_transformers import SentenceTransformer

    events = Events()
    result = fit(config.replace(base=str(bases[base]), lora_rank=rank, batches="hybrid"), events)
    model = SentenceTransformer(str(result.path), device="cpu")
    vectors = model.encode_query(["where bread 1", "wo mond 2"])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert model.prompts["query"] == "query: "
    assert "tiny" in (result.path / "README.md").read_text("utf-8")
    before = load_file(bases[base] / "model.safetensors")
    after = weights(result.path)
    table = next(name for name in after if name.endswith("word_embeddings.weight"))
    assert torch.equal(after[table], before[table]), "the token table is frozen"
    layer = next(name for name in after if name.endswith("layer.0.attention.self.query.weight"))
    assert not torch.equal(after[layer], before[layer])
    steps = events.named("step")
    assert [event["step"] for event in steps] == [1, 2, 3, 4]
    assert all(np.isfinite(event["loss"]) and event["kind"] in ("mono", "cross") for event in steps)
    assert events[-1]["event"] == "done"


def test_training_lowers_the_loss(config):
    events = Events()
    fit(config.replace(steps=40, batches="mono", temperature=0.1, checkpoint_every=0, batch_size=12), events)
    losses = [event["loss"] for event in events.named("step")]
    assert np.mean(losses[-5:]) < 0.7 * np.mean(losses[:5])


def test_a_merged_adapter_gives_the_vectors_of_the_model_in_training(config, tmp_path):
    from hybrid_search.train.run.encoding import TrainingEncoder
    from hybrid_search.train.run.model import load_base, make_trainable, trainable
    from sentence_transformers import SentenceTransformer

    model, _ = load_base(config.base)
    make_trainable(model, config)
    with torch.no_grad():
        for weight in trainable(model).values():
            weight.normal_(std=0.1)
    outcome.write_merged(model, tmp_path / "merged", config)
    texts = ["wo brot 3", "casa 5"]
    merged = SentenceTransformer(str(tmp_path / "merged"), device="cpu")
    assert np.allclose(merged.encode_query(texts), TrainingEncoder(model).encode_query(texts), atol=1e-5)


def trained(config, folder, **options):
    """The weights that a trainer leaves."""
    from hybrid_search.train.data import prepare
    from hybrid_search.train.run.model import load_base, make_trainable, trainable
    from hybrid_search.train.run.training import build_trainer, quiet

    model, _ = load_base(config.base)
    make_trainable(model, config)
    with quiet():
        build_trainer(config, model, prepare(config), folder, **options).train()
    return {name: weight.detach().clone() for name, weight in trainable(model).items()}


def test_batches_that_other_processes_make_ready_train_the_same_weights(config, tmp_path, monkeypatch):
    monkeypatch.setenv("TOKENIZERS_PARALLELISM", "false")
    taught = config.replace(distill=0.5, checkpoint_every=0)
    assert same(trained(taught, tmp_path, loaders=2), trained(taught, tmp_path, loaders=0))


def test_all_texts_of_a_batch_in_one_pass_train_as_pieces_do(config, tmp_path, monkeypatch):
    from hybrid_search.train.run import training

    taught = config.replace(distill=0.5, checkpoint_every=0, steps=2)
    pieces = trained(taught, tmp_path)
    monkeypatch.setattr(training, "_PIECE_ON_CPU", 0)
    whole = trained(taught, tmp_path)
    assert all(torch.allclose(whole[name], pieces[name], atol=1e-4) for name in pieces)


def test_the_model_in_training_encodes_as_the_plain_library_whatever_stands_beside_a_text(config, monkeypatch):
    from hybrid_search.engine.encoders.devices import pipeline
    from hybrid_search.train.run import encoding
    from hybrid_search.train.run.model import load_base

    monkeypatch.setattr(pipeline, "PART", 4)
    monkeypatch.setitem(encoding._BUDGET, "cpu", 20)
    model, _ = load_base(config.base)
    model.train()
    texts = [" ".join(["brot", "casa", "moon"][: 1 + number % 3] * (1 + number % 5)) for number in range(11)]
    done = []
    found = encoding.TrainingEncoder(model).encode_document(texts, done.append)
    assert model.training and sum(done) == len(texts)
    assert np.allclose(found, model.encode_document(texts, show_progress_bar=False), atol=1e-5)
    assert encoding.TrainingEncoder(model).encode_query([]).shape == (0, found.shape[1])


def test_an_interrupted_run_ends_with_the_same_weights(config):
    lasting = config.replace(steps=6)
    whole = weights(fit(lasting.replace(name="whole"), Events()).path)
    with pytest.raises(OSError, match="pulled the plug"):
        fit(lasting.replace(name="broken"), Events(fail_at=5))
    assert checkpoints.steps(checkpoints.run_folder("broken")) == [2, 4]
    events = Events()
    resumed = fit(RunConfig(name="broken"), events, resume=True)
    assert [event["step"] for event in events.named("step")] == [5, 6]
    assert same(weights(resumed.path), whole)


def test_a_killed_run_ends_with_the_same_weights(config, tmp_path, home):
    lasting = config.replace(steps=5)
    whole = weights(fit(lasting.replace(name="whole"), Events()).path)
    script = (
        "import json, sys\n"
        "from hybrid_search.train.settings import from_dict\n"
        "from hybrid_search.train.run.training import fit\n"
        "fit(from_dict(json.load(open(sys.argv[1]))), lambda event: print(json.dumps(event), flush=True))\n"
    )
    described = tmp_path / "config.json"
    described.write_text(json.dumps(lasting.replace(name="killed", steps=5).as_dict()), "utf-8")
    with subprocess.Popen(
        [sys.executable, "-c", script, str(described)], stdout=subprocess.PIPE, text=True, env=dict(os.environ)
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if json.loads(line).get("step") == 3:
                process.send_signal(signal.SIGKILL)
                break
    assert checkpoints.steps(checkpoints.run_folder("killed")) == [2]
    assert same(weights(fit(RunConfig(name="killed"), Events(), resume=True).path), whole)


@pytest.fixture(scope="module")
def whole_and_broken(tmp_path_factory, bases, data):
    """A home in which a run of six steps ended, and one of the same settings was stopped at the fifth."""
    home = tmp_path_factory.mktemp("whole-and-broken")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HYBRID_SEARCH_HOME", str(home))
        lasting = settings(bases, data).replace(steps=6)
        fit(lasting.replace(name="whole"), Events())
        with pytest.raises(OSError, match="pulled the plug"):
            fit(lasting.replace(name="broken"), Events(fail_at=5))
    return home


@pytest.mark.parametrize("damage", ["a bit flipped", "cut off", "a file missing", "a file added", "no manifest"])
def test_a_damaged_checkpoint_is_passed_over_for_the_one_before(whole_and_broken, home, damage):
    shutil.copytree(whole_and_broken, home, dirs_exist_ok=True)
    whole = weights(paths.encoders_folder() / "whole")
    newest = checkpoints.path(checkpoints.run_folder("broken"), 4)
    optimiser = newest / "optimizer.pt"
    content = bytearray(optimiser.read_bytes())
    if damage == "a bit flipped":
        content[len(content) // 2] ^= 1
        optimiser.write_bytes(content)
    elif damage == "cut off":
        optimiser.write_bytes(content[:100])
    elif damage == "a file missing":
        optimiser.unlink()
    elif damage == "a file added":
        (newest / "scaler.pt").write_bytes(b"pickled")
    else:
        (newest / "manifest.json").unlink()
    events = Events()
    resumed = fit(RunConfig(name="broken"), events, resume=True)
    assert any("checkpoint of step 4 is passed over" in event["message"] for event in events.named("warning"))
    assert [event["step"] for event in events.named("step")] == [3, 4, 5, 6]
    assert same(weights(resumed.path), whole)


def test_checkpoints_that_are_all_damaged_are_refused(whole_and_broken, home):
    shutil.copytree(whole_and_broken, home, dirs_exist_ok=True)
    for step in (2, 4):
        (checkpoints.path(checkpoints.run_folder("broken"), step) / "trained.safetensors").write_bytes(b"")
    with pytest.raises(TrainingError, match="without --resume"):
        fit(RunConfig(name="broken"), Events(), resume=True)


def test_resuming_what_is_done_says_so(config):
    result = fit(config, Events())
    before = weights(result.path)
    with pytest.raises(TrainingError, match="is already done"):
        fit(RunConfig(name=config.name), Events(), resume=True)
    assert same(weights(result.path), before)
    assert fit(config, Events()).steps == result.steps


def test_resuming_what_never_began_is_an_error():
    with pytest.raises(TrainingError, match="no run called nothing"):
        fit(RunConfig(name="nothing"), Events(), resume=True)


def test_a_run_is_of_one_process_at_a_time(config, home):
    folder = checkpoints.run_folder(config.name)
    checkpoints.plan(folder, config.as_dict())
    checkpoints.journal(folder, lambda event: None)
    files = [folder / "config.json", folder / checkpoints.JOURNAL]
    before = [file.read_bytes() for file in files]
    with checkpoints.alone(folder):
        for resume in (False, True):
            with pytest.raises(TrainingError, match=f"Another process is training {config.name}"):
                fit(config.replace(steps=9), Events(), resume=resume)
    assert [file.read_bytes() for file in files] == before


def test_a_full_disk_at_a_checkpoint_costs_the_checkpoint_and_not_the_run(config, monkeypatch):
    real, written = trainer_module.save_weights, []

    def save_weights(model, path):
        written.append(path)
        if len(written) == 2:
            Path(path).write_bytes(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")
        real(model, path)

    monkeypatch.setattr(trainer_module, "save_weights", save_weights)
    kept = []

    class Watching(Events):
        def __call__(self, event):
            super().__call__(event)
            if event["event"] == "step" and event["step"] == 5:
                kept.append(sorted(path.name for path in checkpoints.run_folder("tiny").glob("*checkpoint*")))

    events = Watching()
    result = fit(config.replace(steps=6), events)
    warnings = [event["message"] for event in events.named("warning")]
    assert any("step 4 could not be written" in text and "No space left" in text for text in warnings)
    assert kept == [["checkpoint-2"]], "the older checkpoint is whole, and no half of the newer one is left"
    assert result.steps == 6


def test_a_full_disk_at_the_end_keeps_the_checkpoint_and_says_how_to_go_on(config, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(outcome, "write_merged", full)
        with pytest.raises(TrainingError, match=r"cannot be written.*No space left.*--resume --out tiny"):
            fit(config, Events())
    assert checkpoints.steps(checkpoints.run_folder("tiny")) == [2, 4]
    assert not list(paths.encoders_folder().iterdir())
    assert (fit(config, Events(), resume=True).path / "model.safetensors").is_file()


def test_a_loss_that_is_no_number_stops_the_run_before_it_spoils_the_weights(config, monkeypatch):
    from hybrid_search.train.run import loss as loss_module

    real, calls = loss_module.info_nce, []

    def info_nce(*arguments, **named):
        calls.append(1)
        value = real(*arguments, **named)
        return value * float("nan") if len(calls) == 4 else value

    monkeypatch.setattr(loss_module, "info_nce", info_nce)
    with pytest.raises(TrainingError, match=r"infinite at step 4; .*checkpoint of step 2 is kept.*learning-rate"):
        fit(config.replace(steps=6, checkpoint_every=2), Events())
    stored = load_file(checkpoints.path(checkpoints.run_folder("tiny"), 2) / "trained.safetensors")
    assert all(bool(torch.isfinite(weight).all()) for weight in stored.values())


def test_broken_rows_and_small_languages_are_told(config, data, tmp_path):
    rows = data.read_text("utf-8").splitlines()
    few = {"id": "x", "question": {"sw": "wo 1"}, "passage": {"sw": "2"}}
    broken = tmp_path / "broken.jsonl"
    broken.write_text(
        "\n".join([*rows[:3], '{"id": 1, "question": ', *rows[3:], json.dumps(few), json.dumps({**few, "id": "y"})]),
        "utf-8",
    )
    events = Events()
    fit(config.replace(sources=(SourceConfig(str(broken)),), steps=1), events)
    warnings = " ".join(event["message"] for event in events.named("warning"))
    assert f"{broken}:4: not JSON" in warnings
    assert "left out of mono batches: sw (1)" in warnings


def test_a_validation_that_is_nowhere_is_told_with_what_it_may_be(config):
    from hybrid_search.train.benchmarks import NoBenchmark
    from hybrid_search.train.run.validation import validator

    with pytest.raises(NoBenchmark, match="No benchmark nowhere was found") as told:
        validator(config.replace(validation="nowhere"), None, None)
    assert "held-out" in told.value.hint and "--data" not in told.value.hint


def test_the_best_weights_on_validation_are_taken(config, monkeypatch):
    from hybrid_search.train.run import validation

    scores = iter([0.1, 0.3, 0.2, 0.2])
    monkeypatch.setattr(validation, "validator", lambda *_: lambda: {"mono": next(scores)})
    events = Events()
    run = config.replace(steps=6, validation="some", validate_every=2, select="mono")
    result = fit(run, events)
    assert result.steps == 6
    assert result.best_step == 2
    assert result.scores_before == {"mono": 0.1}
    assert result.scores_after == {"mono": 0.3}
    assert [event["step"] for event in events.named("validation")] == [0, 2, 4, 6]
    assert "better by 0.2000" in (result.path / "README.md").read_text("utf-8")


def test_the_last_weights_are_taken_where_several_runs_are_to_have_as_many_updates(config, monkeypatch):
    from hybrid_search.train.run import validation

    scores = iter([0.1, 0.3, 0.2, 0.2])
    monkeypatch.setattr(validation, "validator", lambda *_: lambda: {"mono": next(scores)})
    events = Events()
    result = fit(config.replace(steps=6, validation="some", validate_every=2, select="last"), events)
    assert (result.steps, result.best_step, result.scores_after) == (6, 6, {"mono": 0.2})
    assert [event["step"] for event in events.named("validation")] == [0, 2, 4, 6]


def test_held_out_rows_measure_before_and_after(config, data):
    events = Events()
    result = fit(config.replace(sources=(SourceConfig(str(data), holdout=4),), validation="held-out"), events)
    assert {"mono", "cross", "multi", "rank_distance"} <= set(result.scores_before)
    assert set(result.scores_after) == set(result.scores_before)
    assert events.named("start")[0]["sources"][0]["held_out"] > 0


def test_runs_of_several_seeds_are_measured_on_the_same_questions(config, monkeypatch):
    from hybrid_search.train.run import validation

    asked = []

    class Listener:
        name = "listener"

        def encode_query(self, texts):
            asked.append(tuple(texts))
            return np.eye(1, 8, dtype=np.float32).repeat(len(texts), 0)

        encode_document = encode_query

    for seed in (0, 1):
        run = config.replace(validation="demo", validation_questions=5, seed=seed)
        validation.validator(run, None, Listener())()
    assert asked[0] == asked[2]
    assert len(asked[0]) == 5 * 14


@pytest.mark.parametrize("rank", [4, 0])
def test_averaging_goes_part_of_the_way(config, bases, rank):
    run = config.replace(lora_rank=rank, batches="mono")
    end = weights(fit(run.replace(name="end"), Events()).path)
    half = weights(fit(run.replace(name="half", average=0.5), Events()).path)
    base = load_file(bases["xlm-r"] / "model.safetensors")
    name = next(name for name in end if name.endswith("layer.1.output.dense.weight"))
    assert torch.allclose(half[name] - base[name], 0.5 * (end[name] - base[name]), atol=1e-6)


def test_hard_negatives_are_mined_and_used(config, data, monkeypatch):
    monkeypatch.setattr(fixed, "NEGATIVES_MARGIN", 0.0)
    events = Events()
    fit(config.replace(sources=(SourceConfig(str(data), negatives="mine"),), batches="cross"), events)
    assert {event["language"] for event in events.named("negatives")} == set(tiny_models.LANGUAGES)
    assert (checkpoints.run_folder("tiny") / "negatives.npz").is_file()


def test_the_gradient_cache_changes_no_weights(config):
    plain = weights(fit(config.replace(name="plain"), Events()).path)
    cached = weights(fit(config.replace(name="cached", gradient_cache=4), Events()).path)
    assert all(torch.allclose(cached[name], plain[name], atol=1e-5) for name in plain)


@pytest.mark.parametrize("base", ["xlm-r", "labse"])
@pytest.mark.parametrize("rank", [4, 0])
def test_a_run_pools_the_layers_that_it_is_told_to(config, bases, base, rank):
    from sentence_transformers import SentenceTransformer

    run = config.replace(base=str(bases[base]), lora_rank=rank, distill=0.5, batches="mono")
    shares = (0.25, 0.0, 0.75)
    found = fit(run.replace(layer_weights=shares), Events())
    assert "weighted 0.25, 0, 0.75" in (found.path / "README.md").read_text("utf-8")
    weighted = SentenceTransformer(str(found.path), device="cpu")
    kinds = [type(module).__name__ for module in weighted]
    assert kinds[:3] == ["Transformer", "WeightedLayerPooling", "Pooling"]
    assert tuple(weighted[1].layer_weights.tolist()) == shares, "they are given, not learnt"
    last = SentenceTransformer(str(fit(run.replace(layer_weights=(1.0,)), Events()).path), device="cpu")
    plain = SentenceTransformer(str(fit(run, Events()).path), device="cpu")
    texts = ["where bread 1", "wo mond 2"]
    assert np.allclose(last.encode_query(texts), plain.encode_query(texts), atol=1e-6)
    assert not np.allclose(weighted.encode_query(texts), plain.encode_query(texts), atol=1e-3)


def test_the_model_in_training_pools_as_the_encoder_that_it_becomes(config, tmp_path):
    from hybrid_search.engine import encoders
    from hybrid_search.train.run.encoding import TrainingEncoder
    from hybrid_search.train.run.model import load_base, pool_over

    shares = config.replace(layer_weights=(0.2, 0.8))
    model, _ = load_base(config.base)
    pool_over(model, shares.layer_weights)
    model.save_pretrained(str(tmp_path / "whole"), create_model_card=False)
    texts = ["wo brot 3", "casa 5"]
    light = encoders.load(str(tmp_path / "whole"))
    assert np.allclose(light.encode_query(texts), TrainingEncoder(model).encode_query(texts), atol=1e-5)
    again, _ = load_base(str(tmp_path / "whole"))
    pool_over(again, (1.0,))
    assert sum(type(module).__name__ == "WeightedLayerPooling" for module in again) == 1


@pytest.mark.parametrize("shares", [(0.0, 0.0), (-1.0, 2.0), (float("nan"), 1.0)])
def test_layer_weights_that_cannot_be_are_refused(config, shares):
    with pytest.raises(TrainingError, match="layer_weights are"):
        config.replace(layer_weights=shares)


def test_more_layer_weights_than_layers_are_refused(config):
    with pytest.raises(TrainingError, match="4 layer weights, but the base has 2 layers"):
        fit(config.replace(layer_weights=(1.0,) * 4), Events())


def test_the_base_teaches(config):
    events = Events()
    fit(config.replace(distill=0.5, batches="hybrid"), events)
    fit(config.replace(name="full", lora_rank=0, learning_rate=1e-4, distill=0.5), events)
    assert all(np.isfinite(event["loss"]) for event in events.named("step"))


def test_cross_batches_of_one_language_are_refused_with_the_reason(config, tmp_path):
    alone = tmp_path / "one.jsonl"
    rows = [{"id": n, "question": {"de": f"wo {n}"}, "passage": {"de": f"{n} {n}"}} for n in range(20)]
    alone.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    with pytest.raises(DataError, match="all of it is in one language, de"):
        fit(config.replace(sources=(SourceConfig(str(alone)),), batches="hybrid"), Events())


def test_a_base_that_is_not_there_is_named(config):
    from hybrid_search.engine.errors import HybridSearchError

    with pytest.raises(HybridSearchError, match="nowhere"):
        fit(config.replace(base="nowhere"), Events())


@pytest.mark.slow
def test_two_processes_under_torchrun_train_one_encoder(config, data, home):
    script = home / "run.py"
    script.write_text("from hybrid_search.tui.cli.main import main\nmain()\n", "utf-8")
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2", str(script)]
    options = ["--base", config.base, "--steps", "3", "--batch-size", "4", "--lora", "2", "--device", "cpu"]
    measuring = ["--validation", "held-out", "--validate-every", "1"]
    done = subprocess.run(
        [*launch, "train", str(data), *options, *measuring, "--out", "pair", "--json"],
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
        env=dict(os.environ),
    )
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert [event["step"] for event in events if event["event"] == "step"] == [1, 2, 3]
    assert [event["event"] for event in events].count("done") == 1
    assert (paths.encoders_folder() / "pair" / "model.safetensors").is_file()
