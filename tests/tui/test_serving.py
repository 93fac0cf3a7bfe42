"""The app in a browser: a real server with a real app behind it, and who is not let in."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

aiohttp = pytest.importorskip("aiohttp")
pytest.importorskip("textual_serve")
from hybrid_search.tui.cli.main import main  # noqa: E402
from hybrid_search.tui.serving.guard import is_loopback  # noqa: E402

COMMAND = (sys.executable, "-c", "from hybrid_search.tui.cli.main import main; main()", "serve")


@asynccontextmanager
async def served(*arguments: str):
    """A server of its own; gives the address that it printed and the process."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND, "--port", "0", "--json", *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), 300)
        yield json.loads(line)["url"], process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
            await asyncio.wait_for(process.wait(), 300)


async def test_whoever_has_the_key_sees_the_app(library):
    async with served("--library", str(library)) as (url, process):
        start = f"http://{urlsplit(url).netloc}"
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar) as session:
            async with session.get(url) as answer:
                page = await answer.text()
                assert answer.status == 200 and "key=" not in str(answer.url)
                assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
            # Nothing is asked of another machine.
            assert "//" not in page.replace(f"ws://{urlsplit(url).netloc}/ws", "").replace("<!DOCTYPE html>", "")
            for name in ("page.js", "static/js/textual.js", "static/css/xterm.css"):
                async with session.get(f"{start}/{name}") as answer:
                    assert answer.status == 200
            socket = f"{start}/ws?width=100&height=30"
            async with session.ws_connect(socket, headers={"Origin": start}) as connection:
                seen = b""
                while b"Library" not in seen:
                    message = await asyncio.wait_for(connection.receive(), 300)
                    assert message.type in (aiohttp.WSMsgType.BINARY, aiohttp.WSMsgType.TEXT), seen
                    seen += message.data if isinstance(message.data, bytes) else message.data.encode()
        process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(process.wait(), 300) == 0


@pytest.mark.parametrize(
    ("key", "path", "headers", "status"),
    [
        (False, "/", {}, 403),
        (False, "/?key=wrong", {}, 403),
        (False, "/static/js/textual.js", {}, 403),
        (True, "/", {"Host": "evil.example"}, 403),
        (True, "/", {"Origin": "http://evil.example"}, 403),
        (True, "/ws", {}, 403),
        (True, "/ws", {"Origin": "http://evil.example"}, 403),
        (True, "/", {}, 303),
    ],
)
async def test_without_the_key_or_from_elsewhere_nobody_comes_in(shared_server, key, path, headers, status):
    url = urlsplit(shared_server)
    target = f"http://{url.netloc}{path}" + (f"?{url.query}" if key else "")
    async with (
        aiohttp.ClientSession() as session,
        session.get(target, headers=headers, allow_redirects=False) as answer,
    ):
        assert answer.status == status
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_page_finds_the_terminal_that_draws_words_as_a_whole():
    import textual_serve
    from hybrid_search.tui.serving import server

    page, script = server.PAGE.read_text("utf-8"), server.SCRIPT.read_text("utf-8")
    assert page.index("page.js") < page.index("textual.js"), "it waits before the terminal is made"
    theirs = (Path(textual_serve.__file__).parent / "static" / "js" / "textual.js").read_text("utf-8")
    assert "this.terminal=new" in theirs and "registerCharacterJoiner(" in theirs
    assert 'Object.prototype, "terminal"' in script and "registerCharacterJoiner(runs)" in script


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory):
    """One server for questions that start no app."""
    import subprocess

    environment = {**os.environ, "HYBRID_SEARCH_HOME": str(tmp_path_factory.mktemp("home"))}
    with subprocess.Popen(
        [*COMMAND, "--port", "0", "--json"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    ) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["url"]
        process.send_signal(signal.SIGINT)
        process.wait(300)


def test_a_port_that_is_taken_is_a_sentence(shared_server, capsys):
    port = urlsplit(shared_server).port
    assert main(["serve", "--port", str(port)]) == 2
    told = capsys.readouterr().err
    assert f"port {port}" in told and "--port" in told


def test_behind_a_proxy_the_page_speaks_to_the_proxy(capsys):
    from hybrid_search.tui.serving.server import Server

    server = Server("x", "127.0.0.1", 8765, "https://example.org/search/", "")
    assert server.address() == "https://example.org/search/"
    assert "example.org" in server._hosts()
    assert main(["serve", "--public-url", "example.org"]) == 2


@pytest.mark.parametrize(
    ("host", "own"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("example.org", False)],
)
def test_addresses_that_only_this_machine_reaches(host, own):
    assert is_loopback(host) is own


@pytest.mark.parametrize(
    ("host", "origin", "passes"),
    [
        ("example.org", "https://example.org", True),
        ("example.org", "https://evil.example", False),
        ("evil.example", "https://evil.example", False),
        ("127.0.0.1:8765", "http://127.0.0.1:8765", True),
    ],
)
def test_a_proxy_s_name_is_answered_to_and_no_other(host, origin, passes):
    from aiohttp.test_utils import make_mocked_request
    from hybrid_search.tui.serving.guard import Guard
    from hybrid_search.tui.serving.server import Server

    guard = Guard("", secure=True)
    guard.answer_to(Server("x", "127.0.0.1", 8765, "https://example.org/search", "")._hosts())
    refusal = guard.refusal(make_mocked_request("GET", "/ws", headers={"Host": host, "Origin": origin}))
    assert (refusal == "") is passes


async def test_letters_that_a_browser_sends_in_halves_are_put_together():
    from hybrid_search.tui.serving.server import Server

    messages = [
        ["stdin", "a\ud83d"],
        ["focus"],
        ["stdin", "\udc69b"],
        ["stdin", "\udc69"],
        ["stdin", "\ud83d"],
        ["ping", 7],
    ]
    passed: list[object] = []

    class Socket:
        async def __aiter__(self):
            for each in messages:
                yield aiohttp.WSMessage(aiohttp.WSMsgType.TEXT, json.dumps(each), None)

        async def send_json(self, answer):
            passed.append(answer)

    class App:
        async def send_bytes(self, data):
            passed.append(data.decode())

        async def focus(self):
            passed.append("focus")

    await Server("true", "127.0.0.1", 0, "", "")._process_messages(Socket(), App())
    assert passed == ["a", "focus", "👩b", "\ufffd", ["pong", 7]]
