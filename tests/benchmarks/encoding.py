"""How fast texts become vectors: `python tests/benchmarks/encoding.py [--encoder base] [--texts 256] [--json]`.

The light path in fp32, int8 and (by OpenVINO, where the processor can) bf16 against plain `SentenceTransformer.encode`
on the same texts and weights (the encoder's own export), in turns within one run, best of the rounds. Throughput is
also given as a share of what the processor reaches in a plain float32 matrix product, which int8 may exceed. The texts
are beginnings of the demo passages, of many lengths. The loss by int8 is given here as cosine; `hybrid-search evaluate
--encoder NAME --precision int8` gives it in mAP.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from hybrid_search.engine import encoders
from hybrid_search.engine.encoders.graphs import bfloat
from hybrid_search.engine.encoders.light import LightEncoder
from hybrid_search.engine.paths import assets_folder

QUERY = "How long does bread have to rise before it is baked?"


def demo_texts(count: int) -> list[str]:
    """Beginnings of demo passages of 60 to 600 characters, in every language, always the same ones."""
    rng = np.random.default_rng(0)
    paths = sorted((assets_folder() / "demo" / "passages").glob("*/*.md"))
    texts = [path.read_text("utf-8").split("\n", 1)[-1].strip() for path in paths]
    return [texts[index][: rng.integers(60, 600)] for index in rng.integers(len(texts), size=count)]


def flops(encoder: LightEncoder, lengths: Sequence[int]) -> float:
    """Multiplications and additions of the layers for texts of these lengths, without padding."""
    shape = encoder.source.architecture
    weights = 4 * shape.hidden**2 + 2 * shape.hidden * shape.inner
    return float(sum(shape.layers * (2 * n * weights + 4 * n * n * shape.hidden) for n in lengths))


def peak(threads: int) -> float:
    """Float32 operations a second of a matrix product of the sizes that encoding has, the best of several."""
    import torch

    torch.set_num_threads(threads)
    a, b = torch.randn(4096, 1536), torch.randn(1536, 1536)
    return 2 * 4096 * 1536 * 1536 / best(lambda: a @ b, 8)


def best(work: Callable[[], Any], rounds: int) -> float:
    """Seconds of the fastest of several rounds."""
    return min(timed(work) for _ in range(rounds))


def timed(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def measure(name: str, count: int, threads: int, rounds: int) -> dict[str, Any]:
    """All numbers of one run."""
    texts = demo_texts(count)
    kinds: tuple[Literal["fp32", "int8", "bf16"], ...] = (
        ("fp32", "int8", "bf16") if bfloat.available() else ("fp32", "int8")
    )
    light = {kind: encoders.load(name, precision=kind, threads=threads) for kind in kinds}
    assert all(isinstance(encoder, LightEncoder) for encoder in light.values())
    lengths = [min(n, light["fp32"].max_tokens) for n in light["fp32"].count_tokens(texts)]
    with tempfile.TemporaryDirectory() as place:
        folder = encoders.export(name, Path(place) / "export")
        import torch
        from sentence_transformers import SentenceTransformer

        torch.set_num_threads(threads)
        plain = SentenceTransformer(str(folder), device="cpu")
    ways: dict[str, Callable[[Sequence[str]], Any]] = {
        "sentence-transformers": lambda batch: plain.encode_document(list(batch), show_progress_bar=False),
        **{f"light {kind}": encoder.encode_document for kind, encoder in light.items()},
    }
    vectors = {way: np.asarray(encode(texts)) for way, encode in ways.items()}
    seconds = dict.fromkeys(ways, float("inf"))
    answer = dict.fromkeys(ways, float("inf"))
    for _ in range(rounds):
        for way, encode in ways.items():
            seconds[way] = min(seconds[way], timed(lambda encode=encode: encode(texts)))  # type: ignore[misc]
            answer[way] = min(answer[way], best(lambda encode=encode: encode([QUERY]), 5))  # type: ignore[misc]
    top, work, first = peak(threads), flops(light["fp32"], lengths), vectors["sentence-transformers"]
    return {
        "schema": 1,
        "encoder": name,
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
        "threads": threads,
        "texts": count,
        "tokens_per_text": sum(lengths) / count,
        "peak_gflops": top / 1e9,
        "ways": {
            way: {
                "passages_per_second": count / seconds[way],
                "ratio": seconds["sentence-transformers"] / seconds[way],
                "share_of_peak": work / seconds[way] / top,
                "query_ms": 1000 * answer[way],
                "cosine_mean": float((vectors[way] * first).sum(1).mean()),
                "cosine_min": float((vectors[way] * first).sum(1).min()),
            }
            for way in ways
        },
    }


def table(found: dict[str, Any]) -> str:
    """The numbers as a Markdown table."""
    lines = [
        f"{found['encoder']}: {found['texts']} texts of {found['tokens_per_text']:.0f} tokens, "
        f"{found['threads']} threads, "
        f"{found['machine']}, peak {found['peak_gflops']:.0f} GFLOP/s in float32",
        "",
        "| way | passages/s | ratio | share of peak | one query, ms | cosine mean | cosine min |",
        "|---|---|---|---|---|---|---|",
    ]
    for way, row in found["ways"].items():
        lines.append(
            f"| {way} | {row['passages_per_second']:.1f} | {row['ratio']:.2f} | {row['share_of_peak']:.0%} "
            f"| {row['query_ms']:.1f} | {row['cosine_mean']:.4f} | {row['cosine_min']:.4f} |"
        )
    return "\n".join(lines)


def main() -> int:
    """Measure and write the table, or JSON, to standard output."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoder", default="base")
    parser.add_argument("--texts", type=int, default=256)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    found = measure(chosen.encoder, chosen.texts, chosen.threads, chosen.rounds)
    sys.stdout.write((json.dumps(found, indent=2) if chosen.json else table(found)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
