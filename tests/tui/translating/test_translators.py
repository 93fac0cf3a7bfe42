"""Translators: what may be one, what is sent to it, what it may answer, and what is kept."""

from __future__ import annotations

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from shlex import quote

import pytest
from hybrid_search.engine.errors import HybridSearchError
from hybrid_search.tui.translating.cache import Translations
from hybrid_search.tui.translating.translators import problem, translator

ECHO = f'{quote(sys.executable)} -c "import sys; print(sys.argv[1] + sys.stdin.read())" {{source}}-{{target}}:'


@pytest.fixture
def endpoint():
    """A chat endpoint on this machine; gives its address, what it was asked, and what it answers."""
    asked: list[tuple[str, dict]] = []
    answers: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            asked.append((self.path, json.loads(body)))
            answer = answers[0]
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1", asked, answers
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_command_gets_the_text_and_the_languages():
    assert translator(ECHO)("Why; $(touch x)?", "en", "de") == "en-de:Why; $(touch x)?"
    assert not Path("x").exists()


def test_an_endpoint_gets_one_request_in_the_openai_form(endpoint):
    address, asked, answers = endpoint
    answers.append(json.dumps({"choices": [{"message": {"content": " Warum\ngeht Brot auf? "}}]}).encode())
    assert translator(f"openai:small@{address}")("Why does bread rise?", "en", "de") == "Warum geht Brot auf?"
    ((path, body),) = asked
    assert path == "/v1/chat/completions" and body["model"] == "small"
    assert body["messages"][1] == {"role": "user", "content": "Why does bread rise?"}
    assert "German" in body["messages"][0]["content"]


@pytest.mark.parametrize(
    "answer", [b"{}", b'{"choices": []}', b'{"choices": [{"message": {"content": null}}]}', b'{"choices": "x"}', b"[]"]
)
def test_an_endpoint_that_gives_no_text_is_told_in_words(endpoint, answer):
    address, _, answers = endpoint
    answers.append(answer)
    with pytest.raises(HybridSearchError, match="gave no text"):
        translator(f"openai:small@{address}")("Why?", "en", "de")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", ""),
        (ECHO, ""),
        ("openai:small@http://127.0.0.1:9/v1", ""),
        ("cat", "{target}"),
        ("cat '{target}", "quotation mark"),
        ("openai:", "incomplete"),
    ],
)
def test_what_is_no_translator_is_refused_before_anything_is_sent(name, words):
    assert words in problem(name) if words else problem(name) == ""


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("/nowhere/trans {target}", "cannot be started"),
        (f"{quote(sys.executable)} -c \"import sys; sys.exit('no such language')\" {{target}}", "no such language"),
        (f'{quote(sys.executable)} -c "pass" {{target}}', "gave no text"),
        (f"{quote(sys.executable)} -c \"print('x' * 9999)\" {{target}}", "characters"),
    ],
)
def test_a_command_that_fails_is_a_sentence(command, words):
    with pytest.raises(HybridSearchError, match=words):
        translator(command)("Why?", "en", "de")


def test_a_translation_is_kept_for_its_translator_languages_and_text(tmp_path):
    file = tmp_path / "kept.jsonl"
    Translations(file).keep("a", "en", "de", "Why?", "Warum?")
    with file.open("a") as damaged:
        damaged.write('[]\n{"by": 1}\n{"cut')
    kept = Translations(file)
    assert kept.get("a", "en", "de", "Why?") == "Warum?"
    assert not kept.get("b", "en", "de", "Why?") and not kept.get("a", "en", "fr", "Why?")
