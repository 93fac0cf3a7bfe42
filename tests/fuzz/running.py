"""Tries inputs one by one in a child process, so that one that kills, stalls or swells the process is a finding too."""

from __future__ import annotations

import contextlib
import faulthandler
import importlib
import json
import os
import resource
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parents[2]
# Ignored by git.
FINDINGS = Path(os.environ.get("FUZZ_FINDINGS") or ROOT / "runs" / "fuzz")
TARGETS = ("documents", "libraries", "encoders", "checkpoints", "queries", "settings", "benchmarks")
# Limits of an input: processor time, and wall time; a training run takes longer.
CPU_SECONDS, WALL_SECONDS = 8.0, 90.0
SLOWER = {"checkpoints": 5.0}
SWELL = 600 * 1024 * 1024
ADDRESSES = 8 * 1024**3

Attempt = Callable[[Random, Path], None]


class Wrong(Exception):
    """No error was raised, but the answer is wrong."""


@dataclass(frozen=True)
class Finding:
    """A fault: `what` is a line about it, `trace` shows where it happened."""

    target: str
    seed: int
    number: int
    what: str
    trace: str

    @property
    def again(self) -> str:
        """The command that tries this input alone."""
        return f"python -m tests.fuzz --target {self.target} --seed {self.seed} --input {self.number}"

    @property
    def kind(self) -> str:
        """A key that findings of one cause share: target, error, and the innermost line of the project in the trace."""
        own = [line.strip() for line in self.trace.splitlines() if str(ROOT) in line and "tests/fuzz" not in line]
        places = own[:1] if "most recent call first" in self.trace else own[-1:]
        return "|".join([self.target, self.what.split(":")[0], *places])


@dataclass
class Result:
    """The result of a run over one target."""

    tried: int = 0
    seconds: float = 0.0
    findings: list[Finding] = field(default_factory=list)
    alike: dict[str, int] = field(default_factory=dict)

    def add(self, finding: Finding, place: Path) -> bool:
        """Keep a finding with its input if it is the first of its kind; returns whether it is."""
        self.alike[finding.kind] = self.alike.get(finding.kind, 0) + 1
        if self.alike[finding.kind] > 1:
            return False
        self.findings.append(finding)
        keep(finding, place)
        return True


def outside(place: Path) -> Path:
    """The folder beside an input's that links lead to, so that none leads to a file or device of the machine.

    It holds a small file and one that seems endless, and its content must not change.
    """
    return place.parent / "outside"


def _facts(folder: Path) -> dict[str, tuple[int, int, int]]:
    """Mode, size and time of everything in a folder, by name."""
    found = {path.name: path.lstat() for path in (folder, *folder.iterdir())}
    return {
        name: (each.st_mode, each.st_size * (name != folder.name), each.st_mtime_ns) for name, each in found.items()
    }


def keep(finding: Finding, place: Path) -> None:
    """Write a finding with its input into the folder of findings."""
    folder = FINDINGS / f"{finding.target}-{finding.seed}-{finding.number}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    described = {
        "target": finding.target,
        "seed": finding.seed,
        "input": finding.number,
        "what": finding.what,
        "again": finding.again,
        "trace": finding.trace.splitlines(),
    }
    (folder / "finding.json").write_text(json.dumps(described, ensure_ascii=True, indent=1))
    for path in sorted(place.rglob("*")):
        if path.is_file() and not path.is_symlink() and path.stat().st_size < 2_000_000:
            target = folder / "input" / path.relative_to(place)
            target.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(OSError):
                shutil.copyfile(path, target)


def run(
    target: str,
    seed: int,
    work: Path,
    *,
    seconds: float = 1e9,
    inputs: int = 1 << 60,
    first: int = 0,
    cpu: float = CPU_SECONDS,
    wall: float = WALL_SECONDS,
    swell: int = SWELL,
    tell: Callable[[Finding], None] = lambda finding: None,
) -> Result:
    """Try inputs of a target until the time or the number of inputs is over.

    Args:
        target: one of `TARGETS`.
        seed: decides, with the number of an input, everything about it.
        work: a folder for the inputs.
        seconds: the most seconds to run.
        inputs: the most inputs to try.
        first: the number of the first input.
        cpu: the most seconds of processor time of an input.
        wall: the most seconds of wall time of an input.
        swell: the most bytes by which the process may grow.
        tell: gets each finding that is the first of its kind.
    """
    result = Result()
    began = time.monotonic()
    number, last = first, first + inputs
    trace = work / "trace.txt"
    place = work / "input"
    while number < last and time.monotonic() - began < seconds:
        reading, writing = os.pipe()
        waiting, going = os.pipe()
        child = os.fork()
        if not child:
            os.close(reading)
            os.close(going)
            _child(target, seed, range(number, last), work, began + seconds, (cpu, wall, swell), (waiting, writing))
        os.close(writing)
        os.close(waiting)
        begun = -1
        with os.fdopen(reading, "r", encoding="utf-8") as answers:
            for line in answers:
                answer = json.loads(line)
                if "begin" in answer:
                    begun = answer["begin"]
                    continue
                number, begun = answer["end"] + 1, -1
                result.tried += 1
                if "what" in answer:
                    finding = Finding(target, seed, answer["end"], answer["what"], answer["trace"])
                    if result.add(finding, place):
                        tell(finding)
                    os.write(going, b".")
        os.close(going)
        _, status = os.waitpid(child, 0)
        if begun >= 0:
            said = trace.read_text("utf-8", "replace") if trace.exists() else ""
            finding = Finding(target, seed, begun, _death(status), said)
            result.tried += 1
            if result.add(finding, place):
                tell(finding)
            number = begun + 1
        elif status:
            said = trace.read_text("utf-8", "replace") if trace.exists() else ""
            raise RuntimeError(f"The target {target} cannot be prepared ({_death(status)}):\n{said}")
        else:
            break
    result.seconds = time.monotonic() - began
    return result


def _death(status: int) -> str:
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        known = {signal.SIGPROF: "hang: too much processor time", signal.SIGALRM: "stall: too long a wait"}
        return known.get(signal.Signals(number), f"death by {signal.Signals(number).name}")
    return f"exit {os.WEXITSTATUS(status)}"


def _child(
    target: str,
    seed: int,
    numbers: range,
    work: Path,
    until: float,
    limits: tuple[float, float, int],
    pipes: tuple[int, int],
) -> None:
    """Try inputs and report on each; never returns."""
    trace = (work / "trace.txt").open("w", encoding="utf-8")
    waiting, pipe = pipes
    try:
        _quiet(work, trace.fileno())
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
        beyond = _emptied(outside(work / "input"))
        (beyond / "precious.txt").write_text("what is not theirs")
        (beyond / "1-1.hnsw").write_text("an index of somebody else")
        with (beyond / "endless").open("wb") as file:
            file.truncate(1 << 40)
        prepared: tuple[Attempt, tuple[type[BaseException], ...]] = importlib.import_module(
            f".targets.{target}", __package__
        ).prepare(_emptied(work / f"seeds-{target}"))
        attempt, allowed = prepared
        before_all = _facts(beyond)
        faulthandler.enable(trace)
        # The handler writes the traceback; then the signal's default action ends the process.
        faulthandler.register(signal.SIGPROF, trace, all_threads=False, chain=True)
        faulthandler.register(signal.SIGALRM, trace, all_threads=False, chain=True)
        for number in numbers:
            if time.monotonic() > until:
                break
            trace.seek(0)
            trace.truncate()
            _tell(pipe, begin=number)
            chance = Random(f"{target}:{seed}:{number}")
            place = _emptied(work / "input")
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
            signal.setitimer(signal.ITIMER_PROF, limits[0] * SLOWER.get(target, 1.0))
            signal.setitimer(signal.ITIMER_REAL, limits[1] * SLOWER.get(target, 1.0))
            found = _tried(attempt, allowed, chance, place)
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.setitimer(signal.ITIMER_REAL, 0)
            grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before
            if not found and grown > limits[2]:
                found = {"what": f"swell: {grown // 1024 // 1024} MB more", "trace": ""}
            if _facts(beyond) != before_all:
                found = {"what": "wrong outside: something beyond the input's folder was changed", "trace": ""}
                before_all = _facts(beyond)
            _tell(pipe, end=number, **found)
            if found:
                # The input stays until the parent has copied it.
                os.read(waiting, 1)
        os._exit(0)
    except BaseException:
        traceback.print_exc(file=trace)
        trace.flush()
        os._exit(70)


def _tried(attempt: Attempt, allowed: tuple[type[BaseException], ...], chance: Random, place: Path) -> dict[str, str]:
    try:
        attempt(chance, place)
    except allowed:
        return {}
    except Wrong as error:
        return {"what": f"wrong {error}", "trace": traceback.format_exc()}
    except BaseException as error:
        return {"what": f"{type(error).__name__}: {str(error)[:300]}", "trace": traceback.format_exc()[-6000:]}
    return {}


def _tell(pipe: int, **answer: object) -> None:
    os.write(pipe, json.dumps(answer).encode() + b"\n")


def _emptied(folder: Path) -> Path:
    if folder.is_dir():
        for path in folder.rglob("*"):
            # Follows no link, which may lead to a device of the machine.
            if path.is_dir() and not path.is_symlink():
                with contextlib.suppress(OSError):
                    path.chmod(0o700)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _quiet(work: Path, sink: int) -> None:
    """Set a separate home, no network, and no output on the terminal."""
    home = work / "home"
    home.mkdir(exist_ok=True)
    os.environ.update(
        HYBRID_SEARCH_HOME=str(home), HOME=str(home), HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false",
        HF_HUB_DISABLE_PROGRESS_BARS="1", OMP_NUM_THREADS="1", HYBRID_SEARCH_THREADS="1",
    )  # fmt: skip
    sys.stdout.flush()
    sys.stderr.flush()
    with Path(os.devnull).open("r+b") as nothing:
        for number in (0, 1, 2):
            os.dup2(nothing.fileno(), number)
