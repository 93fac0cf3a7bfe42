"""What scripts read of an evaluation stays as it is: keys, their order, and values, against output stored before."""

from __future__ import annotations

import json
from hashlib import blake2b
from pathlib import Path

import numpy as np
import pytest
from hybrid_search.engine.languages import Detected
from hybrid_search.engine.search import comparison
from hybrid_search.engine.search.ranking import Hit, Passage, Ranking
from hybrid_search.train.benchmarks.model import Benchmark, Candidate, Query
from hybrid_search.train.measure import evaluation
from hybrid_search.train.measure.questions import Asked, study
from hybrid_search.train.measure.registry import entries
from hybrid_search.train.reports import report
from hybrid_search.tui.cli.main import main

STORED = Path(__file__).parent / "stored"
CODES = ("de", "en", "zh")
QUESTIONS = 12
MEASURES = {each.key for each in entries.MEASURES}


def benchmark() -> Benchmark:
    """Twelve questions in three languages; every third has no Chinese answer, two have two English ones."""
    queries, pool, relevant = [], [], []
    for number in range(QUESTIONS):
        held = [code for code in CODES if code != "zh" or number % 3]
        held += ["en"] if number in (4, 7) else []
        rows = range(len(pool), len(pool) + len(held))
        pool += [Candidate(f"{number}-{place}", code, f"{code} {number} {place}") for place, code in enumerate(held)]
        queries += [Query(f"q{number}", code, f"{code} {number} ?") for code in dict.fromkeys(held)]
        relevant += [tuple(rows)] * len(dict.fromkeys(held))
    return Benchmark("XQuAD-R", tuple(queries), tuple(pool), tuple(relevant))


class Whole:
    """Vectors of whole numbers, so that every machine gives the same figures; `shift` sets languages apart."""

    dimension = 11
    max_tokens = 10

    def __init__(self, name: str, shift: int) -> None:
        self.name, self.shift, self.fingerprint = name, shift, f"whole-{name}"

    def _vector(self, text: str) -> np.ndarray:
        code, number, _ = text.split()
        meaning = np.frombuffer(blake2b(number.encode(), digest_size=8).digest(), np.uint8) % 7 - 3.0
        noise = np.frombuffer(blake2b(text.encode(), digest_size=8).digest(), np.uint8) % 5 - 2.0
        return np.concatenate([meaning + noise, self.shift * np.eye(3)[CODES.index(code)]])

    def encode_query(self, texts):
        return np.array([self._vector(text) for text in texts], dtype=np.float32)

    def encode_document(self, texts, progress=None):
        return self.encode_query(texts)


def measured() -> evaluation.Evaluation:
    made = {"fair": Whole("fair", 0), "biased": Whole("biased", 5)}
    return evaluation.evaluate(benchmark(), ["fair", "biased", "bm25"], made.__getitem__, align=True, map_size=12)


def asked_in_a_library():
    """Eight questions: `good` answers all right and in another language, `poor` never does."""

    def compare(query: str) -> comparison.Comparison:
        number = query.split()[-1]
        paths = {"good": [f"de/{number}.md", "en/x.md"], "poor": ["en/x.md", f"en/{number}.md"]}
        rankings = {
            name: Ranking(name, query, Detected("en", 1.0), tuple(hits(listed)), 10, True, 0.0)
            for name, listed in paths.items()
        }
        return comparison.compare(rankings, {"en": 5, "de": 5})

    return study([Asked(f"question {n}", (f"de/{n}.md",)) for n in range(8)], ["good", "poor"], compare, depth=2)


def hits(paths: list[str]) -> list[Hit]:
    found = []
    for rank, path in enumerate(paths, 1):
        number = int.from_bytes(blake2b(path.encode(), digest_size=4).digest(), "little")
        passage = Passage(
            id=number, document_id=number, path=path, title="", heading="", ordinal=0, start=0, end=1, text=path,
            language=path.split("/")[0], confidence=1.0,
        )  # fmt: skip
        found.append(Hit(rank, 1 / rank, passage))
    return found


def assert_same(found: object, stored: object, at: str = "") -> None:
    """Equal to rounding, keys in the same order; beside them there may only be measures that were added since."""
    if isinstance(stored, dict):
        assert isinstance(found, dict) and [key for key in found if key in stored] == list(stored), at
        assert set(found) - set(stored) <= MEASURES, at
        for key, value in stored.items():
            assert_same(found[key], value, f"{at}/{key}")
    elif isinstance(stored, list):
        assert isinstance(found, list) and len(found) == len(stored), at
        for place, (one, other) in enumerate(zip(found, stored, strict=True)):
            assert_same(one, other, f"{at}/{place}")
    elif isinstance(stored, float):
        assert found == pytest.approx(stored, abs=2e-6), at
    else:
        assert found == stored, at


def stored(name: str):
    return json.loads((STORED / name).read_text("utf-8"))


def test_results_json_of_a_report_stays_as_it_is(home: Path, tmp_path: Path):
    report.write_report(measured(), tmp_path)
    assert_same(json.loads((tmp_path / "results.json").read_text("utf-8")), stored("results.json"))


def test_evaluate_json_stays_as_it_is(home: Path, capsys, monkeypatch):
    found = measured()
    monkeypatch.setattr(evaluation, "evaluate", lambda *_, **__: found)
    monkeypatch.setattr("hybrid_search.train.benchmarks.loading.load", lambda *_, **__: found.benchmark)
    assert main(["evaluate", "fair", "--json"]) == 0
    assert_same(json.loads(capsys.readouterr().out), stored("results.json"))


def test_the_json_of_ones_own_questions_stays_as_it_is():
    assert_same(json.loads(json.dumps(asked_in_a_library().as_dict())), stored("questions.json"))
