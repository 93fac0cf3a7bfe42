"""The process that holds the library and the encoders for the app and answers its requests, one JSON line each.

A request is {"id", "op", "with": {...}}; {"cancel": id} drops one. Answers are {"id", "progress": {...}} any number of
times, then {"id", "result": {...}} or {"id", "error": {"message", "hint", "kind"}}. The process ends when its standard
input does, so that it never outlives the app.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import threading
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from ...engine.errors import HybridSearchError
from .requests import Cancelled, Later, Operation, Request


class Line:
    """Both ends of the pipe: requests are queued in order, cancellations take effect at once."""

    def __init__(self, source: BinaryIO, sink: BinaryIO) -> None:
        self._source = source
        self._sink = sink
        self._lock = threading.Lock()
        self._cancelled: set[int] = set()
        self._requests: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()

    def listen(self) -> None:
        """Read requests until the app closes the pipe, then end the process at once, whatever it is doing."""
        for raw in self._source:
            with contextlib.suppress(ValueError):
                message = json.loads(raw)
                if "cancel" in message:
                    self._cancelled.add(message["cancel"])
                else:
                    self._requests.put(message)
        os._exit(0)

    def send(self, message: dict[str, Any]) -> None:
        """Write one answer; end the process if the app no longer reads."""
        data = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
        try:
            with self._lock:
                self._sink.write(data + b"\n")
                self._sink.flush()
        except OSError:
            os._exit(0)

    def serve(self, operations: Mapping[str, Operation]) -> None:
        """Answer requests until the process ends."""
        while True:
            self._answer(self._requests.get(), operations)

    def _answer(self, message: dict[str, Any], operations: Mapping[str, Operation]) -> None:
        number = message["id"]
        request = Request(number, self.send, lambda: number in self._cancelled)

        def begin() -> dict[str, Any] | Later:
            request.check()
            answer: dict[str, Any] | Later = operations[message["op"]](request, **message.get("with", {}))
            return answer

        self._conclude(number, begin)

    def _conclude(self, number: int, work: Callable[[], dict[str, Any] | Later]) -> None:
        """Do the work and send its result, or an error that says why it failed."""
        try:
            result = work()
        except Cancelled:
            self._refuse(number, "cancelled", "cancelled")
        except HybridSearchError as error:
            self._refuse(number, type(error).__name__, error.message, error.hint)
        except Exception as error:
            traceback.print_exc()
            self._refuse(number, "unexpected", f"{type(error).__name__}: {error}")
        else:
            if isinstance(result, Later):
                threading.Thread(target=self._conclude, args=(number, result.finish), daemon=True).start()
            else:
                try:
                    self.send({"id": number, "result": result})
                except (TypeError, ValueError) as error:
                    self._refuse(number, "unexpected", f"{type(error).__name__}: {error}")
                self._cancelled.discard(number)

    def _refuse(self, number: int, kind: str, message: str, hint: str = "") -> None:
        self.send({"id": number, "error": {"kind": kind, "message": message, "hint": hint}})
        self._cancelled.discard(number)


def serve(make_operations: Callable[[], Mapping[str, Operation]]) -> None:
    """Take over standard input and output, and answer requests; what libraries print goes to standard error."""
    # A process started by a shell's background job ignores SIGINT unless it sets a handler.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sink = os.fdopen(os.dup(1), "wb")
    source = os.fdopen(os.dup(0), "rb")
    os.dup2(2, 1)
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    line = Line(source, sink)
    threading.Thread(target=line.listen, daemon=True).start()
    try:
        line.serve(make_operations())
    except KeyboardInterrupt:
        os._exit(130)


def main() -> None:
    """Serve the real library and the real encoders."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    from .desk import Desk

    serve(lambda: Desk().operations())


if __name__ == "__main__":
    main()
