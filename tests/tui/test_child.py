"""The child process and its client: answers, progress, cancellation, death, and what is left behind."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

import pytest
from hybrid_search.tui.service.service import ChildEnded, Service, ServiceError, obituary

SCRIPT = """
import os, sys, threading, time
from hybrid_search.engine.errors import LibraryError
from hybrid_search.tui.desk.child import Later, serve

def echo(request, text):
    print("noise on standard output")
    return {"text": text}

def count(request, to):
    for number in range(to):
        request.tell(done=number + 1)
    return {"total": to}

def until_cancelled(request):
    request.tell(started=True)
    while True:
        request.check()
        time.sleep(0.005)

def fail(request):
    raise LibraryError("The library is damaged.", hint="Check it.")

def break_(request):
    raise ZeroDivisionError("not expected")

def die(request):
    print("last words", file=sys.stderr, flush=True)
    os._exit(3)

def wait(request):
    request.tell(started=True)
    threading.Event().wait()

gate = threading.Event()

def later(request):
    return Later(lambda: {"opened": gate.wait(30)})

def odd(request):
    return {"set": {1, 2}}

def open_gate(request):
    gate.set()
    return {}

serve(lambda: {"echo": echo, "count": count, "until_cancelled": until_cancelled, "fail": fail, "break": break_,
               "die": die, "wait": wait, "later": later, "open_gate": open_gate, "odd": odd})
"""


@pytest.fixture
async def service():
    made = Service((sys.executable, "-c", SCRIPT))
    yield made
    made.close()
    await made.ended()


async def test_an_answer_comes_back_in_any_script_and_noise_does_not_disturb_it(service):
    text = "ขนมปัง 面包 خبز \ud800 [bold]"
    assert (await service.ask("echo", text=text))["text"] == text


async def test_progress_comes_before_the_result(service):
    seen = []
    result = await service.ask("count", seen.append, to=3)
    assert [each["done"] for each in seen] == [1, 2, 3] and result == {"total": 3}


async def test_a_cancelled_request_stops_in_the_child_too(service):
    started = asyncio.Event()
    task = asyncio.create_task(service.ask("until_cancelled", lambda _: started.set()))
    await asyncio.wait_for(started.wait(), 120)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await asyncio.wait_for(service.ask("echo", text="free again"), 120))["text"] == "free again"


async def test_a_request_that_waits_its_turn_is_dropped_when_it_is_cancelled(service):
    started = asyncio.Event()
    first = asyncio.create_task(service.ask("until_cancelled", lambda _: started.set()))
    await asyncio.wait_for(started.wait(), 120)
    second = asyncio.create_task(service.ask("until_cancelled"))
    await asyncio.sleep(0)
    for task in (second, first):
        task.cancel()
    assert (await asyncio.wait_for(service.ask("echo", text="third"), 120))["text"] == "third"


async def test_an_expected_error_keeps_its_message_hint_and_kind(service):
    with pytest.raises(ServiceError) as error:
        await service.ask("fail")
    assert (error.value.message, error.value.hint) == ("The library is damaged.", "Check it.")
    assert error.value.kind == "LibraryError"


async def test_an_unexpected_error_does_not_end_the_child(service):
    with pytest.raises(ServiceError, match="ZeroDivisionError: not expected"):
        await service.ask("break")
    assert (await service.ask("echo", text="still here"))["text"] == "still here"


async def test_slow_drawing_lets_other_requests_through(service):
    drawing = asyncio.create_task(service.ask("later"))
    await service.ask("open_gate")
    assert (await asyncio.wait_for(drawing, 120)) == {"opened": True}


async def test_an_answer_that_cannot_be_sent_does_not_end_the_child(service):
    with pytest.raises(ServiceError, match="not JSON serializable"):
        await service.ask("odd")
    assert (await service.ask("echo", text="still here"))["text"] == "still here"


async def test_the_child_as_the_app_starts_it_answers():
    real = Service()
    try:
        with pytest.raises(ServiceError, match="No library is open"):
            await real.ask("map", encoder="base")
    finally:
        real.close()
        await real.ended()


async def test_death_is_told_with_the_last_words_and_the_next_request_starts_it_again(service):
    with pytest.raises(ChildEnded, match="ended with code 3: last words"):
        await service.ask("die")
    assert (await service.ask("echo", text="back"))["text"] == "back"


@pytest.mark.parametrize(("sent", "name"), [(signal.SIGKILL, "SIGKILL"), (signal.SIGINT, "stopped")])
async def test_a_killed_or_interrupted_child_is_told_in_words(service, sent, name):
    started = asyncio.Event()
    task = asyncio.create_task(service.ask("wait", lambda _: started.set()))
    await asyncio.wait_for(started.wait(), 120)
    os.kill(service.pid, sent)
    with pytest.raises(ChildEnded, match=name):
        await asyncio.wait_for(task, 120)


async def test_closing_is_immediate_and_leaves_nothing_behind(service):
    started = asyncio.Event()
    task = asyncio.create_task(service.ask("wait", lambda _: started.set()))
    await asyncio.wait_for(started.wait(), 120)
    process = service._process
    service.close()
    with pytest.raises(ChildEnded):
        await task
    assert await asyncio.wait_for(process.wait(), 120) == -signal.SIGKILL


async def test_the_child_ends_when_the_app_is_gone(service):
    await service.ask("echo", text="hello")
    process = service._process
    process.stdin.close()
    assert await asyncio.wait_for(process.wait(), 120) == 0


async def test_a_command_that_cannot_be_started_is_told(tmp_path):
    with pytest.raises(ServiceError, match="cannot be started"):
        await Service((str(tmp_path / "nothing"),)).ask("echo", text="")


def test_the_end_of_a_process_is_one_sentence():
    assert obituary(-9, []) == "The search process was stopped by SIGKILL."
    assert obituary(1, ["Traceback", "MemoryError"]) == "The search process ended with code 1: MemoryError"
    assert obituary(0, []) == "The search process was stopped."


async def test_a_progress_callback_that_fails_is_told_to_its_caller_and_holds_nobody_up(service):
    def broken(_):
        raise KeyError("a mistake of the screen")

    with pytest.raises(KeyError, match="a mistake of the screen"):
        await asyncio.wait_for(service.ask("count", broken, to=3), 120)
    assert (await asyncio.wait_for(service.ask("echo", text="still here"), 120))["text"] == "still here"
