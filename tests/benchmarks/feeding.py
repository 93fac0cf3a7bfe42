"""How fast passages are ready to encode: `python tests/benchmarks/feeding.py [--documents 10000] [--helped] [...]`.

A folder of pages in five languages is indexed with an encoder that takes no time. Every page has the same menu and
notice, and a fifth of the pages are there a second time with other spaces and quotation marks. Printed are: the seconds
until search by words finds something and everything, and those of indexing in all; the passages a second that reading,
cutting, identifying languages and SQLite deliver, for which a card of 15,000 a second has to wait; and the number of
texts and characters to encode, against the same with `--boilerplate` and with similar texts encoded one by one.
Processor time, which other work on the machine changes least, is given for the process that indexes and for all others.
With `--helped` the others finish every passage, as they do with enough cores; the first process's time is then what
cannot be shared. Tokens are estimated; with `--tokens` the tokenizer of the bundled encoders counts them, in the
processes that read and, to compare, in the first process.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from hybrid_search.engine.encoders import Counter, Vectors
from hybrid_search.engine.ingest.finishing_pool import FinishingPool
from hybrid_search.engine.library import Library
from hybrid_search.engine.paths import assets_folder
from hybrid_search.engine.progress import IndexProgress

LANGUAGES = ("en", "de", "fr", "ru", "ja")


class Counting:
    """An encoder that takes no time, and counts the texts it gets."""

    name = fingerprint = "counting"
    dimension, max_tokens = 384, 512

    def __init__(self, counter: Counter, *, here: bool = False) -> None:
        self.counter = None if here else counter
        self.count_tokens = counter.counts
        self.texts = self.characters = 0

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        """The same unit vector for each."""
        return np.full((len(texts), 384), 384**-0.5, dtype=np.float32)

    def encode_document(self, texts: Sequence[str], progress: Any = None) -> Vectors:
        """The same, with the texts counted."""
        self.texts += len(texts)
        self.characters += sum(map(len, texts))
        return self.encode_query(texts)


def pages(folder: Path, number: int) -> None:
    """Write so many pages, made of sentences of the demo."""
    chance = random.Random(1)
    demo = assets_folder() / "demo" / "passages"
    sentences = {
        code: [
            part.strip()
            for path in sorted((demo / code).glob("*.md"))
            for part in path.read_text("utf-8")
            .split("\n", 1)[-1]
            .replace("。", "。\n")
            .replace(". ", ".\n")
            .split("\n")
            if part.strip()
        ]
        for code in LANGUAGES
    }
    own = ""
    for count in range(number):
        place = folder / f"{count // 500:03}"
        place.mkdir(exist_ok=True)
        if count % 5 == 4:
            # The page before, as if another program had saved it.
            own = own.replace(" ", "  ").replace("'", "’")
        else:
            own = " ".join(chance.choices(sentences[LANGUAGES[count % 5]], k=chance.randint(4, 12)))
        rights = f"All rights are with the bakers, page {count} of {number}."
        (place / f"{count}.txt").write_text(f"Home, bread, water and moon: all pages\n\n{own}\n\n{rights}\n", "utf-8")


def indexed(
    folder: Path, place: Path, encoder: Counting, *, boilerplate: bool = False, asked: bool = False
) -> dict[str, float]:
    """Index with an encoder that takes no time; with `asked`, record when search by words first finds something."""
    times: dict[str, float] = {}
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            try:
                with Library.open(place, readonly=True) as library:
                    found = sum(library.languages().values())
                    if found and library.search("bread water", encoder="bm25", k=3).hits:
                        times.setdefault("first", time.perf_counter())
            except Exception:
                pass
            over.wait(0.2)
            times["looking"] = time.thread_time()

    watch = threading.Thread(target=look)
    others = _of_others()
    began = time.perf_counter()
    if asked:
        watch.start()
    with Library.open(place, create=True) as library:
        read: list[tuple[float, float, float]] = []

        def note(event: IndexProgress) -> None:
            """The time, the processor time without the thread that looks, and the share of the files that is read."""
            if event.stage == "reading":
                own = time.process_time() - times.get("looking", 0.0)
                read.append((time.perf_counter(), own - begun, event.done / event.total))

        begun = time.process_time()
        report = library.index(
            [folder],
            encoders=[encoder],
            boilerplate=boilerplate,
            progress=note,
        )
    over.set()
    if asked:
        watch.join()
    fed = read[-1][0] - began
    return {
        "passages": report.passages,
        "texts encoded": encoder.texts,
        "characters encoded": encoder.characters,
        "seconds": report.seconds,
        "seconds until words find something": times.get("first", time.perf_counter()) - began,
        "seconds until words find everything": fed,
        "passages fed a second": report.passages / fed,
        "processor ms a passage": 1000 * read[-1][1] / report.passages,
        "once all processes run": _pace(read, report.passages),
        "of other processes": 1000 * (_of_others() - others) / report.passages,
    }


def _pace(read: list[tuple[float, float, float]], passages: int) -> float:
    """Processor ms a passage in the second half, when every process has loaded what it needs."""
    _, began, share = next(each for each in read if each[2] >= 0.5)
    return 1000 * (read[-1][1] - began) / (passages * (1 - share))


def _of_others() -> float:
    """Processor seconds of the processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _awaited(pool: FinishingPool, chunk: Any) -> list[Any]:
    """The result of `FinishingPool.made`, computed by other processes once they run."""
    if pool.running:
        chunk.over.wait()
    return made(pool, chunk)


made = FinishingPool.made


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--helped", action="store_true")
    parser.add_argument("--tokens", action="store_true")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    if chosen.helped:
        FinishingPool.made = _awaited
    with tempfile.TemporaryDirectory() as room:
        folder = Path(room) / "pages"
        folder.mkdir()
        pages(folder, chosen.documents)
        counter = Counter(str(assets_folder() / "base"), "passage: ") if chosen.tokens else Counter("", "")
        # Loading it is not what is compared.
        counter.counts([""])
        first = indexed(folder, Path(room) / "library", Counting(counter), asked=True)
        other = indexed(folder, Path(room) / "here", Counting(counter, here=True))
        whole = indexed(folder, Path(room) / "whole", Counting(counter), boilerplate=True)
    found = {
        "documents": chosen.documents,
        **first,
        "processor ms a passage, of that with tokens counted in the first process": (
            first["once all processes run"] / other["once all processes run"]
        ),
        "texts, of those with boilerplate": first["texts encoded"] / whole["texts encoded"],
        "texts, of all passages": first["texts encoded"] / first["passages"],
        "characters, of those with boilerplate": first["characters encoded"] / whole["characters encoded"],
        "share of the card's 15,000 a second that is fed": first["passages fed a second"] / 15_000,
    }
    if chosen.json:
        print(json.dumps(found, indent=2))
        return
    for name, value in found.items():
        print(f"{name}: {value:,.2f}".removesuffix(".00"))


if __name__ == "__main__":
    main()
