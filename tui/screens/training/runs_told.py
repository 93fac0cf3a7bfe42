"""The rows of the Runs screen: their cells, their states in sentences and their descriptions."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from textwrap import fill
from typing import Any

from rich.cells import cell_len
from rich.text import Text

from ....engine import encoders, paths
from ....train.measure import registry
from ....train.run import checkpoints
from ....train.runs import Followed, Run, differing, sweep_folder
from ...display import counted, cut, fit, flat

RUN, SWEEP = "run ", "sweep "
# Cells of a label or a run's column at most, of a column at least, and between columns.
_LABEL, _LEAST, _GAP = 18, 8, 2
_LABELS = {
    "base": "base", "batches": "batches", "alpha": "α", "steps": "steps", "batch_size": "pairs in a batch",
    "learning_rate": "learning rate", "lora_rank": "rank", "seed": "seed",
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A run or a sweep in the child's form."""

    key: str
    name: str
    data: Mapping[str, Any]

    @property
    def is_sweep(self) -> bool:
        """Whether the row is a sweep of alpha."""
        return self.key.startswith(SWEEP)


class Live:
    """The running run, followed by its events."""

    def __init__(self) -> None:
        self.name = ""
        self.followed = Followed()

    def take(self, event: Mapping[str, Any]) -> None:
        """Take an event."""
        if event["event"] == "start":
            # The earlier steps of a resumed run are in its row until that is read again.
            self.name, self.followed = str(event["name"]), Followed()
        elif event["event"] in ("done", "error", "stopped"):
            self.name = ""
        self.followed.take(event)

    def words(self, event: Mapping[str, Any]) -> str:
        """The state of the run in a sentence."""
        kind = event["event"]
        if kind == "step":
            left = event.get("seconds_left")
            tail = f" · {left:,.0f} s left" if isinstance(left, (int, float)) else ""
            return f"Training {flat(self.name)}: step {event['step']:,} of {event['total']:,}{tail}"
        if kind == "start":
            return f"Training {flat(self.name)}…"
        if kind == "done":
            return f"{flat(str(event['name']))} is done, and is now a column of Compare."
        return flat(str(event.get("message", ""))) if kind in ("error", "stopped") else ""


def rows_of(found: Mapping[str, Any]) -> list[Row]:
    """Runs and sweeps, the last changed first."""
    rows = [Row(f"{RUN}{each['name']}", each["name"], each) for each in found["runs"]]
    rows += [Row(f"{SWEEP}{each['name']}", each["name"], each) for each in found["sweeps"]]
    return sorted(rows, key=lambda row: -row.data["changed"])


def stamps() -> tuple[object, ...]:
    """What changes when a run or sweep begins, goes on, ends or is deleted: times of folders and of journals."""
    found: list[object] = []
    for place in (paths.encoders_folder(), checkpoints.run_folder(""), sweep_folder("")):
        try:
            names = sorted(each.name for each in os.scandir(place))
        except OSError:
            names = []
        for path in [place, *(place / name for name in names), *(place / name / checkpoints.JOURNAL for name in names)]:
            try:
                found.append((str(path), path.stat().st_mtime_ns))
            except OSError:
                continue
    return (len(found), *found)


def headings() -> dict[str, str]:
    """The headings of the table by the columns' keys."""
    measures = {each.key: each.heading.removesuffix(" mAP") for each in registry.headlines()}
    return {"mark": " ", "run": "run", "what": "batches", **measures, "state": "state", "when": "changed"}


def cells(row: Row, *, marked: bool, live: Live) -> list[Text]:
    """The cells of a row."""
    found = row.data
    mark = Text("●" if marked else " ", "bold")
    when = Text(day(found["changed"]), "dim")
    name = Text(flat(row.name), "bold")
    if row.is_sweep:
        state = counted(found["runs"], "run") + " so far" * (not found["over"])
        return [mark, name, Text("sweep of α"), *(Text("") for _ in registry.headlines()), Text(state), when]
    scores = [Text(each.text(found["scores"].get(each.key), brief=True)) for each in registry.headlines()]
    what = found["sampling"] if found["kind"] == "trained" else f"{found['kind']} {found['sampling']}".strip()
    return [mark, name, Text(what), *scores, state_of(found, live), when]


def day(seconds: float) -> str:
    """Seconds since the epoch as local date and time."""
    return datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M")


def state_of(found: Mapping[str, Any], live: Live) -> Text:
    """The state of a run."""
    if live.name == found["name"]:
        return Text(f"▶ {live.followed.step:,} of {live.followed.steps or found['steps']:,}", "bold")
    if found["state"] == "running":
        return Text(f"▶ {found['step']:,} of {found['steps']:,}, elsewhere", "bold")
    if found["state"] == "stopped":
        tail = f", kept {found['checkpoint']:,}" if found["checkpoint"] else ", nothing kept"
        return Text(f"stopped at {found['step']:,}{tail}")
    return Text(counted(found["step"], "step") if found["step"] else "done")


def not_resumable(row: Row) -> str:
    """Why a run cannot be resumed."""
    state = row.data["state"]
    if state == "running":
        return f"{flat(row.name)} is already running in another program."
    if state == "stopped":
        return f"{flat(row.name)} was stopped before its first checkpoint: there is nothing to resume from."
    return f"{flat(row.name)} is done: there is nothing to resume."


def name_problem(name: str, rows: Mapping[str, Row]) -> str:
    """Why an encoder cannot have this name, in a sentence; "" if it can."""
    taken = f"There is a run called {name} already." if RUN + name in rows else ""
    return encoders.name_problem(name) or taken


def made(result: Mapping[str, Any]) -> str:
    """The result of an average or a calibration."""
    if "kept" in result:
        return f"{flat(result['name'])} is the mean of {len(result['of'])}; its rank keeps {result['kept']:.1%} of it."
    return (
        f"{flat(result['name'])}: the median rank of a passage's fragment among {result['passages']:,} went from "
        f"{result['before']:,.0f} to {result['after']:,.0f}."
    )


def of_the_sweep(event: Mapping[str, Any], name: str) -> str:
    """The state of a sweep in a sentence; "" if the event says nothing about it."""
    kind = event["event"]
    if kind == "run":
        done = f"{event['run']:,} of {counted(event['runs'], 'run')}"
        return f"Sweep {flat(name)}: α {event['alpha']:g}, seed {event['seed']} done · {done}"
    if kind == "step":
        return f"Sweep {flat(name)}: step {event['step']:,} of {event['total']:,} of a run"
    if kind == "over":
        return f"The sweep {flat(name)} is done."
    if kind == "stopped":
        return f"The sweep {flat(name)} was stopped; s with the same name continues it."
    return flat(str(event["message"])) if kind == "error" else ""


# -- the description of the chosen rows


def about(chosen: Sequence[Row], words: str, room: int) -> Text:
    """Settings and scores: for one run the important ones, for several the settings that differ, in `room` cells."""
    text = Text(end="", no_wrap=True)
    if words:
        text.append(f"{fill(words, max(_LEAST, room))}\n\n", "bold")
    runs = [row for row in chosen if not row.is_sweep]
    for row in chosen:
        if row.is_sweep:
            _sweep(text, row)
    if len(runs) == 1:
        _one(text, runs[0])
    elif runs:
        _several(text, runs, room)
    return text


def _sweep(text: Text, row: Row) -> None:
    text.append(f"{flat(row.name)}\n", "bold")
    settings = row.data["settings"]
    text.append(f"A sweep of α: {counted(row.data['runs'], 'run')} of {settings.get('steps', '?')} steps on ")
    text.append(f"{flat(str(settings.get('base', '')))}.\n{flat(row.data['path'])}\n\n", "dim")


def _one(text: Text, row: Row) -> None:
    found = row.data
    text.append(f"{flat(row.name)}\n", "bold")
    if found["made_of"]:
        text.append(f"{found['kind']} from {flat(', '.join(found['made_of']))}\n")
    for key, label in _LABELS.items():
        if found["settings"].get(key) is not None:
            text.append(f"{label:<18}", "dim")
            text.append(f"{_plain(found['settings'][key])}\n")
    for source in found["settings"].get("sources") or ():
        text.append(f"{'data':<18}", "dim")
        text.append(f"{flat(str(source.get('path', '')))}\n")
    before, after = found["scores_before"], found["scores"]
    if before or after:
        text.append(f"\n{'':<18}{'before':>10}{'after':>10}\n", "dim")
        for each in registry.headlines():
            if each.key in before or each.key in after:
                text.append(f"{each.heading[:17]:<18}", "dim")
                text.append(f"{each.text(before.get(each.key), brief=True):>10}")
                text.append(f"{each.text(after.get(each.key), brief=True):>10}\n", "bold")


def _several(text: Text, rows: Sequence[Row], room: int) -> None:
    """A column for each run: the settings that differ, then the scores, the best of each bold."""
    lines: list[tuple[str, list[str], list[bool]]] = [("", [flat(row.name) for row in rows], [True] * len(rows))]
    runs = [Run(row.name, settings=row.data["settings"]) for row in rows]
    for name, values in differing(runs).items():
        if name != "sources":
            label = _LABELS.get(name, name.replace("_", " "))
            lines.append((label, [_plain(value) for value in values], [False] * len(rows)))
    for each in registry.headlines():
        scores = [row.data["scores"].get(each.key) for row in rows]
        there = [score for score in scores if score is not None]
        if there:
            best = (max if each.better == "higher" else min)(there)
            marked = [score == best and len(there) > 1 for score in scores]
            told = [each.text(score, brief=True) + " ◂"[mark] for score, mark in zip(scores, marked, strict=True)]
            lines.append((each.heading, told, [score == best for score in scores]))
    first = min(_LABEL, max(len(label) for label, _, _ in lines))
    needed = max(cell_len(cell) for _, cells, _ in lines for cell in cells)
    wide = max(_LEAST, min(_LABEL, needed, (room - first) // len(rows) - _GAP))
    for label, cells, bold in lines:
        text.append(fit(label, first), "dim")
        for cell, strong in zip(cells, bold, strict=True):
            shown = cut(cell, wide)
            text.append(" " * (_GAP + wide - cell_len(shown)) + shown, "bold" if strong else "")
        text.append("\n")


def _plain(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, (list, tuple, dict)):
        return flat(", ".join(map(str, value))) or "–"
    return f"{value:g}" if isinstance(value, float) else flat(str(value))
