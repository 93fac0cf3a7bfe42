"""Whatever a retriever is behind, its audit has the figures that `evaluate` has of it: all targets, our four encoders.

Every text is encoded once; what is compared is what targets, stores and the audit make of the same vectors.
"""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from hybrid_search.engine import encoders
from hybrid_search.engine.library import Library
from hybrid_search.train.audit.asking import ask
from hybrid_search.train.audit.judged import result_of
from hybrid_search.train.audit.targets import Options, open_target
from hybrid_search.train.benchmarks import Benchmark, Candidate, Query
from hybrid_search.train.measure import Result, evaluate, registry

from tests.support import filled_stores
from tests.support.audits import as_reply, server, small_kit

TOPICS = ("compass", "glacier", "owls", "tea")
KIT = small_kit(TOPICS, ("ar", "de", "ja", "ru"))
EVERYTHING = (*KIT.questions, *KIT.nonsense)
TEXTS = KIT.texts_to_encode()
NAMES = ("base", "mono", "cross", "hybrid")
pytestmark = pytest.mark.slow


class Once:
    """An encoder that remembers the vectors of texts."""

    def __init__(self, name: str) -> None:
        self._inner = encoders.load(name)
        self.name, self.fingerprint = self._inner.name, self._inner.fingerprint
        self.dimension, self.max_tokens = self._inner.dimension, self._inner.max_tokens
        self.count_tokens = self._inner.count_tokens
        self._known: dict[tuple[str, str], np.ndarray] = {}

    def _all(self, kind: str, encode: Callable[[list[str]], np.ndarray], texts: Sequence[str]) -> np.ndarray:
        missing = [text for text in dict.fromkeys(texts) if (kind, text) not in self._known]
        if missing:
            self._known.update(zip([(kind, text) for text in missing], encode(missing), strict=True))
        found = [self._known[kind, text] for text in texts]
        return np.stack(found) if found else np.zeros((0, self.dimension), dtype=np.float32)

    def encode_query(self, texts: Sequence[str]) -> np.ndarray:
        return self._all("query", self._inner.encode_query, texts)

    def encode_document(self, texts: Sequence[str], progress=None) -> np.ndarray:
        found = self._all("document", self._inner.encode_document, texts)
        if progress is not None:
            progress(len(texts))
        return found


load = cache(Once)


def options(**more) -> Options:
    return Options(load=lambda name, **_: load(name), texts=TEXTS, **more)


@pytest.fixture(scope="module")
def benchmark() -> Benchmark:
    queries = tuple(Query(each.group, each.language, each.text) for each in KIT.questions)
    pool = tuple(Candidate(each.id, each.language, each.text, each.title) for each in KIT.passages)
    return Benchmark("small", queries, pool, KIT.relevant)


@pytest.fixture(scope="module")
def wanted(benchmark: Benchmark) -> Callable[[str], Result]:
    """What `evaluate` says of an encoder."""
    known: dict[str, Result] = {}

    def of(name: str) -> Result:
        if name not in known:
            known[name] = evaluate(benchmark, [name], load).results[name]
        return known[name]

    return of


@pytest.fixture(params=NAMES)
def name(request) -> str:
    if request.param != "base":
        pytest.importorskip("onnxruntime")
    return request.param


@cache
def rankings(name: str) -> dict[str, list[str]]:
    """What an encoder answers, by id of the question: all passages."""
    queries = load(name).encode_query([each.text for each in EVERYTHING])
    order = np.argsort(-(queries @ load(name).encode_document(list(TEXTS.values())).T), axis=1, kind="stable")
    ids = list(TEXTS)
    return {each.id: [ids[row] for row in line] for each, line in zip(EVERYTHING, order.tolist(), strict=True)}


def same(place: str, said: Options, expected: Result, *, within: float = 1e-4) -> None:
    """Every figure of the registry is the same to rounding when a target is audited."""
    target = open_target(place, said)
    try:
        asked = ask(target, KIT, k=len(KIT.passages))
    finally:
        target.close()
    found = result_of(asked, asked.rankings)
    for measure in registry.of("mono", "cross", "multi", "bias"):
        assert found.figure(measure) == pytest.approx(expected.figure(measure), abs=within, nan_ok=True), measure.key
    assert np.allclose(found.matrix(), expected.matrix(), atol=1e-4, equal_nan=True)


def test_the_kit_tells_the_encoders_apart(wanted):
    """Figures that were all alike, or all perfect, would be the same through a broken target, too."""
    multi = [wanted(name).summary()["multi"] for name in NAMES]
    assert all(0.1 < value < 0.99 for value in multi) and max(multi) - min(multi) > 0.05, multi


def test_an_encoder(name, wanted):
    same(f"encoder:{name}", options(), wanted(name))


# -- libraries


@pytest.fixture(scope="module")
def library(tmp_path_factory) -> Path:
    """A library with vectors of all four encoders."""
    pytest.importorskip("onnxruntime")
    folder = tmp_path_factory.mktemp("library")
    rows = (json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in TEXTS.values())
    (folder / "passages.jsonl").write_text("".join(rows), "utf-8")
    with Library.open(folder / "library", create=True) as made:
        made.index([folder / "passages.jsonl"], encoders=[load(each) for each in NAMES])
    return folder / "library"


def test_a_library(name, library, wanted):
    # It keeps vectors in half precision: two passages may change places, which is most in the first ten of a question.
    same(str(library), options(encoder=name), wanted(name), within=1 / len(EVERYTHING))


# -- runs


def trec(found: dict[str, list[str]]) -> str:
    return "".join(f"{q} Q0 {p} {n} {-n} x\n" for q, ids in found.items() for n, p in enumerate(ids, 1))


def json_lines(found: dict[str, list[str]]) -> str:
    return "".join(json.dumps({"question": q, "answers": ids}) + "\n" for q, ids in found.items())


def one_answer_a_line(found: dict[str, list[str]]) -> str:
    return "".join(json.dumps({"query_id": q, "doc_id": p}) + "\n" for q, ids in found.items() for p in ids)


def texts_for_ids(found: dict[str, list[str]]) -> str:
    text = {each.id: each.text for each in KIT.passages}
    rows = ({"question": q, "answers": [{"id": f"x{p}", "text": text[p]} for p in ids]} for q, ids in found.items())
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def beir(found: dict[str, list[str]]) -> str:
    return json.dumps({q: {p: -n for n, p in enumerate(ids)} for q, ids in found.items()})


@pytest.mark.parametrize(
    ("file", "written"),
    [
        ("run.trec", trec),
        ("run.jsonl", json_lines),
        ("answers.jsonl", one_answer_a_line),
        ("texts.jsonl", texts_for_ids),
        ("run.json", beir),
    ],
)
def test_a_run_file(file, written, name, wanted, tmp_path):
    (tmp_path / file).write_text(written(rankings(name)), "utf-8")
    same(str(tmp_path / file), options(), wanted(name))


# -- functions, programs, endpoints


FUNCTION = "import json\nFOUND, IDS = json.load(open({file!r})), {ids!r}\n"
FUNCTION += "def find(text, k): return FOUND[IDS[text]][:k]\n"
LINES = """
import json, sys
rankings = json.load(open({file!r}))
for line in sys.stdin:
    asked = json.loads(line)
    print(json.dumps(rankings[asked["id"]][:asked["k"]]), flush=True)
"""
IDS = {each.text: each.id for each in EVERYTHING}


def test_a_function(name, wanted, tmp_path):
    file = tmp_path / "found.json"
    file.write_text(json.dumps(rankings(name)), "utf-8")
    module = f"retriever_of_{name}"
    (tmp_path / f"{module}.py").write_text(FUNCTION.format(file=str(file), ids=IDS), "utf-8")
    same(f"python:{module}:find", options(cwd=tmp_path), wanted(name))


def test_a_program_of_lines(name, wanted, tmp_path):
    file = tmp_path / "found.json"
    file.write_text(json.dumps(rankings(name)), "utf-8")
    (tmp_path / "answer.py").write_text(LINES.format(file=str(file)), "utf-8")
    same(f"lines:{sys.executable} -S {tmp_path / 'answer.py'}", options(), wanted(name))


@pytest.mark.skipif(shutil.which("grep") is None, reason="needs sh and grep")
def test_a_command_for_each_question(name, wanted, tmp_path):
    found = rankings(name)
    lines = (f"{text}\t{json.dumps(found[number])}\n" for text, number in IDS.items())
    (tmp_path / "found.tsv").write_text("".join(lines), "utf-8")
    # Started for every question: a shell and two small programs are there sooner than an interpreter.
    script = f'question=$(cat); grep -F -- "$question\t" {shlex.quote(str(tmp_path / "found.tsv"))} | cut -f 2'
    (tmp_path / "answer.sh").write_text(script.replace("\t", "$(printf '\\t')"), "utf-8")
    same(f"command:sh {tmp_path / 'answer.sh'}", options(), wanted(name))


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_endpoint(method, name, wanted):
    found = rankings(name)

    def handle(asked_by, path, _headers, body):
        assert asked_by == method
        said = body if method == "POST" else {key: values[0] for key, values in parse_qs(urlsplit(path).query).items()}
        answers = [{"document": {"id": each}} for each in found[IDS[said["q"]]][: int(said["n"])]]
        return as_reply({"result": {"hits": answers}})

    with server(handle) as address:
        place = f"{address}/find" + ("?q={question}&n={k}" if method == "GET" else "")
        request = "" if method == "GET" else '{"q": "{question}", "n": "{k}"}'
        same(place, options(results="result.hits[].document", request=request), wanted(name))


# -- stores


@pytest.fixture(scope="module", params=filled_stores.SEVERAL)
def store(request, tmp_path_factory) -> Iterator[dict[str, str]]:
    """A store with a collection of each encoder's vectors."""
    pytest.importorskip("onnxruntime")
    rows = [
        {"id": each.id, "text": each.text, "language": each.language, "source": each.document} for each in KIT.passages
    ]
    made = {each: load(each).encode_document(list(TEXTS.values())) for each in NAMES}
    with filled_stores.SEVERAL[request.param](tmp_path_factory.mktemp(request.param), rows, made) as places:
        yield places


def test_a_store(store, name, wanted):
    same(store[name], options(encoder=name), wanted(name))


# -- by words


def test_search_by_words_is_a_target_like_others(benchmark):
    expected = evaluate(benchmark, ["bm25"], load).results["bm25"]
    asked = ask(open_target("encoder:bm25", options()), KIT)
    found = result_of(asked, asked.rankings)
    # Ties all have the last rank of their tie in `evaluate`; a ranking has an order.
    for key in ("mono", "same_language_share"):
        assert found.summary()[key] == pytest.approx(expected.summary()[key], abs=0.05)


def test_fusion_is_a_target_like_others(benchmark):
    fused = encoders.Fused("fuse:base,hybrid", [load("base"), load("hybrid")])
    expected = evaluate(benchmark, [fused.name], lambda _: fused).results[fused.name]
    asked = ask(open_target(f"encoder:{fused.name}", Options(load=lambda _: fused, texts=TEXTS)), KIT)
    found = result_of(asked, asked.rankings)
    # Ranks are fused in the pool that is asked, and ties of the sums all have the last rank in `evaluate`.
    for key in ("mono", "cross", "multi", "same_language_share"):
        assert found.summary()[key] == pytest.approx(expected.summary()[key], abs=0.03)
