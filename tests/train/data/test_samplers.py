"""Mono, cross and hybrid batches in sentence-transformers' own trainer: those of ours, in one process and in two."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from hybrid_search.engine.errors import DataError

from tests.support import tiny_models

torch = pytest.importorskip("torch")
from datasets import Dataset  # noqa: E402
from hybrid_search.train.data.parallel import ParallelPairs  # noqa: E402
from hybrid_search.train.data.prepared import prepare  # noqa: E402
from hybrid_search.train.data.samplers import cross_batches, hybrid_batches, mono_batches  # noqa: E402
from hybrid_search.train.settings.config import RunConfig, SourceConfig  # noqa: E402
from sentence_transformers import (  # noqa: E402
    SentenceTransformer,
    SentenceTransformerTrainer,
    SentenceTransformerTrainingArguments,
)
from sentence_transformers.sentence_transformer import losses  # noqa: E402

SIZE = 4


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return tiny_models.pairs(tmp_path_factory.mktemp("data") / "pairs.jsonl", 30)


@pytest.fixture
def pairs(file):
    return ParallelPairs.from_files(str(file))


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return tiny_models.labse(tmp_path_factory.mktemp("base") / "labse")


class Seen(list):
    """Rows that a trainer asked for, batch by batch."""

    def __init__(self, monkeypatch):
        super().__init__()
        original = ParallelPairs.__getitems__

        def recorded(pairs, keys):
            rows = original(pairs, keys)
            if hasattr(keys, "batch"):  # not what the model card looks at
                self.append([list(row.values()) for row in rows])
            return rows

        monkeypatch.setattr(ParallelPairs, "__getitems__", recorded)


def trainer(base, folder, pairs, sampler, loss=losses.MultipleNegativesRankingLoss, steps=3, **more):
    model = SentenceTransformer(str(base), device="cpu")
    arguments = SentenceTransformerTrainingArguments(
        output_dir=str(folder), max_steps=steps, per_device_train_batch_size=SIZE, batch_sampler=sampler, use_cpu=True,
        report_to=[], disable_tqdm=True, **{"logging_strategy": "no", "save_strategy": "no", **more},
    )  # fmt: skip
    return SentenceTransformerTrainer(model=model, args=arguments, train_dataset=pairs, loss=loss(model))


def drawn(file, count, kind="hybrid", **settings):
    """The texts of the first batches, as `train` draws them."""
    source = SourceConfig(str(file))
    data = prepare(RunConfig(name="x", sources=(source,), batches=kind, batch_size=SIZE, **settings))
    found = [data.assembler.texts(data.batches.batch(number)) for number in range(count)]
    return [[list(pair) for pair in zip(texts.queries, texts.passages, strict=True)] for texts in found]


@pytest.mark.parametrize("kind", ["mono", "cross", "hybrid"])
def test_the_trainer_sees_the_batches_that_train_draws(base, file, pairs, tmp_path, monkeypatch, kind):
    make = {"mono": mono_batches, "cross": cross_batches, "hybrid": hybrid_batches}[kind]
    there = trainer(base, tmp_path, pairs, make(pairs), seed=5, steps=9)
    seen = Seen(monkeypatch)
    there.train()
    assert seen[:9] == drawn(file, 9, kind, seed=5), "epochs of 7 batches: the second goes on where the first ended"


def test_a_seed_of_its_own_weights_and_pairing_count(file, pairs):
    sampler = hybrid_batches(pairs, 0.25, seed=3, weights={"de": 3.0}, pairing="batch", length=6)(pairs, SIZE, seed=9)
    ours = drawn(file, 6, alpha=0.25, seed=3, languages={"de": 3.0, "*": 1.0}, pairing="batch")
    assert [[list(row.values()) for row in pairs.__getitems__(batch)] for batch in sampler] == ours


def test_texts_alone_go_to_the_model(base, pairs, tmp_path):
    columns = next(iter(trainer(base, tmp_path, pairs, hybrid_batches(pairs)).get_train_dataloader()))
    assert {name.partition("_")[0] for name in columns} == {"anchor", "positive"}


@pytest.mark.parametrize("name", ["cached", "matryoshka", "negatives"])
def test_any_of_its_losses_trains(base, pairs, tmp_path, name):
    if name == "negatives":
        wrong = {"de": "salz 1", "en": "salt 1", "es": "sal 1"}
        rows = [
            {"question": {"de": f"wo {n}", "en": f"where {n}"}, "passage": {"de": f"{n} {n}", "en": f"{n} {n} {n}"},
             "negative": wrong}
            for n in range(20)
        ]  # fmt: skip
        pairs = ParallelPairs.from_rows(rows)
    loss = {
        "cached": lambda model: losses.CachedMultipleNegativesRankingLoss(model, mini_batch_size=2),
        "matryoshka": lambda model: losses.MatryoshkaLoss(model, losses.MultipleNegativesRankingLoss(model), [32, 16]),
        "negatives": losses.MultipleNegativesRankingLoss,
    }[name]
    there = trainer(base, tmp_path, pairs, hybrid_batches(pairs), loss, logging_strategy="steps", logging_steps=1)
    there.train()
    lost = [entry["loss"] for entry in there.state.log_history if "loss" in entry]
    assert len(lost) == 3
    assert all(0 < value < 100 for value in lost)
    there.save_model(str(tmp_path / "done"))
    assert "pairs" in (tmp_path / "done" / "README.md").read_text("utf-8") or name == "negatives"


def test_a_training_goes_on_where_it_was_stopped(base, file, pairs, tmp_path, monkeypatch):
    settings = {"save_strategy": "steps", "save_steps": 5, "steps": 8, "seed": 1}
    trainer(base, tmp_path, pairs, hybrid_batches(pairs, length=3), **settings).train()
    seen = Seen(monkeypatch)
    trainer(base, tmp_path, pairs, hybrid_batches(pairs, length=3), **settings).train(str(tmp_path / "checkpoint-5"))
    # It saw 5 batches of 8, in epochs of 3: the last one of the second epoch, then the third.
    assert seen[:3] == drawn(file, 8, seed=1)[5:]


def test_processes_that_load_data_get_the_same(base, file, pairs, tmp_path):
    whole = trainer(base, tmp_path, pairs, hybrid_batches(pairs), dataloader_num_workers=1).get_train_dataloader()
    alone = trainer(base, tmp_path, pairs, hybrid_batches(pairs)).get_train_dataloader()
    for one, other in zip(whole, alone, strict=True):
        assert torch.equal(one["anchor_input_ids"], other["anchor_input_ids"])


def test_several_data_sets_each_have_such_batches(base, pairs, tmp_path):
    bitext = ParallelPairs.from_bitext({"de": [f"brot {n}" for n in range(9)], "en": [f"bread {n}" for n in range(9)]})
    both = {"pairs": pairs, "bitext": bitext}
    there = trainer(base, tmp_path, both, cross_batches(pairs), loss=losses.MultipleNegativesRankingLoss)
    sizes = [len(columns["anchor_input_ids"]) for columns in there.get_train_dataloader()]
    assert sizes == [SIZE] * (30 // SIZE + 9 // SIZE)


def test_what_the_trainer_keeps_of_its_arguments_can_be_written(pairs):
    made = hybrid_batches(pairs, 0.3)
    assert pickle.loads(pickle.dumps(made)) == made


def test_a_batch_is_drawn_when_it_is_looked_at(pairs):
    class Counted:
        def __init__(self, batches):
            self.batches, self.drawn = batches, []

        def batch(self, number):
            self.drawn.append(number)
            return self.batches.batch(number)

    sampler = hybrid_batches(pairs)(pairs, SIZE)
    sampler._batches = counted = Counted(sampler._batches)
    batches = list(sampler)
    assert not counted.drawn
    assert len(batches[3]) == len(list(batches[3])) == SIZE
    assert counted.drawn == [3]


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda pairs: hybrid_batches(pairs, 1.5), "alpha is 1.5"),
        (lambda pairs: hybrid_batches(pairs, pairing="row"), "pairing is 'row'"),
        (lambda pairs: hybrid_batches(pairs, length=0), "length is 0"),
        (lambda pairs: cross_batches(pairs, weights={"xx": 1.0}), "no text in 'xx'"),
        (lambda pairs: mono_batches(pairs, weights={"de": -1.0}), "is negative"),
        (lambda pairs: mono_batches(Dataset.from_dict({"a": ["b"]})), "not from a Dataset"),
        (lambda pairs: mono_batches(pairs)(Dataset.from_dict({"a": ["b"]}), 4), "this data set is a Dataset"),
        (lambda pairs: mono_batches(pairs)(pairs, 31), "31"),
        (
            lambda pairs: cross_batches(ParallelPairs.from_rows([{"question": {"de": "a"}, "passage": {"de": "b"}}])),
            "all of it is in one language, de",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(pairs, make, reason):
    with pytest.raises(DataError, match=reason):
        make(pairs)


# Each process trains twice, in our trainer and in the plain one, and writes down what both saw.
TWICE = """
import json, os, sys
from pathlib import Path
from hybrid_search.train.data.parallel import ParallelPairs
from hybrid_search.train.data.samplers import hybrid_batches
from hybrid_search.train.run.training import fit
from hybrid_search.train.settings.config import RunConfig, SourceConfig
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer, SentenceTransformerTrainingArguments
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss

base, file, out = sys.argv[1:4]
seen, original = [], ParallelPairs.__getitems__

def recorded(pairs, keys):
    rows = original(pairs, keys)
    if hasattr(keys, "batch"):  # not what the model card looks at
        seen[-1].append([list(row.values()) for row in rows])
    return rows

ParallelPairs.__getitems__ = recorded
seen.append([])
fit(RunConfig(name="ours", base=base, sources=(SourceConfig(file),), steps=4, batch_size=4, seed=5, lora_rank=2,
              precision="fp32", device="cpu", checkpoint_every=0), lambda event: None)
pairs = ParallelPairs.from_files(file)

def plain(resume=None):
    model = SentenceTransformer(base, device="cpu")
    arguments = SentenceTransformerTrainingArguments(
        output_dir=out + "/plain", max_steps=4, per_device_train_batch_size=4, seed=5, use_cpu=True, report_to=[],
        disable_tqdm=True, logging_strategy="no", save_strategy="steps", save_steps=3,
        batch_sampler=hybrid_batches(pairs, length=4), ddp_find_unused_parameters=True,
    )
    loss = MultipleNegativesRankingLoss(model)
    trainer = SentenceTransformerTrainer(model=model, args=arguments, train_dataset=pairs, loss=loss)
    seen.append([])
    trainer.train(resume)

plain()
plain(out + "/plain/checkpoint-3")
rank = os.environ.get("RANK", "0")
Path(out, f"seen-{rank}.json").write_text(json.dumps(seen))
import torch
if torch.distributed.is_initialized():
    torch.distributed.barrier()
"""


@pytest.mark.slow
def test_two_processes_see_the_same_batches_in_both_trainers_taking_turns(base, file, tmp_path):
    script = tmp_path / "twice.py"
    script.write_text(TWICE, "utf-8")
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    done = subprocess.run(
        [*launch, str(script), str(base), str(file), str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    whole = drawn(file, 8, seed=5)
    for rank in range(2):
        ours, plain, resumed = json.loads(Path(tmp_path, f"seen-{rank}.json").read_text("utf-8"))
        assert ours == plain == whole[rank::2]
        assert resumed == whole[6 + rank : 7 + rank], "a step was left: each process has one batch more"
