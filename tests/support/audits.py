"""Shared by tests of audits: a kit of a few topics, scripted rankings, and a server that answers questions."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from hybrid_search.train.audit.kits import Kit, bundled_kit
from hybrid_search.train.audit.targets import Answer, Question

TOPICS = ("glacier", "tea")
LANGUAGES = ("de", "en", "ja")


def small_kit(topics: Sequence[str] = TOPICS, languages: tuple[str, ...] = LANGUAGES) -> Kit:
    """Some topics of the bundled kit, with only their passages."""
    kit = bundled_kit().only(languages)
    kept = [row for row, each in enumerate(kit.passages) if each.document.split(".")[0] in topics]
    place = {row: number for number, row in enumerate(kept)}
    asked = [row for row, each in enumerate(kit.questions) if each.group.rsplit("-", 1)[0] in topics]
    documents = {kit.passages[row].document for row in kept}
    return replace(
        kit,
        name="a small kit",
        questions=tuple(kit.questions[row] for row in asked),
        passages=tuple(kit.passages[row] for row in kept),
        relevant=tuple(tuple(place[each] for each in kit.relevant[row]) for row in asked),
        texts=tuple((name, text) for name, text in kit.texts if name in documents),
        nonsense=kit.nonsense[:6],
    )


class Scripted:
    """A target that answers by a function, and records the questions."""

    def __init__(self, answers: Callable[[Question, int], Sequence[Answer]], *, depth: int | None = None) -> None:
        self.name = "scripted"
        self.depth = depth
        self.asked: list[Question] = []
        self._answers = answers

    def prepare(self, questions: Sequence[Question]) -> None:
        pass

    def ask(self, question: Question, k: int) -> Sequence[Answer]:
        self.asked.append(question)
        return self._answers(question, k)

    def languages(self) -> Mapping[str, int]:
        return {}

    def close(self) -> None:
        pass


def by_meaning(kit: Kit, *, bias: bool = False) -> Callable[[Question, int], list[Answer]]:
    """Rankings with the right passages first; if biased, the question's language comes before all others."""
    right = {question.id: rows for question, rows in zip(kit.questions, kit.relevant, strict=True)}

    def answers(question: Question, k: int) -> list[Answer]:
        rows = range(len(kit.passages))
        wanted = set(right.get(question.id, ()))

        def key(row: int) -> tuple[bool, bool]:
            foreign = kit.passages[row].language != question.language
            return (bias and foreign, row not in wanted)

        return [Answer(id=kit.passages[row].id) for row in sorted(rows, key=key)[:k]]

    return answers


Handler = Callable[[str, str, Mapping[str, str], Any], tuple[int, Mapping[str, str], bytes]]


@contextmanager
def server(handle: Handler) -> Iterator[str]:
    """A server on this machine; `handle` gets method, path, headers and JSON, and returns status, headers and bytes."""

    class Requests(BaseHTTPRequestHandler):
        def _answer(self, method: str) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, headers, reply = handle(method, self.path, self.headers, json.loads(body) if body else None)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def do_GET(self) -> None:
            self._answer("GET")

        def do_POST(self) -> None:
            self._answer("POST")

        def log_message(self, *_: Any) -> None:
            pass

    made = ThreadingHTTPServer(("127.0.0.1", 0), Requests)
    made.daemon_threads = True
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{made.server_address[1]}"
    finally:
        made.shutdown()
        made.server_close()
        thread.join()


def as_reply(value: Any) -> tuple[int, Mapping[str, str], bytes]:
    """A JSON value as a server's answer."""
    return 200, {"Content-Type": "application/json"}, json.dumps(value, ensure_ascii=False).encode()
