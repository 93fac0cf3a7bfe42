"""How cost grows with a library: `python tests/benchmarks/growth.py --out DIR [--searching FILE] [--sizes 1000,10000]`.

Writes four SVGs: milliseconds of a query, bytes, seconds to store and to build indexes (all from searching.py, whose
`--json` lines FILE holds, or measured now), and seconds to index folders with an encoder that takes no time, new and
again unchanged, which needs no encoding. Straight lines on these axes are powers of the size; their exponent is given.
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
import time
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import searching
from hybrid_search.engine.encoders.protocol import Vectors
from hybrid_search.engine.library.library import Library

Curve = list[tuple[float, float]]
COLOURS = ("#1d5fa8", "#d1662a", "#2f8f5b", "#8a4fae", "#a98a17")
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 420, 76, 190, 56, 56
INK, SOFT, GRID = "#1b2230", "#5a6475", "#dfe3ea"
WORDS = ("water", "fire", "bread", "moon", "tree", "house", "river", "stone", "light", "cloud", "winter", "summer")


class Free:
    """An encoder that draws vectors, whatever the texts are."""

    name = fingerprint = "free"
    dimension = searching.DIMENSION
    max_tokens = 512

    def encode_document(self, texts: Sequence[str], progress: Any = None) -> Vectors:
        """One drawn vector for each text."""
        return searching.drawn(len(texts), len(texts))

    encode_query = encode_document

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Two more than the number of words."""
        return [2 + len(text.split()) for text in texts]


def written(folder: Path, passages: int) -> None:
    """Write files of ten paragraphs of a hundred and twenty words; a paragraph is about a passage."""
    chance = np.random.default_rng(passages)
    for number in range(passages // 10):
        paragraphs = [" ".join(chance.choice(WORDS, 120)).capitalize() + f" {number}." for _ in range(10)]
        place = folder / f"{number // 500:03}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{number:06}.txt").write_text("\n\n".join(paragraphs), "utf-8")


def folder_times(passages: int) -> dict[str, float]:
    """Seconds of indexing a new folder, and the same folder again."""
    with tempfile.TemporaryDirectory() as work:
        written(Path(work) / "texts", passages)
        with Library.open(Path(work) / "library", create=True) as library:
            new = library.index([Path(work) / "texts"], encoders=[Free()])
            began = time.perf_counter()
            again = library.index([Path(work) / "texts"], encoders=[Free()])
            assert not again.changes
            return {
                "passages": new.passages,
                "new": new.seconds,
                "unchanged": time.perf_counter() - began,
            }


def curves(searched: Sequence[Mapping[str, Any]], indexed: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    """The pictures: title, label of the vertical axis, and a curve for each name."""

    def of(name: str, value: Any) -> tuple[str, Curve]:
        return name, [(each["passages"], value(each)) for each in searched]

    ways = ("exact in memory", "exact from disk", "index", "index, one language", "words")
    asked = dict(
        of(way, lambda each, way=way: each[way]["p50"] / (1 if way == "words" else each["encoders"])) for way in ways
    )
    room = dict(
        [
            of("database, one encoder", lambda each: disk(each) * each["passages"] / 1e6),
            of("index file", lambda each: each["index bytes a vector"] * each["passages"] / 1e6),
            of("memory, exact", lambda each: each["memory bytes a vector, exact"] * each["passages"] / 1e6),
            of("memory, index", lambda each: each["memory bytes a vector, index"] * each["passages"] / 1e6),
        ]
    )
    made = dict(
        [
            of("storing", lambda each: each["passages"] / each["stored_per_second"]),
            of("index of one encoder", lambda each: each["passages"] / each["index built per second"]),
        ]
    )
    folders = {name: [(each["passages"], each[name]) for each in indexed] for name in ("new", "unchanged") if indexed}
    return {
        "asking": ("One ranking, p50", "milliseconds", asked),
        "room": ("Room", "megabytes", room),
        "building": ("Building", "seconds", made),
        "folders": ("Indexing a folder, encoding not counted", "seconds", folders),
    }


def disk(each: Mapping[str, Any]) -> float:
    """Bytes a passage of a database with one encoder: the other encoders' vectors are subtracted."""
    return float(each["database bytes a passage"]) - (each["encoders"] - 1) * 4 * searching.DIMENSION


def exponent(curve: Curve) -> float:
    """The slope of the last two points on logarithmic axes: 1 is linear growth."""
    (low, before), (high, after) = curve[-2:]
    return math.log(after / before) / math.log(high / low)


def picture(title: str, axis: str, named: Mapping[str, Curve]) -> str:
    """Curves on logarithmic axes, as SVG."""
    points = [point for curve in named.values() for point in curve]
    across, up = decades([x for x, _ in points]), decades([y for _, y in points])

    def place(x: float, y: float) -> tuple[float, float]:
        return (
            LEFT + (WIDTH - LEFT - RIGHT) * (math.log10(x) - across[0]) / (across[-1] - across[0]),
            HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (math.log10(y) - up[0]) / (up[-1] - up[0]),
        )

    parts = [words(20, 30, title, size=16)]
    for decade in across:
        x, _ = place(10.0**decade, 10.0 ** up[0])
        parts += [line(x, TOP, x, HEIGHT - BOTTOM), words(x, HEIGHT - BOTTOM + 18, f"{10**decade:,}", anchor="middle")]
    for decade in up:
        _, y = place(10.0 ** across[0], 10.0**decade)
        parts += [line(LEFT, y, WIDTH - RIGHT, y), words(LEFT - 8, y + 4, f"{10.0**decade:,.10g}", anchor="end")]
    parts.append(words((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14, "passages", anchor="middle"))
    parts.append(words(20, 48, axis))
    for number, (name, curve) in enumerate(named.items()):
        colour, places = COLOURS[number % len(COLOURS)], [place(x, y) for x, y in curve]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2.2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in places]
        power = f" (~n^{exponent(curve):.1f})" if len(curve) > 1 else ""
        parts.append(words(WIDTH - RIGHT + 14, TOP + 16 + 22 * number, name + power, fill=colour))
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        f'role="img" aria-label="{escape(title)}">\n<rect width="100%" height="100%" fill="#ffffff"/>\n{body}\n</svg>\n'
    )


def decades(values: Sequence[float]) -> list[int]:
    """The powers of ten that enclose the values."""
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return list(range(low, max(high, low + 1) + 1))


def words(x: float, y: float, text: str, *, size: int = 12, anchor: str = "start", fill: str = SOFT) -> str:
    """A line of text."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{fill}" text-anchor="{anchor}">{escape(text)}</text>'
    )


def line(x: float, y: float, to_x: float, to_y: float) -> str:
    """A line of the grid."""
    return f'<path d="M{x:.1f} {y:.1f}L{to_x:.1f} {to_y:.1f}" stroke="{GRID}"/>'


def main() -> None:
    """Measure what FILE does not have, and draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--searching", type=Path, metavar="FILE", help="what searching.py --json printed")
    parser.add_argument(
        "--sizes", default="1000,10000", help="of the folders, and of libraries where FILE is not given"
    )
    options = parser.parse_args()
    sizes = [int(size) for size in options.sizes.split(",")]
    if options.searching is not None:
        lines = [json.loads(text) for text in options.searching.read_text("utf-8").splitlines()]
        searched = [each for each in lines if "passages" in each]
    else:
        searched = [searching.measure(size, 20, searching.NAMES) for size in sizes]
    indexed = [folder_times(size) for size in sizes]
    for each in indexed:
        print(
            f"{each['passages']:>9,.0f} passages: new {each['passages'] / each['new']:,.0f}/s, "
            f"unchanged {each['passages'] / each['unchanged']:,.0f}/s"
        )
    options.out.mkdir(parents=True, exist_ok=True)
    for name, (title, axis, named) in curves(searched, indexed).items():
        (options.out / f"{name}.svg").write_text(picture(title, axis, named), "utf-8")
        print(options.out / f"{name}.svg")


if __name__ == "__main__":
    main()
