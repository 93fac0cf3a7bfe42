"""The protocol over standard input and output: bounded lines, an answer to each, an end when the client goes."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TYPE_CHECKING, Any

import anyio
import mcp_types as types
from mcp.shared.message import SessionMessage

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server

# Most bytes of a request; the largest that makes sense has a few hundred questions.
LONGEST = 2 * 1024 * 1024
_AT_ONCE = 64 * 1024
_ID = re.compile(rb'"id"\s*:\s*(\d{1,15}|"[\x20-\x21\x23-\x5b\x5d-\x7e]{1,100}")')


async def serve_stdio(server: Server[Any]) -> None:
    """Serve until the client closes its end, or the process gets SIGTERM."""
    with anyio.CancelScope() as scope:
        with suppress(NotImplementedError, RuntimeError, ValueError):
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, scope.cancel)
        async with _streams() as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())


@asynccontextmanager
async def _streams() -> AsyncIterator[tuple[Any, Any]]:
    """The streams that the server reads from and writes to; both close when the client goes."""
    to_server, incoming = anyio.create_memory_object_stream[SessionMessage | Exception](16)
    outgoing, from_server = anyio.create_memory_object_stream[SessionMessage](16)
    with _wire() as (source, sink):
        # `to_server` is not cloned: when the reader closes it, the server sees the end of its requests.
        _start_reader(source, to_server, outgoing.clone())
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_write_all, sink, from_server, tasks.cancel_scope)
            yield incoming, outgoing


@contextmanager
def _wire() -> Iterator[tuple[int, int]]:
    """File descriptors of stdin and stdout for the protocol alone; anything else that is printed goes to stderr."""
    source, sink = os.dup(0), os.dup(1)
    sys.stdout.flush()
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    try:
        yield source, sink
    finally:
        os.dup2(sink, 1)


def _start_reader(source: int, to_server: Any, outgoing: Any) -> None:
    """Read in a daemon thread, which ends with the process: a wait for a line cannot be interrupted."""
    loop = asyncio.get_running_loop()

    def pass_on(stream: Any, item: Any) -> None:
        asyncio.run_coroutine_threadsafe(stream.send(item), loop).result()

    def read() -> None:
        try:
            for line in _lines(source):
                if line.strip():
                    _take(line, lambda item: pass_on(to_server, item), lambda item: pass_on(outgoing, item))
        except (OSError, RuntimeError, anyio.BrokenResourceError, anyio.ClosedResourceError):
            pass
        finally:
            if not loop.is_closed():
                loop.call_soon_threadsafe(to_server.close)
                loop.call_soon_threadsafe(outgoing.close)

    threading.Thread(target=read, name="stdin", daemon=True).start()


def _lines(source: int) -> Iterator[bytes]:
    """The lines; one that is too long is cut somewhere beyond `LONGEST` bytes."""
    held, dropping = b"", False
    while block := os.read(source, _AT_ONCE):
        *whole, rest = block.split(b"\n")
        for part in whole:
            if not dropping:
                yield held + part
            held, dropping = b"", False
        if not dropping:
            held += rest
        if len(held) > LONGEST:
            yield held
            held, dropping = b"", True
    if held and not dropping:
        yield held


def _take(line: bytes, accept: Any, refuse: Any) -> None:
    """Pass a line to the server as a message, or answer why it is not one, under its id if it has one."""
    if len(line) > LONGEST:
        told = f"The request has more than {LONGEST:,} bytes. Ask for less at once."
        refuse(_error(types.INVALID_REQUEST, told, _id_in(line)))
        return
    text = line.decode("utf-8-sig", "replace")
    message = _message(text)
    if message is None:
        number = _id_in(line)
        told = "The line is no JSON-RPC message. Send one JSON object a line."
        refuse(_error(types.PARSE_ERROR if number is None else types.INVALID_REQUEST, told, number))
    elif isinstance(message, types.JSONRPCNotification) and _asks(text):
        # The SDK takes a request whose id is neither for a notification, which nobody answers.
        refuse(_error(types.INVALID_REQUEST, "The id of a request is a text or a whole number.", None))
    else:
        accept(SessionMessage(message))


def _message(text: str) -> types.JSONRPCMessage | None:
    """The message of a line, also with half a character in it, as one has that was cut in the middle; else None."""
    with suppress(ValueError):
        return types.jsonrpc_message_adapter.validate_json(text, by_name=False)
    try:
        whole = json.dumps(json.loads(text), ensure_ascii=False).encode("utf-8", "replace")
        return types.jsonrpc_message_adapter.validate_json(whole, by_name=False)
    except (ValueError, RecursionError):
        return None


def _asks(text: str) -> bool:
    return '"id"' in text and "id" in json.loads(text)


def _id_in(line: bytes) -> int | str | None:
    """The id of a request that cannot be read."""
    found = _ID.search(line[:4096])
    if found is None:
        return None
    return found[1][1:-1].decode() if found[1].startswith(b'"') else int(found[1])


def _error(code: int, message: str, id: int | str | None) -> SessionMessage:
    return SessionMessage(types.JSONRPCError(jsonrpc="2.0", id=id, error=types.ErrorData(code=code, message=message)))


async def _write_all(sink: int, messages: Any, scope: anyio.CancelScope) -> None:
    """Write every message; a failure, which means that the client is gone, ends the server."""
    async with messages:
        async for each in messages:
            text = each.message.model_dump_json(by_alias=True, exclude_unset=True) + "\n"
            try:
                await anyio.to_thread.run_sync(_write, sink, text.encode("utf-8", "replace"), abandon_on_cancel=True)
            except OSError:
                scope.cancel()
                return


def _write(sink: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(sink, view) :]
