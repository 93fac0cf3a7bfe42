"""What a training process and a study tell when they end."""

from __future__ import annotations

import sys

import pytest
from hybrid_search.tui.service.training import Training

TOLD = 'print(\'{"event": "run"}\'); print(\'{"event": "done"}\')'


@pytest.mark.parametrize(("many", "last"), [(False, "done"), (True, "over")])
async def test_a_run_that_is_done_ends_a_training_and_no_study(many, last):
    told: list[str] = []
    training = Training(lambda event: told.append(event["event"]), (sys.executable, "-P", "-c", TOLD), many=many)
    training.begin([])
    assert training._task is not None
    await training._task
    assert told[-1] == last and told.count("done") == 1
