"""The server as a host runs it: a process over stdin and stdout, with the real encoders and the demo library."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hybrid_search.engine.documents import read
from hybrid_search.engine.paths import assets_folder
from hybrid_search.tui.agents.stdio import LONGEST
from hybrid_search.tui.agents.tools import TOOLS
from mcp import Client, StdioServerParameters

from tests.support import homes
from tests.support.agent import ERRANDS, Session

pytestmark = pytest.mark.slow

CODE = "import sys; from hybrid_search.tui.cli.main import main; sys.exit(main({}))"


@pytest.fixture(scope="module")
def kept(tmp_path_factory, graphs, demo_library) -> Path:
    """A home that the tests of this file share, with the demo library in it."""
    return homes.furnish(tmp_path_factory.mktemp("kept"), graphs, demo_library)


@pytest.fixture
def environment(kept) -> dict[str, str]:
    return {**os.environ, "HYBRID_SEARCH_HOME": str(kept), "HOME": str(kept)}


@pytest.fixture
def start(environment):
    """Starts the server with pipes to it; what still runs at the end is ended."""
    begun = []

    def start(*more: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", CODE.format(["mcp", *more])]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        begun.append(subprocess.Popen(command, env=environment, **pipes))
        return begun[-1]

    yield start
    for process in begun:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            stream.close()


def send(process: subprocess.Popen[bytes], line: bytes | dict) -> None:
    process.stdin.write((line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n")
    process.stdin.flush()


def receive(process: subprocess.Popen[bytes]) -> dict:
    return json.loads(process.stdout.readline())


def request(number: int, method: str, **parameters) -> dict:
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": parameters}


def shake_hands(process: subprocess.Popen[bytes]) -> None:
    about = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    send(process, request(0, "initialize", **about))
    assert receive(process)["result"]["serverInfo"]["name"] == "hybrid-search"
    send(process, {"jsonrpc": "2.0", "method": "notifications/initialized"})


async def test_the_client_of_the_sdk_calls_every_tool_and_an_agent_cites_ten_answers_in_other_languages(environment):
    command = StdioServerParameters(command=sys.executable, args=["-c", CODE.format(["mcp"])], env=environment)
    rows = (assets_folder() / "demo" / "questions.jsonl").read_text("utf-8").splitlines()
    questions = {row["id"]: row for row in map(json.loads, rows)}
    async with Client(command) as client:
        assert {each.name for each in (await client.list_tools()).tools} == {e.name for e in TOOLS if not e.writes}
        session = Session(client)
        for name, asked, wanted in ERRANDS:
            cited = await session.cite(questions[name]["question"][asked], wanted)
            (document,) = read(cited.path)
            assert cited.language == wanted != asked
            assert questions[name]["answer"][wanted] in document.text[cited.start : cited.end], name
        assert {each["tool"] for each in session.calls} == {"search", "read"}
        for tool, arguments in (
            ("compare", {"query": "Gletscher", "encoders": ["hybrid", "bm25"]}),
            ("audit", {"number": 2}),
            ("status", {}),
        ):
            assert not (await client.call_tool(tool, arguments)).is_error, tool
        listed = await client.list_resources()
        assert (await client.read_resource(listed.resources[0].uri)).contents[0].text


def test_what_is_no_request_is_answered_and_the_next_request_too(start):
    process = start()
    shake_hands(process)
    for line in (b"no JSON", b"[]", b"{}", b"null", b'"text"', b"\xff\xfe\x00", b"[" * 50_000, b'{"jsonrpc": "2.0"}'):
        send(process, line)
        refused = receive(process)
        assert refused["id"] is None and refused["error"]["code"] == -32700, line[:20]
    for number, line in enumerate(
        (
            b'{"jsonrpc": "2.0", "id": %d, "method": "tools/list", "params": []}',
            b'{"jsonrpc": "2.0", "id": %d, "method": 7}',
            b'{"id": %d, "method": "ping"}',
            b'{"jsonrpc": "2.0", "id": %d, "method": "ping", "params": ' + b"[" * 50_000,
            b'{"jsonrpc": "2.0", "id": %d, "method": "tools/call", "params": {"passage_id": ' + b"9" * 5_000 + b"}}",
            b'{"jsonrpc": "2.0", "id": %d, "method": "pi',
        ),
        30,
    ):
        send(process, line % number)
        refused = receive(process)
        assert (refused["id"], refused["error"]["code"]) == (number, -32600), line[:60]
    for odd in (b"null", b"1.5", b"true", b"{}", b'["a"]'):
        send(process, b'{"jsonrpc": "2.0", "id": ' + odd + b', "method": "ping"}')
        refused = receive(process)
        assert refused["id"] is None and "text or a whole number" in refused["error"]["message"]
    send(process, b'\xef\xbb\xbf{"jsonrpc": "2.0", "id": 40, "method": "ping"}\r')
    assert receive(process) == {"jsonrpc": "2.0", "id": 40, "result": {}}
    cut = b'{"jsonrpc": "2.0", "id": 41, "method": "tools/call", "params": {"name": "search", "arguments": %s}}'
    send(process, cut % b'{"query": "bread \\ud83c", "limit": 1.0}')
    found = receive(process)
    assert found["id"] == 41 and len(found["result"]["structuredContent"]["results"]) == 1
    send(process, b"")
    huge = request(7, "tools/call", name="search", arguments={"query": "x" * LONGEST})
    send(process, huge)
    refused = receive(process)
    assert refused["id"] == 7 and "bytes" in refused["error"]["message"]
    for number, (method, parameters) in enumerate(
        [("tools/nothing", {}), ("tools/call", {}), ("tools/call", {"name": "search", "arguments": "bread"})], 10
    ):
        send(process, request(number, method, **parameters))
        refused = receive(process)
        assert refused["id"] == number and refused["error"]["code"] in (-32601, -32602)
    send(process, request(20, "tools/call", name="search", arguments={"query": "Brot", "limit": 1}))
    found = receive(process)
    assert found["id"] == 20 and found["result"]["structuredContent"]["results"]

    # A client that goes in the middle of a request: the server ends by itself, and without a traceback.
    send(process, request(21, "tools/call", name="audit", arguments={"number": 30}))
    process.stdin.close()
    assert process.wait(300) == 0
    assert b"Traceback" not in process.stderr.read()


def test_a_client_that_no_longer_reads_ends_the_server(start):
    process = start()
    shake_hands(process)
    process.stdout.close()
    send(process, request(1, "tools/call", name="status", arguments={}))
    assert process.wait(300) == 0
    assert b"Traceback" not in process.stderr.read()


def test_the_server_ends_when_it_is_asked_to(start):
    process = start()
    shake_hands(process)
    process.send_signal(signal.SIGTERM)
    assert process.wait(300) == 0
    process = start("--json")
    assert process.wait(300) == 2 and b"--http" in process.stderr.read()
