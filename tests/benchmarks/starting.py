"""How long the program takes to start: `python tests/benchmarks/starting.py [--rounds 5] [--only WORDS] [--json]`.

Each command runs in new processes, in turns with the bare interpreter, and the best round counts: wall seconds,
processor seconds (all threads), and their ratios to the bare interpreter's. "Cold" means a new process; graphs that
are built on first use are cached before the clock starts, and the first build has a separate row. Targets: `--help`
0.25 s, first paint 1 s, a cold search of the demo library 2 s, wall time on two idle cores.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from typing import Any

CODE = "from hybrid_search.tui.cli.main import main; raise SystemExit(main({!r}))"
PAINT = """
from hybrid_search.tui.app import hold
hold()
from hybrid_search.tui.app import HybridSearchApp
app = HybridSearchApp("", "")
async def leave(pilot):
    app.exit()
app.run(headless=True, auto_pilot=leave, size=(120, 40))
"""
BARE = """
from textual.app import App
from textual.widgets import Footer, Input, Static
class Bare(App):
    def compose(self):
        yield Input()
        yield Static("one line")
        yield Footer()
app = Bare()
async def leave(pilot):
    app.exit()
app.run(headless=True, auto_pilot=leave, size=(120, 40))
"""
ANSWER = "from hybrid_search.engine import encoders; encoders.load({!r}).encode_query(['bread'])"


def commands(encoder: str) -> dict[str, str]:
    """The commands to time, as programs for a new interpreter."""
    return {
        "bare interpreter": "pass",
        "--help": CODE.format(["--help"]),
        "first paint of a bare Textual app": BARE,
        "first paint of the app": PAINT,
        "encoder ready, one query": ANSWER.format(encoder),
        "cold search of the demo": CODE.format(["search", "How is bread baked?", "--encoder", encoder, "-k", "3"]),
    }


def run(program: str, environment: Mapping[str, str]) -> tuple[float, float]:
    """Wall and processor seconds of a program in a new interpreter."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", program], env=dict(environment), capture_output=True, text=True, check=False
    )
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{program}\nfailed:\n{done.stderr}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure(encoder: str, rounds: int, only: str = "") -> dict[str, Any]:
    """All numbers of one run, in a temporary home; `only` leaves out commands without these words in their name."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "HYBRID_SEARCH_HOME": home, "HF_HUB_OFFLINE": "1", "TERM": "xterm-256color"}
        # An installed program has cached bytecode.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        programs = {
            name: program for name, program in commands(encoder).items() if only in name or name == "bare interpreter"
        }
        rows = {}
        if "encoder ready, one query" in programs:
            first = run(programs["encoder ready, one query"], environment)
            rows["first use of an encoder (its graph is built)"] = first
        for program in programs.values():
            run(program, environment)
        for _ in range(rounds):
            for name, program in programs.items():
                wall, processor = run(program, environment)
                known = rows.get(name, (wall, processor))
                rows[name] = (min(known[0], wall), min(known[1], processor))
    bare = rows["bare interpreter"]
    return {
        "schema": 1,
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
        "load": os.getloadavg()[0],
        "rounds": rounds,
        "rows": {
            name: {"seconds": wall, "processor_seconds": processor, "ratio": processor / bare[1]}
            for name, (wall, processor) in rows.items()
        },
    }


def table(found: dict[str, Any]) -> str:
    """The numbers as a Markdown table."""
    lines = [
        f"{found['machine']}, load {found['load']:.1f}, best of {found['rounds']}",
        "",
        "| what | wall s | processor s | times the bare interpreter |",
        "|---|---|---|---|",
    ]
    for name, row in found["rows"].items():
        lines.append(f"| {name} | {row['seconds']:.2f} | {row['processor_seconds']:.2f} | {row['ratio']:.0f} |")
    return "\n".join(lines)


def main() -> int:
    """Measure and write the table, or JSON, to standard output."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoder", default="base")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", metavar="WORDS", help="commands with these words in their name")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    found = measure(chosen.encoder, chosen.rounds, chosen.only)
    sys.stdout.write((json.dumps(found, indent=2) if chosen.json else table(found)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
