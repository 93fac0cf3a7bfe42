"""A run's journal is written to a regular file, and to nothing else that lies in its place."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hybrid_search.train.run import checkpoints


def test_events_are_kept_a_line_each(tmp_path: Path):
    told: list[dict] = []
    tell = checkpoints.journal(tmp_path, told.append)
    tell({"event": "step", "step": 1})
    assert told == [{"event": "step", "step": 1}]
    assert '"step": 1' in (tmp_path / checkpoints.JOURNAL).read_text("utf-8").splitlines()[-1]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are POSIX")
@pytest.mark.parametrize("odd", [os.mkfifo, Path.mkdir, lambda path: path.symlink_to("/dev/full")])
def test_a_journal_that_cannot_be_written_costs_the_curve_and_not_the_run(tmp_path: Path, odd):
    odd(tmp_path / checkpoints.JOURNAL)
    told: list[dict] = []
    tell = checkpoints.journal(tmp_path, told.append, resume=True)
    tell({"event": "step", "step": 1})
    assert told == [{"event": "step", "step": 1}]
