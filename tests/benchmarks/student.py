"""What a student of fewer layers loses and gains: `python tests/benchmarks/student.py DATA`.

DATA is the folder of `train/recipes/trio.toml`. The student takes every second layer of the teacher and the teacher's
token table, and learns the teacher's vectors of questions, of sentences with answers and of bitext (cosine distance and
the order of the batch, all layers trained). Printed: losses on the way; mono, cross and multi mAP and rank distance of
both on the recipe's validation set, or on XQuAD-R with --test, and passages a second, both in torch and bf16.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from hybrid_search.engine.passages.splitting import sentences
from hybrid_search.train.benchmarks.loading import load
from hybrid_search.train.data.corpora import open_corpus
from hybrid_search.train.data.texts import crop
from hybrid_search.train.measure.protocol import measure_vectors
from hybrid_search.train.run import validation
from hybrid_search.train.run.encoding import TrainingEncoder
from hybrid_search.train.run.model import choose_precision, load_base, pool_over, prompt_of
from hybrid_search.train.settings import RunConfig, load_recipe
from torch.nn import functional

RECIPE = Path(__file__).parents[2] / "train" / "recipes" / "trio.toml"
MAX_TOKENS = 72


def texts(config: RunConfig, count: int, prompts: dict[str, str]) -> list[str]:
    """Texts of the training data with their prompts, half of them bitext."""
    chance = random.Random(config.seed)
    found: list[str] = []
    for source in config.sources:
        corpus = open_corpus(source)
        rows = np.flatnonzero(~corpus.held_out(source.holdout)).tolist()
        wanted = count * max(source.cross, source.mono) / sum(max(each.cross, each.mono) for each in config.sources)
        chance.shuffle(rows)
        taken = 0
        while taken < wanted:
            for row in rows:
                example = corpus.example(row)
                spoken = [code for code in example.passage if code in config.language_weights] or list(example.passage)
                code = chance.choice(spoken)
                answer = example.answer.get(code, "")
                passage = example.passage[code]
                passage = crop(passage, answer, 0, code, sentences, chance) if answer else passage
                found.append(prompts["document"] + passage)
                asked = chance.choice(list(example.question))
                found.append(prompts["query"] + example.question[asked])
                taken += 2
                if taken >= wanted:
                    break
    chance.shuffle(found)
    return found[:count]


def batches(found: list[str], size: int, steps: int, seed: int) -> Iterator[list[str]]:
    """Batches of texts of similar length in random order, repeated until there are enough for the steps."""
    chance = random.Random(seed)
    made = 0
    while True:
        order = sorted(found, key=lambda text: len(text) * chance.uniform(0.9, 1.1))
        parts = [order[first : first + size] for first in range(0, len(order) - size + 1, size)]
        chance.shuffle(parts)
        for part in parts:
            yield part
            made += 1
            if made == steps:
                return


def vectors(model: Any, part: list[str], precision: torch.dtype | None) -> torch.Tensor:
    """Unit vectors of texts, shape (n, d)."""
    with torch.autocast("cpu", dtype=precision, enabled=precision is not None):
        out = model(model.preprocess(part))["sentence_embedding"]
    return functional.normalize(out.float(), dim=-1)


def student_of(teacher: Any, layers: int) -> Any:
    """A copy of the teacher with so many of its layers, evenly spread and including the last."""
    student = copy.deepcopy(teacher)
    encoder = student.transformers_model.encoder
    every = len(encoder.layer)
    kept = [round((place + 1) * every / layers) - 1 for place in range(layers)]
    encoder.layer = torch.nn.ModuleList(encoder.layer[place] for place in kept)
    student.transformers_model.config.num_hidden_layers = layers
    # The teacher's weights of layers do not apply to the student: only its last layer is pooled.
    pool_over(student, (1.0,))
    for name, parameter in student.named_parameters():
        parameter.requires_grad = "embeddings" not in name
    return student


def taught(teacher: Any, student: Any, found: list[str], options: argparse.Namespace) -> None:
    """Train the student in place."""
    precision = choose_precision("auto", "cpu")
    weights = [parameter for parameter in student.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=options.learning_rate, weight_decay=0.01)
    warm = max(1, options.steps // 20)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warm, (options.steps - step) / (options.steps - warm))
    )
    began = time.perf_counter()
    for step, part in enumerate(batches(found, options.batch_size, options.steps, 0), 1):
        with torch.no_grad():
            target = vectors(teacher, part, precision)
        given = vectors(student, part, precision)
        apart = (1 - (given * target).sum(dim=1)).mean()
        order = functional.cross_entropy(given @ target.T / 0.03, torch.softmax(target @ target.T / 0.03, dim=1))
        optimizer.zero_grad()
        (20 * apart + order).backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        schedule.step()
        if step % 50 == 0 or step == 1:
            seconds = round(time.perf_counter() - began)
            print(json.dumps({"step": step, "cosine distance": round(apart.item(), 4), "seconds": seconds}), flush=True)


def scores(model: Any, benchmark: Any) -> dict[str, float]:
    """Measures of a model, and passages a second."""
    encoder = TrainingEncoder(model, autocast=choose_precision("auto", "cpu"))
    queries = encoder.encode_query(benchmark.query_texts())
    began = time.perf_counter()
    pool = encoder.encode_document(benchmark.pool_texts())
    speed = len(pool) / (time.perf_counter() - began)
    found = measure_vectors(benchmark, queries, pool, encoder="x").summary()
    names = ("mono", "cross", "multi", "rank_distance")
    return {**{name: round(float(found[name]), 4) for name in names}, "passages_per_second": round(speed, 1)}


def main() -> None:
    """Train and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--teacher", default="hybrid")
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--steps", type=int, default=1200)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--texts", type=int, default=60_000)
    parser.add_argument("--learning-rate", type=float, default=5e-4)
    parser.add_argument("--questions", type=int, default=150)
    parser.add_argument("--test", action="store_true", help="measure on XQuAD-R instead of the validation set")
    options = parser.parse_args()
    os.environ["HYBRID_SEARCH_DATA"] = str(options.data)
    config = load_recipe(RECIPE)
    teacher, _ = load_base(options.teacher)
    teacher.max_seq_length = MAX_TOKENS
    student = student_of(teacher, options.layers)
    prompts = {kind: prompt_of(teacher, kind) for kind in ("query", "document")}
    taught(teacher.eval(), student.eval(), texts(config, options.texts, prompts), options)
    if options.test:
        benchmark = load("xquad-r", options.data / "test")
    else:
        benchmark = load(config.validation, questions=options.questions, seed=validation.DRAW)
    for model in (teacher, student):
        model.max_seq_length = 512
    print(json.dumps({"teacher": scores(teacher, benchmark), "student": scores(student, benchmark)}))


if __name__ == "__main__":
    main()
