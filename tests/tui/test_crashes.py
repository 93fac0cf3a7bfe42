"""The child dies while the app goes on: told in words, started again by the next question, never in a circle."""

from __future__ import annotations

import os
import signal
import sys

import pytest
from hybrid_search.tui.app.app import HybridSearchApp
from hybrid_search.tui.service.service import Service
from hybrid_search.tui.widgets.column import Column

from tests.tui.test_stalls import CHILD

# The first question is never answered to its end: the signal always comes while it is.
ENDLESS = CHILD.replace(
    "time.process_time() + 0.3", 'time.process_time() + (600 if query == "bread" and name != encoders[0] else 0.3)'
)


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT])
async def test_a_child_that_is_killed_while_it_answers(until, sent):
    assert ENDLESS != CHILD
    service = Service((sys.executable, "-c", ENDLESS))
    app = HybridSearchApp(answers=service)
    async with app.run_test(size=(130, 40)) as pilot:
        await until(pilot, lambda: app.status)
        first = service.pid
        app.screen.question.put("bread")
        await until(pilot, lambda: app.screen.columns.rankings)
        os.kill(first, sent)
        columns = list(app.screen.query(Column))
        await until(pilot, lambda: all(column.has_class("-error") for column in columns))
        assert "The search process was stopped" in str(columns[0].notice.render())
        await until(pilot, lambda: not service.running)
        app.screen.question.put("water")
        await until(pilot, lambda: app.screen.asked.get("query") == "water" and columns[2].has_class("-result"))
        assert service.pid != first
