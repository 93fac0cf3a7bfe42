"""Whether the app stays fast and small: `python tests/benchmarks/staying.py [--questions 1000] [--json]`.

The app runs without a terminal over the demo library, with the bundled encoders in its child process. It asks so many
questions, then goes through its screens. The processor time of every callback of the event loop is measured, except
this program's own: while one runs, the app does not react to keys. Target: none over 100 ms. Memory (the app's own,
resident) is read after each tenth of the questions; after the first, everything is imported. A thousand questions take
five minutes of processor time. A temporary home is used.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import heapq
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

SLOWEST = 8
PATIENCE = 600.0
SIZE = (160, 45)


class Clock:
    """Processor seconds of callbacks and the handlers that ran in them, by the stage of the program."""

    def __init__(self) -> None:
        self.stage = ""
        self.slowest: dict[str, list[tuple[float, str]]] = {}
        self.callbacks = 0
        self._at_work: list[str] = []
        self._collecting, self._began = 0.0, 0.0

    def _collected(self, phase: str, _: Any) -> None:
        if phase == "start":
            self._began = time.thread_time()
        else:
            self._collecting += time.thread_time() - self._began

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Watch every event loop of this process."""
        from textual.message_pump import MessagePump

        run, dispatch, clock = asyncio.events.Handle._run, MessagePump._dispatch_message, self
        ours = asyncio.current_task()

        def timed(handle: asyncio.events.Handle) -> None:
            clock._at_work.clear()
            clock._collecting, began = 0.0, time.thread_time()
            run(handle)
            task = getattr(handle._callback, "__self__", None)
            if task is not ours:
                clock._note(time.thread_time() - began, task)

        async def named(pump: MessagePump, message: Any) -> None:
            clock._at_work.append(f"{type(pump).__name__} {type(message).__name__}")
            await dispatch(pump, message)

        asyncio.events.Handle._run, MessagePump._dispatch_message = timed, named  # type: ignore[method-assign]
        gc.callbacks.append(self._collected)
        try:
            yield
        finally:
            gc.callbacks.remove(self._collected)
            asyncio.events.Handle._run, MessagePump._dispatch_message = run, dispatch  # type: ignore[method-assign]

    def _note(self, seconds: float, task: Any) -> None:
        self.callbacks += 1
        kept = self.slowest.setdefault(self.stage, [])
        if len(kept) < SLOWEST or seconds > kept[0][0]:
            named = getattr(task.get_coro(), "__qualname__", "") if isinstance(task, asyncio.Task) else ""
            # A screen's timer does layout and painting.
            what = ", ".join(dict.fromkeys(self._at_work)) or named or "a callback"
            if self._collecting > seconds / 10:
                what = f"collecting garbage ({1000 * self._collecting:.0f} ms), {what}"
            (heapq.heappush if len(kept) < SLOWEST else heapq.heapreplace)(kept, (seconds, what))


def resident() -> float:
    """MB of memory that this process holds."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


async def until(pilot: Any, so: Callable[[], Any], words: str) -> None:
    """Wait until a condition holds.

    Raises:
        TimeoutError: it did not hold within ten minutes.
    """
    deadline = time.monotonic() + PATIENCE
    while not so():
        # Not the pilot's pause, which computes: it looks at every widget until none has anything to do.
        await asyncio.sleep(0.02)
        if time.monotonic() > deadline:
            raise TimeoutError(f"The app did not come to it: {words}.")


def answered(app: Any) -> bool:
    """Whether every column shows the answer to the question in the input."""
    screen = app.screen
    return screen.asked.get("query") == screen.question.text and len(screen.columns.rankings) == len(
        screen.columns.names
    )


async def ask(pilot: Any, query: str) -> None:
    """Ask a question and wait for every column."""
    pilot.app.screen.question.put(query)
    await until(pilot, lambda: answered(pilot.app), f"an answer to {query}")


async def mode(pilot: Any, key: str, name: str) -> None:
    """Go to a screen."""
    await pilot.press(key)
    await until(pilot, lambda: getattr(pilot.app.screen, "MODE", "") == name, name)


async def closed(pilot: Any) -> None:
    """Leave a dialog."""
    await pilot.press("escape")
    await until(pilot, lambda: getattr(pilot.app.screen, "MODE", ""), "the screen below")


async def compare(pilot: Any) -> None:
    """Cursor, columns, filter, neutral, help, palette."""
    await pilot.press("down", *["down"] * 8, "right", *["down"] * 4, "n", "n", "plus", "minus")
    for key in ("f", "c", "question_mark", "ctrl+p"):
        await pilot.press(key)
        await pilot.pause(0.3)
        await closed(pilot)


async def why(pilot: Any) -> None:
    """Why a passage ranks there, with the slider all the way."""
    await pilot.press("down", "w")
    await until(pilot, lambda: getattr(pilot.app.screen, "explained", True), "the explanation")
    await pilot.pause(1.0)
    await pilot.press(*["right"] * 10)
    await pilot.pause(0.5)
    await closed(pilot)


async def parallel(pilot: Any) -> None:
    """A passage beside its translations."""
    await pilot.press("t")
    await pilot.pause(1.0)
    await pilot.press(*["down"] * 5)
    await closed(pilot)


async def judging(pilot: Any) -> None:
    """Judge right, partly and wrong, and remove the judgement."""
    await pilot.press("1", "2", "0", "0")
    await pilot.pause(0.5)


async def everywhere(pilot: Any) -> None:
    """The question in every language."""
    await pilot.press("ctrl+g")
    await until(pilot, lambda: getattr(pilot.app.screen, "answers", None), "the matrix")
    await pilot.press("down", "up")
    await closed(pilot)


async def library(pilot: Any) -> None:
    """The table of languages and encoders."""
    await mode(pilot, "f3", "library")
    await pilot.press("tab", "down", "down")


async def evaluate(pilot: Any) -> None:
    """The form and the tables."""
    await mode(pilot, "f4", "evaluate")
    await pilot.press("tab", "tab", "down")


async def train(pilot: Any) -> None:
    """The form and sample batches."""
    await mode(pilot, "f5", "train")
    await pilot.pause(2.0)
    await pilot.press("tab", "tab")


async def map_(pilot: Any) -> None:
    """The map, its cursor and a box."""
    await mode(pilot, "f6", "map")
    await until(pilot, lambda: getattr(pilot.app.screen, "marks", True), "the map")
    await pilot.pause(2.0)
    await pilot.press(*["right"] * 5, "v", *["right"] * 5, *["down"] * 5, "v", "z", "z")


async def runs(pilot: Any) -> None:
    """Two hundred runs, with the curves of some."""
    from tests.support.runs import ended

    scores = {"mono": 0.8, "cross": 0.7, "multi": 0.5, "rank_distance": 90.0}
    await asyncio.to_thread(lambda: [ended(f"run-{number:03}", scores, seed=number) for number in range(200)])
    await mode(pilot, "f7", "runs")
    await until(pilot, lambda: pilot.app.screen.table.row_count == 200, "the rows")
    await pilot.press("space", "space", "space", "v", "v", *["down"] * 20)


async def audit(pilot: Any) -> None:
    """An audit of the library by two encoders."""
    pilot.app.settings.columns = ["mono", "hybrid"]
    await mode(pilot, "f8", "audit")
    await until(pilot, lambda: len(pilot.app.screen.pages) == 2 and not pilot.app.jobs.running, "the pages")
    await pilot.press("down", "down")


ON_COMPARE: dict[str, Callable[[Any], Awaitable[None]]] = {
    "Compare": compare,
    "Why": why,
    "Parallel": parallel,
    "Judging": judging,
    "Everywhere": everywhere,
}
OTHERS: dict[str, Callable[[Any], Awaitable[None]]] = {
    "Library": library,
    "Evaluate": evaluate,
    "Train": train,
    "Map": map_,
    "Runs": runs,
    "Audit": audit,
}


async def measure(questions: int) -> dict[str, Any]:
    """Everything in one run of the app."""
    from hybrid_search.tui.app import hold

    # As the command does.
    hold()
    from hybrid_search.tui.app import HybridSearchApp
    from hybrid_search.tui.state import Questions

    clock = Clock()
    app = HybridSearchApp()
    known = "How long until a homemade starter can be used?"
    with clock.running():
        clock.stage = "start"
        async with app.run_test(size=SIZE) as pilot:
            await until(pilot, lambda: app.status, "the library")
            asked = [text for row in Questions.load().rows for text in row.values()]
            clock.stage = "questions"
            warm = 0.0
            for number in range(questions):
                await ask(pilot, f"{asked[number % len(asked)]} {number}")
                await pilot.press("down", "down")
                if (number + 1) % max(questions // 10, 1) == 0:
                    warm = warm or resident()
                    sys.stderr.write(f"{number + 1:,} questions: {resident():.1f} MB\n")
            after = resident()
            await ask(pilot, known)
            for name, way in {**ON_COMPARE, **OTHERS}.items():
                clock.stage = name
                try:
                    await way(pilot)
                except TimeoutError as error:
                    # The other screens are still measured.
                    sys.stderr.write(f"{name}: {error}\n")
    return {
        "schema": 1,
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
        "questions": questions,
        "callbacks": clock.callbacks,
        "slowest": {
            stage: [{"ms": round(1000 * seconds, 1), "what": what} for seconds, what in sorted(kept, reverse=True)]
            for stage, kept in clock.slowest.items()
        },
        "resident_mb": {"after the first tenth": round(warm, 1), "after the last": round(after, 1)},
    }


def table(found: dict[str, Any]) -> str:
    """The numbers as a Markdown table."""
    memory = found["resident_mb"]
    lines = [
        f"{found['machine']}; {found['callbacks']:,} callbacks",
        "",
        "| screen | slowest, processor ms | what |",
        "|---|---|---|",
    ]
    for stage, slowest in found["slowest"].items():
        for place, each in enumerate(slowest[:3]):
            lines.append(f"| {'' if place else stage} | {each['ms']:.0f} | {each['what']} |")
    lines += [
        "",
        f"{found['questions']:,} questions: {memory['after the first tenth']:.0f} MB after the first tenth of them, "
        f"{memory['after the last']:.0f} MB after the last.",
    ]
    return "\n".join(lines)


def main() -> int:
    """Measure and write the table, or JSON, to standard output."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=1000)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    sys.path.insert(0, str(Path(__file__).parents[2]))
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(HYBRID_SEARCH_HOME=home, HF_HUB_OFFLINE="1", TEXTUAL_ANIMATIONS="none")
        found = asyncio.run(measure(chosen.questions))
    sys.stdout.write((json.dumps(found, indent=2) if chosen.json else table(found)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
