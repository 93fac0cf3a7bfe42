"""The server over HTTP on this machine: who may ask, what is refused, and clients that go away."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from contextlib import asynccontextmanager

import httpx2
import pytest
from hybrid_search.engine.errors import HybridSearchError
from hybrid_search.tui.agents.loopback import HOSTS, LONGEST, listen, serve_http
from hybrid_search.tui.agents.tools import TOOLS
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

TOKEN = "a-token-of-the-tests"
ACCEPT = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
ALLOWED = {**ACCEPT, "Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def serving(server):
    """Serves in the test's own loop: `async with serving() as at`."""

    @asynccontextmanager
    async def serving():
        at = listen("127.0.0.1", 0, TOKEN)
        ready = asyncio.Event()
        running = asyncio.create_task(serve_http(server, at, ready.set))
        await ready.wait()
        try:
            yield at
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    return serving


@asynccontextmanager
async def connected(at, mode="auto"):
    async with (
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {at.token}"}, timeout=300) as http,
        Client(streamable_http_client(at.url, http_client=http), mode=mode) as client,
    ):
        yield client


def call(name: str, **arguments) -> dict:
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name, "arguments": arguments}}


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_the_client_of_the_sdk_lists_and_calls_every_tool(serving, mode):
    async with serving() as at, connected(at, mode) as client:
        names = {each.name for each in (await client.list_tools()).tools}
        assert names == {each.name for each in TOOLS if not each.writes}
        found = (await client.call_tool("search", {"query": "bread", "limit": 1})).structured_content
        wanted = {
            "search": {"query": "Brot"},
            "compare": {"query": "Brot"},
            "audit": {"number": 1},
            "read": {"passage_id": found["results"][0]["passage_id"]},
            "status": {},
        }
        assert set(wanted) == names
        for name, arguments in wanted.items():
            assert not (await client.call_tool(name, arguments)).is_error, name
        listed = await client.list_resources()
        assert (await client.read_resource(listed.resources[0].uri)).contents[0].text


async def test_only_who_knows_the_token_and_is_no_page_of_elsewhere_is_answered(serving):
    async with serving() as at, httpx2.AsyncClient(timeout=300) as http:
        for headers in (
            ACCEPT,
            {**ACCEPT, "Authorization": "Bearer wrong"},
            {**ACCEPT, "Authorization": TOKEN},
            {**ACCEPT, "Authorization": f"Bearer {TOKEN}x"},
        ):
            refused = await http.post(at.url, headers=headers, json=call("status"))
            assert refused.status_code == 401
            assert refused.json()["error"]["kind"] == "not_allowed" and TOKEN not in refused.text
        for name, value, code in (
            ("Origin", "https://example.org", 403),
            ("Origin", "http://localhost:1", 403),
            ("Origin", "null", 403),
            ("Host", "example.org", 421),
            ("Host", f"{at.authority}.example.org", 421),
        ):
            refused = await http.post(at.url, headers={**ALLOWED, name: value}, json=call("status"))
            assert refused.status_code == code, (name, value)
        elsewhere = await http.post(at.url.replace("/mcp", "/other"), headers=ALLOWED, json=call("status"))
        assert elsewhere.status_code == 404


async def test_malformed_and_huge_requests_are_refused_and_others_answered(serving):
    async with serving() as at:
        async with httpx2.AsyncClient(timeout=300) as http:
            for body in (b"", b"no JSON", b"[]", b"{}", b"\xff\xfe", b"[" * 50_000):
                refused = await http.post(at.url, headers=ALLOWED, content=body)
                assert refused.status_code == 400, body[:10]
            huge = await http.post(at.url, headers=ALLOWED, content=json.dumps(call("search", query="x" * LONGEST)))
            assert huge.status_code == 413
        async with connected(at) as client:
            found = await asyncio.gather(*(client.call_tool("search", {"query": f"bread {n}"}) for n in range(20)))
            assert not any(each.is_error for each in found)
            assert [each.structured_content["query"] for each in found] == [f"bread {n}" for n in range(20)]


async def test_clients_that_vanish_leave_it_working(serving, encoders):
    async with serving() as at:
        host, port = at.authority.split(":")
        body = json.dumps(call("search", query="bread")).encode()
        head = "".join(f"{name}: {value}\r\n" for name, value in ALLOWED.items())
        for sent in (b"", b"POST /mcp HT", body[:10], body):
            _reader, writer = await asyncio.open_connection(host, int(port))
            start = f"POST /mcp HTTP/1.1\r\nHost: {at.authority}\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode()
            writer.write(start + sent)
            await writer.drain()
            writer.transport.abort()
        about = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}
        hello = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": about}
        async with httpx2.AsyncClient(timeout=300) as http:
            for _ in range(70):
                begun = await http.post(at.url, headers=ALLOWED, json=hello)
                assert begun.status_code == 200 and begun.headers["mcp-session-id"]
        async with connected(at, "legacy") as first:
            await first.list_tools()
        async with connected(at) as client:
            assert not (await client.call_tool("search", {"query": "moon"})).is_error


def test_it_listens_on_this_machine_only_with_a_token_that_nobody_guesses():
    assert set(HOSTS) == {"127.0.0.1", "::1", "localhost"}
    at, other = listen("localhost", 0, ""), listen("127.0.0.1", 0, "")
    try:
        assert at.socket.getsockname()[0] == "127.0.0.1"
        assert len(at.token) >= 32 and at.token != other.token
        with pytest.raises(HybridSearchError, match="Cannot listen"):
            listen("127.0.0.1", int(at.authority.rpartition(":")[2]), "")
        for token in ("short", "with a space in it", "schlüssel-mit-umlaut"):
            with pytest.raises(HybridSearchError, match="token must be"):
                listen("127.0.0.1", 0, token)
    finally:
        for each in (at, other):
            each.socket.close()


def test_where_it_listens_is_told_as_json(library, load, monkeypatch, capsys):
    from hybrid_search.tui.cli.main import main

    async def serve(_server, at, ready):
        ready()
        at.socket.close()

    monkeypatch.setenv("HYBRID_SEARCH_BEARER", TOKEN)
    monkeypatch.setattr("hybrid_search.engine.encoders.load", lambda name, **_: load(name), raising=False)
    monkeypatch.setattr("hybrid_search.tui.agents.serve_http", serve, raising=False)
    assert main(["mcp", "--http", "--port", "0", "--library", str(library), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["schema"] == 1 and told["token"] == TOKEN and told["url"].startswith("http://127.0.0.1:")
    assert main(["mcp", "--http", "--port", "0", "--library", str(library)]) == 0
    assert f"Bearer {TOKEN}" in capsys.readouterr().err


def test_a_port_that_is_taken_is_said_in_words(library, load, monkeypatch, capsys):
    from hybrid_search.tui.cli.main import main

    monkeypatch.setattr("hybrid_search.engine.encoders.load", lambda name, **_: load(name), raising=False)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["mcp", "--http", "--port", str(port), "--library", str(library)]) == 2
    said = capsys.readouterr().err
    assert "--port" in said and "Traceback" not in said


def test_without_the_protocols_library_it_says_what_to_install(library, load, monkeypatch, capsys):
    from hybrid_search.tui.cli.main import main

    monkeypatch.setattr("hybrid_search.engine.encoders.load", lambda name, **_: load(name), raising=False)
    for name in ("server", "stdio", "loopback"):
        monkeypatch.delitem(sys.modules, f"hybrid_search.tui.agents.{name}", raising=False)
    for name in ("mcp", "mcp_types"):
        monkeypatch.setitem(sys.modules, name, None)
    assert main(["mcp", "--library", str(library)]) == 2
    said = capsys.readouterr().err
    assert "hybrid-search[mcp]" in said and "Traceback" not in said
