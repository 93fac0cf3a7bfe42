"""The example scripts, run as a stranger runs them: another folder, another interpreter, tiny inputs."""

from __future__ import annotations

import ast
import asyncio
import inspect
import json
import re
import subprocess
import sys
from pathlib import Path

import hybrid_search
import numpy as np
import pytest
from hybrid_search import measures

from tests.support import tiny_models

EXAMPLES = Path(__file__).parent / "examples"
PAGES = Path(__file__).parents[1] / "assets" / "docs"
SENTENCE = "The old lighthouse keeper walked down to the harbour every single morning before breakfast."


def run(name: str, *arguments: object, cwd: Path) -> str:
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / name), *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.name)
def test_an_example_uses_public_names_only(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "hybrid_search":
            assert node.module in ("hybrid_search", "hybrid_search.measures")
            assert {alias.name for alias in node.names} <= {*hybrid_search.__all__, *measures.__all__, "ir"}
        if isinstance(node, ast.Import):
            names = {alias.name for alias in node.names}
            assert not {
                name for name in names if name.startswith("hybrid_search.") and name != "hybrid_search.measures"
            }


def test_the_bias_of_ones_run_is_measured_and_compared(tmp_path):
    queries, codes = range(8), ("en", "de")
    lines = {"biased": [], "fair": []}
    for number in queries:
        for asked in codes:
            other = codes[asked == "en"]
            lines["biased"] += [(f"{asked}-q{number}", f"{asked}-{number}", 9), (f"{asked}-q{number}", "en-x", 8)]
            lines["biased"] += [(f"{asked}-q{number}", f"{other}-{number}", 1)]
            lines["fair"] += [(f"{asked}-q{number}", f"{code}-{number}", 9) for code in codes]
    for name, rows in lines.items():
        text = "".join(f"{query} Q0 {document} 1 {score} {name}\n" for query, document, score in rows)
        (tmp_path / name).write_text(text, "utf-8")
    qrels = "".join(f"{asked}-q{n} 0 {code}-{n} 1\n" for n in queries for asked in codes for code in codes)
    (tmp_path / "qrels").write_text(qrels, "utf-8")
    names = [f"{code}-{n}" for n in (*queries, "x") for code in codes]
    names += [f"{code}-q{n}" for n in queries for code in codes]
    (tmp_path / "languages").write_text("".join(f"{name} {name[:2]}\n" for name in names), "utf-8")
    told = run("measure_run.py", "biased", "qrels", "languages", "fair", cwd=tmp_path)
    figures = dict(line.split() for line in told.splitlines() if len(line.split()) == 2)
    assert float(figures["language_preference"]) == 1 and float(figures["rank_distance"]) == 2
    assert "fair is better than biased in rank distance" in told
    assert "own language in the first 10: de 33%, en 67%" in told


@pytest.mark.slow
def test_an_encoder_is_trained_with_hybrid_batches(tmp_path):
    base = tiny_models.labse(tmp_path / "base")
    pairs = tiny_models.pairs(tmp_path / "pairs.jsonl", 80)
    told = run("train_with_hybrid_batches.py", base, pairs, "trained", 6, 8, cwd=tmp_path)
    figures = [line for line in told.splitlines() if line.endswith(" after")]
    assert [line.partition(":")[0] for line in figures] == [
        "held-out_mono_map", "held-out_cross_map", "held-out_multi_map", "held-out_rank_distance",
    ]  # fmt: skip
    card = (tmp_path / "trained/README.md").read_text("utf-8")
    assert "model-index" in card and "multi_map" in card
    assert (tmp_path / "trained/modules.json").is_file()


def test_a_data_set_is_guarded(tmp_path):
    benchmark = {"id": "b", "question": {"en": "Who walked to the harbour?"}, "passage": {"en": SENTENCE}}
    (tmp_path / "benchmark.jsonl").write_text(json.dumps(benchmark), "utf-8")
    rows = [
        {"anchor": "who walked to the harbour", "positive": "x"},
        {"anchor": "y", "positive": f"He said: {SENTENCE}"},
        {"anchor": "où?", "positive": "là"},
    ]
    (tmp_path / "data.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    told = run("guard_data.py", "benchmark.jsonl", "data.jsonl", "clean.jsonl", cwd=tmp_path)
    assert "2 of 3 rows left out" in told
    assert "row 0, anchor: the question" in told and "row 1, positive: the passage" in told
    assert [json.loads(line) for line in (tmp_path / "clean.jsonl").read_text("utf-8").splitlines()] == rows[2:]


def test_vectors_are_neutralised(tmp_path):
    rng = np.random.default_rng(0)
    codes = ["en", "de", "th"] * 12
    places = np.array([["en", "de", "th"].index(code) for code in codes])
    vectors = np.hstack([2 * np.eye(3)[places], rng.normal(size=(36, 6))]).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    np.save(tmp_path / "vectors.npy", vectors)
    (tmp_path / "languages").write_text("\n".join(codes), "utf-8")
    told = run("neutralise_vectors.py", "vectors.npy", "languages", "out.npy", cwd=tmp_path)
    before, after = (int(word.rstrip("%")) for word in told.replace(",", "").split() if word.endswith("%"))
    assert before > 60 and after < 45
    assert np.load(tmp_path / "out.npy").shape == vectors.shape and (tmp_path / "out.onnx").is_file()
    assert "languages of the graph: de en th" in told


def guarding(folder):
    import datasets

    asked = {"id": "q", "question": "Who walked to the harbour?", "answers": [{"text": "keeper", "answer_start": 19}]}
    article = {"title": "t", "paragraphs": [{"context": SENTENCE, "qas": [asked]}]}
    (folder / "xquad-r").mkdir()
    (folder / "xquad-r" / "en.json").write_text(json.dumps({"version": "1", "data": [article]}), "utf-8")
    row = {"id": "b", "question": {"en": "Where is the moon?"}, "passage": {"en": "It is up there in the sky tonight."}}
    (folder / "my-benchmark.jsonl").write_text(json.dumps(row), "utf-8")
    rows = [{"text": "where is the moon"}, {"text": SENTENCE}, {"text": "mine"}]
    return {"dataset": datasets.Dataset.from_list(rows)}, lambda names: names["dataset"]["text"] == ["mine"]


def judged(folder):
    """Six questions, each in two languages with an answer in both: their judgements, and two runs."""
    names = [f"{code}-{number}" for number in range(6) for code in ("en", "de")]
    pairs = [(query, document) for query in names for document in names if query[3:] == document[3:]]
    (folder / "qrels.txt").write_text("".join(f"{query} 0 {found} 1\n" for query, found in pairs), "utf-8")
    for run in ("run.txt", "mine.txt", "theirs.txt"):
        lines = [f"{query} Q0 {found} 1 {len(run) * (found[:2] == 'en')} r\n" for query, found in pairs]
        (folder / run).write_text("".join(lines), "utf-8")
    return {"languages": {name: name[:2] for name in names}, "question_of": {name: name[3:] for name in names}}


def index(folder):
    return judged(folder), lambda names: len(names["rankings"].queries) == 12


def measuring(folder):
    pytest.importorskip("ir_measures", reason="needs the extra [ir]")
    run, qrels = {"q1": {"en-1": 3.0, "de-1": 1.0}}, {"q1": {"en-1": 1, "de-1": 1}}
    given = judged(folder) | {"run": run, "qrels": qrels, "query_language_of": {"q1": "en"}}
    return given, lambda names: names["measures"].rank_distance(names["rankings"]).tolist() == [2]


def neutralising(folder):
    rng = np.random.default_rng(0)
    given = {"vectors": rng.normal(size=(40, 8)).astype(np.float32), "languages": ["en", "de"] * 20}
    return given, lambda names: names["neutral"].shape == (40, 8) and (folder / "neutral.npz").is_file()


def libraries(folder):
    (folder / "my-texts").mkdir()
    (folder / "my-texts" / "ice.md").write_text("# Glaciers\n\nGlaciers move downhill under their own weight.", "utf-8")
    return {}, lambda names: names["ranking"].hits[0].passage.title == "Glaciers"


def training(folder):
    tiny_models.labse(folder / "sentence-transformers" / "LaBSE")
    tiny_models.pairs(folder / "pairs.jsonl", 80)
    return {}, lambda names: names["trainer"].state.global_step == 2


@pytest.mark.usefixtures("used_before")
@pytest.mark.parametrize(
    "prepare",
    [
        guarding, index, measuring, neutralising,
        pytest.param(libraries, marks=pytest.mark.slow), pytest.param(training, marks=pytest.mark.slow),
    ],
)  # fmt: skip
def test_the_samples_of_a_page_run_as_they_stand(prepare, tmp_path, monkeypatch):
    page = (PAGES / f"{prepare.__name__}.md").read_text("utf-8").replace("max_steps=500", "max_steps=2")
    samples = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    names, holds = prepare(tmp_path)
    assert samples
    for sample in samples:
        waits = eval(compile(sample, page[:40], "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), names)
        if inspect.iscoroutine(waits):
            asyncio.run(waits)
    assert holds(names)


def test_every_page_with_samples_is_run():
    held = {
        "api.md",
        *(f"{each.__name__}.md" for each in (guarding, index, measuring, neutralising, libraries, training)),
    }
    assert {path.name for path in PAGES.glob("*.md") if "```python" in path.read_text("utf-8")} == held
