"""How fast a card encodes: `python tests/benchmarks/card.py [--encoder base] [--texts 32768] [--device cuda] [--json]`.

`--device cuda` in 16 bits and in float32 against plain `SentenceTransformer.encode` on the same texts and weights (the
encoder's own export), in one run, and what each stage could do alone: tokenising, laying texts out and copying them to
the card, the card itself. Vectors are compared with those of the plain library in float32, and so is the mean average
precision over the demo questions in 14 languages against all demo passages. Texts are beginnings of the demo passages,
110 tokens in the mean.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from hybrid_search.engine import encoders
from hybrid_search.engine.encoders import registry, source
from hybrid_search.engine.encoders.devices import bert, pipeline
from hybrid_search.engine.encoders.devices import load as load_on_device
from hybrid_search.engine.paths import assets_folder

WAYS = ("plain fp32", "plain bf16", "ours auto", "ours bf16", "ours fp32", "any model, bf16")


def demo_texts(count: int) -> list[str]:
    """Beginnings of demo passages of 60 to 600 characters, in every language, always the same ones."""
    rng = np.random.default_rng(0)
    paths = sorted((assets_folder() / "demo" / "passages").glob("*/*.md"))
    texts = [path.read_text("utf-8").split("\n", 1)[-1].strip() for path in paths]
    return [texts[index][: rng.integers(60, 600)] for index in rng.integers(len(texts), size=count)]


def timed(work: Callable[[], Any], device: str) -> tuple[float, Any]:
    """Seconds that some work takes until the device is done with it, and what it gives."""
    import torch

    start = time.perf_counter()
    found = work()
    if device.startswith("cuda"):
        torch.cuda.synchronize()
    return time.perf_counter() - start, found


def ways(name: str, device: str, place: Path) -> dict[str, Any]:
    """An object with encode_query and encode_document for each way."""
    import torch
    from sentence_transformers import SentenceTransformer

    folder = encoders.export(name, place / "export")
    found = source.read(registry.resolve(name).path or Path(name), registry._base_folder)
    assert found is not None
    plain = SentenceTransformer(str(folder), device=device)
    narrow = SentenceTransformer(str(folder), device=device, model_kwargs={"torch_dtype": torch.bfloat16})
    ours = {kind: load_on_device(name, None, found, device=device, precision=kind) for kind in ("auto", "bf16", "fp32")}
    # The way of models whose network is not known: the same weights, taken as a folder of an unknown kind.
    other = load_on_device(str(folder), folder, None, device=device, precision="bf16")
    other.prompts = dict(found.prompts)
    return dict(zip(WAYS, (plain, narrow, ours["auto"], ours["bf16"], ours["fp32"], other), strict=True))


def encoded(way: Any, texts: Sequence[str], kind: str = "document") -> Any:
    """The vectors that a way gives, float32."""
    encode = way.encode_document if kind == "document" else way.encode_query
    found = encode(list(texts), **({"show_progress_bar": False} if hasattr(way, "encode") else {}))
    return np.asarray(found, dtype=np.float32)


def stages(runner: bert.BertRunner, texts: Sequence[str], prompt: str, device: str) -> dict[str, float]:
    """Passages a second of each stage alone."""
    ids_s, _ = timed(
        lambda: [runner._tokens.encode(texts[i : i + pipeline.PART], prompt) for i in _starts(texts)], device
    )
    prepared_s, parts = timed(
        lambda: [runner.prepare(texts[start : start + pipeline.PART], prompt) for start in _starts(texts)], device
    )
    layouts = [layout for part in parts for _, layout in part]
    upload_s, there = timed(
        lambda: [layout.moved(lambda part: pipeline.moved(part, runner.device)) for layout in layouts], device
    )
    runner._network(there[0])
    card_s, _ = timed(lambda: [runner._network(layout) for layout in there], device)
    shape = runner._network.architecture
    weights = 4 * shape.hidden**2 + 2 * shape.hidden * shape.inner
    work = sum(
        shape.layers * count * (2 * length * weights + 4 * length**2 * shape.hidden)
        for layout in layouts
        for count, length in layout.runs
    )
    return {
        "tokenising": len(texts) / ids_s,
        "tokenising and laying out": len(texts) / prepared_s,
        "copying to the card": len(texts) / upload_s,
        "the card": len(texts) / card_s,
        "the card, TFLOP/s": work / card_s / 1e12,
    }


def _starts(texts: Sequence[str]) -> range:
    return range(0, len(texts), pipeline.PART)


def precision_of(way: Any, few: int) -> float:
    """The mean average precision over the demo: all passages on a question's topic are relevant, in any language."""
    folder = assets_folder() / "demo"
    paths = sorted((folder / "passages").glob("*/*.md"))[:few]
    passages = encoded(way, [path.read_text("utf-8").split("\n", 1)[-1].strip() for path in paths])
    topics = np.array([path.stem for path in paths])
    rows = [json.loads(line) for line in (folder / "questions.jsonl").read_text("utf-8").splitlines()]
    asked = [(row["topic"], text) for row in rows for text in row["question"].values()][:few]
    scores = encoded(way, [text for _, text in asked], "query") @ passages.T
    found = []
    for (topic, _), row in zip(asked, scores, strict=True):
        relevant = (topics == topic)[np.argsort(-row, kind="stable")]
        if relevant.any():
            ranks = np.flatnonzero(relevant) + 1
            found.append(float(np.mean(np.arange(1, len(ranks) + 1) / ranks)))
    return float(np.mean(found))


def measure(name: str, count: int, plain_count: int, device: str, few_asked: int) -> dict[str, Any]:
    """All numbers of one run."""
    import torch

    texts = demo_texts(count)
    few = texts[:plain_count]
    with tempfile.TemporaryDirectory() as place:
        started = time.perf_counter()
        all_ways = ways(name, device, Path(place))
        loaded = time.perf_counter() - started
        rows: dict[str, dict[str, Any]] = {}
        truth: Any = None
        for way, encoder in all_ways.items():
            own = few if way.startswith("plain") else texts
            encoded(encoder, own[: max(64, len(own) // 8)])
            seconds, vectors = timed(lambda encoder=encoder, own=own: encoded(encoder, own), device)  # type: ignore[misc]
            vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
            truth = vectors if truth is None else truth
            cosines = (vectors[: len(few)] * truth).sum(1)
            rows[way] = {
                "passages_per_second": len(own) / seconds,
                "cosine_mean": float(cosines.mean()),
                "cosine_min": float(cosines.min()),
                "map": precision_of(encoder, few_asked),
            }
        ours = all_ways["ours auto"]
        alone = stages(ours._runner, texts, ours.prompts["document"], device)
        counted = ours.count_tokens(few)
    for row in rows.values():
        row["ratio"] = row["passages_per_second"] / rows["plain fp32"]["passages_per_second"]
    return {
        "schema": 1,
        "encoder": name,
        "device": torch.cuda.get_device_name() if device.startswith("cuda") else device,
        "cores": os.cpu_count(),
        "torch": torch.__version__,
        "texts": count,
        "plain_texts": len(few),
        "tokens_per_text": float(np.mean(counted)),
        "auto": ours.fingerprint.rsplit("-", 1)[1],
        "attention": ours._runner._network.attention.__name__,
        "loading_s": loaded,
        "ways": rows,
        "stages_alone_passages_per_second": alone,
    }


def table(found: dict[str, Any]) -> str:
    """The numbers as Markdown."""
    lines = [
        f"{found['encoder']} on {found['device']}, {found['cores']} cores, torch {found['torch']}: "
        f"{found['texts']:,} texts of {found['tokens_per_text']:.0f} tokens, {found['plain_texts']:,} of them for the "
        f"plain library; auto is {found['auto']}, attention {found['attention']}.",
        "",
        "| way | passages/s | ratio | cosine mean | cosine min | demo mAP |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {way} | {row['passages_per_second']:,.0f} | {row['ratio']:.2f} | {row['cosine_mean']:.6f} "
        f"| {row['cosine_min']:.6f} | {row['map']:.4f} |"
        for way, row in found["ways"].items()
    ]
    lines += ["", "| stage alone | passages/s |", "|---|---|"]
    lines += [f"| {stage} | {rate:,.1f} |" for stage, rate in found["stages_alone_passages_per_second"].items()]
    return "\n".join(lines)


def main() -> int:
    """Measure and write the table, or JSON, to standard output."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoder", default="base")
    parser.add_argument("--texts", type=int, default=32768)
    parser.add_argument("--plain-texts", type=int, default=4096)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--asked", type=int, default=10_000, help="the most questions and passages of the demo")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    found = measure(chosen.encoder, chosen.texts, chosen.plain_texts, chosen.device, chosen.asked)
    sys.stdout.write((json.dumps(found, indent=2) if chosen.json else table(found)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
