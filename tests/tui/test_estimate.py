"""How long encoding will take is said once an encoder, after the first hundred passages."""

from __future__ import annotations

import pytest
from hybrid_search.engine.progress import IndexProgress
from hybrid_search.tui.display import estimate


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(estimate.time, "monotonic", lambda: now[0])
    return now


def test_it_is_said_after_a_hundred_passages_and_only_once(clock: list[float]) -> None:
    said: list[str] = []
    passed: list[IndexProgress] = []
    follow = estimate.Estimate(passed.append, 3, said.append)
    follow(IndexProgress("reading", 5, 10))
    for done in (0, 60, 120, 180):
        follow(IndexProgress("encoding hybrid", done, 12_120))
        clock[0] += 2.0
    assert len(passed) == 5 and len(said) == 1
    assert "hybrid encodes 30 passages a second: 12,000 more take about 7 min" in said[0]
    assert "each of the 2 others" in said[0] and "bm25" in said[0]
    follow(IndexProgress("encoding mono", 0, 12_120))
    clock[0] += 3600.0
    follow(IndexProgress("encoding mono", 120, 12_120))
    assert "the other one about as long" in said[1] and "100 h 0 min" in said[1]


def test_what_is_soon_over_is_not_said(clock: list[float]) -> None:
    said: list[str] = []
    follow = estimate.Estimate(lambda _: None, 1, said.append)
    follow(IndexProgress("encoding hybrid", 0, 200))
    clock[0] += 1.0
    follow(IndexProgress("encoding hybrid", 150, 200))
    assert said == []


@pytest.mark.parametrize(("seconds", "words"), [(20, "20 s"), (89, "89 s"), (240, "4 min"), (7800, "2 h 10 min")])
def test_durations_are_said_as_people_say_them(seconds: float, words: str) -> None:
    assert estimate.duration(seconds) == words
