"""Targets of an audit: whatever shape answers have they are read, and whatever goes wrong is told in a sentence."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from hybrid_search.engine.errors import HybridSearchError
from hybrid_search.train.audit.targets import Answer, Options, Question, TargetError, open_target
from hybrid_search.train.audit.targets.answers import answers_in

from tests.support.audits import as_reply, server

Q = Question("q1-de", "de", "Wie backt man Brot?", "q1")
Q2 = Question("q1-en", "en", "How is bread baked?", "q1")


def told(call, *arguments, **named) -> str:
    """What is said of a call that cannot work."""
    with pytest.raises(HybridSearchError) as caught:
        call(*arguments, **named)
    return str(caught.value)


def opened(place: str, **more):
    target = open_target(place, Options(**more))
    target.prepare([Q, Q2])
    return target


def asked(place: str, k: int = 10, **more) -> list[Answer]:
    target = opened(place, **more)
    try:
        return list(target.ask(Q, k))
    finally:
        target.close()


# -- shapes of answers


@pytest.mark.parametrize(
    "reply",
    [
        ["a", "b"],
        [["a", 0.9], ["b", 0.8]],
        [{"id": "a"}, {"_id": "b"}],
        {"results": [{"docid": "a", "score": 2}, {"docid": "b", "score": 1}]},
        {"hits": {"hits": [{"_id": "a", "_source": {"text": "x"}}, {"_id": "b", "_source": {"text": "y"}}]}},
        {"data": [{"chunk_id": "a"}, {"chunk_id": "b"}]},
        {"b": 0.5, "a": 0.75},
        (
            SimpleNamespace(id="a", page_content="x", metadata={}),
            SimpleNamespace(id="b", page_content="y", metadata={}),
        ),
        [SimpleNamespace(node=SimpleNamespace(node_id="a", text="x"), score=0.5), {"node": {"node_id": "b"}}],
    ],
)
def test_ids_are_found_in_the_usual_shapes(reply):
    assert [each.id for each in answers_in(reply, {}, "it")] == ["a", "b"]


def test_texts_sources_and_languages_are_read_wherever_they_stand():
    openai = {
        "data": [{"file_id": "f1", "filename": "tea.de.md", "score": 0.5, "content": [{"type": "text", "text": "Tee"}]}]
    }
    (first,) = answers_in(openai, {}, "it")
    assert (first.source, first.text, first.score) == ("tea.de.md", "Tee", 0.5)
    document = SimpleNamespace(page_content="Brot", metadata={"source": "docs/bread.de.md", "lang": "de"}, id=None)
    (pair,) = answers_in([(document, 0.25)], {}, "it")
    assert (pair.source, pair.text, pair.language, pair.score) == ("docs/bread.de.md", "Brot", "de", 0.25)
    (named,) = answers_in([{"key": 7, "body_text": "x"}], {"id": "key", "text": "body_text"}, "it")
    assert (named.id, named.text) == ("7", "x")


@pytest.mark.parametrize("reply", ["no list", 7, None, {"count": 3, "page": "x"}, {"error": "nothing"}])
def test_what_is_no_list_of_answers_is_told(reply):
    assert "did not return a list of answers" in told(answers_in, reply, {}, "it")


@pytest.mark.parametrize("reply", [[{"x": 1}], [None], [[1, 2, 3]], [True], [{"id": ""}]])
def test_what_is_no_answer_is_told_with_its_place(reply):
    assert "answer 1" in told(answers_in, reply, {}, "it")


# -- kinds


def test_what_is_no_target_is_told_with_what_there_is(tmp_path):
    said = told(open_target, "nothing-of-the-kind", Options())
    assert "There is no target" in said and "python:MODULE:FUNCTION" in said


# -- run files


def run_of(tmp_path: Path, name: str, text: str, **more) -> list[str]:
    (tmp_path / name).write_text(text, "utf-8")
    return [each.id for each in asked(str(tmp_path / name), **more)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("run.trec", "q1-de Q0 b 2 0.5 me\nq1-de Q0 a 1 0.75 me\n"),
        ("run.txt", "q1-de Q0 b 2 0.5\nq1-de Q0 a 1 0.75\n"),
        ("run.json", '{"q1-de": {"b": 0.5, "a": 0.75}}'),
        ("run.json", '[{"question": "q1-de", "answers": ["a", "b"]}]'),
        ("run.jsonl", '{"question": "q1-de", "answers": ["a", {"id": "b"}]}\n'),
        ("run.jsonl", '{"query_id": "q1-de", "doc_id": "a", "score": 2}\n{"query_id": "q1-de", "doc_id": "b"}\n'),
        ("run.jsonl", '{"qid": "q1-de", "hits": [{"docid": "a"}, {"docid": "b"}]}\n'),
    ],
)
def test_runs_are_read_in_every_form(tmp_path, name, text):
    assert run_of(tmp_path, name, text) == ["a", "b"]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("run.trec", "q1-de Q0 a\n", "line 1: not a line of a run (columns: 3)"),
        ("run.trec", "q1-de Q0 a 1 high me\n", "line 1: not a line of a run"),
        ("run.json", "{", "is not a run"),
        ("run.json", '{"q1-de": 7}', "did not return a list of answers"),
        ("run.jsonl", '{"question": "q1-de", "answers": ["a"]}\nnot json\n', "line 2"),
        ("run.jsonl", '{"question": "q1-de"}\n', "line 1"),
        ("run.trec", "", "is not a run"),
        ("run.trec", "other Q0 a 1 0.5 me\n", "answers none of the questions"),
    ],
)
def test_what_is_no_run_is_told_with_its_place(tmp_path, name, text, words):
    (tmp_path / name).write_text(text, "utf-8")
    assert words in told(opened, str(tmp_path / name))


def test_questions_of_a_run_that_nobody_asked_are_told_of(tmp_path):
    (tmp_path / "run.trec").write_text("q1-de Q0 a 1 0.5 me\nother Q0 a 1 0.5 me\n", "utf-8")
    notices: list[str] = []
    opened(str(tmp_path / "run.trec"), remark=notices.append)
    assert notices == ["1 of 2 questions of the run are not in the kit and were ignored, 'other' first."]


def test_a_run_that_is_not_there_is_told():
    assert "no run file" in told(open_target, "run:nowhere.trec", Options())


# -- functions


def module(tmp_path: Path, name: str, text: str) -> str:
    (tmp_path / f"{name}.py").write_text(text, "utf-8")
    return name


@pytest.mark.parametrize(
    "text",
    [
        "def find(question, k): return ['a', 'b'][:k]",
        "def find(question): return ['a', 'b']",
        "async def find(question, k): return ['a', 'b']",
        "def find(question, k): return ({'id': each} for each in 'ab')",
        "class R:\n    def invoke(self, question): return ['a', 'b']\nfind = R().invoke",
    ],
)
def test_functions_of_every_kind_are_called(tmp_path, request, text):
    name = module(tmp_path, f"good_{abs(hash(text))}", text)
    assert [each.id for each in asked(f"python:{name}:find", cwd=tmp_path)] == ["a", "b"]


def test_what_is_wrong_with_a_function_is_told(tmp_path):
    raises = module(tmp_path, "raises_in_audit", "def find(question, k): raise KeyError('index')")
    broken = module(tmp_path, "broken_in_audit", "1 / 0")
    assert "names no function" in told(open_target, "python:x", Options())
    assert "cannot be imported" in told(open_target, "python:no_such_module_here:find", Options(cwd=tmp_path))
    assert f"has no {'gone'}" in told(open_target, f"python:{raises}:gone", Options(cwd=tmp_path))
    assert "ZeroDivisionError" in told(open_target, f"python:{broken}:find", Options(cwd=tmp_path))
    assert "failed on question q1-de: KeyError" in told(asked, f"python:{raises}:find", cwd=tmp_path)


# -- programs


def program(tmp_path: Path, text: str) -> str:
    (tmp_path / "program.py").write_text(text, "utf-8")
    return f"{sys.executable} -S {tmp_path / 'program.py'}"


def test_a_command_reads_the_question_and_its_places_are_filled(tmp_path):
    text = "import json, sys\nprint(json.dumps([sys.stdin.buffer.read().decode(), *sys.argv[1:]]))"
    line = program(tmp_path, text) + " {k} {language}"
    assert [each.id for each in asked(f"command:{line}", k=3)] == [Q.text, "3", "de"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("print('no json')", "wrote 'no json' for question q1-de, which is not JSON"),
        ("", "wrote nothing"),
        ("import sys; sys.exit('index is gone')", "ended with code 1 on question q1-de: index is gone"),
    ],
)
def test_what_is_wrong_with_a_command_is_told(tmp_path, text, words):
    assert words in told(asked, f"command:{program(tmp_path, text)}")


@pytest.mark.parametrize("scheme", ["command", "lines"])
def test_a_program_that_never_answers_is_ended_and_told(tmp_path, scheme):
    line = program(tmp_path, "import threading\nthreading.Event().wait()")
    assert "did not answer question q1-de within 0.3 seconds" in told(asked, f"{scheme}:{line}", timeout=0.3)


@pytest.mark.parametrize("scheme", ["command", "lines"])
def test_a_program_that_is_not_there_is_told(scheme):
    assert "There is no program" in told(open_target, f"{scheme}:no-such-program-here", Options())
    assert "is incomplete" in told(open_target, f"{scheme}: ", Options())
    assert "cannot be read" in told(open_target, f"{scheme}:x 'y", Options())


def test_a_program_of_lines_is_run_once(tmp_path):
    text = "import json, sys, os\nfor line in sys.stdin:\n"
    text += "    print(json.dumps([str(os.getpid()), json.loads(line)['id']]), flush=True)"
    target = opened(f"lines:{program(tmp_path, text)}")
    first, second = target.ask(Q, 5), target.ask(Q2, 5)
    target.close()
    assert first[0].id == second[0].id and (first[1].id, second[1].id) == ("q1-de", "q1-en")


def test_a_program_of_lines_that_ends_is_told_with_its_last_words(tmp_path):
    line = program(tmp_path, "import sys\nsys.stdin.readline()\nsys.exit('out of memory')")
    assert "ended before it answered question q1-de: out of memory" in told(asked, f"lines:{line}")


# -- endpoints


def test_the_body_and_the_address_carry_the_question(tmp_path):
    seen = []

    def handle(method, path, headers, body):
        seen.append((method, path, headers.get("X-Team"), body))
        return as_reply(["a"])

    with server(handle) as address:
        asked(f"{address}/search", k=3)
        asked(f"{address}/search/", k=3, request='{"q": {"text": "ask: {question}"}, "n": "{k}", "lang": "{language}"}')
        asked(f"{address}/search?q={{question}}&n={{k}}", k=3, headers={"X-Team": "blue"})
        asked(f"{address}/v1/vector_stores/vs_1/search", k=3)
    assert seen[0][1:] == ("/search", None, {"query": Q.text, "top_k": 3})
    assert seen[1][1:] == ("/search/", None, {"q": {"text": f"ask: {Q.text}"}, "n": 3, "lang": "de"})
    assert seen[2] == ("GET", "/search?q=Wie%20backt%20man%20Brot%3F&n=3", "blue", None)
    assert seen[3][3] == {"query": Q.text, "max_num_results": 3}


def test_the_answers_are_taken_from_any_json_by_a_path():
    reply = {"outer": [{"hit": {"name": "a"}}, {"hit": {"name": "b"}}]}
    with server(lambda *_: as_reply(reply)) as address:
        found = asked(f"{address}/x", results="outer[].hit", fields={"id": "name"})
        assert [each.id for each in found] == ["a", "b"]
        assert "there is nothing at outer.hits in the reply, which has outer" in told(
            asked, f"{address}/x", results="outer.hits"
        )


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ((404, {}, b"no"), "does not know this request"),
        ((401, {}, b'{"error": "bad key"}'), "refuses access"),
        ((400, {}, b'{"detail": "field q required"}'), "field q required"),
        ((200, {}, b"<html>hello</html>"), "JSON"),
        ((200, {}, b'{"message": "ok"}'), "did not return a list of answers"),
        ((302, {"Location": "http://example.org/"}, b""), "sends on to"),
        ((200, {}, b'[{"x": 1}]'), "answer 1"),
    ],
)
def test_what_a_wrong_endpoint_says_is_told(reply, words):
    with server(lambda *_: reply) as address:
        said = told(asked, f"{address}/search")
    assert words in said and "question q1-de" in said


def test_a_slow_server_is_not_waited_for():
    free = threading.Event()

    def handle(*_):
        free.wait(20)
        return as_reply([])

    with server(handle) as address:
        said = told(asked, f"{address}/search", timeout=0.3)
        free.set()
    assert "did not answer within 0.3 seconds" in said and "--timeout" in said


def test_a_server_that_is_not_there_is_told():
    with server(lambda *_: as_reply([])) as address:
        pass
    assert "cannot be reached" in told(asked, f"{address}/search")


@pytest.mark.parametrize(
    ("place", "more", "words"),
    [
        ("http://", {}, "is not an address"),
        ("http://user:secret@127.0.0.1/x", {}, "user name or a password"),
        ("http://127.0.0.1/x", {"request": "{"}, "is not JSON"),
        ("http://127.0.0.1/x", {"request": '{"q": "x"}'}, "no place for the question"),
        ("http://127.0.0.1/x", {"request": '["{question}"]'}, "is not a JSON object"),
        ("http://127.0.0.1/x", {"results": "a.["}, "not a JMESPath"),
        ("https://127.0.0.1/x", {"headers": {"Authorization": "Bearer ${NO_SUCH_KEY}"}}, "takes NO_SUCH_KEY"),
        ("https://api.openai.com/v1/vector_stores/x/search", {}, "takes OPENAI_API_KEY"),
    ],
)
def test_what_cannot_be_asked_is_told_before_anything_is_sent(monkeypatch, place, more, words):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    said = told(open_target, place, Options(**more))
    assert words in said and "secret" not in said


def test_a_key_goes_over_no_open_network_and_into_no_message(monkeypatch):
    monkeypatch.setenv("AUDIT_TEST_KEY", "very-secret-key")
    headers = {"Authorization": "Bearer ${AUDIT_TEST_KEY}"}
    assert "unencrypted" in told(open_target, "http://example.org/x", Options(headers=headers))
    seen = []

    def handle(_method, _path, sent, _body):
        seen.append(sent["Authorization"])
        return 401, {}, b"very-secret-key is wrong"

    with server(handle) as address:
        assert "very-secret-key" not in told(asked, f"{address}/x", headers=headers)
    assert seen == ["Bearer very-secret-key"]


# -- encoders


def test_an_encoder_needs_passages():
    assert "has nothing to rank" in told(open_target, "encoder:bm25", Options())


def test_an_error_of_a_target_is_an_expected_one():
    assert issubclass(TargetError, HybridSearchError)
    assert json.dumps(vars(Answer("a")))
