"""How fast a card encodes, feeds and trains: `python tests/benchmarks/card.py [--only auto,plain] [--seconds 5]`.

Each row is printed as soon as it is measured: `--device cuda` in 16 bits and in float32 against plain
`SentenceTransformer.encode` on the same texts and weights (the encoder's own export), in one run; the speed of each
stage alone (tokenising, laying texts out and copying them to the card, the card itself); `index` of a folder from
reading to vectors; and training updates a second of 64 pairs, with distillation and siblings. Vectors are compared with
those of the plain library in float32, and so is the mean average precision over demo questions against demo passages.
Texts are beginnings of the demo passages, 110 tokens in the mean. Each way runs for `--seconds`; a way that cannot run
here says why.

    python tests/benchmarks/card.py                 # about a minute on a card
    python tests/benchmarks/card.py --only auto,stages,train --seconds 10 --json
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from hybrid_search.engine import encoders
from hybrid_search.engine.encoders import registry, source
from hybrid_search.engine.encoders.devices import DeviceEncoder, bert, foreign, pipeline
from hybrid_search.engine.encoders.devices import load as load_on_device
from hybrid_search.engine.paths import assets_folder

# In this order; the ways that need no other library come first.
WAYS = ("auto", "stages", "plain", "fp32", "bf16", "any", "plain-bf16", "index", "train")
SAID = {
    "auto": "ours, auto",
    "fp32": "ours, fp32",
    "bf16": "ours, bf16",
    "plain": "plain library, fp32",
    "plain-bf16": "plain library, bf16",
    "any": "ours for any model, bf16",
}
# Texts of the first pass, from whose speed the number of texts for `--seconds` follows.
FIRST = 512


def demo_texts(count: int) -> list[str]:
    """Beginnings of demo passages of 60 to 600 characters, in every language, always the same ones."""
    rng = np.random.default_rng(0)
    paths = sorted((assets_folder() / "demo" / "passages").glob("*/*.md"))
    texts = [path.read_text("utf-8").split("\n", 1)[-1].strip() for path in paths]
    return [texts[index][: rng.integers(60, 600)] for index in rng.integers(len(texts), size=count)]


class Card:
    """The encoders to measure on a device, each loaded on first use."""

    def __init__(self, chosen: argparse.Namespace, place: Path) -> None:
        self.chosen = chosen
        self.device: str = chosen.device
        self._place = place
        self.texts = demo_texts(chosen.texts)
        self.found = source.read(registry.resolve(chosen.encoder).path or Path(chosen.encoder), registry._base_folder)
        assert self.found is not None
        self.vectors: dict[str, Any] = {}
        self.rates: dict[str, float] = {}

    def ours(self, precision: str) -> DeviceEncoder:
        """Our encoder in a precision."""
        return load_on_device(self.chosen.encoder, None, self.found, device=self.device, precision=precision)

    @cached_property
    def auto(self) -> DeviceEncoder:
        """Our encoder in the precision that it chooses."""
        # On a processor, 16 bits would take minutes.
        return self.ours("auto" if self.device != "cpu" else "fp32")

    @cached_property
    def plain(self) -> Any:
        """The plain library with the same weights."""
        from sentence_transformers import SentenceTransformer

        return SentenceTransformer(
            str(encoders.export(self.chosen.encoder, self._place / "export")), device=self.device
        )

    def way(self, name: str) -> Any:
        """An object with encode_query and encode_document."""
        import torch

        if name == "auto":
            return self.auto
        if name == "plain":
            return self.plain
        if name == "any":
            # The same weights, run like a model of an unknown network.
            runner = foreign.ForeignRunner(self.plain, torch.bfloat16)
            facts = (self.auto.dimension, self.auto.max_tokens, self._place)
            return DeviceEncoder("any", runner, dict(self.plain.prompts), "any-bf16.", *facts)
        if name == "plain-bf16":
            return self.plain.to(torch.bfloat16)
        return self.ours(name)


def encoded(way: Any, texts: Sequence[str], kind: str = "document") -> Any:
    """The vectors of a way, float32, of length 1."""
    encode = way.encode_document if kind == "document" else way.encode_query
    options = {"convert_to_tensor": True, "show_progress_bar": False} if hasattr(way, "encode") else {}
    found = encode(list(texts), **options)
    vectors = np.asarray(found.float().cpu() if options else found, dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def seconds_of(work: Callable[[], Any], device: str) -> tuple[float, Any]:
    """Seconds that work takes until the device has finished it, and its result."""
    import torch

    start = time.perf_counter()
    found = work()
    if device.startswith("cuda"):
        torch.cuda.synchronize()
    return time.perf_counter() - start, found


def encoding(card: Card, name: str) -> dict[str, Any]:
    """Passages a second of a way, and how close its vectors are to the plain library's."""
    way, texts, device = card.way(name), card.texts, card.device
    first = texts[:FIRST]
    encoded(way, first[:64])
    taken, vectors = seconds_of(lambda: encoded(way, first), device)
    count = min(len(texts), int(len(first) / taken * card.chosen.seconds))
    if count > 2 * len(first):
        # A first run with a third of the texts, which suffices to prepare kernels and memory.
        encoded(way, texts[: count // 3])
        taken, _ = seconds_of(lambda: encoded(way, texts[:count]), device)
    else:
        count = len(first)
    card.vectors[name], card.rates[name] = vectors, count / taken
    row: dict[str, Any] = {"passages_per_second": count / taken, "texts": count, "map": precision_of(way, card.chosen)}
    return row | compared(card, name)


def compared(card: Card, name: str) -> dict[str, float]:
    """A way compared with the plain library, if that is measured already."""
    if "plain" not in card.vectors:
        return {}
    cosines = (card.vectors[name] * card.vectors["plain"]).sum(1)
    ratio = card.rates[name] / card.rates["plain"]
    return {"ratio": ratio, "cosine_mean": float(cosines.mean()), "cosine_min": float(cosines.min())}


def precision_of(way: Any, chosen: argparse.Namespace) -> float:
    """The mean average precision over the demo: all passages on a question's topic are relevant, in any language."""
    folder = assets_folder() / "demo"
    paths = sorted((folder / "passages").glob("*/*.md"), key=lambda path: path.stem)[: chosen.asked]
    passages = encoded(way, [path.read_text("utf-8").split("\n", 1)[-1].strip() for path in paths])
    topics = np.array([path.stem for path in paths])
    rows = [json.loads(line) for line in (folder / "questions.jsonl").read_text("utf-8").splitlines()]
    asked = [(row["topic"], text) for row in rows for text in row["question"].values() if row["topic"] in topics]
    asked = asked[: chosen.asked]
    scores = encoded(way, [text for _, text in asked], "query") @ passages.T
    found = []
    for (topic, _), row in zip(asked, scores, strict=True):
        ranks = np.flatnonzero((topics == topic)[np.argsort(-row, kind="stable")]) + 1
        found.append(float(np.mean(np.arange(1, len(ranks) + 1) / ranks)))
    return float(np.mean(found))


def stages(card: Card, _: str) -> dict[str, Any]:
    """Passages a second of each stage alone, and the card's arithmetic."""
    runner, prompt, device = card.auto._runner, card.auto.prompts["document"], card.device
    assert isinstance(runner, bert.BertRunner)
    texts = card.texts[: 4 * pipeline.PART]
    starts = range(0, len(texts), pipeline.PART)
    ids_s, _ids = seconds_of(
        lambda: [runner._tokens.encode(texts[start : start + pipeline.PART], prompt) for start in starts], device
    )
    prepared_s, parts = seconds_of(
        lambda: [runner.prepare(texts[start : start + pipeline.PART], prompt) for start in starts], device
    )
    layouts = [layout for part in parts for _, layout in part]
    upload_s, there = seconds_of(
        lambda: [layout.moved(lambda part: pipeline.moved(part, runner.device)) for layout in layouts], device
    )
    seconds_of(lambda: runner._network(there[0]), device)
    card_s, _done = seconds_of(lambda: [runner._network(layout) for layout in there], device)
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
        "attention": runner._network.attention.__name__,
        "tokens a text": float(np.mean(card.auto.count_tokens(texts))),
    }


def index(card: Card, _: str) -> dict[str, Any]:
    """A folder from its files to vectors: passages a second in all, and of the stages before encoding."""
    import feeding
    from hybrid_search.engine.library import Library

    with tempfile.TemporaryDirectory() as room:
        folder = Path(room) / "pages"
        folder.mkdir()
        feeding.pages(folder, card.chosen.documents)
        read: list[float] = []
        began = time.perf_counter()
        with Library.open(Path(room) / "library", create=True) as library:
            report = library.index(
                [folder],
                encoders=[card.auto],
                progress=lambda event: read.append(time.perf_counter()) if event.stage == "reading" else None,
            )
        seconds, fed = time.perf_counter() - began, read[-1] - began
    return {
        "passages": report.passages,
        "passages_per_second": report.passages / seconds,
        "fed a second": report.passages / fed,
        "encoded a second": report.passages / max(1e-9, seconds - fed),
    }


def train(card: Card, _: str) -> dict[str, Any]:
    """Updates a second."""
    import training

    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    return training.pace(card.chosen.encoder, card.device, card.chosen.pairs, card.chosen.seconds)


MEASURES: dict[str, Callable[[Card, str], dict[str, Any]]] = {"stages": stages, "index": index, "train": train}


def said(name: str, row: dict[str, Any], taken: float) -> str:
    """A row in words."""
    parts = [
        f"{key.replace('_', ' ')} {value:,.6f}"
        if key.startswith("cosine") or key == "map"
        else f"{key.replace('_', ' ')} {value:,.2f}".removesuffix(".00")
        if isinstance(value, int | float)
        else f"{key.replace('_', ' ')} {value}"
        for key, value in row.items()
    ]
    return f"{SAID.get(name, name)}: {', '.join(parts)} [{taken:.1f} s with loading]"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; print a line for each way as soon as it is measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoder", default="base")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--only", default=",".join(WAYS), help=f"some of {', '.join(WAYS)}")
    parser.add_argument("--seconds", type=float, default=3.0, help="of each way")
    parser.add_argument("--texts", type=int, default=32_768, help="the most that are encoded")
    parser.add_argument("--asked", type=int, default=700, help="the most questions and passages of the demo")
    parser.add_argument("--documents", type=int, default=1500, help="of index")
    parser.add_argument("--pairs", type=int, default=64, help="of an update")
    parser.add_argument("--json", action="store_true", help="a JSON object a line")
    chosen = parser.parse_args(arguments)
    wanted = chosen.only.split(",")
    if unknown := set(wanted) - set(WAYS):
        parser.error(f"--only knows {', '.join(WAYS)}, not {', '.join(sorted(unknown))}")

    def say(name: str, row: dict[str, Any], taken: float) -> None:
        line = json.dumps({"way": name, **row, "seconds": taken}) if chosen.json else said(name, row, taken)
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as place:
        import torch

        name = torch.cuda.get_device_name() if chosen.device.startswith("cuda") else chosen.device
        say("machine", {"device": name, "cores": os.cpu_count(), "torch": torch.__version__}, 0)
        card = Card(chosen, Path(place))
        for each in (way for way in WAYS if way in wanted):
            start = time.perf_counter()
            try:
                row = MEASURES.get(each, encoding)(card, each)
            except (ImportError, RuntimeError, ValueError, OSError) as error:
                row = {"not measured": f"{type(error).__name__}: {error}"}
            say(each, row, time.perf_counter() - start)
        if "auto" in card.rates and "plain" in card.rates:
            say("auto against plain", compared(card, "auto"), 0)
    say("all", {}, time.perf_counter() - began)
    return 0


if __name__ == "__main__":
    sys.exit(main())
