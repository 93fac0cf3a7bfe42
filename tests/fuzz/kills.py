"""`python -m tests.fuzz.kills`: kills work at any instant; exit code 1 if the next run does not repair everything."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import secrets
import select
import signal
import sqlite3
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from hybrid_search.engine.files import is_leftover

from .works import WORKS, Work

# Audit events that change a folder, or come just before a change.
_EVENTS = frozenset(
    ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod")
)
_LONGEST = 300


@dataclass
class Counts:
    """Counts of an undisturbed act: file events, SQL statements, seconds."""

    files: int = 0
    statements: int = 0
    seconds: float = 0.0


@dataclass
class Killed:
    """The result of a loop of kills of one work."""

    kills: int = 0
    ended: int = 0
    failures: list[str] = field(default_factory=list)


def loop(name: str, kills: int, seed: int, root: Path, tell: Callable[[str], None] = lambda line: None) -> Killed:
    """Kill a work so many times, and verify after each.

    Args:
        name: one of `WORKS`.
        kills: the number of kills.
        seed: decides, with the number of a kill, its instant and the scene.
        root: an empty folder.
        tell: gets a line for each failure.
    """
    work = WORKS[name](root)
    result = Killed()
    for module in work.modules:
        importlib.import_module(module)
    _well(_apart(work.prepare, root), root)
    _well(_apart(lambda: work.scene(Random(f"{name}:{seed}")), root), root)
    counts = _counted(work, root)
    _well(_apart(work.verify, root), root)
    for number in range(3 * kills):
        if result.kills == kills:
            break
        chance = Random(f"{name}:{seed}:{number}")
        _well(_apart(lambda scene=chance: work.scene(scene), root), root)
        how, when = _instant(chance, counts)
        if _killed(work, root, how, when):
            result.kills += 1
        else:
            result.ended += 1
        status = _apart(work.verify, root)
        left = sorted(str(path.relative_to(root)) for path in root.rglob("*") if is_leftover(path.name))
        left += sorted(str(path.relative_to(root)) for path in (root / "tmp").iterdir())
        if status or left:
            said = _said(root) if status else f"left behind: {', '.join(left)}"
            again = f"python -m tests.fuzz.kills --of {name} --seed {seed} --kills {kills}"
            result.failures.append(f"{name}, kill {number} ({how} {when}): {said}\n  again: {again}")
            tell(result.failures[-1])
            return result
    return result


def _instant(chance: Random, counts: Counts) -> tuple[str, float]:
    how = chance.choice(["file"] * (counts.files > 0) + ["statement"] * (counts.statements > 0) + ["after"])
    if how == "after":
        return how, chance.uniform(0, counts.seconds)
    most = counts.files if how == "file" else counts.statements
    return how, chance.randint(1, most)


def _apart(do: Callable[[], Any], root: Path) -> int:
    """Run a function in a separate process; returns its exit status."""
    child = os.fork()
    if not child:
        _settled(root)
        signal.alarm(_LONGEST)
        _done(do, root)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _done(do: Callable[[], Any], root: Path) -> None:
    """Run a function and end the process."""
    try:
        do()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def _well(status: int, root: Path) -> None:
    if status:
        raise RuntimeError(f"A scene could not be set (exit {status}):\n{_said(root)}")


def _said(root: Path) -> str:
    return (root.with_suffix(".log")).read_text("utf-8", "replace")[-3000:]


def _settled(root: Path) -> None:
    """Set a separate home and temporary folder, and redirect output to a log."""
    for name in ("home", "tmp"):
        (root / name).mkdir(exist_ok=True)
    home = str(root / "home")
    os.environ.update(
        HYBRID_SEARCH_HOME=home, HOME=home, TMPDIR=str(root / "tmp"), HF_HUB_OFFLINE="1", OMP_NUM_THREADS="1",
        HYBRID_SEARCH_THREADS="1", TOKENIZERS_PARALLELISM="false", HF_HUB_DISABLE_PROGRESS_BARS="1",
    )  # fmt: skip
    tempfile.tempdir = None
    log = os.open(root.with_suffix(".log"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for number in (1, 2):
        os.dup2(log, number)


class _Counter:
    """Counts file events below a folder and SQL statements; kills the process at one of them."""

    def __init__(self, root: Path, how: str = "", when: float = 0) -> None:
        self._root, self._how, self._left = str(root), how, when
        self.counts = Counts()
        sys.addaudithook(self._file)
        connect = sqlite3.connect

        def counted(*arguments: Any, **options: Any) -> sqlite3.Connection:
            connection = connect(*arguments, **options)
            connection.set_trace_callback(self._statement)
            return connection

        sqlite3.connect = counted  # type: ignore[assignment]

    def _file(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in _EVENTS and arguments and self._root in str(arguments[0]) and ".log" not in str(arguments[0]):
            self.counts.files += 1
            self._tick("file")

    def _statement(self, _statement: str) -> None:
        self.counts.statements += 1
        self._tick("statement")

    def _tick(self, how: str) -> None:
        if how == self._how:
            self._left -= 1
            if self._left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)


def _counted(work: Work, root: Path) -> Counts:
    """The counts of an undisturbed act."""

    def act() -> None:
        counter = _Counter(root)
        began = time.monotonic()
        # The app's child ends itself when its last request is answered.
        at_exit = os._exit

        def leave(code: int) -> None:
            counter.counts.seconds = time.monotonic() - began
            (root / "counts.json").write_text(json.dumps(vars(counter.counts)))
            at_exit(code)

        os._exit = leave  # type: ignore[assignment]
        work.act()

    _well(_apart(act, root), root)
    return Counts(**json.loads((root / "counts.json").read_text()))


def _killed(work: Work, root: Path, how: str, when: float) -> bool:
    """Run an act and kill it at an instant; returns whether it was killed before its end."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        _settled(root)
        signal.alarm(_LONGEST)
        if how != "after":
            _Counter(root, how, when)
        _done(work.act, root)
    os.close(writing)
    if how == "after":
        # The pipe closes if the act ends first.
        select.select([reading], [], [], when)
        os.kill(child, signal.SIGKILL)
    status = os.waitpid(child, 0)[1]
    os.close(reading)
    return os.WIFSIGNALED(status)


def main() -> int:
    """Run; see `--help`."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=100, help="over all works together (default 100)")
    parser.add_argument("--seed", type=int, default=None, help="decides all instants; another one a run by default")
    parser.add_argument("--of", choices=WORKS, action="append", help="only this work; may be given several times")
    asked = parser.parse_args()
    seed = secrets.randbelow(10**6) if asked.seed is None else asked.seed
    os.environ.update(OMP_NUM_THREADS="1", ORT_DISABLE_TELEMETRY="1", HF_HUB_OFFLINE="1")
    works = asked.of or list(WORKS)
    failed = False
    for place, name in enumerate(works):
        share = asked.kills // len(works) + (place < asked.kills % len(works))
        with tempfile.TemporaryDirectory(prefix="kills-") as folder:
            root = Path(folder) / name
            root.mkdir()
            began = time.monotonic()
            found = loop(name, share, seed, root, lambda line: print(line, flush=True))
        failed = failed or bool(found.failures)
        print(
            f"{name}: {found.kills} kills, {found.ended} acts that ended first, with seed {seed}, in "
            f"{time.monotonic() - began:.0f} s: {'FAILED' if found.failures else 'nothing lost, doubled or left'}",
            flush=True,
        )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
