"""Measures of runs agree with pytrec_eval, ir_measures, peer_measure and scipy on random runs with ties and gaps."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hybrid_search import measures
from hybrid_search.train.benchmarks.model import Benchmark, Candidate, Query
from hybrid_search.train.measure.protocol import measure_vectors
from hypothesis import given, settings
from hypothesis import strategies as st

DOCUMENTS = [f"d{number}" for number in range(12)]
LANGUAGES = {name: ("en", "de", "th")[number % 3] for number, name in enumerate(DOCUMENTS)}

# Few different scores: many ties. The rest of the pool is not retrieved.
rankings_of_a_query = st.dictionaries(st.sampled_from(DOCUMENTS), st.integers(0, 4).map(float), max_size=12)
grades_of_a_query = st.dictionaries(st.sampled_from(DOCUMENTS), st.integers(0, 2), max_size=8)


@st.composite
def judged_runs(draw) -> tuple[dict, dict]:
    queries = [f"q{number}" for number in range(draw(st.integers(1, 4)))]
    run = {query: draw(rankings_of_a_query) for query in queries}
    qrels = {query: draw(grades_of_a_query) for query in queries}
    for query in queries:
        qrels[query].setdefault("d0", 1)
        # peer_measure has no place for what is not judged, unless something is judged 0.
        qrels[query]["d11"] = 0
    return run, qrels


@settings(max_examples=60)
@given(judged_runs())
def test_quality_is_that_of_trec_eval(made):
    pytrec_eval = pytest.importorskip("pytrec_eval", reason="the reference implementation is not installed")
    run, qrels = made
    names = {"map", "recall.3", "success.1", "ndcg_cut.5"}
    expected = pytrec_eval.RelevanceEvaluator(qrels, names).evaluate({q: held for q, held in run.items() if held})
    rankings = measures.Rankings.from_run(run, qrels)
    found = {
        "map": measures.average_precision(rankings),
        "recall_3": measures.recall(rankings, 3),
        "success_1": measures.success(rankings, 1),
        "ndcg_cut_5": measures.ndcg(rankings, 5),
    }
    for row, query in enumerate(rankings.queries):
        relevant = any(grade > 0 for grade in qrels[query].values())
        for name, values in found.items():
            if relevant:
                assert values[row] == pytest.approx(expected.get(query, {}).get(name, 0.0), abs=1e-6)
            else:
                assert math.isnan(values[row])


@settings(max_examples=30)
@given(judged_runs())
def test_means_are_those_of_ir_measures(made):
    ir_measures = pytest.importorskip("ir_measures", reason="the reference implementation is not installed")
    run, qrels = made
    qrels = {query: {**grades, "d0": 1} for query, grades in qrels.items()}
    wanted = [ir_measures.AP, ir_measures.R @ 3, ir_measures.nDCG @ 5, ir_measures.Success @ 1]
    expected = ir_measures.calc_aggregate(wanted, qrels, {q: held for q, held in run.items() if held})
    rankings = measures.Rankings.from_run(run, qrels)
    found = [
        measures.average_precision(rankings),
        measures.recall(rankings, 3),
        measures.ndcg(rankings, 5),
        measures.success(rankings, 1),
    ]
    for measure, values in zip(wanted, found, strict=True):
        assert rankings.figure(values, "micro") == pytest.approx(expected[measure], abs=1e-6)


@settings(max_examples=60)
@given(judged_runs(), st.integers(1, 12), st.floats(0, 1))
def test_peer_is_that_of_its_authors(made, k, share):
    ir_measures = pytest.importorskip("ir_measures", reason="peer_measure needs it")
    peer_measure = pytest.importorskip("peer_measure", reason="the reference implementation is not installed")
    if not hasattr(ir_measures.util, "flatten_measures"):
        # Its release calls what ir_measures has dropped; the measures given here are flat.
        ir_measures.util.flatten_measures = list
    run, qrels = made
    run = {query: held or {"d5": 1.0} for query, held in run.items()}
    weights = {0: 0.0, 1: share, 2: 1 - share}
    measure = peer_measure.PEER(weights=weights, lang_mapping=LANGUAGES) @ k
    with np.errstate(all="ignore"):
        expected = {each.query_id: each.value for each in ir_measures.iter_calc([measure], qrels, run)}
    rankings = measures.Rankings.from_run(run, qrels, language_of=LANGUAGES, ties="ascending")
    found = measures.peer_of_queries(rankings, k, weights, as_released=True)
    for query, value in zip(rankings.queries, found, strict=True):
        # Where all ranks are equal theirs divides by zero; ours says 1.
        if not math.isnan(expected[query]):
            assert value == pytest.approx(expected[query], abs=1e-9)


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.integers(2, 9), st.integers(1, 12))
def test_rank_correlation_of_whole_rankings_is_spearmans(seed, size, k):
    stats = pytest.importorskip("scipy.stats")
    scores = np.random.default_rng(seed).permuted(np.tile(np.arange(size, dtype=float), (2, 1)), axis=1)
    rankings = measures.Rankings.from_scores(scores)
    found = measures.mean_rank_correlation(rankings, lambda query: "one", k=max(k, size))
    assert found == pytest.approx([stats.spearmanr(*scores).statistic] * 2)


def test_what_one_of_two_rankings_lacks_stands_behind_its_last():
    stats = pytest.importorskip("scipy.stats")
    run = {"en": {"a": 3, "b": 2, "c": 1}, "de": {"b": 2, "d": 1}}
    found = measures.mean_rank_correlation(measures.Rankings.from_run(run), {"en": "1", "de": "1"})
    # a, b, c, d: d shares no place but the fourth; a and c share the third and the fourth.
    assert found == pytest.approx([stats.pearsonr([1, 2, 3, 4], [3.5, 1, 3.5, 2]).statistic] * 2)


@settings(max_examples=30)
@given(st.lists(st.lists(st.sampled_from(DOCUMENTS), min_size=1, unique=True), min_size=1, max_size=6))
def test_hubness_is_the_skewness_of_how_often_each_document_is_found(lists):
    stats = pytest.importorskip("scipy.stats")
    run = {str(n): {name: -float(place) for place, name in enumerate(each)} for n, each in enumerate(lists)}
    counts = [sum(name in each[:2] for each in lists) for name in DOCUMENTS]
    found = measures.hubness(measures.Rankings.from_run(run, pool=len(DOCUMENTS)), 2)
    if len(set(counts)) == 1:
        assert math.isnan(found)
    else:
        assert found == pytest.approx(stats.skew(counts))


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_a_summary_of_scores_is_what_evaluate_says_of_the_same_vectors(seed):
    rng = np.random.default_rng(seed)
    codes = ["en", "de", "th"]
    pool = tuple(Candidate(f"{code}{n}", code, f"{code}{n}") for n in range(4) for code in codes)
    # The second question has no answer in the last language.
    queries = tuple(Query(str(n), code, "?") for n in range(2) for code in codes)
    relevant = tuple(tuple(range(3 * int(q.id), 3 * int(q.id) + 3 - int(q.id))) for q in queries)
    benchmark = Benchmark("made", queries, pool, relevant)
    asked, held = rng.integers(-2, 3, (6, 4)).astype(np.float32), rng.integers(-2, 3, (12, 4)).astype(np.float32)
    result = measure_vectors(benchmark, asked, held)
    rankings = measures.Rankings.from_scores(
        asked @ held.T,
        relevant=relevant,
        languages=[each.language for each in pool],
        query_languages=[each.language for each in queries],
    )
    found = measures.summary(rankings)
    expected = {**result.summary(), **result.bias()}
    compared = [key for key in expected if key in found and key != "same_language_share"]
    assert {"mono", "cross", "multi", "rank_distance", "peer_at_100", "max_at_r"} <= set(compared)
    assert {key: found[key] for key in compared} == pytest.approx({key: expected[key] for key in compared})


def test_scores_and_a_run_of_the_same_scores_are_ranked_alike():
    scores = [[3.0, 1.0, 3.0, 2.0, -np.inf], [0.0, 0.0, 0.0, 5.0, 1.0]]
    names = ["a", "b", "c", "d", "e"]
    run = {
        str(row): {name: score for name, score in zip(names, each, strict=True) if score > -np.inf}
        for row, each in enumerate(scores)
    }
    qrels = {"0": {"a": 1, "b": 1, "e": 1}, "1": {"a": 1, "c": 1}}
    for ties in ("last", "descending", "ascending"):
        matrix = measures.Rankings.from_scores(scores, relevant=[[0, 1, 4], [0, 2]], documents=names, ties=ties)
        lists = measures.Rankings.from_run(run, qrels, ties=ties, pool=5)
        for function in (measures.average_precision, measures.rank_distance, measures.max_at_r):
            assert function(matrix).tolist() == function(lists).tolist(), (ties, function)
    assert measures.max_at_r(matrix).tolist() == [5, 5]
