"""A session as in a notebook: public names only, from texts to a comparison and neutral vectors."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hybrid_search import DataError, Guard, Library, Neutraliser, Passage, compare_runs, measures

from tests.conftest import CONCEPTS, KeywordEncoder

WORDS = {
    "en": [words[0] for words in CONCEPTS.values()],
    "de": [words[1] for words in CONCEPTS.values()],
    "ru": [words[3] for words in CONCEPTS.values()],
}


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    for code, words in WORDS.items():
        (tmp_path / "texts" / code).mkdir(parents=True)
        for number in range(12):
            text = f"{words[number % 6]} {words[(number // 6 + number + 1) % 6]} {number}"
            (tmp_path / "texts" / code / f"{number}.txt").write_text(text, "utf-8")
    return tmp_path / "texts"


def named(passage: Passage) -> str:
    """The id of a passage: its language's folder and its file."""
    path = Path(passage.path)
    return f"{path.parent.name}-{path.stem}"


def test_index_measure_compare_and_neutralise_with_public_names_only(tmp_path, texts):
    fair, biased = KeywordEncoder("fair"), KeywordEncoder("biased", bias=3.0)
    asked = {f"{code}-{n}": word for code, words in WORDS.items() for n, word in enumerate(words)}
    runs: dict[str, dict[str, dict[str, float]]] = {}
    with Library.open(tmp_path / "library", create=True) as library:
        library.index([texts], encoders=[fair, biased])
        for encoder in (fair, biased):
            run = runs.setdefault(encoder.name, {})
            for query, text in asked.items():
                hits = library.search(text, encoder=encoder, k=36).hits
                run[query] = {named(hit.passage): hit.score for hit in hits}
        ids, vectors = library.vectors(biased)
        codes = [named(passage)[:2] for passage in library.passages(ids.tolist())]

    qrels = {query: {f"{code}-{query[3:]}": 1 for code in WORDS} for query in asked}
    spoken = {"language_of": lambda name: name[:2], "query_language_of": lambda name: name[:2]}
    figures = {
        name: measures.summary(measures.Rankings.from_run(run, qrels, **spoken), question_of=lambda query: query[3:])
        for name, run in runs.items()
    }
    assert figures["biased"]["same_language_share"] > figures["fair"]["same_language_share"]
    assert figures["biased"]["rank_distance"] > figures["fair"]["rank_distance"]
    assert figures["fair"]["mean_rank_correlation"] == pytest.approx(1)

    [found] = compare_runs(runs, qrels, measure=measures.rank_distance, question_of=lambda query: query[3:], **spoken)
    assert found.better("rank_distance") == "fair" and found.verdict("rank_distance").startswith("fair is better")

    neutral = Neutraliser.fit(vectors, codes).apply(vectors, codes)
    shares = {}
    for name, rows in (("as they are", vectors), ("neutral", neutral)):
        scores = rows @ rows.T
        np.fill_diagonal(scores, -np.inf)
        rankings = measures.Rankings.from_scores(scores, languages=codes, query_languages=codes)
        shares[name] = rankings.figure(measures.own_language_share(rankings, 5))
    # Two of the three languages share a script, which is all that this encoder tells apart: .33 would be even.
    assert shares["as they are"] > 0.55 > 0.45 > shares["neutral"]

    benchmark = tmp_path / "benchmark.jsonl"
    row = {"id": "b", "question": {"en": "Where is the moon?"}, "passage": {"en": "Above the house."}}
    benchmark.write_text(json.dumps(row), "utf-8")
    assert Guard.of([str(benchmark)]).overlaps([{"anchor": "where is the moon"}, {"anchor": "?"}]).clean == [1]
    with pytest.raises(DataError):
        Guard.of([str(tmp_path / "absent")])
