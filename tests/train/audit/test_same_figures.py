"""Whatever a retriever is behind, its audit has the figures that `evaluate` has of it."""

from __future__ import annotations

import json
import sys
from functools import cache
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from hybrid_search.engine import encoders
from hybrid_search.engine.library import Library
from hybrid_search.train.audit.asking import ask
from hybrid_search.train.audit.judged import judged
from hybrid_search.train.audit.targets import Options, open_target
from hybrid_search.train.benchmarks import Benchmark, Candidate, Query
from hybrid_search.train.measure import Result, evaluate, registry

from tests.support.audits import as_reply, server, small_kit

KIT = small_kit()
NAMES = ("base", "mono", "cross", "hybrid")
KINDS = ("encoder", "library", "trec", "jsonl", "beir", "texts", "python", "lines", "get", "post")
pytestmark = pytest.mark.slow

LINES = """
import json, sys
rankings = json.load(open({file!r}))
for line in sys.stdin:
    asked = json.loads(line)
    print(json.dumps(rankings[asked["id"]][:asked["k"]]), flush=True)
"""
ONCE = """
import json, sys
ids = json.load(open({file!r}))
print(json.dumps(ids[sys.stdin.buffer.read().decode()]))
"""


@cache
def load(name: str):
    # In int8 a vector depends a little on what else is in its batch; in full precision on nothing but its text.
    return encoders.load(name, precision="fp32")


@pytest.fixture(scope="module")
def benchmark() -> Benchmark:
    queries = tuple(Query(each.group, each.language, each.text) for each in KIT.questions)
    pool = tuple(Candidate(each.id, each.language, each.text, each.title) for each in KIT.passages)
    return Benchmark("small", queries, pool, KIT.relevant)


@pytest.fixture(scope="module")
def shared(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("shared")


@pytest.fixture
def home_of_all(monkeypatch, shared):
    """One home for all, so that every text is encoded once."""
    monkeypatch.setenv("HYBRID_SEARCH_HOME", str(shared))


@pytest.fixture(params=NAMES)
def encoder(request, home_of_all) -> str:
    if request.param != "base":
        pytest.importorskip("onnxruntime")
    return request.param


def options(**more) -> Options:
    return Options(load=load, texts=KIT.texts_to_encode(), **more)


@cache
def rankings(name: str) -> dict[str, list[str]]:
    """What an encoder answers, by id of the question: all passages."""
    target = open_target(f"encoder:{name}", options())
    target.prepare((*KIT.questions, *KIT.nonsense))
    everything = len(KIT.passages)
    return {each.id: [one.id for one in target.ask(each, everything)] for each in (*KIT.questions, *KIT.nonsense)}


def behind(kind: str, name: str, folder: Path):
    """The place of a target of a kind, and more of its options."""
    if kind == "encoder":
        return f"encoder:{name}", {}
    found = rankings(name)
    if kind == "library":
        rows = [{"text": text} for text in KIT.texts_to_encode().values()]
        file = folder / "passages.jsonl"
        file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
        with Library.open(folder / "library", create=True) as library:
            library.index([file], encoders=[load(name)])
        return str(folder / "library"), {"encoder": name}
    if kind == "trec":
        file = folder / "run.trec"
        lines = [f"{q} Q0 {p} {n} {-n} x\n" for q, ids in found.items() for n, p in enumerate(ids, 1)]
        file.write_text("".join(lines), "utf-8")
        return str(file), {}
    if kind in ("jsonl", "texts"):
        text = {each.id: each.text for each in KIT.passages}
        file = folder / "run.jsonl"
        answers = {
            q: [{"text": text[p], "id": f"x{p}"} if kind == "texts" else p for p in ids] for q, ids in found.items()
        }
        lines = [json.dumps({"question": q, "answers": ids}, ensure_ascii=False) + "\n" for q, ids in answers.items()]
        file.write_text("".join(lines), "utf-8")
        return str(file), {}
    file = folder / "run.json"
    if kind == "beir":
        file.write_text(json.dumps({q: {p: -n for n, p in enumerate(ids)} for q, ids in found.items()}), "utf-8")
        return str(file), {}
    file.write_text(json.dumps(found), "utf-8")
    if kind == "lines":
        (folder / "answer.py").write_text(LINES.format(file=str(file)), "utf-8")
        return f"lines:{sys.executable} -S {folder / 'answer.py'}", {}
    module = f"retriever_of_{name}"
    text = "import json\nFOUND, IDS = json.load(open({!r})), {!r}\ndef find(text, k): return FOUND[IDS[text]][:k]\n"
    ids = {each.text: each.id for each in (*KIT.questions, *KIT.nonsense)}
    (folder / f"{module}.py").write_text(text.format(str(file), ids), "utf-8")
    return f"python:{module}:find", {"cwd": folder}


def asked_through(kind: str, name: str, folder: Path):
    """The answers of an encoder through a target of a kind."""
    if kind not in ("get", "post"):
        place, more = behind(kind, name, folder)
        return asked_of(place, options(**more))
    found = rankings(name)
    ids = {each.text: each.id for each in (*KIT.questions, *KIT.nonsense)}

    def handle(method, path, _headers, body):
        said = body if method == "POST" else {key: values[0] for key, values in parse_qs(urlsplit(path).query).items()}
        answers = [{"document": {"id": each}} for each in found[ids[said["q"]]][: int(said["n"])]]
        return as_reply({"result": {"hits": answers}})

    with server(handle) as address:
        if kind == "get":
            return asked_of(f"{address}/find?q={{question}}&n={{k}}", options(results="result.hits[].document"))
        request = '{"q": "{question}", "n": "{k}"}'
        return asked_of(f"{address}/find", options(results="result.hits[].document", request=request))


def asked_of(place: str, said: Options):
    target = open_target(place, said)
    try:
        return ask(target, KIT, k=len(KIT.passages))
    finally:
        target.close()


def same(found: Result, expected: Result) -> None:
    """Every figure of the registry is the same to rounding."""
    for measure in registry.of("mono", "cross", "multi", "bias"):
        assert found.figure(measure) == pytest.approx(expected.figure(measure), abs=1e-4, nan_ok=True), measure.key
    assert np.allclose(found.matrix(), expected.matrix(), atol=1e-4, equal_nan=True)


@pytest.fixture(scope="module")
def known():
    return {}


@pytest.mark.parametrize("kind", KINDS)
def test_an_audit_has_the_figures_of_evaluate(kind, encoder, benchmark, known, tmp_path):
    if encoder not in known:
        known[encoder] = evaluate(benchmark, [encoder], load).results[encoder]
    expected = known[encoder]
    found = judged(asked_through(kind, encoder, tmp_path)).result
    same(found, expected)


def test_a_command_for_each_question_has_them_too(home_of_all, benchmark, tmp_path):
    found = {each.text: rankings("hybrid")[each.id] for each in (*KIT.questions, *KIT.nonsense)}
    (tmp_path / "found.json").write_text(json.dumps(found), "utf-8")
    (tmp_path / "answer.py").write_text(ONCE.format(file=str(tmp_path / "found.json")), "utf-8")
    asked = asked_of(f"command:{sys.executable} -S {tmp_path / 'answer.py'}", options())
    expected = evaluate(benchmark, ["hybrid"], load).results["hybrid"]
    same(judged(asked).result, expected)


def test_search_by_words_is_a_target_like_others(home_of_all, benchmark):
    expected = evaluate(benchmark, ["bm25"], load).results["bm25"]
    found = judged(asked_of("encoder:bm25", options())).result
    # Ties all have the last rank of their tie in `evaluate`; a ranking has an order.
    assert found.summary()["mono"] == pytest.approx(expected.summary()["mono"], abs=0.05)
    assert found.summary()["same_language_share"] == pytest.approx(expected.summary()["same_language_share"], abs=0.05)
