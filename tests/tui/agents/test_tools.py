"""The tools over a small library whose answers one can work out: what they give, and what they refuse."""

from __future__ import annotations

import asyncio
import json
import shutil
import threading
from collections import Counter

import pytest
from hybrid_search.engine.documents import read
from hybrid_search.engine.encoders import EncoderInfo
from hybrid_search.engine.library.library import Library
from hybrid_search.tui.agents.server import build
from hybrid_search.tui.agents.shelf import MOST_WAITING, Shelf
from hybrid_search.tui.agents.tools import TOOLS
from hybrid_search.tui.contract.shapes import exact
from mcp import Client
from mcp.shared.exceptions import MCPError

from tests.tui.conftest import TEXTS, write_texts

jsonschema = pytest.importorskip("jsonschema")
READING = {each.name for each in TOOLS if not each.writes}


@pytest.fixture(params=["auto", "legacy"])
def connect(server, request):
    """Makes the SDK's client, by the protocol's newest revision and by the one with a handshake."""
    return lambda: Client(server, mode=request.param)


@pytest.fixture
def ask(server):
    """Calls one tool and returns its answer, which must be what its schema says, and whether it was refused."""
    shapes = {each.name: exact(each.answer_schema()) for each in TOOLS}

    async def ask(tool: str, **arguments):
        async with Client(server) as client:
            found = await client.call_tool(tool, arguments)
        jsonschema.Draft202012Validator(shapes[tool]).validate(found.structured_content)
        assert json.loads(found.content[0].text) == found.structured_content
        return found.structured_content, found.is_error

    return ask


async def answer(ask, tool: str, **arguments):
    found, refused = await ask(tool, **arguments)
    assert not refused, found
    return found


async def refusal(ask, tool: str, **arguments) -> dict:
    found, refused = await ask(tool, **arguments)
    assert refused
    return found["error"]


async def test_the_client_lists_and_calls_every_tool(connect):
    async with connect() as client:
        tools = {each.name: each for each in (await client.list_tools()).tools}
        assert set(tools) == READING
        assert all(each.annotations.read_only_hint and each.title and each.description for each in tools.values())
        found = (await client.call_tool("search", {"query": "bread"})).structured_content
        wanted = {
            "search": {"query": "bread"},
            "compare": {"query": "bread"},
            "audit": {"number": 1},
            "read": {"passage_id": found["results"][0]["passage_id"]},
            "status": {},
        }
        assert set(wanted) == READING
        for name, arguments in wanted.items():
            assert not (await client.call_tool(name, arguments)).is_error, name


async def test_schemas_are_sound_and_name_the_languages_of_the_library(connect):
    async with connect() as client:
        for each in (await client.list_tools()).tools:
            jsonschema.Draft202012Validator.check_schema(each.input_schema)
            jsonschema.Draft202012Validator.check_schema(each.output_schema)
            if "languages" in each.input_schema["properties"]:
                shape = each.input_schema["properties"]["languages"]
                assert all(f"{code} (" in shape["description"] for code in TEXTS["bread"])
                assert "th (Thai, 3)" in shape["description"]
                jsonschema.Draft202012Validator(shape).validate(["zh-CN", "pt-BR", "deu"])


async def test_a_result_says_where_it_stands_and_in_which_languages_too(ask):
    found = await answer(ask, "search", query="Wie lange geht das Brot?", limit=3)
    first = found["results"][0]
    (document,) = read(first["path"])
    assert document.text[first["start"] : first["end"]] == first["text"] and not first["cut"]
    assert found["query_language"]["code"] == "de" and found["encoder"] == "hybrid"
    others = {each["language"] for each in first["also_answered_in"]}
    assert others | {first["language"]} == set(TEXTS["bread"])
    assert found["score"]["kind"] == "cosine" and "not a probability" in found["score"]["meaning"]
    # Its translations take no places of their own, so the second result is about something else.
    assert [each["path"].split("/")[-1] for each in found["results"]].count("bread.md") == 1
    for each in first["also_answered_in"]:
        there = await answer(ask, "read", passage_id=each["passage_id"])
        assert there["language"] == each["language"] and there["path"].endswith("bread.md")


async def test_translations_take_places_of_their_own_when_asked(ask):
    found = await answer(ask, "search", query="bread", limit=7, group_translations=False)
    assert Counter(each["language"] for each in found["results"]) == dict.fromkeys(TEXTS["bread"], 1)
    ranks = {each["language"]: each["rank"] for each in found["results"]}
    assert {each["language"]: each["rank"] for each in found["results"][0]["also_answered_in"]} == {
        code: rank for code, rank in ranks.items() if rank > 1
    }


async def test_languages_restrict_answers_whatever_way_they_are_written(ask):
    for tags in (["ja"], ["ja-JP"], ["Japanese"]):
        found = await answer(ask, "search", query="moon", languages=tags)
        assert {each["language"] for each in found["results"]} == {"ja"}
    error = await refusal(ask, "search", query="moon", languages=["!!"])
    assert error["kind"] == "invalid_arguments" and "is not a language" in error["message"]
    found = await answer(ask, "search", query="moon", languages=["fi"])
    assert found["results"] == [] and "has passages in" in found["notices"][0]


async def test_a_language_that_is_told_is_believed(ask):
    found = await answer(ask, "search", query="pan", query_language="es")
    assert found["query_language"] == {"code": "es", "name": "Spanish", "confidence": 1.0}
    assert (await refusal(ask, "search", query="pan", query_language="!!"))["kind"] == "invalid_arguments"


@pytest.mark.parametrize("grouped", [True, False])
async def test_pages_joined_are_the_whole(ask, grouped):
    whole = await answer(ask, "search", query="moon", limit=21, group_translations=grouped)
    assert whole["next_cursor"] is None
    joined, cursor = [], None
    for _ in range(len(whole["results"])):
        page = await answer(ask, "search", query="moon", limit=2, group_translations=grouped, cursor=cursor)
        joined += page["results"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert [each["passage_id"] for each in joined] == [each["passage_id"] for each in whole["results"]]
    assert len(joined) == (3 if grouped else 21)


async def test_a_cursor_continues_its_own_request_only(ask):
    page = await answer(ask, "search", query="moon", limit=1)
    for arguments in (
        {"query": "bread", "limit": 1, "cursor": page["next_cursor"]},
        {"query": "moon", "limit": 1, "cursor": "bm90IG9uZQ=="},
        {"query": "moon", "limit": 1, "cursor": "\u2603"},
        {"query": "moon", "limit": 1, "cursor": "W1tbW1s="},
    ):
        error = await refusal(ask, "search", **arguments)
        assert error["kind"] == "invalid_arguments" and "next_cursor" in error["next_step"]


async def test_search_by_words_says_what_its_scores_are(ask):
    found = await answer(ask, "search", query="Mond", encoder="bm25")
    assert found["score"]["kind"] == "bm25" and found["encoder"] == "bm25"
    assert found["results"][0]["path"].endswith("moon.md")


async def test_encoders_are_compared_with_their_bias_in_words(ask):
    found = await answer(ask, "compare", query="Der Mond", limit=5)
    assert list(found["rankings"]) == ["hybrid", "cross", "mono"]
    assert found["bias"]["mono"] > found["bias"]["hybrid"]
    assert any("mono answers" in line for line in found["reading"])
    found = await answer(ask, "compare", query="Der Mond", encoders=["mono", "bm25"])
    assert {name: each["kind"] for name, each in found["scores"].items()} == {"mono": "cosine", "bm25": "bm25"}


QUESTIONS = [
    {"en": f"{en} {word}", "ja": f"{ja} {word}", "ru": f"{ru} {word}"}
    for en, ja, ru in (("bread", "パン", "хлеб"), ("moon", "月", "луна"), ("tree", "木", "дерево"))
    for word in "12"
]


async def test_an_audit_tells_a_biased_encoder_from_one_that_is_not(ask):
    fair = await answer(ask, "audit", encoder="hybrid", questions=QUESTIONS, limit=10)
    biased = await answer(ask, "audit", encoder="mono", questions=QUESTIONS, limit=10)
    assert fair["questions"] == biased["questions"] == 6
    assert fair["figures"]["pull"]["value"] == pytest.approx(0, abs=0.02) and biased["figures"]["pull"]["value"] > 0.1
    assert fair["verdict"]["level"] == "none" and biased["verdict"]["level"] in ("clear", "strong")
    assert fair["figures"]["rbo"]["value"] > biased["figures"]["rbo"]["value"]
    assert {each["language"] for each in biased["languages"]} >= {"en", "ja", "ru"}
    assert len(json.dumps(biased)) < 20_000


async def test_without_questions_an_audit_asks_what_the_documents_themselves_say(ask):
    found = await answer(ask, "audit", encoder="hybrid", number=2, limit=21)
    assert found["asked"] == "your own documents" and found["questions"] == 2
    # Headings are judged by the passages that they stand over.
    assert found["figures"]["multi"]["value"] > 0
    for questions in ([{"!!": "x"}], [{"en": "x"}], ["bread and water"]):
        assert (await refusal(ask, "audit", questions=questions))["kind"] == "invalid_arguments"


async def test_a_passage_is_read_with_its_neighbours_and_translations(ask, library):
    with Library.open(library, readonly=True) as opened:
        expected = opened.search("bread", encoder="bm25", k=1).hits[0].passage
    found = await answer(ask, "read", passage_id=expected.id)
    assert found["text"] == expected.text and found["number"] == expected.ordinal
    assert len(found["translations"]) == 6
    found = await answer(ask, "read", passage_id=expected.id, translations=False, before=0, after=0)
    assert found["translations"] == found["before"] == found["after"] == []
    error = await refusal(ask, "read", passage_id=10**9)
    assert error["kind"] == "not_found" and error["next_step"]


async def test_status_says_what_there_is(ask, library):
    found = await answer(ask, "status")
    assert found["path"] == str(library) and found["passages"] == 21 and not found["can_index"]
    assert found["answers_by_default"] == "hybrid" and len(found["languages"]) == 7


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("search", {}),
        ("search", {"query": ""}),
        ("search", {"query": "   "}),
        ("search", {"query": 7}),
        ("search", {"query": ["bread"]}),
        ("search", {"query": "x" * 5_000}),
        ("search", {"query": "bread", "limit": 0}),
        ("search", {"query": "bread", "limit": 10**12}),
        ("search", {"query": "bread", "limit": True}),
        ("search", {"query": "bread", "limit": "ten"}),
        ("search", {"query": "bread", "languages": "de"}),
        ("search", {"query": "bread", "languages": [["de"]]}),
        ("search", {"query": "bread", "languages": ["de"] * 101}),
        ("search", {"query": "bread", "langauges": ["de"]}),
        ("compare", {"query": "bread", "encoders": ["bm25"] * 6}),
        ("audit", {"questions": ["x"] * 201}),
        ("audit", {"questions": [["x"]]}),
        ("audit", {"questions": [{"en": "x" * 2_001}]}),
        ("audit", {"questions": [{"en": 3}]}),
        ("read", {"passage_id": "1"}),
        ("read", {"passage_id": -1}),
        ("read", {"passage_id": 1, "before": 6}),
        ("status", {"anything": 1}),
    ],
)
async def test_arguments_that_cannot_be_are_refused_by_name(ask, tool, arguments):
    error = await refusal(ask, tool, **arguments)
    assert error["kind"] == "invalid_arguments" and error["next_step"]
    named = [name for name in arguments if name[:5] in error["message"]] or "query" in error["message"]
    assert named, error


async def test_encoders_that_the_library_lacks_are_refused_with_those_it_has(ask):
    for tool, arguments in (("search", {"encoder": "nobody"}), ("compare", {"encoders": ["nobody"]})):
        error = await refusal(ask, tool, query="bread", **arguments)
        assert error["kind"] == "not_found" and "hybrid" in error["next_step"]


async def test_an_endpoint_that_only_a_library_names_is_never_asked(tmp_path, keyword_encoder_type):
    there = keyword_encoder_type("openai:m@http://far.invalid/v1")
    with Library.open(tmp_path / "theirs", create=True) as opened:
        opened.index([write_texts(tmp_path / "texts")], encoders=[there])
    shelf = Shelf(tmp_path / "theirs", lambda *_: pytest.fail("it was loaded"))
    try:
        async with Client(build(shelf)) as client:
            found = (await client.call_tool("search", {"query": "moon"})).structured_content
            assert found["encoder"] == "bm25" and found["results"]
            for tool, more in (("search", {"encoder": there.name}), ("compare", {"encoders": [there.name]})):
                refused = (await client.call_tool(tool, {"query": "moon", **more})).structured_content
                assert refused["error"]["kind"] == "not_found"
    finally:
        shelf.close()


async def test_odd_texts_are_questions_like_others(ask):
    for query in ("\u202e\x00\x07bread", "😀" * 900, '"', "' OR 1=1 --", "\ud7ff", "-" * 4_000):
        await answer(ask, "search", query=query, limit=1)
        await answer(ask, "search", query=query, limit=1, encoder="bm25")


async def test_a_tool_or_resource_that_does_not_exist_is_an_error_of_the_protocol(connect):
    async with connect() as client:
        with pytest.raises(MCPError, match="There is no tool"):
            await client.call_tool("index", {"folders": ["/"]})
        for uri in ("hybrid-search://document/999999", "hybrid-search://document/x", "file:///etc/passwd"):
            with pytest.raises(MCPError) as failed:
                await client.read_resource(uri)
            assert failed.value.error.data["error"]["kind"] == "not_found"


async def test_documents_are_resources_whose_offsets_are_those_of_passages(connect):
    async with connect() as client:
        listed = await client.list_resources()
        assert len(listed.resources) == 21 and listed.next_cursor is None
        for each in listed.resources[:4]:
            (content,) = (await client.read_resource(each.uri)).contents
            about = content.meta["hybrid-search/document"]
            (document,) = read(about["path"])
            for passage in about["passages"]:
                start, end = passage["start"] - about["start"], passage["end"] - about["start"]
                assert content.text[start:end] == document.text[passage["start"] : passage["end"]]
            assert about["next"] is None
        templates = await client.list_resource_templates()
        assert templates.resource_templates[0].uri_template.startswith("hybrid-search://document/")


async def test_a_long_document_and_many_documents_come_in_pages(tmp_path, keyword_encoder):
    folder = tmp_path / "many"
    folder.mkdir()
    (folder / "long.md").write_text(
        "\n\n".join(f"# Part {number}\n\n" + "Bread and water. " * 40 for number in range(150)), "utf-8"
    )
    (folder / "rows.csv").write_text("text\n" + "".join(f"The moon, number {n}\n" for n in range(150)), "utf-8")
    with Library.open(tmp_path / "other", create=True) as opened:
        opened.index([folder], encoders=[keyword_encoder])
        passages = opened.status().passages
    shelf = Shelf(tmp_path / "other", lambda *_: keyword_encoder)
    try:
        async with Client(build(shelf)) as client:
            first = await client.list_resources()
            second = await client.list_resources(cursor=first.next_cursor)
            uris = [each.uri for each in [*first.resources, *second.resources]]
            assert len(uris) == len(set(uris)) == 151 and second.next_cursor is None
            with pytest.raises(MCPError):
                await client.list_resources(cursor="bm9uZQ==")
            (uri,) = [each.uri for each in [*first.resources, *second.resources] if each.name == "long.md"]
            seen = []
            while uri:
                (content,) = (await client.read_resource(uri)).contents
                about = content.meta["hybrid-search/document"]
                assert len(content.text) <= 60_000
                seen += [each["passage_id"] for each in about["passages"]]
                uri = about["next"]
            assert len(seen) == len(set(seen)) == passages - 150
    finally:
        shelf.close()


async def test_many_at_once_are_all_answered_and_too_many_are_told_to_come_again(shelf, encoders, server):
    go = threading.Event()
    encoders["hybrid"].before = lambda: go.wait(30)
    async with Client(server) as client:
        calls = [
            asyncio.create_task(client.call_tool("search", {"query": f"bread {number}", "limit": 1}))
            for number in range(MOST_WAITING + 5)
        ]
        refused, _ = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
        assert {each.result().structured_content["error"]["kind"] for each in refused} == {"busy"}
        go.set()
        found = await asyncio.gather(*calls)
        assert sum(each.is_error for each in found) == 5
        queries = {each.structured_content["query"] for each in found if not each.is_error}
        assert len(queries) == MOST_WAITING


async def becomes(so) -> None:
    """Waits until the server has got what a client has sent."""
    async with asyncio.timeout(60):
        while not so():
            await asyncio.sleep(0.01)


async def test_a_cancelled_request_that_waits_is_never_begun_and_others_go_on(shelf, encoders, server):
    begun, go = threading.Event(), threading.Event()

    def block():
        begun.set()
        go.wait(30)

    encoders["hybrid"].before = block
    async with Client(server, mode="legacy") as client:
        first = asyncio.create_task(client.call_tool("search", {"query": "bread"}))
        await asyncio.to_thread(begun.wait, 30)
        second = asyncio.create_task(client.call_tool("search", {"query": "never asked"}))
        await becomes(lambda: len(shelf._stops) == 2)
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)
        await becomes(lambda: len(shelf._stops) == 1)
        third = asyncio.create_task(client.call_tool("search", {"query": "moon"}))
        go.set()
        assert not (await first).is_error and not (await third).is_error
    assert "never asked" not in encoders["hybrid"].texts and "moon" in encoders["hybrid"].texts


async def test_a_cancelled_audit_stops_asking(shelf, encoders, server):
    begun, go = threading.Event(), threading.Event()

    def block():
        begun.set()
        go.wait(30)

    encoders["hybrid"].before = block
    encoders["hybrid"].texts.clear()
    async with Client(server, mode="legacy") as client:
        audit = asyncio.create_task(client.call_tool("audit", {"encoder": "hybrid", "questions": QUESTIONS}))
        await asyncio.to_thread(begun.wait, 30)
        audit.cancel()
        await asyncio.gather(audit, return_exceptions=True)
        await becomes(lambda: any(stop.is_set() for stop in shelf._stops))
        last = asyncio.create_task(client.call_tool("search", {"query": "moon"}))
        go.set()
        assert not (await last).is_error
    assert len(encoders["hybrid"].texts) == 2


async def test_an_audit_tells_how_far_it_is_and_others_are_answered_meanwhile(server, shelf, monkeypatch):
    told, turns, go, real = [], [], threading.Event(), shelf.ask

    def in_turns(work):
        turns.append(work)
        if len(turns) == 9:
            go.wait(30)
        return real(work)

    async def follow(done, total, message):
        told.append((done, total))

    monkeypatch.setattr(shelf, "ask", in_turns)
    async with Client(server, mode="legacy") as client:
        asked = {"encoder": "hybrid", "questions": QUESTIONS, "limit": 10}
        audit = asyncio.create_task(client.call_tool("audit", asked, progress_callback=follow))
        assert not (await client.call_tool("status", {})).is_error
        assert not audit.done()
        go.set()
        assert not (await audit).is_error
    assert told == sorted(told) and told[-1][0] == told[-1][1] >= 18


async def test_a_library_that_is_made_anew_or_goes_is_noticed(texts, ask, library, encoders):
    assert (await answer(ask, "status"))["passages"] == 21
    shutil.rmtree(library)
    error = await refusal(ask, "status")
    assert error["kind"] == "library" and "no library" in error["message"] and error["next_step"]
    (texts / "en" / "bread.md").unlink()
    with Library.open(library, create=True) as opened:
        opened.index([texts], encoders=list(encoders.values()))
    assert (await answer(ask, "status"))["passages"] == 20
    assert (await answer(ask, "search", query="moon", limit=1))["results"]


async def test_a_fault_of_the_program_is_told_without_its_words(ask, encoders, said):
    def fail():
        raise RuntimeError("a secret place")

    encoders["hybrid"].before = fail
    error = await refusal(ask, "search", query="bread")
    assert error["kind"] == "internal" and "secret" not in json.dumps(error)
    assert any("a secret place" in each for each in said)
    encoders["hybrid"].before = None
    assert (await answer(ask, "search", query="bread"))["results"]


async def test_folders_are_indexed_only_where_that_is_allowed(tmp_path, encoders, load, monkeypatch):
    here = [EncoderInfo("hybrid", "bundled", None, 14, "0" * 16, "counts a few words")]
    monkeypatch.setattr("hybrid_search.engine.encoders.available", lambda: here, raising=False)
    texts, where = write_texts(tmp_path / "new"), tmp_path / "made"
    shelf = Shelf(where, lambda name, _stored: load(name), allow_index=True)
    told = []

    async def follow(done, total, message):
        told.append(message)

    try:
        async with Client(build(shelf), mode="legacy") as client:
            tools = {each.name: each for each in (await client.list_tools()).tools}
            assert set(tools) == {each.name for each in TOOLS} and not tools["index"].annotations.read_only_hint
            wanted = {"folders": [str(texts)], "encoders": ["hybrid"]}
            done = await client.call_tool("index", wanted, progress_callback=follow)
            assert done.structured_content["documents"]["new"] == 21 and "reading" in told
            found = await client.call_tool("search", {"query": "bread"})
            assert found.structured_content["results"]
            where.rename(tmp_path / "elsewhere")
            for tool, arguments in {"search": {"query": "bread"}, "status": {}, "read": {"passage_id": 1}}.items():
                refused = await client.call_tool(tool, arguments)
                assert refused.is_error and "There is no library" in refused.content[0].text
            assert not where.exists()
            (tmp_path / "elsewhere").rename(where)
            assert (await client.call_tool("search", {"query": "bread"})).structured_content == found.structured_content
            for folders in (["relative"], ["/nowhere/at/all"], []):
                refused = await client.call_tool("index", {"folders": folders})
                assert refused.is_error and refused.structured_content["error"]["kind"] == "invalid_arguments"
            for name in ("somebody/a-model", "openai:m@http://far.invalid/v1", "/tmp"):
                refused = await client.call_tool("index", {"folders": [str(texts)], "encoders": [name]})
                assert refused.structured_content["error"]["kind"] == "not_found"
    finally:
        shelf.close()
