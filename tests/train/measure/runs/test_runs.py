"""Rankings of runs and of scores: the forms they are read from, what they refuse, and what each measure needs."""

from __future__ import annotations

import gzip
import math
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from hybrid_search import DataError, HybridSearchError, compare_runs, measures

RUN = {"q1": {"en-1": 3.0, "de-1": 2.0, "en-2": 1.0}, "q2": {"en-2": 1.0}}
QRELS = {"q1": {"en-1": 1, "de-1": 1}, "q2": {"de-2": 1}}


def language(name: str) -> str:
    return name[:2]


def as_frame(columns: tuple[str, str, str], nested: dict):
    pandas = pytest.importorskip("pandas")
    rows = [(query, name, value) for query, held in nested.items() for name, value in held.items()]
    return pandas.DataFrame(rows, columns=list(columns))


def test_a_run_and_judgements_are_read_from_every_form(tmp_path):
    run, qrels = tmp_path / "run.txt", tmp_path / "qrels.txt.gz"
    run.write_text("".join(f"{q} Q0 {d} 1 {s} me\n" for q, held in RUN.items() for d, s in held.items()), "utf-8")
    lines = "".join(f"{q} 0 {d} {g}\n" for q, held in QRELS.items() for d, g in held.items())
    qrels.write_bytes(gzip.compress(lines.encode()))
    objects = [SimpleNamespace(query_id=q, doc_id=d, score=s) for q, held in RUN.items() for d, s in held.items()]
    for form in (run, str(run), as_frame(("query_id", "doc_id", "score"), RUN), objects, RUN):
        assert measures.read_run(form) == RUN
    sets = {query: set(held) for query, held in QRELS.items()}
    for form in (qrels, as_frame(("qid", "docno", "label"), QRELS), sets, QRELS):
        assert measures.read_qrels(form) == QRELS


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("q1 Q0 d1 1\n", "line 1: 4 columns; expected: query Q0 document rank score tag"),
        ("q1 Q0 d1 1 high me\n", "line 1: 'high' is not a number"),
        ("q1 Q0 d1 1 nan me\n", "line 1: 'nan' is not a number"),
        ("q1 Q0 d1 1 2 me\nq1 Q0 d1 2 1 me\n", "line 2: d1 is ranked twice for query q1"),
    ],
)
def test_a_damaged_run_is_named_with_its_line(tmp_path, text, said):
    path = tmp_path / "run.txt"
    path.write_text(text, "utf-8")
    with pytest.raises(DataError, match=said):
        measures.read_run(path)


def test_what_is_no_run_is_refused_in_words(tmp_path):
    with pytest.raises(DataError, match="There is no file"):
        measures.read_run(tmp_path / "absent.txt")
    with pytest.raises(DataError, match="neither a run nor qrels"):
        measures.read_run(7)
    with pytest.raises(DataError, match="no column query_id"):
        measures.read_run(as_frame(("a", "b", "c"), RUN))
    with pytest.raises(DataError, match="no query_id"):
        measures.read_run(["x"])
    with pytest.raises(DataError, match="not a whole number"):
        measures.read_qrels({"q": {"d": 0.5}})
    (tmp_path / "bytes.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="UTF-16"):
        measures.read_qrels(tmp_path / "bytes.txt")
    (tmp_path / "qrels.json").write_text('{"q1": {"d1": 1}}')
    with pytest.raises(DataError, match="no line is a judgement"):
        measures.read_qrels(tmp_path / "qrels.json")


@pytest.mark.parametrize(
    "content",
    [
        "\ufeffq1 0 d1 2\r\n\r\nq2 0 d2 1\r\n",
        "query-id\tcorpus-id\tscore\nq1\td1\t2\nq2\td2\t1.0\n",
        "q1\td1\t2\nq2\td2\t1\n",
    ],
)
def test_judgements_of_a_file_may_have_a_mark_a_header_and_three_columns(tmp_path, content):
    path = tmp_path / "qrels.tsv"
    path.write_bytes(content.encode())
    assert measures.read_qrels(path) == {"q1": {"d1": 2}, "q2": {"d2": 1}}


def test_a_run_may_have_a_mark_and_ids_with_spaces_between_tabs(tmp_path):
    path = tmp_path / "run.txt.gz"  # it was unpacked and not renamed
    path.write_bytes("\ufeffq 1\tQ0\td 1\t1\t3.5\tme\r\nq2 Q0 d2 1 2.5\r\n".encode())
    assert measures.read_run(path) == {"q 1": {"d 1": 3.5}, "q2": {"d2": 2.5}}


def test_every_document_and_query_must_have_a_language():
    with pytest.raises(DataError, match="1 documents have no language"):
        measures.Rankings.from_run(RUN, QRELS, language_of={"en-1": "en", "en-2": "en", "de-1": "de"})
    with pytest.raises(DataError, match="queries have no language"):
        measures.Rankings.from_run(RUN, QRELS, language_of=language, query_language_of={})


def test_a_measure_of_languages_says_what_it_needs():
    rankings = measures.Rankings.from_run(RUN, QRELS)
    for function in (measures.language_preference, measures.own_language_share, measures.peer_of_tens):
        with pytest.raises(DataError, match="languages of the documents were not given"):
            function(rankings)
    spoken = measures.Rankings.from_run(RUN, QRELS, language_of=language)
    with pytest.raises(DataError, match="languages of the queries were not given"):
        measures.own_language_share(spoken)


@pytest.mark.parametrize(
    "given",
    [
        {"scores": [1.0, 2.0]},
        {"scores": [[math.nan]]},
        {"scores": [[1.0]], "relevance": [[1, 1]]},
        {"scores": [[1.0]], "relevant": [[1]]},
        {"scores": [[1.0]], "relevant": []},
        {"scores": [[1.0]], "relevant": [[0]], "relevance": [[1]]},
        {"scores": [[1.0]], "languages": ["en", "de"]},
    ],
)
def test_arrays_that_do_not_fit_are_refused(given):
    with pytest.raises(DataError):
        measures.Rankings.from_scores(given.pop("scores"), **given)


def test_what_a_run_does_not_hold_stands_last():
    cut = measures.Rankings.from_run(RUN, QRELS)
    assert measures.max_at_r(cut).tolist() == [2, 2]
    whole = measures.Rankings.from_run(RUN, QRELS, pool=50)
    assert measures.max_at_r(whole).tolist() == [2, 50]
    assert measures.recall(whole, 100).tolist() == [1, 0]


def test_a_judged_query_that_the_run_lacks_counts_as_answered_with_nothing():
    rankings = measures.Rankings.from_run({"q1": RUN["q1"]}, QRELS)
    assert rankings.queries == ("q1", "q2")
    assert measures.average_precision(rankings).tolist() == [1, 0]


def test_a_summary_holds_what_the_input_allows():
    bare = measures.summary(measures.Rankings.from_run(RUN))
    assert set(bare) == {"hubness"}
    judged = measures.summary(measures.Rankings.from_run(RUN, QRELS))
    assert {"multi", "rank_distance"} <= set(judged) and "mono" not in judged
    everything = measures.summary(
        measures.Rankings.from_run(RUN, QRELS, language_of=language, query_language_of={"q1": "en", "q2": "en"}),
        question_of={"q1": "1", "q2": "1"},
    )
    assert {"mono", "cross", "language_preference", "peer_at_100", "mean_rank_correlation"} <= set(everything)


def test_peer_alone_says_the_same_of_every_query_and_in_tens_it_does_not():
    """One relevant document a language: why PEER over single queries, or over all, told nothing."""
    rng = np.random.default_rng(0)
    codes = ["en", "de", "fr", "th", "zh"]
    fair = np.array([rng.permutation(5) for _ in range(400)], dtype=float)
    biased = fair + np.array([3, 1, 0, 0, 0])
    figures = {}
    for name, scores in (("fair", fair), ("biased", biased)):
        rankings = measures.Rankings.from_scores(
            scores, np.ones((400, 5), int), languages=codes, query_languages=["en"] * 400
        )
        alone = measures.peer_of_queries(rankings, 100)
        assert np.ptp(alone) == pytest.approx(0) and alone[0] == pytest.approx(0.406, abs=1e-3)
        figures[name] = (
            measures.peer_of_tens(rankings, together=400),
            measures.peer_of_tens(rankings),
            measures.rank_explained_by_language(rankings),
        )
    assert figures["biased"][0] < 1e-12
    assert figures["fair"][1] > 0.35 and 0.001 < figures["biased"][1] < 0.1
    assert figures["fair"][2] < 0.02 and figures["biased"][2] > 0.15


def test_runs_are_compared_over_questions_not_over_their_translations():
    names = [f"{code}-{number}" for number in range(8) for code in ("en", "de")]
    qrels = {name: {"right": 1} for name in names}
    good = {name: {"right": 2.0, "wrong": 1.0} for name in names}
    poor = {name: {"right": 1.0, "wrong": 2.0} for name in names}
    for method in ("randomisation", "bootstrap"):
        [found] = compare_runs(
            {"good": good, "poor": poor}, qrels, method=method, question_of=lambda name: name.split("-")[1]
        )
        assert (found.pairs, found.wins, found.mean) == (8, 8, 0.5)
        assert found.significant()
    [same] = compare_runs({"good": good, "again": dict(good)}, qrels, method="bootstrap")
    assert same.p == 1 and not same.significant()


def test_three_runs_are_corrected_together():
    qrels = {str(n): {"right": 1} for n in range(8)}
    good = {q: {"right": 2.0, "wrong": 1.0} for q in qrels}
    poor = {q: {"right": 1.0, "wrong": 2.0} for q in qrels}
    [pair] = compare_runs({"a": good, "b": poor}, qrels)
    three = compare_runs({"a": good, "b": poor, "c": poor}, qrels)
    assert [(each.first, each.second) for each in three] == [("a", "b"), ("a", "c"), ("b", "c")]
    assert three[0].p == pytest.approx(3 * pair.p)


def test_a_comparison_that_could_show_nothing_is_refused():
    qrels = {str(n): {"right": 1} for n in range(5)}
    with pytest.raises(DataError, match="at least 6"):
        compare_runs({"a": {q: {"right": 1.0} for q in qrels}, "b": {q: {} for q in qrels}}, qrels)
    with pytest.raises(DataError, match="1 runs cannot be compared"):
        compare_runs({"a": RUN}, QRELS)
    with pytest.raises(DataError, match="needs qrels"):
        compare_runs({"a": RUN, "b": RUN})
    one, other = (measures.Rankings.from_run({name: {"d": 1.0}}) for name in ("q", "r"))
    with pytest.raises(DataError, match="different queries"):
        compare_runs({"a": one, "b": other})
    with pytest.raises(DataError, match="not a test"):
        compare_runs({"a": RUN, "b": RUN}, QRELS, method="t")


def test_ir_measures_computes_the_measures_of_language_bias():
    ir_measures = pytest.importorskip("ir_measures", reason="the extra `ir` is not installed")
    from hybrid_search.measures import ir

    spoken = {"lang_mapping": {name: language(name) for name in ("en-1", "en-2", "de-1", "de-2")}}
    both = {**spoken, "query_lang_mapping": {"q1": "en", "q2": "de"}}
    wanted = {
        ir.RankDistance: 1.0,
        ir.MaxAtR(pool=10): 6.0,
        ir.Complete @ 2: 0.5,
        ir.OwnLanguage(**both) @ 2: 0.25,
        ir.LPR(**both): 1.0,
        ir.TLR(**both) @ 2: 1.0,
        ir.LangNDCG(**both) @ 10: 0.5,
        ir.MRC(question_mapping={"q1": "1", "q2": "1"}) @ 2: 0.0,
        ir.PEER(**spoken) @ 2: (0.3173 + 1) / 2,
    }
    found = ir_measures.calc_aggregate([*wanted, ir_measures.AP], QRELS, RUN)
    rankings = measures.Rankings.from_run(RUN, QRELS)
    expected = measures.mean_rank_correlation(rankings, {"q1": "1", "q2": "1"}, 2)
    wanted[next(each for each in wanted if each.NAME == "MRC")] = float(expected.mean())
    for measure, value in wanted.items():
        assert found[measure] == pytest.approx(value, abs=1e-4), measure
    assert found[ir_measures.AP] == pytest.approx(0.5)
    assert ir_measures.parse_measure("Complete@2") == ir.Complete @ 2


def test_two_mappings_make_two_measures():
    pytest.importorskip("ir_measures", reason="the extra `ir` is not installed")
    from hybrid_search.measures import ir

    assert ir.PEER(lang_mapping={"a": "en"}) @ 5 != ir.PEER(lang_mapping={"a": "de"}) @ 5
    with pytest.raises(AssertionError):
        (ir.PEER @ 5).validate_params()


def test_any_measure_of_the_registry_is_had_by_its_key_and_compared_on():
    rankings = measures.Rankings.from_run(RUN, QRELS, language_of=language, query_language_of={"q1": "en", "q2": "de"})
    assert measures.values(rankings, "mono").tolist() == [1, 0]
    assert measures.values(rankings, "cross")[0] == 1 and math.isnan(measures.values(rankings, "cross")[1])
    assert measures.values(rankings, "multi").tolist() == measures.average_precision(rankings).tolist()
    for wrong in ("nothing", "peer_at_100", "alignment"):
        with pytest.raises(DataError):
            measures.values(rankings, wrong)
    with pytest.raises(DataError, match="not given"):
        measures.values(measures.Rankings.from_run(RUN, QRELS), "mono")
    qrels = {str(n): {"right": 1} for n in range(8)}
    good = {query: {"right": 2.0, "wrong": 1.0} for query in qrels}
    poor = {query: {"right": 1.0, "wrong": 2.0} for query in qrels}
    [found] = compare_runs({"good": good, "poor": poor}, qrels, measure="multi")
    assert "good is better than poor in multi mAP" in found.verdict("multi")
    assert str(found).startswith("good - poor = +0.5000")


def test_ids_may_be_numbers_where_they_come_from():
    rankings = measures.Rankings.from_run(
        {1: {7: 2.0, 8: 1.0}}, {1: {8: 1}}, language_of={7: "en", 8: "de"}, query_language_of={1: "en"}
    )
    assert measures.rank_distance(rankings).size == 1 and measures.own_language_share(rankings, 1).tolist() == [1]
    assert measures.mean_rank_correlation(rankings, {1: 1}).size == 1


def test_nothing_gives_nothing():
    for empty in (measures.Rankings.from_run({}), measures.Rankings.from_scores(np.zeros((0, 3)))):
        assert measures.summary(empty) == {}
        assert measures.average_precision(empty).shape == (0,)
    nobody = measures.Rankings.from_run({"q": {}}, {"q": {"d": 1}})
    assert measures.average_precision(nobody).tolist() == [0]
    assert measures.summary(nobody)["multi"] == 0


def test_weights_that_do_not_sum_to_one_are_refused():
    rankings = measures.Rankings.from_run(RUN, QRELS, language_of=language)
    with pytest.raises(DataError, match=r"sum to 0\.5"):
        measures.peer_of_queries(rankings, 10, {1: 0.5})


def test_without_ir_measures_its_extra_is_named(monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] == "ir_measures"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "ir_measures", None)
    monkeypatch.delitem(sys.modules, "hybrid_search.train.measure.runs.provider", raising=False)
    with pytest.raises(HybridSearchError, match=r"hybrid-search\[ir\]"):
        _ = measures.ir
