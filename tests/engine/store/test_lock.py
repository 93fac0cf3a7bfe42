"""Work that meets another writer is tried again until the library is free, or time or patience is over."""

from __future__ import annotations

import threading

import pytest
from hybrid_search.engine.errors import LibraryBusy, LibraryError
from hybrid_search.engine.store import lock
from hybrid_search.engine.store.lock import WriterLock, when_free


class Clock:
    """Time that passes only where somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(lock, "time", made)
    return made


def busy_until(clock: Clock, end: float):
    def work() -> str:
        if clock.now < end:
            raise LibraryBusy("Another process is writing to the library here.", hint="Wait.")
        return f"done after {clock.now:.1f} s"

    return work


def test_a_free_library_is_not_waited_for(clock):
    said = []
    assert when_free(busy_until(clock, 0), wait=60, say=said.append) == "done after 0.0 s"
    assert said == [] and clock.pauses == []


def test_waiting_is_said_once_and_pauses_grow(clock):
    said = []
    assert when_free(busy_until(clock, 10), wait=60, say=said.append).startswith("done after 10")
    assert said == ["Another process is writing to the library here. Waiting until it has finished, at most 60 s."]
    assert clock.pauses == sorted(clock.pauses) and max(clock.pauses) == 1.0 and clock.pauses[0] < 0.2


def test_time_is_over_when_it_was_said_to_be(clock):
    with pytest.raises(LibraryBusy):
        when_free(busy_until(clock, 10), wait=3, say=lambda _: None)
    assert clock.now == pytest.approx(3)


def test_without_a_limit_one_waits_as_long_as_it_takes(clock):
    said = []
    when_free(busy_until(clock, 1000), wait=float("inf"), say=said.append)
    assert said == ["Another process is writing to the library here. Waiting until it has finished."]


def test_who_stops_waits_no_longer(clock):
    with pytest.raises(LibraryBusy):
        when_free(busy_until(clock, 100), wait=60, say=lambda _: None, stopped=lambda: clock.now > 2)
    assert clock.now < 5


def test_other_errors_are_not_waited_for(clock):
    def work() -> None:
        raise LibraryError("The disk is full.")

    with pytest.raises(LibraryError, match="full"):
        when_free(work, wait=60, say=lambda _: None)
    assert clock.pauses == []


def test_a_lock_that_another_holds_is_busy_and_names_the_process(tmp_path):
    with (
        WriterLock(tmp_path / "writer.lock").held(),
        pytest.raises(LibraryBusy, match=r"Another process \(\d+\)"),
        WriterLock(tmp_path / "writer.lock").held(),
    ):
        pass


def test_one_thread_writes_at_a_time_and_may_take_the_lock_again(tmp_path):
    held = WriterLock(tmp_path / "writer.lock")
    refused: list[str] = []

    def write() -> None:
        try:
            with held.held():
                refused.append("written")
        except LibraryBusy as error:
            refused.append(error.message)

    def in_a_thread() -> None:
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()

    with held.held():
        with held.held():
            in_a_thread()
        in_a_thread()
    in_a_thread()
    assert refused == [f"Another thread is writing to the library {tmp_path}."] * 2 + ["written"]
