"""Take a trained trio into the program: `python tests/making/trio.py PREFIX`, for PREFIX-mono, -cross and -hybrid.

Paths below the folder that HYBRID_SEARCH_DATA names are written with the variable's name, as recipes have them. Run
`python tests/making/demo.py` afterwards: the demo's vectors are those of the bundled encoders.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from hybrid_search.engine.encoders import registry
from hybrid_search.engine.paths import assets_folder
from hybrid_search.train.settings import SAMPLINGS

TEXTS = ("README.md", "run.json", "encoder.json")


def take(source: Path, target: Path, data: str) -> None:
    """Copy one encoder, under the name of its folder.

    Args:
        source: the trained encoder's folder.
        target: the folder in the program; what is in it is replaced.
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


def main(prefix: str) -> None:
    """Take the three encoders whose names begin with a prefix."""
    for sampling in SAMPLINGS:
        found = registry.resolve(f"{prefix}-{sampling}").path
        assert found is not None, "an encoder that was trained has a folder"
        target = assets_folder() / "encoders" / sampling
        take(found, target, os.environ.get("HYBRID_SEARCH_DATA", ""))
        sys.stderr.write(f"{target}\n")


if __name__ == "__main__":
    main(sys.argv[1])
