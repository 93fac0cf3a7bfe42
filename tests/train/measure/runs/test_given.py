"""What a script gives the measures by a slip: refused in words, never taken for something else."""

from __future__ import annotations

import gzip

import numpy as np
import pytest
from hybrid_search import compare_runs, measures
from hybrid_search.engine.errors import DataError

SCORES = [[3.0, 2.0, 1.0]]
GOOD = {str(number): {"right": 2.0, "wrong": 1.0} for number in range(8)}
QRELS = {query: {"right": 1} for query in GOOD}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"scores": [[1.0, 2.0], [3.0]]}, "Scores are not numbers"),
        ({"relevance": [[1], [1, 0]]}, "grades of relevance are not numbers"),
        ({"relevance": [["yes", "", ""]]}, "grades of relevance are not numbers"),
        ({"relevance": [[0.5, 0, 0]]}, "not a whole number"),
        ({"relevance": [[np.nan, 0, 0]]}, "not a whole number"),
        ({"relevant": [0]}, "An entry of relevant is 0; expected: a list"),
        ({"relevant": 0}, "relevant is 0; expected: a list"),
        ({"relevant": [[False, False, True]]}, "relevant has False; expected: columns"),
        ({"relevant": [np.array([False, False, True])]}, "expected: columns"),
        ({"relevant": [["c"]], "documents": ["a", "b", "c"]}, "relevant has 'c'; expected: columns"),
        ({"relevant": [[0.5]]}, "relevant has 0.5; expected: columns"),
        ({"languages": "eng"}, "languages is 'eng'; expected: a list"),
        ({"languages": ["en", None, "de"]}, "languages has the entry None"),
        ({"query_languages": [5]}, "query_languages has the entry 5"),
        ({"documents": "abc"}, "documents is 'abc'; expected: a list"),
        ({"documents": ["a", "b", "a"]}, "Two of the documents have the id 'a'"),
        ({"scores": SCORES * 2, "queries": ["a", "a"]}, "Two of the queries have the id 'a'"),
        ({"ties": "first"}, "There is no ties 'first'. There are: last, descending, ascending"),
    ],
)
def test_what_is_not_meant_is_not_measured(given, said):
    with pytest.raises(DataError, match=said):
        measures.Rankings.from_scores(given.pop("scores", SCORES), **given)


def test_columns_are_numbers_of_any_kind_and_ids_of_any_kind_are_texts():
    for columns in ([0, 2], np.array([0, 2], dtype=np.uint8), (0.0, 2.0), {0, 2}, (each for each in [0, 2])):
        found = measures.Rankings.from_scores(SCORES, relevant=(each for each in [columns]), documents=[10, 9, "x"])
        assert measures.rank_distance(found).tolist() == [2.0]
    assert found.documents == ("10", "9", "x")
    generated = measures.Rankings.from_scores(SCORES, [[1, 0, 1]], languages=(code for code in ("en", "de", "de")))
    assert generated.languages == ("de", "en")


def test_values_of_other_queries_are_not_averaged():
    rankings = measures.Rankings.from_scores(SCORES, [[1, 0, 1]], languages=["en"] * 3, query_languages=["en"])
    assert rankings.figure([2.0]) == 2.0 and rankings.by_language([2.0]) == {"en": 2.0}
    for values in ([1.0, 2.0], 1.0, [], ["x"], [[1.0]]):
        for average in (rankings.figure, rankings.by_language):
            with pytest.raises(DataError, match="The values"):
                average(values)
    with pytest.raises(DataError, match="There is no average 'mean'"):
        rankings.figure([1.0], "mean")
    with pytest.raises(DataError, match="together is 0; expected: a whole number from 1 on"):
        measures.peer_of_tens(rankings, together=0)


@pytest.mark.parametrize("given", ["d1", None, 3, b"d1"])
def test_judgements_of_a_query_are_several(given):
    with pytest.raises(DataError, match=r"Query q: \{document: grade\} or a list of documents"):
        measures.read_qrels({"q": given})


def test_files_of_editors_and_damaged_ones_are_read_or_refused(tmp_path):
    run = tmp_path / "bom.run"
    run.write_text("q1 Q0 d1 1 2.0 tag\n", encoding="utf-8-sig")
    assert measures.read_run(run) == {"q1": {"d1": 2.0}}
    (tmp_path / "bom.run.gz").write_bytes(gzip.compress(run.read_bytes()))
    assert measures.read_run(tmp_path / "bom.run.gz") == {"q1": {"d1": 2.0}}
    packed = bytearray(gzip.compress(run.read_bytes() * 500))
    for place in range(12, len(packed) - 8, 3):
        packed[place] ^= 0x55
    (tmp_path / "damaged.run.gz").write_bytes(packed)
    for path, said in ((tmp_path / "damaged.run.gz", "cannot be read"), ("a\0b", "There is no file")):
        with pytest.raises(DataError, match=said):
            measures.read_run(path)


def test_runs_have_names():
    for given in ([GOOD, GOOD], "ab", None):
        with pytest.raises(DataError, match="expected: runs by their names"):
            compare_runs(given, QRELS)


def test_rankings_are_compared_and_kept_in_sets():
    one, other = (measures.Rankings.from_run(GOOD, QRELS) for _ in range(2))
    assert one == one and one != other and len({one, other, one}) == 2


def test_vectors_that_are_none_are_not_measured():
    for vectors in ([[1.0], [1.0, 2.0]], [["a"], ["b"]], [[np.nan], [1.0]], np.ones((2, 2, 2))):
        with pytest.raises(DataError, match=r"[Vv]ectors"):
            measures.alignment(vectors, ["en", "de"], ["a", "a"])
    with pytest.raises(DataError, match="languages is 'en'"):
        measures.alignment(np.eye(2), "en", ["a", "a"])


@pytest.mark.parametrize("k", [0, -1, 2.5, "10", None, float("nan")])
@pytest.mark.parametrize(
    "measure",
    [
        *(measures.recall, measures.success, measures.ndcg, measures.complete, measures.own_language_share),
        *(measures.language_ndcg, measures.target_language_recall, measures.occurrences, measures.hubness),
        *(measures.peer_of_queries, measures.peer_of_tens, measures.rank_explained_by_language),
        lambda rankings, k: measures.mean_rank_correlation(rankings, lambda _query: "one", k),
    ],
)
def test_a_cut_off_is_a_whole_number_from_one_on(measure, k):
    rankings = measures.Rankings.from_scores(SCORES, [[1, 0, 1]], languages=["en"] * 3, query_languages=["en"])
    with pytest.raises(DataError, match=r"^k is .*; expected: a whole number from 1 on"):
        measure(rankings, k)
    measure(rankings, np.int16(2))


def test_seeds_and_maps_are_what_they_say():
    runs = {"one": GOOD, "two": GOOD}
    for seed in (-1, 0.5, "x", None):
        with pytest.raises(DataError, match=r"^seed is .*; expected: a whole number from 0 on"):
            compare_runs(runs, QRELS, seed=seed)
        with pytest.raises(DataError, match=r"^seed is "):
            measures.alignment(np.vstack([np.eye(12)] * 2), ["en"] * 12 + ["de"] * 12, [*range(12)] * 2, seed=seed)
    for wrong in (["0"] * len(GOOD), "0", 5):
        for name in ("question_of", "language_of", "query_language_of"):
            with pytest.raises(DataError, match="expected: a dictionary or a function"):
                compare_runs(runs, QRELS, **{name: wrong})
