"""A few fixed inputs of every target find nothing, and the faults of a faulty target are found."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and timers of POSIX"),
]
# Without `checkpoints`, which trains: only the command runs it.
FEW = {"documents": 120, "libraries": 12, "encoders": 8, "queries": 25, "settings": 150, "benchmarks": 60}


def started(script: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *script],
        cwd=ROOT,
        env={**os.environ, "FUZZ_FINDINGS": str(folder)},
        capture_output=True,
        text=True,
        timeout=900,
    )


@pytest.mark.parametrize("target", FEW)
def test_fixed_inputs_find_nothing(target: str, tmp_path: Path):
    script = ["-m", "tests.fuzz", "--target", target, "--seed", "0", "--inputs", str(FEW[target]), "--minutes", "9"]
    ended = started(script, tmp_path)
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-3000:]
    assert f"{target}: {FEW[target]} inputs" in ended.stdout


SCRIPT = """
import json, sys
from pathlib import Path
from tests.fuzz.running import run

result = run("faulty", 1, Path(sys.argv[1]), inputs=9, cpu=0.5, wall=3.0, swell=50 * 1024 * 1024)
print(json.dumps([result.tried, [[each.number, each.what] for each in result.findings]]))
"""


def test_what_raises_lies_hangs_waits_dies_or_swells_is_found_and_the_next_input_goes_on(tmp_path: Path):
    (tmp_path / "work").mkdir()
    ended = started(["-c", SCRIPT, str(tmp_path / "work")], tmp_path / "found")
    assert ended.returncode == 0, ended.stderr
    tried, found = json.loads(ended.stdout)
    assert tried == 9
    assert [number for number, _ in found] == [2, 3, 4, 5, 6, 7]
    said = ["ZeroDivisionError: by nothing", "wrong answer: 5", "hang", "stall", "death by SIGSEGV", "swell"]
    assert all(what.startswith(start) for (_, what), start in zip(found, said, strict=True)), found
    kept = json.loads((tmp_path / "found" / "faulty-1-2" / "finding.json").read_text())
    assert kept["again"] == "python -m tests.fuzz --target faulty --seed 1 --input 2"
    assert (tmp_path / "found" / "faulty-1-2" / "input" / "input.txt").is_file()
    hung = json.loads((tmp_path / "found" / "faulty-1-4" / "finding.json").read_text())
    assert "_do" in " ".join(hung["trace"])
