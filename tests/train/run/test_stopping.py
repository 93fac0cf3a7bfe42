"""One request to stop a run is enough, whenever it comes: at its start, at work, and where nobody hears it."""

from __future__ import annotations

import signal

import pytest
from hybrid_search.train.run import stopping
from hybrid_search.tui.service.training import COMMAND, STUDY, Training

from tests.support import tiny_models

# Sends the request to itself when it imports its so-many-th module: a moment that is the same on any machine.
AT_IMPORT = """
import signal, sys
count = 0
def imported(event, _):
    global count
    count += event == "import"
    if event == "import" and count == {number}:
        signal.raise_signal(signal.SIGINT)
sys.addaudithook(imported)
"""


@pytest.fixture
def listening():
    before = signal.getsignal(signal.SIGINT)
    stopping.listen()
    yield
    stopping.answered()
    signal.signal(signal.SIGINT, before)


def unheard():
    """A request that comes where every exception is let go, as in a finaliser."""
    try:
        signal.raise_signal(signal.SIGINT)
    except KeyboardInterrupt:
        pass
    else:
        raise AssertionError("no request came")


def test_a_request_that_nobody_heard_is_made_again_and_once_only(listening):
    unheard()
    with pytest.raises(KeyboardInterrupt):
        stopping.heed()
    stopping.heed()


async def run_of(command, *, stop_at_once=False):
    """The events of a run that has nothing to train on: whatever it tells, it does not come to train."""
    told = []
    training = Training(told.append, command)
    training.begin(["/nowhere", "--base", "/nowhere", "--out", "one", "--steps", "1"])
    if stop_at_once:
        training.stop()
    await training._task
    return told


@pytest.mark.parametrize("number", [1, 20, 60, 120, 250])
@pytest.mark.parametrize("begun", [COMMAND, STUDY], ids=["train", "study"])
async def test_a_request_during_the_start_stops_the_run(begun, number):
    *interpreter, program, command = begun
    told = await run_of((*interpreter, AT_IMPORT.format(number=number) + program, command))
    assert [event["event"] for event in told][-1:] == ["stopped"], told


async def test_a_request_before_the_process_is_there_stops_the_run():
    told = await run_of(COMMAND, stop_at_once=True)
    assert [event["event"] for event in told] == ["stopped"]


@pytest.mark.parametrize("moment", ["start", "step", "checkpoint"])
def test_a_request_that_the_run_did_not_hear_stops_it_with_the_next_event(listening, tmp_path, moment):
    pytest.importorskip("torch")
    from hybrid_search.train.run.training import fit
    from hybrid_search.train.settings.config import RunConfig, SourceConfig

    base, data = tiny_models.xlm_r(tmp_path / "base"), tiny_models.pairs(tmp_path / "pairs.jsonl")
    config = RunConfig(
        name="tiny", base=str(base), sources=(SourceConfig(str(data)),), steps=1000, batch_size=6, lora_rank=4,
        warmup_steps=1, precision="fp32", device="cpu", checkpoint_every=2,
    )  # fmt: skip
    told = []

    def tell(event):
        told.append(event["event"])
        if event["event"] == moment and told.count(moment) == 1:
            unheard()

    with pytest.raises(KeyboardInterrupt):
        fit(config, tell)
    assert told[-1] == moment
    stopping.heed()
