"""Copy a trained trio into the program: `python tests/making/trio.py PREFIX FIGURES`, for PREFIX-mono, -cross, -hybrid.

FIGURES is a file with the output of `hybrid-search validate base PREFIX-mono PREFIX-cross PREFIX-hybrid --json`, whose
table goes into each model card. Paths below the folder in HYBRID_SEARCH_DATA are written with the variable's name, as
in recipes. Run `python tests/making/demo.py` afterwards: the demo's vectors are those of the bundled encoders.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hybrid_search.engine.encoders import registry
from hybrid_search.engine.paths import assets_folder
from hybrid_search.train.measure import registry as measures
from hybrid_search.train.settings import SAMPLINGS
from hybrid_search.train.suite import SHOWN

TEXTS = ("README.md", "run.json", "encoder.json")


def take(source: Path, target: Path, data: str) -> None:
    """Copy one encoder, under the name of its folder.

    Args:
        source: the trained encoder's folder.
        target: the folder in the program, whose content is replaced.
        data: the folder with the training data, "" for none.
    """
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for path in sorted(source.iterdir()):
        if path.name not in TEXTS:
            shutil.copyfile(path, target / path.name)
            continue
        text = path.read_text("utf-8").replace(source.name, target.name)
        if data:
            text = text.replace(data.rstrip("/"), "${HYBRID_SEARCH_DATA}")
        (target / path.name).write_text(text, "utf-8")


def table(figures: dict[str, Any], prefix: str) -> Iterator[str]:
    """The lines of a card's section on validation: every encoder, part and measure, under the bundled names."""
    shown = [measures.named(key) for key in SHOWN]
    yield from ("", "## Validation", "")
    yield "Rows that training keeps out, measured as shipped; `number` is the mean over the parts that count:"
    yield from ("", "    HYBRID_SEARCH_DATA=DIR hybrid-search validate base mono cross hybrid", "")
    yield f"| part | encoder | {' | '.join(measure.heading for measure in shown)} |"
    yield f"|---|---|{'---|' * len(shown)}"
    found = [(each["encoder"].removeprefix(f"{prefix}-"), each) for each in figures["encoders"]]
    for name, each in found:
        yield f"| number | {name} | {each['number']:.4f} |{' |' * (len(shown) - 1)}"
    for part in figures["parts"]:
        for name, each in found:
            cells = (measure.text(each["parts"][part].get(measure.key)) for measure in shown)
            yield f"| {part} | {name} | {' | '.join(cells)} |"


def main(prefix: str, measured: Path) -> None:
    """Copy the three encoders whose names begin with a prefix, with a file of their figures."""
    figures = json.loads(measured.read_text("utf-8"))
    for sampling in SAMPLINGS:
        found = registry.resolve(f"{prefix}-{sampling}").path
        assert found is not None, "an encoder that was trained has a folder"
        target = assets_folder() / "encoders" / sampling
        take(found, target, os.environ.get("HYBRID_SEARCH_DATA", ""))
        with (target / "README.md").open("a", encoding="utf-8") as card:
            card.write("\n".join([*table(figures, prefix), ""]))
        sys.stderr.write(f"{target}\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
