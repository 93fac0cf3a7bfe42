"""Steps a second of our trainer against a plain sentence-transformers loop on the same batches, in turns.

Run: python tests/benchmarks/training.py [--base FOLDER] [--steps 20] [--batch-size 16] [--precision fp32]
     python tests/benchmarks/training.py --memory [--batch-size 32] [--gradient-cache 8]
     python tests/benchmarks/training.py --pace --device cuda [--batch-size 64] [--seconds 8]
Prints one JSON object: seconds a step of both, and their ratio (above 1: ours is faster). The seconds are processor
time, summed over threads, since other work on the machine changes wall time. With --memory: the peak memory of two
steps above the loaded model, with and without a gradient cache, each in a separate process. With --pace: updates a
second of wall time, with distillation and siblings as hard negatives, of our trainer alone.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--base", default="base")
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--lora", type=int, default=32)
    parser.add_argument("--precision", default="fp32", choices=["fp32", "bf16"])
    parser.add_argument("--device", default="cpu", help="of --pace")
    parser.add_argument("--pace", action="store_true")
    parser.add_argument("--seconds", type=float, default=8.0, help="of --pace")
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--gradient-cache", type=int, default=8, help="of --memory")
    parser.add_argument("--peak", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.memory:
        print(json.dumps(memory(arguments)))
        return
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    if arguments.pace:
        print(json.dumps(pace(arguments.base, arguments.device, arguments.batch_size, arguments.seconds)))
        return

    from hybrid_search.train.data.prepared import prepare
    from hybrid_search.train.run.training import quiet
    from hybrid_search.train.settings import RunConfig, bundled_pairs

    config = RunConfig(
        name="benchmark",
        base=arguments.base,
        sources=(bundled_pairs(),),
        steps=arguments.steps,
        batch_size=arguments.batch_size,
        lora_rank=arguments.lora,
        precision=arguments.precision,
        checkpoint_every=0,
        device="cpu",
    )
    data = prepare(config)
    if arguments.peak is not None:
        with quiet():
            print(json.dumps(peak(config.replace(steps=2, gradient_cache=arguments.peak), data)))
        return
    texts = [data.assembler.texts(data.batches.batch(number)) for number in range(config.steps)]
    seconds: dict[str, list[float]] = {"ours": [], "plain": []}
    with quiet():
        # One unmeasured step each, which prepares kernels.
        ours(config.replace(steps=1), data)
        plain(config.replace(steps=1), texts)
        for _ in range(arguments.rounds):
            seconds["ours"].append(ours(config, data) / config.steps)
            seconds["plain"].append(plain(config, texts) / config.steps)
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    print(
        json.dumps(
            {
                "seconds_a_step": {name: round(value, 4) for name, value in medians.items()},
                "ratio": round(medians["plain"] / medians["ours"], 3),
                "rounds": {name: [round(value, 4) for value in values] for name, values in seconds.items()},
                "precision": config.precision,
                "batch_size": config.batch_size,
            }
        )
    )


def pace(base: str, device: str, batch_size: int, seconds: float, *, sources=()) -> dict[str, object]:
    """Updates a second after the first few, until the time is over."""
    from hybrid_search.engine import paths
    from hybrid_search.train.data.prepared import prepare
    from hybrid_search.train.run.model import choose_precision, load_base, make_trainable
    from hybrid_search.train.run.training import build_trainer, quiet
    from hybrid_search.train.settings.config import RunConfig, SourceConfig
    from transformers import TrainerCallback

    class Clock(TrainerCallback):
        """Stops when the time is over; the first three updates prepare kernels and loaders."""

        began = ended = 0.0
        done = 0

        def on_step_end(self, args, state, control, **_):
            now = time.perf_counter()
            if state.global_step == 3:
                self.began = now
            elif state.global_step > 3:
                self.done, self.ended = state.global_step - 3, now
                control.should_training_stop = now - self.began > seconds

    paths_of_pairs = sources or (str(paths.assets_folder() / "pairs"),)
    config = RunConfig(
        name="benchmark",
        base=base,
        sources=tuple(SourceConfig(path, negatives="siblings") for path in paths_of_pairs),
        steps=100_000,
        batch_size=batch_size,
        distill=0.5,
        checkpoint_every=0,
        device=device,
    )
    with quiet(), tempfile.TemporaryDirectory() as folder:
        autocast = choose_precision(config.precision, device)
        model, _ = load_base(config.base, device=device)
        make_trainable(model, config, autocast)
        trainer = build_trainer(config, model, prepare(config), Path(folder), device=device, autocast=autocast)
        clock = Clock()
        trainer.add_callback(clock)
        trainer.train()
    return {
        "updates_a_second": round(clock.done / (clock.ended - clock.began), 3),
        "updates": clock.done,
        "batch_size": batch_size,
        "precision": "fp32" if autocast is None else "bf16",
        "device": device,
    }


def memory(arguments) -> dict[str, object]:
    """Peaks of two runs that differ only in the gradient cache."""
    found = {}
    for cache in (0, arguments.gradient_cache):
        command = [sys.executable, __file__, "--peak", str(cache), "--base", arguments.base]
        command += ["--batch-size", str(arguments.batch_size), "--precision", arguments.precision]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        found[cache] = json.loads(done.stdout.splitlines()[-1])["bytes"]
    plain, cached = found[0], found[arguments.gradient_cache]
    return {
        "batch_size": arguments.batch_size,
        "gradient_cache": arguments.gradient_cache,
        "megabytes_above_the_model": {"without": round(plain / 1e6), "with": round(cached / 1e6)},
        "ratio": round(cached / plain, 3),
    }


def peak(config, data) -> dict[str, int]:
    """The peak bytes that training holds above those held before it."""
    from hybrid_search.train.run.training import build_trainer

    model, autocast = model_of(config)
    with tempfile.TemporaryDirectory() as folder:
        trainer = build_trainer(config, model, data, Path(folder), autocast=autocast)
        before = resident()
        trainer.train()
    return {"bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before}


def resident() -> int:
    """Bytes of memory that this process holds."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def model_of(config):
    from hybrid_search.train.run.model import choose_precision, load_base, make_trainable

    autocast = choose_precision(config.precision, "cpu")
    model, _ = load_base(config.base)
    make_trainable(model, config, autocast)
    return model, autocast


def ours(config, data) -> float:
    """Seconds of a run of our trainer, including drawing batches and making texts."""
    from hybrid_search.train.run.training import build_trainer

    model, autocast = model_of(config)
    with tempfile.TemporaryDirectory() as folder:
        trainer = build_trainer(config, model, data, Path(folder), autocast=autocast)
        began = time.process_time()
        trainer.train()
        return time.process_time() - began


def plain(config, texts) -> float:
    """Seconds of the stock trainer with the stock loss on the same texts in the same order."""
    from datasets import Dataset
    from hybrid_search.train.run.model import prompt_of
    from sentence_transformers import SentenceTransformerTrainer, SentenceTransformerTrainingArguments
    from sentence_transformers.base.sampler import DefaultBatchSampler
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
    from transformers import ProgressCallback

    class InOrder(DefaultBatchSampler):
        def __iter__(self):
            size = config.batch_size
            return iter([list(range(start, start + size)) for start in range(0, size * config.steps, size)])

        def __len__(self):
            return config.steps

    model, _ = model_of(config)
    # The stock trainer has one token limit for both sides.
    model.max_seq_length = config.passage_tokens
    rows = {
        "anchor": [text for batch in texts for text in batch.queries],
        "positive": [text for batch in texts for text in batch.passages],
    }
    with tempfile.TemporaryDirectory() as folder:
        trainer = SentenceTransformerTrainer(
            model=model,
            args=SentenceTransformerTrainingArguments(
                output_dir=folder,
                max_steps=config.steps,
                per_device_train_batch_size=config.batch_size,
                batch_sampler=InOrder,
                learning_rate=config.learning_rate,
                bf16=config.precision == "bf16",
                use_cpu=True,
                report_to=[],
                save_strategy="no",
                logging_strategy="no",
                disable_tqdm=False,
                prompts={"anchor": prompt_of(model, "query"), "positive": prompt_of(model, "document")},
            ),
            train_dataset=Dataset.from_dict(rows),
            loss=MultipleNegativesRankingLoss(model, scale=1 / config.temperature),
        )
        trainer.remove_callback(ProgressCallback)
        began = time.process_time()
        trainer.train()
        return time.process_time() - began


if __name__ == "__main__":
    main()
