"""A dozen fixed kills lose, double and leave nothing, and work that does is found."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="SIGKILL and fork are POSIX"),
]


@pytest.mark.parametrize(("work", "kills"), [("export", 8), ("index", 2), ("check", 2)])
def test_the_next_act_makes_all_well(work: str, kills: int):
    ended = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.kills", "--of", work, "--kills", str(kills), "--seed", "0"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-3000:]
    assert f"{work}: {kills} kills" in ended.stdout


SCRIPT = """
import sys
from pathlib import Path
from tests.fuzz import kills

class Forgetful:
    modules = ()
    def __init__(self, root):
        self.root = root
    def prepare(self):
        pass
    def scene(self, chance):
        (self.root / "text").write_text("whole")
    def act(self):
        (self.root / "text").write_text("")
        for number in range(50):
            with (self.root / "text").open("a") as file:
                file.write("wh" if number == 0 else "ole" if number == 49 else "")
    def verify(self):
        assert (self.root / "text").read_text() == "whole", "text is lost"

kills.WORKS["forgetful"] = Forgetful
root = Path(sys.argv[1]) / "work"
root.mkdir()
print(kills.loop("forgetful", 20, 1, root).failures)
"""


def test_work_that_a_kill_spoils_is_found(tmp_path: Path):
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, timeout=900
    )
    assert ended.returncode == 0, ended.stderr
    assert "text is lost" in ended.stdout and "--of forgetful --seed 1" in ended.stdout
