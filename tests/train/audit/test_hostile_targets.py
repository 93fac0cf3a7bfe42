"""Targets that lie, never end, write without bound or raise whatever there is: each is told in a sentence, soon."""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from hybrid_search.train.audit.targets import Options, open_target, processes
from hybrid_search.train.audit.targets.answers import answers_in

from tests.support.audits import as_reply, server
from tests.train.audit.test_targets import Q2, Q, asked, module, opened, program, run_of, told

# -- runs


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("run.trec", "q1-de Q0 a 1 nan me\n"),
        ("run.json", '{"q1-de": {"a": NaN}}'),
        ("run.json", '{"q1-de": {"a": null}}'),
        ("run.json", '{"q1-de": {"a": true}}'),
        ("run.json", '{"q1-de": {"a": "high"}}'),
    ],
)
def test_a_score_that_orders_nothing_is_told_with_its_place(tmp_path: Path, name: str, text: str):
    (tmp_path / name).write_text(text, "utf-8")
    said = told(opened, str(tmp_path / name))
    assert "which cannot be ordered" in said and ("line 1" in said or "the score of 'a'" in said)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("run.json", '{"q1-de": {"b": "0.5", "a": "0.75"}}'),
        ("run.json", f'{{"q1-de": {{"b": 1, "a": 1{"0" * 400}}}}}'),
        ("run.json", '{"q1-de": {"b": -Infinity, "a": 0}, "q1-en": {}}'),
        ("run.json", '{" q1-de ": {"a": 2, "b": 1}}'),
        ("run.jsonl", '{"question": "q1-de", "answers": [" a ", "b\\n"]}\n'),
        ("run.trec", "\ufeffq1-de Q0 a 1 2 me\r\nq1-de Q0 b 2 1 me\r\n"),
    ],
)
def test_scores_as_texts_huge_ones_and_white_space_around_ids_are_read(tmp_path: Path, name: str, text: str):
    assert run_of(tmp_path, name, text) == ["a", "b"]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("run.json", '{"q1-de": {"a": 1}, "q1-de": {"b": 1}}', "'q1-de' occurs twice"),
        ("run.json", '{"q1-de": {"a": 2, "b": 1, "a": 0}}', "'a' occurs twice"),
        ("run.jsonl", '{"question": "q1-de", "answers": null}\n', "did not return a list of answers but NoneType None"),
        ("run.jsonl", '{"question": "q1-de", "answers": ["a"]}\n{"question": "q1-de", "ans', "line 2: no answers"),
        ("run.trec", "# my run\nq1-de Q0 a 1 2 me\n", "line 1: not a line of a run (columns: 3)"),
        ("run.csv", "query_id,doc_id,score\nq1-de,a,1\n", "line 1: not a line of a run (columns: 1)"),
        ("run.trec", "\n\n", "is not a run"),
        pytest.param("run.json", "[" * 100_000, "is not a run: not JSON that can be read", id="nested"),
    ],
)
def test_a_run_that_is_damaged_or_says_two_things_is_told(tmp_path: Path, name: str, text: str, words: str):
    (tmp_path / name).write_text(text, "utf-8")
    assert words in told(opened, str(tmp_path / name))


def test_answers_of_a_line_each_stand_by_their_rank(tmp_path: Path):
    rows = ('{"qid": "q1-de", "docid": "b", "rank": 2}', '{"qid": "q1-de", "docid": "a", "rank": 1}')
    assert run_of(tmp_path, "run.jsonl", "\n".join(rows)) == ["a", "b"]


@pytest.mark.parametrize(("scores", "odd"), [((1, 2), False), ((2, 1), True), ((1, 1), False)])
def test_ranks_against_scores_are_remarked_upon(tmp_path: Path, scores: tuple[int, int], odd: bool):
    lines = [f"q1-de Q0 {name} {rank} {score} me" for name, rank, score in zip("ba", (2, 1), scores, strict=True)]
    (tmp_path / "run.trec").write_text("\n".join(lines), "utf-8")
    remarks: list[str] = []
    opened(str(tmp_path / "run.trec"), remark=remarks.append)
    assert bool(remarks) is odd and all("Are they distances?" in each for each in remarks)


def test_an_id_with_a_space_in_a_line_of_columns_is_told_what_it_needs(tmp_path: Path):
    (tmp_path / "run.trec").write_text("q1-de Q0 a b 1 0.5 me\n", "utf-8")
    assert "ids with spaces in them need JSON lines" in told(opened, str(tmp_path / "run.trec"))


# -- functions


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import sys\ndef find(q, k): sys.exit('bye')", "SystemExit: bye"),
        ("class Panic(BaseException): pass\ndef find(q, k): raise Panic('at the disco')", "Panic: at the disco"),
        ("def find(q, k):\n    yield 'a'\n    raise RuntimeError('later')", "RuntimeError: later"),
        ("async def find(q, k): raise OSError('disk')", "OSError: disk"),
        ("class A:\n    def __repr__(self): raise OSError\ndef find(q, k): return [A()]", "answer 1 is A"),
    ],
)
def test_whatever_a_function_raises_is_told(tmp_path: Path, text: str, words: str):
    name = module(tmp_path, f"hostile_{abs(hash(text))}", text)
    said = told(asked, f"python:{name}:find", cwd=tmp_path)
    assert words in said and "question q1-de" in said


def test_a_client_of_coroutines_lives_from_the_first_question_to_the_last(tmp_path: Path):
    text = (
        "import asyncio\nclient = {}\nasync def find(question, k):\n"
        "    loop = client.setdefault('loop', asyncio.get_running_loop())\n"
        "    assert loop is asyncio.get_running_loop() and not loop.is_closed()\n    return ['a1']"
    )
    target = open_target(f"python:{module(tmp_path, 'with_a_client', text)}:find", Options(cwd=tmp_path))
    for question in (Q, Q2, Q):
        assert [each.id for each in target.ask(question, 1)] == ["a1"]
    target.close()
    target.close()


def test_a_module_that_ends_the_program_does_not(tmp_path: Path):
    name = module(tmp_path, "ends_the_program", "import sys\nsys.exit(3)")
    assert "SystemExit: 3" in told(open_target, f"python:{name}:find", Options(cwd=tmp_path))


@pytest.mark.parametrize("place", ["python:../x:find", "python:.x:find", "python:x:", "python::find", "python:a b:c"])
def test_what_cannot_be_a_module_is_told(place: str):
    assert "names no function" in told(open_target, place, Options())


def test_a_ctrl_c_within_a_function_is_one(tmp_path: Path):
    name = module(tmp_path, "interrupted_in_audit", "def find(q, k): raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        asked(f"python:{name}:find", cwd=tmp_path)


def test_what_a_function_prints_is_narration(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    text = "print('importing')\ndef find(q, k):\n    print('asked')\n    return ['a']"
    asked(f"python:{module(tmp_path, 'prints_in_audit', text)}:find", cwd=tmp_path)
    out, err = capsys.readouterr()
    assert out == "" and "importing" in err and "asked" in err


def test_a_generator_without_end_is_read_as_far_as_was_asked(tmp_path: Path):
    name = module(tmp_path, "without_end_in_audit", "def find(q, k):\n    while True:\n        yield 'a'")
    assert 3 <= len(asked(f"python:{name}:find", k=3, cwd=tmp_path)) <= 4


@pytest.mark.parametrize(
    "reply", [[np.int64(1), np.int64(2)], np.array([1, 2]), [(np.int64(1), np.float32(0.5)), (np.str_("2"), 0.25)]]
)
def test_numbers_of_numpy_are_ids(reply):
    assert [each.id for each in answers_in(reply, {}, "it")] == ["1", "2"]


# -- programs


@pytest.fixture
def small_answers(monkeypatch: pytest.MonkeyPatch):
    """Answers may have a megabyte, so that too much is soon written."""
    monkeypatch.setattr(processes, "MOST_BYTES", 2**20)


ENDLESS = "import sys\nwhile True: sys.{stream}.write('x' * 65536)"


@pytest.mark.parametrize("scheme", ["command", "lines"])
def test_a_program_that_writes_without_end_is_ended(tmp_path: Path, small_answers, scheme: str):
    line = program(tmp_path, ENDLESS.format(stream="stdout"))
    assert "for question q1-de" in told(asked, f"{scheme}:{line}", timeout=30)


def test_what_is_written_to_stderr_without_end_is_not_kept(tmp_path: Path):
    text = "import sys\nsys.stderr.write('x' * 5_000_000 + '\\nthe reason\\n')\nsys.exit(1)"
    said = told(asked, f"command:{program(tmp_path, text)}")
    assert "the reason" in said and len(said) < 1000


def test_a_signal_is_called_by_its_name(tmp_path: Path):
    text = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"
    assert "was ended by SIGKILL" in told(asked, f"command:{program(tmp_path, text)}")


def test_what_is_no_utf_8_is_no_json(tmp_path: Path):
    text = "import sys\nsys.stdout.buffer.write(b'[\"\\xff\\xfe\"]')"
    assert "not JSON" in told(asked, f"command:{program(tmp_path, text)}")


def test_a_program_that_leaves_another_behind_has_answered(tmp_path: Path):
    text = "import os, threading\nif os.fork():\n    print('[\"a\"]', flush=True)\n    os._exit(0)\n"
    text += "threading.Event().wait()"
    assert [each.id for each in asked(f"command:{program(tmp_path, text)}", timeout=30)] == ["a"]


def written(lines: queue.Queue[bytes]) -> None:
    """Wait until a line has come."""
    with lines.not_empty:
        assert lines.not_empty.wait_for(lines._qsize, 30)


TWO_LINES = 'import sys\nfor line in sys.stdin:\n    sys.stdout.write(\'["a"]\\n["b"]\\n\')\n    sys.stdout.flush()'


def test_answers_of_two_lines_do_not_slide_to_other_questions(tmp_path: Path):
    target = opened(f"lines:{program(tmp_path, TWO_LINES)}")
    target.ask(Q, 5)
    # Both lines came in one piece, so the second is there as soon as the reader has passed on the first.
    written(target._program._lines)
    said = told(target.ask, Q2, 5)
    target.close()
    assert "wrote more than one line for question q1-de" in said


def test_a_program_that_answers_before_it_is_asked_is_told(tmp_path: Path):
    text = "import sys\nprint([], flush=True)\nsys.stdin.read()"
    target = opened(f"lines:{program(tmp_path, text)}")
    written(target._program._lines)
    said = told(target.ask, Q, 5)
    target.close()
    assert "before it was asked" in said


def test_a_program_that_does_not_read_is_not_waited_for(tmp_path: Path):
    text = "import sys, threading\nsys.stdout.write('[]\\n')\nsys.stdout.flush()\nthreading.Event().wait()"
    target = opened(f"lines:{program(tmp_path, text)}", timeout=0.5)
    long = type(Q)(Q.id, Q.language, "x" * 2_000_000, Q.group)
    said = told(lambda: [target.ask(long, 5), target.ask(long, 5)])
    target.close()
    assert "q1-de" in said


# -- endpoints


@contextmanager
def saying(send: Callable[[socket.socket, threading.Event], None]) -> Iterator[str]:
    """A server that reads a request and then does as it likes, until the block ends."""
    listening = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                try:
                    connection.recv(65536)
                    send(connection, over)
                except OSError:
                    continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/search"
    finally:
        over.set()
        # Whoever waits for a connection is woken by one.
        socket.create_connection(listening.getsockname()).close()
        thread.join(5)
        listening.close()


def head(connection: socket.socket, over: threading.Event) -> None:
    """One byte of a head after another, each well within the timeout."""
    while not over.wait(0.05):
        connection.sendall(b"H")


def whole(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2147483648\r\n\r\n[")
    part = b'"aaaaaaa",' * 100_000
    while not over.is_set():
        connection.sendall(part)


def broken_off(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[")


@pytest.mark.parametrize(
    ("send", "words"),
    [
        (head, "did not answer within 0.5 seconds"),
        (whole, "sends an answer of more than 64 MB"),
        (broken_off, "broke off its answer"),
        (lambda connection, _: connection.sendall(b"SSH-2.0-x\r\n"), "speaks HTTP"),
    ],
    ids=["drips", "two gigabytes", "breaks off", "no http"],
)
def test_a_server_that_lies_is_told(send, words: str):
    with saying(send) as address:
        assert words in told(asked, address, timeout=0.5 if send is head else 60)


def test_a_redirect_to_a_file_is_not_followed():
    with server(lambda *_: (302, {"Location": "file:///etc/passwd"}, b"")) as address:
        said = told(asked, f"{address}/search")
    assert "sends on to file:///etc/passwd, which you have not named" in said


def test_nothing_is_kept_of_an_endpoint_that_fails_and_nobody_says_so():
    with server(lambda *_: (429, {"Retry-After": "1000"}, b"slow down")) as address:
        said = told(asked, f"{address}/search")
    assert "limits requests" in said and "what is done is kept" not in said and "--questions" in said


def test_letters_and_spaces_of_an_address_are_written_as_in_addresses():
    seen = []

    def handle(method, path, headers, body):
        seen.append(path)
        return as_reply(["a"])

    with server(handle) as address:
        asked(f"{address}/søk her?q={{question}}&x=%41")
        asked(f"{address}/søk")
    assert seen[0].startswith("/s%C3%B8k%20her?q=Wie%20backt") and seen[0].endswith("&x=%41")
    assert seen[1] == "/s%C3%B8k"


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:1/a\nb", "http://127.0.0.1:1/a\x00b", "http:///x", "http://a:x/"]
)
def test_what_is_no_address_is_told(address: str):
    assert "is not an address" in told(open_target, address, Options())


@pytest.mark.parametrize(
    ("address", "request_body"),
    [
        ("http://127.0.0.1:1/find?q={frage}", ""),
        ("http://127.0.0.1:1/find?q={question}&n={top}", ""),
        ("http://127.0.0.1:1/find", '{"query": "{question}", "n": "{top}"}'),
    ],
)
def test_a_place_that_nothing_is_put_in_is_told(address: str, request_body: str):
    assert "Nothing is known to put for {" in told(open_target, address, Options(request=request_body))


def test_braces_of_a_language_of_queries_stay(tmp_path: Path):
    seen = []

    def handle(method, path, headers, body):
        seen.append(body)
        return as_reply(["a"])

    with server(handle) as address:
        asked(address, request='{"query": "{ search(text: \\"{question}\\") {id} }"}')
    assert seen[0]["query"].endswith("{id} }") and "{question}" not in seen[0]["query"]


def test_a_pair_of_a_score_and_an_id_is_told_its_order():
    assert "Of a pair the first is the id" in told(answers_in, [(0.5, "a")], {}, "it")


def test_a_reply_of_numbers_by_id_is_ordered_by_them():
    assert [each.id for each in answers_in({"b": 1, "a": 2, "c": 0}, {}, "it")] == ["a", "b", "c"]
    assert [each.score for each in answers_in({"b": 1, "a": 2}, {}, "it")] == [2.0, 1.0]
