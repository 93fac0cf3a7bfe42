"""Encoders behind endpoints: each protocol as it is really spoken, and all that an endpoint can do wrong."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import numpy as np
import pytest
from hybrid_search.engine import encoders
from hybrid_search.engine.encoders import Encoder
from hybrid_search.engine.encoders.endpoints import consent, encoder, is_endpoint, parse
from hybrid_search.engine.encoders.endpoints.http import MOST_WAIT, TRIES
from hybrid_search.engine.encoders.endpoints.protocols import PROTOCOLS
from hybrid_search.engine.errors import EncoderError, HybridSearchError, UnknownEncoder
from hybrid_search.engine.library.library import Library

from tests.conftest import KeywordEncoder
from tests.support.endpoints import good, running, vectors_of

KEY = "sk-secret-0123456789"
ASKED = "Given a web search query, retrieve relevant passages that answer the query"
TEXTS = ["bread and water", "луна", "ไฟ และ น้ำ", "", "a house"]
VARIABLES = ("OPENAI_API_KEY", "COHERE_API_KEY", "CO_API_KEY", "VOYAGE_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY",
             "OLLAMA_API_KEY", "HYBRID_SEARCH_KEY")  # fmt: skip


@pytest.fixture(autouse=True)
def no_keys_of_this_machine(monkeypatch: pytest.MonkeyPatch):
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(consent, "_named", set())


def said(error: pytest.ExceptionInfo[HybridSearchError]) -> str:
    return str(error.value)


def unit(texts: list[str]) -> np.ndarray:
    rows = np.array(vectors_of([text or " " for text in texts]))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_each_protocol_gives_the_vectors_of_the_texts_in_their_order(protocol: str):
    with running(protocol) as server:
        found = encoders.load(server.name, named=True)
        assert isinstance(found, Encoder) and found.dimension == 13
        np.testing.assert_allclose(found.encode_document(TEXTS), unit(TEXTS), atol=1e-6)
        np.testing.assert_allclose(found.encode_query(TEXTS[:2]), unit(TEXTS[:2]), atol=1e-6)
        assert found.encode_document([]).shape == (0, 13)


@pytest.mark.parametrize(
    ("protocol", "variable", "header"),
    [
        ("openai", "OPENAI_API_KEY", "authorization"),
        ("cohere", "COHERE_API_KEY", "authorization"),
        ("cohere", "CO_API_KEY", "authorization"),
        ("voyage", "VOYAGE_API_KEY", "authorization"),
        ("gemini", "GEMINI_API_KEY", "x-goog-api-key"),
        ("gemini", "GOOGLE_API_KEY", "x-goog-api-key"),
        ("ollama", "OLLAMA_API_KEY", "authorization"),
        ("tei", "HYBRID_SEARCH_KEY", "authorization"),
        ("openai", "HYBRID_SEARCH_KEY", "authorization"),
    ],
)
def test_the_key_comes_from_the_environment_and_goes_into_its_header(protocol, variable, header, monkeypatch):
    monkeypatch.setenv(variable, KEY + "\n")
    with running(protocol, key=KEY) as server:
        encoders.load(server.name, named=True)
        assert server.asked[-1].headers[header].removeprefix("Bearer ") == KEY


def test_queries_and_passages_are_told_apart_as_each_protocol_does():
    told = {
        "cohere": lambda body: body["input_type"],
        "voyage": lambda body: body["input_type"],
        "gemini": lambda body: body["requests"][0]["taskType"],
    }
    seen = {}
    for protocol, tell in told.items():
        with running(protocol) as server:
            found = encoders.load(server.name, named=True)
            found.encode_query(["moon"])
            found.encode_document(["moon"])
            seen[protocol] = [tell(each.body) for each in server.asked[-2:]]
    assert seen == {
        "cohere": ["search_query", "search_document"],
        "voyage": ["query", "document"],
        "gemini": ["RETRIEVAL_QUERY", "RETRIEVAL_DOCUMENT"],
    }


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_fewer_dimensions_are_asked_for_and_must_come(protocol: str):
    with running(protocol) as server:
        assert encoders.load(f"{server.name}#dimensions=4", named=True).dimension == 4
        server.dimensions = 6
        with pytest.raises(EncoderError, match="vectors of 6 numbers, not of 4 as asked for"):
            encoders.load(f"{server.name}#dimensions=4", named=True)


@pytest.mark.parametrize(
    ("model", "query", "document"),
    [
        ("intfloat/multilingual-e5-small", "query: moon", "passage: moon"),
        ("nomic-embed-text:v1.5", "search_query: moon", "search_document: moon"),
        ("BAAI/bge-base-en-v1.5", "Represent this sentence for searching relevant passages: moon", "moon"),
        ("Qwen3-Embedding-0.6B", f"Instruct: {ASKED}\nQuery: moon", "moon"),
        ("bge-m3", "moon", "moon"),
        ("text-embedding-3-small", "moon", "moon"),
    ],
)  # fmt: skip
def test_models_get_the_prompts_of_their_family_and_it_is_said(model: str, query: str, document: str):
    with running("openai") as server:
        found = encoders.load(f"openai:{model}@{server.address}", named=True)
        found.encode_query(["moon"])
        found.encode_document(["moon"])
        assert server.texts[-2:] == [query, document]
        assert bool(found.notices) == (query != "moon")


def test_a_missing_prompt_is_said():
    with running("openai") as server:
        found = encoders.load(f"openai:multilingual-e5-base@{server.address}#prompts=none", named=True)
        assert "was trained with 'query: '" in found.notices[0] and "#prompts=e5" in found.notices[0]
        own = encoders.load(f"openai:multilingual-e5-base@{server.address}#query=ask:%20&document=x%26: ", named=True)
        own.encode_query(["moon"])
        own.encode_document(["moon"])
        assert server.texts[-2:] == ["ask: moon", "x&: moon"] and own.notices
        assert len({found.fingerprint, own.fingerprint}) == 2


def test_tei_says_which_model_it_serves_and_how_much_it_takes():
    info = {"model_id": "intfloat/multilingual-e5-small", "model_sha": "abc", "max_input_length": 256,
            "max_client_batch_size": 2}  # fmt: skip
    with running("tei", info=info) as server:
        found = encoders.load(server.name, named=True)
        assert found.max_tokens == 256
        found.encode_document(TEXTS)
        assert max(len(each.body["inputs"]) for each in server.asked if each.body) == 2
        assert server.texts[-1] == "passage: a house"
        server.info = {**info, "model_sha": "def"}
        assert encoders.load(server.name, named=True).fingerprint != found.fingerprint


def test_another_model_pulled_under_the_same_name_is_another_encoder():
    tags = {"models": [{"name": "tiny:latest", "digest": "one"}, {"name": "other:latest", "digest": "x"}]}
    with running("ollama", info=tags) as server:
        first = encoders.load(server.name, named=True).fingerprint
        assert encoders.load(server.name, named=True).fingerprint == first
        tags["models"][0]["digest"] = "two"
        assert encoders.load(server.name, named=True).fingerprint != first


def test_a_model_is_the_same_at_another_address():
    with running("openai") as one, running("openai") as other:
        assert encoders.load(one.name, named=True).fingerprint == encoders.load(other.name, named=True).fingerprint


def test_requests_that_are_too_large_are_halved():
    with running("cohere", most=2) as server:
        found = encoders.load(server.name, named=True)
        np.testing.assert_allclose(found.encode_document(TEXTS), unit(TEXTS), atol=1e-6)
        with pytest.raises(EncoderError, match="too large"):
            server.script = [413] * 9
            found.encode_document(["moon"])


# -- patience


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_again_with_longer_and_longer_waits(status: int):
    waits: list[float] = []
    with running("openai") as server:
        server.script = [status, status, status]
        found = encoder.load(server.name, named=True, wait=waits.append)
        assert found.dimension == 13
    assert len(waits) == 3 and waits == sorted(waits) and waits[0] > 0


def test_the_wait_that_the_endpoint_asks_for_is_kept():
    waits: list[float] = []
    with running("openai") as server:
        server.script = [(429, {"Retry-After": "7"}, b"{}"), (429, {"retry-after-ms": "2500"}, b"{}"),
                         (503, {"Retry-After": "Fri, 31 Dec 1999 23:59:59 GMT"}, b"busy")]  # fmt: skip
        encoder.load(server.name, named=True, wait=waits.append)
    assert waits[:2] == [7.0, 2.5] and 0 < waits[2] < 5


def test_who_asks_for_a_long_wait_is_not_waited_for():
    waits: list[float] = []
    with running("openai") as server:
        server.script = [(429, {"Retry-After": "3600"}, b'{"error": {"message": "daily limit"}}')]
        with pytest.raises(EncoderError, match=r"limits requests .*daily limit.* asks to wait 3,600 seconds") as error:
            encoder.load(server.name, named=True, wait=waits.append)
    assert waits == [] and MOST_WAIT < 3600 and error.value.hint


def test_after_the_last_try_the_cause_is_said():
    waits: list[float] = []
    with running("cohere") as server:
        server.script = [500] * TRIES
        with pytest.raises(EncoderError, match=r"failed \(500 .*out of order"):
            encoder.load(server.name, named=True, wait=waits.append)
        assert len(server.asked) == TRIES and len(waits) == TRIES - 1


def test_a_budget_that_is_used_up_is_not_tried_again():
    with running("openai") as server:
        spent = {"error": {"message": "You exceeded your current quota", "code": "insufficient_quota"}}
        server.script = [(429, {}, json.dumps(spent).encode())]
        with pytest.raises(EncoderError, match="insufficient_quota You exceeded"):
            encoder.load(server.name, named=True, wait=lambda _: pytest.fail("it waited"))


# -- what goes wrong


def test_a_missing_key_is_said_before_anything_is_sent():
    for name, variable in (
        ("openai:text-embedding-3-small", "OPENAI_API_KEY"),
        ("cohere:embed-v4.0", "COHERE_API_KEY"),
        ("voyage:voyage-3.5", "VOYAGE_API_KEY"),
        ("gemini:gemini-embedding-001", "GEMINI_API_KEY"),
        ("openai:m@http://127.0.0.1:9/v1#key=MY_KEY", "MY_KEY"),
    ):
        with pytest.raises(EncoderError, match=variable):
            encoders.load(name, named=True)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_wrong_key_is_refused_in_words_that_do_not_hold_it(protocol: str, monkeypatch: pytest.MonkeyPatch):
    with running(protocol, key="right") as server:
        with pytest.raises(EncoderError, match="refuses access") as error:
            encoders.load(server.name, named=True)
        assert "Set " in error.value.hint and "key" in error.value.hint
        monkeypatch.setenv("HYBRID_SEARCH_KEY", KEY)
        with pytest.raises(EncoderError, match="HYBRID_SEARCH_KEY") as error:
            encoders.load(server.name, named=True)
        assert KEY not in said(error) and KEY not in repr(error.value.__context__)


def test_no_key_goes_over_a_network_unencrypted_unless_the_name_says_so(monkeypatch: pytest.MonkeyPatch):
    from hybrid_search.engine.encoders.endpoints.keys import key_of

    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert key_of(parse("openai:m@http://far.example/v1")).value == ""
    assert key_of(parse("openai:m@http://far.example/v1#key=OPENAI_API_KEY")).value == KEY
    assert key_of(parse("openai:m@https://far.example/v1")).value == KEY
    assert key_of(parse("openai:m@http://127.0.0.1:1/v1")).value == KEY
    assert KEY not in repr(key_of(parse("openai:m")))
    monkeypatch.setenv("OPENAI_API_KEY", "two\nlines")
    with pytest.raises(EncoderError, match="OPENAI_API_KEY holds cannot be a key"):
        key_of(parse("openai:m"))


@pytest.mark.parametrize(
    "name",
    [
        f"openai:m@https://user:{KEY}@host/v1",
        f"openai:m@https://{KEY}@host/v1",
        f"openai:m@https://host/v1?api_key={KEY}",
        f"tei:https://host/v1?Token={KEY}",
        f"openai:m#key={KEY}",
        f"gemini:m@https://host/v1?key={KEY}&alt=json",
    ],
)
def test_a_key_in_a_name_is_refused_and_not_repeated(name: str):
    with pytest.raises(EncoderError, match="environment") as error:
        encoders.load(name, named=True)
    assert KEY not in said(error)


def test_an_address_where_nobody_answers_is_said_at_once():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        with pytest.raises(EncoderError, match=rf"http://127.0.0.1:{port}/v1 cannot be reached: connection refused"):
            encoder.load(f"openai:m@http://127.0.0.1:{port}/v1", named=True, wait=lambda _: pytest.fail("it waited"))


def test_a_slow_endpoint_is_not_waited_for_without_end():
    with running("openai") as server:
        server.script = [(0, {}, b"")]
        with pytest.raises(EncoderError, match=r"did not answer within 0\.2 seconds") as error:
            encoders.load(f"{server.name}#timeout=0.2", named=True)
        assert "#timeout" in error.value.hint


def test_the_wrong_path_says_what_to_check():
    with running("openai") as server:
        wrong = server.address.removesuffix("/v1")
        with pytest.raises(EncoderError, match=r"does not know this request or this model \(404"):
            encoders.load(f"openai:tiny@{wrong}", named=True)


def test_a_redirect_is_not_followed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with running("openai") as server, running("openai") as other:
        server.script = [(307, {"Location": f"{other.address}/embeddings"}, b"")]
        with pytest.raises(EncoderError, match="sends on to"):
            encoders.load(server.name, named=True)
        assert other.asked == []


def _short(answer):
    answer["data"].pop()
    return answer


def _ragged(answer):
    answer["data"][0]["embedding"] = answer["data"][0]["embedding"][:-1]
    return answer


def _with(value):
    def change(answer):
        answer["data"][0]["embedding"][0] = value
        return answer

    return change


def _zeros(answer):
    answer["data"][0]["embedding"] = [0.0] * 13
    return answer


def _twice(answer):
    answer["data"][0]["index"] = answer["data"][1]["index"]
    return answer


@pytest.mark.parametrize(
    ("lie", "words"),
    [
        (_short, "gave 1 vectors for 2 texts"),
        (_ragged, "different lengths"),
        (_with(float("nan")), "NaN or infinite"),
        (_with(float("inf")), "NaN or infinite"),
        (_with("1.0"), "are not numbers"),
        (_with(None), "are not numbers"),
        (_with(True), "are not numbers"),
        (_with(10**400), "are not numbers"),
        (_zeros, "vector of zeros"),
        (_twice, "'index'"),
        (lambda answer: {"data": {}}, "no list 'data'"),
        (lambda answer: [1, 2], "no list 'data'"),
        (lambda answer: {"data": [[1.0]] * 2}, "no 'embedding'"),
        (lambda answer: {"data": [{"embedding": "AAAA"}] * 2}, "'index'|not numbers"),
    ],
)
def test_an_endpoint_that_lies_is_told_by_name(lie, words: str):
    with running("openai") as server:
        found = encoders.load(server.name, named=True)
        server.script = [lie]
        with pytest.raises(EncoderError, match=words) as error:
            found.encode_document(["bread", "water"])
        assert server.address in said(error)


def test_vectors_of_another_length_than_before_are_refused():
    with running("openai") as server:
        found = encoders.load(server.name, named=True)
        server.dimensions = 5
        with pytest.raises(EncoderError, match="vectors of 5 numbers, not of 13 as before"):
            found.encode_query(["bread"])


@pytest.mark.parametrize(
    ("body", "shown"),
    [(b"<html>\x1b[31mhi", "<html> [31mhi"), (b"", "JSON"), (b"[" * 100_000, "JSON"), (b"\xff\xfe", "JSON")],
)
def test_what_is_no_json_is_shown_harmlessly(body: bytes, shown: str):
    with running("openai") as server:
        server.script = [(200, {}, body)]
        with pytest.raises(EncoderError) as error:
            encoders.load(server.name, named=True)
        assert shown in said(error) and "\x1b" not in said(error)


def test_an_answer_that_breaks_off_is_no_answer():
    with running("openai") as server:
        server.script = [(200, {"Content-Length": "1000"}, b'{"data": [')]
        with pytest.raises(EncoderError, match="broke off its answer"):
            encoders.load(server.name, named=True)


def test_huge_and_tiny_numbers_are_scaled_and_not_lost():
    with running("openai") as server:
        found = encoders.load(server.name, named=True)
        server.script = [lambda answer: {"data": [{"embedding": [1e300, -1e300]}, {"embedding": [0.0, 1e-300]}]}]
        found.dimension = 2
        np.testing.assert_allclose(found.encode_document(["a", "b"]), [[0.5**0.5, -(0.5**0.5)], [0, 1]], atol=1e-6)


# -- names


@pytest.mark.parametrize(
    "name",
    [
        "openai:",
        "openai:@http://host",
        "openai:m@http://",
        "openai:m@http://ho st/",
        "openai:m@http://host:99999/",
        "tei:model",
        "tei:",
        "cohere:m#prompts=e5",
        "openai:m#colour=red",
        "openai:m#dimensions=0",
        "openai:m#dimensions=²",
        "openai:m#timeout=nan",
        "openai:m#prompts=unheard-of",
        "openai:m#dimensions",
    ],
)
def test_a_name_that_is_written_wrongly_says_how_it_is_written(name: str):
    with pytest.raises(UnknownEncoder) as error:
        encoders.load(name, named=True)
    assert error.value.hint


def test_names_without_a_prefix_are_what_they_were(tmp_path: Path):
    assert not any(is_endpoint(name) for name in ("base", "owner/name", "C:\\models\\m", "./openai", "", ":", "bm25"))
    assert encoders.resolve("openai:m").kind == "endpoint"
    with pytest.raises(EncoderError, match="cannot be an encoder's name"):
        encoders.register(tmp_path, "openai:m")


def test_nothing_is_sent_to_an_endpoint_that_the_person_has_not_named():
    with running("openai") as server:
        with pytest.raises(EncoderError, match="you have not named yourself"):
            encoders.load(server.name)
        assert server.asked == [] and encoders.withheld(server.name)
        encoders.remember(server.name)
        assert encoders.load(server.name).dimension == 13
        # It worked, so that it need not be typed again, and is offered.
        consent._named.clear()
        assert not encoders.withheld(server.name)
        assert encoders.load(f"{server.name}#dimensions=3").dimension == 3
        assert [each.name for each in encoders.available()][-2:] == [f"{server.name}#dimensions=3", server.name]


def test_a_damaged_list_of_names_is_an_empty_one(home: Path):
    for text in ("", "{}", "[1, null]", '["openai:", "base"]', "\x00"):
        (home / "named.json").write_text(text, "utf-8")
        assert encoders.withheld("openai:m@http://far.invalid/v1")
        encoders.available()


# -- in a library


def test_a_library_is_indexed_and_searched_through_an_endpoint(tmp_path: Path):
    (tmp_path / "texts").mkdir()
    for name, text in {"a": "Bread and water.", "b": "Луна и огонь."}.items():
        (tmp_path / "texts" / f"{name}.txt").write_text(text, "utf-8")
    with running("tei", key=KEY) as server, Library.open(tmp_path / "library", create=True) as library:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("HYBRID_SEARCH_KEY", KEY)
            found = encoders.load(server.name, named=True)
            report = library.index([tmp_path / "texts"], encoders=[found])
            assert report.encoded == {server.name: 2} and library.encoders() == [server.name]
            assert library.search("moon", encoder=found, k=1).hits[0].passage.path.endswith("b.txt")
            before = len(server.asked)
            again = encoders.load(server.name)
            ranking = library.search("moon", encoder=again, k=2)
            assert [hit.score for hit in ranking.hits] == [
                pytest.approx(hit.score) for hit in library.search("moon", encoder=found, k=2).hits
            ]
            # One request tells what the server serves, one what its vectors are like; the question was known.
            assert len(server.asked) == before + 2
            assert library.index([tmp_path / "texts"], encoders=[again]).encoded == {server.name: 0}
        stored = b"".join(path.read_bytes() for path in (tmp_path / "library").rglob("*") if path.is_file())
        assert KEY.encode() not in stored


def test_what_an_endpoint_was_asked_for_and_costs_is_told():
    with running("openai") as server:
        found = encoders.load(f"{server.name}#price=20", named=True)
        found.encode_document(["bread and water"] * 3)
        found.encode_query(["moon"])
        found.encode_query(["moon"])
        told = found.told()
        assert "3 requests" in told and "5 texts" in told and "11 tokens" in told and "1 texts from the cache" in told
        assert "cost 0.0002 at 20 for a million tokens" in told


def test_a_neutral_endpoint_is_an_endpoint(tmp_path: Path):
    with running("openai") as server:
        found = encoders.load(f"{server.name}+neutral", named=True)
        assert found.name == f"{server.name}+neutral" and found.encode_query(["bread"]).shape == (1, 13)


def test_the_stand_in_is_the_keyword_encoder():
    np.testing.assert_allclose(
        unit(TEXTS), KeywordEncoder().encode_document([text or " " for text in TEXTS]), atol=1e-6
    )
    assert good([])[0] == 200
