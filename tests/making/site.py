"""Render the pages of `assets/docs` to a static site: `python tests/making/site.py [FOLDER]` (default: `build/site`).

It needs the extra `docs`. Nothing is fetched; open `index.html`.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def build(target: Path) -> int:
    """Write the site to a folder, replacing its content; returns the exit code of zensical."""
    with tempfile.TemporaryDirectory() as scratch:
        # zensical writes only within the folder of its settings, and the installation must not contain a site.
        place = Path(scratch)
        shutil.copytree(ROOT / "assets" / "docs", place / "docs")
        shutil.copyfile(ROOT / "tests" / "making" / "site.yml", place / "site.yml")
        done = subprocess.run([sys.executable, "-m", "zensical", "build", "--strict", "-f", "site.yml"], cwd=place)
        if done.returncode == 0:
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(place / "site", target)
            print(f"wrote {target}")
    return done.returncode


if __name__ == "__main__":
    sys.exit(build(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "site"))
