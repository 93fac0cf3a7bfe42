"""Stand-ins on loopback for embedding endpoints: they speak the real protocols, and fail or lie by a script."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np

from tests.conftest import KeywordEncoder

Reply = tuple[int, dict[str, str], bytes]


@dataclass
class Asked:
    """One request as it was received."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class StandIn:
    """An endpoint: the requests that it got, and a script of replies other than the correct one.

    `script` holds the replies to the next requests for vectors, in order: a status, a whole reply, a function that
    changes the correct answer, or None for the correct answer.
    """

    protocol: str
    key: str = ""
    dimensions: int = 0
    most: int = 0
    info: dict[str, Any] | None = None
    asked: list[Asked] = field(default_factory=list)
    script: list[int | Reply | Callable[[Any], Any] | None] = field(default_factory=list)
    held: threading.Event = field(default_factory=threading.Event)
    address: str = ""

    @property
    def texts(self) -> list[str]:
        """Every text sent for encoding."""
        return [
            text
            for each in self.asked
            if each.body is not None and not each.path.endswith("/rerank")
            for text in texts_of(self.protocol, each.body)
        ]

    @property
    def name(self) -> str:
        """The name of an encoder at this endpoint."""
        return f"tei:{self.address}" if self.protocol == "tei" else f"{self.protocol}:tiny@{self.address}"

    # -- answers

    def reply(self, asked: Asked) -> Reply:
        if asked.method == "GET":
            known = {"tei": "/info", "ollama": "/api/tags"}.get(self.protocol)
            if asked.path == known and self.info is not None:
                return good(self.info)
            return 404, {}, b"not found"
        ranking = asked.path == PATHS[self.protocol].rpartition("/")[0] + "/rerank"
        if asked.path.partition("?")[0] != PATHS[self.protocol] and not ranking:
            return failing(self.protocol, 404, "no such path")
        if self.key and self.key not in (
            asked.headers.get("authorization", "").removeprefix("Bearer "),
            asked.headers.get("x-goog-api-key", ""),
        ):
            return failing(self.protocol, 401, f"Incorrect API key provided: {asked.headers.get('authorization', '')}")
        if ranking:
            planned = self.script.pop(0) if self.script else None
            answer = ranked(self.protocol, asked.body)
            return good(planned(answer) if planned is not None else answer)
        texts = texts_of(self.protocol, asked.body)
        if self.most and len(texts) > self.most:
            return failing(self.protocol, 413, f"batch size {len(texts)} > maximum allowed batch size {self.most}")
        planned = self.script.pop(0) if self.script else None
        if isinstance(planned, int):
            return failing(self.protocol, planned, "out of order")
        if isinstance(planned, tuple):
            return planned
        answer = answer_of(self.protocol, vectors_of(texts, self.dimensions or asked_for(asked.body)), texts)
        return good(planned(answer) if planned is not None else answer)


PATHS = {
    "openai": "/v1/embeddings",
    "voyage": "/v1/embeddings",
    "cohere": "/v2/embed",
    "gemini": "/v1beta/models/tiny:batchEmbedContents",
    "ollama": "/api/embed",
    "tei": "/embed",
}
BASES = {"openai": "/v1", "voyage": "/v1", "cohere": "/v2", "gemini": "/v1beta", "ollama": "", "tei": ""}


def texts_of(protocol: str, body: Any) -> list[str]:
    if protocol == "gemini":
        return [request["content"]["parts"][0]["text"] for request in body["requests"]]
    return list(body[{"cohere": "texts", "tei": "inputs"}.get(protocol, "input")])


def asked_for(body: Any) -> int:
    inner = body["requests"][0] if "requests" in body else body
    return next((inner[key] for key in ("dimensions", "output_dimension", "outputDimensionality") if key in inner), 0)


def vectors_of(texts: list[str], dimensions: int = 0) -> list[list[float]]:
    """The keyword encoder's vectors, of length 2 instead of 1."""
    rows = 2 * np.asarray(KeywordEncoder().encode_document(texts), dtype=np.float64)
    return rows[:, -dimensions:].tolist() if dimensions else rows.tolist()


def answer_of(protocol: str, rows: list[list[float]], texts: list[str]) -> Any:
    words = sum(len(text.split()) for text in texts)
    if protocol in ("openai", "voyage"):
        data = [{"object": "embedding", "index": index, "embedding": row} for index, row in enumerate(rows)]
        # The protocol does not promise an order, only the index.
        return {"object": "list", "data": data[::-1], "usage": {"prompt_tokens": words, "total_tokens": words}}
    if protocol == "cohere":
        return {"id": "x", "embeddings": {"float": rows}, "meta": {"billed_units": {"input_tokens": words}}}
    if protocol == "gemini":
        return {"embeddings": [{"values": row} for row in rows]}
    if protocol == "ollama":
        return {"model": "tiny", "embeddings": rows, "prompt_eval_count": words}
    return rows


def ranked(protocol: str, body: Any) -> Any:
    """The answer of a reranker that ranks longer passages higher."""
    texts = body["texts" if protocol == "tei" else "documents"]
    score = "score" if protocol == "tei" else "relevance_score"
    rows = [{"index": index, score: len(text) / 100} for index, text in enumerate(texts)]
    rows.sort(key=lambda row: -row[score])
    return rows if protocol == "tei" else {{"cohere": "results", "voyage": "data"}[protocol]: rows}


def failing(protocol: str, status: int, words: str) -> Reply:
    shapes = {
        "openai": {"error": {"message": words, "type": "invalid_request_error", "code": None}},
        "voyage": {"detail": words},
        "cohere": {"id": "x", "message": words},
        "gemini": {"error": {"code": status, "message": words, "status": "FAILED"}},
        "ollama": {"error": words},
        "tei": {"error": words, "error_type": "Validation"},
    }
    return status, {}, json.dumps(shapes[protocol]).encode()


def good(answer: Any) -> Reply:
    return 200, {"Content-Type": "application/json"}, json.dumps(answer).encode()


@contextmanager
def running(protocol: str, **options: Any) -> Iterator[StandIn]:
    """A stand-in that answers until the block ends."""
    stand_in = StandIn(protocol, **options)

    class Handler(BaseHTTPRequestHandler):
        def _take(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            data = self.rfile.read(length)
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, self.path, headers, json.loads(data) if data else None)
            stand_in.asked.append(asked)
            status, more, body = stand_in.reply(asked)
            if status == 0:
                # Sends nothing until the test is over.
                stand_in.held.wait(30)
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in more.items():
                self.send_header(name, value)
            if "Content-Length" not in more:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _take

        def log_message(self, *_: Any) -> None:
            """Log nothing: tests read the requests from `asked`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    stand_in.address = f"http://127.0.0.1:{server.server_address[1]}{BASES[protocol]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield stand_in
    finally:
        stand_in.held.set()
        server.shutdown()
        server.server_close()
