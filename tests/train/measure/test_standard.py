"""Standard measures: by hand, and against ir-measures."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hybrid_search.train.measure.registry import standard


def ranks(*rows: tuple[int, ...]) -> np.ndarray:
    width = max(map(len, rows))
    return np.array([[*row, *[-1] * (width - len(row))] for row in rows], dtype=np.int64)


def test_average_precision_by_hand():
    found = standard.average_precision(ranks((1, 3, 6), (2,), (4, 2)))
    assert found == pytest.approx([(1 / 1 + 2 / 3 + 3 / 6) / 3, 1 / 2, (1 / 2 + 2 / 4) / 2])


def test_average_precision_of_two_relevant_ones_that_tie_for_third_place():
    assert standard.average_precision(ranks((3, 3))) == pytest.approx([2 / 3])


def test_recall_and_success_by_hand():
    table = ranks((1, 12, 30), (11,))
    assert standard.recall_at(table, 10) == pytest.approx([1 / 3, 0])
    assert standard.success_at(table, 10) == pytest.approx([1, 0])


def test_ndcg_by_hand():
    table, gains = ranks((1, 3)), np.array([[1, 2]])
    ideal = 2 / math.log2(2) + 1 / math.log2(3)
    assert standard.ndcg_at(table, 10, gains) == pytest.approx([(1 / math.log2(2) + 2 / math.log2(4)) / ideal])
    assert standard.ndcg_at(table, 2, gains) == pytest.approx([1 / ideal])


@pytest.mark.parametrize(
    "measure", [standard.average_precision, lambda x: standard.recall_at(x, 1), lambda x: standard.ndcg_at(x, 10)]
)
def test_a_query_without_relevant_candidates_has_no_figure(measure):
    found = measure(np.array([[-1, -1], [1, -1]]))
    assert math.isnan(found[0])
    assert found[1] == 1


def test_the_standard_measures_agree_with_ir_measures():
    ir = pytest.importorskip("ir_measures")
    rng = np.random.default_rng(4)
    pool, queries = 60, 40
    judged, run, rows, gains = {}, {}, [], []
    for number in range(queries):
        order = rng.permutation(pool)
        relevant = rng.choice(pool, rng.integers(1, 7), replace=False)
        grade = rng.integers(1, 4, len(relevant))
        judged[f"q{number}"] = {f"d{d}": int(g) for d, g in zip(relevant, grade, strict=True)}
        run[f"q{number}"] = {f"d{d}": float(pool - place) for place, d in enumerate(order)}
        place_of = {int(d): place + 1 for place, d in enumerate(order)}
        rows.append(tuple(place_of[int(d)] for d in relevant))
        gains.append(tuple(int(g) for g in grade))
    table = ranks(*rows)
    weights = np.zeros_like(table)
    for row, grade in enumerate(gains):
        weights[row, : len(grade)] = grade
    ours = {
        ir.AP: standard.average_precision(table),
        ir.R @ 10: standard.recall_at(table, 10),
        ir.Success @ 1: standard.success_at(table, 1),
        ir.nDCG @ 10: standard.ndcg_at(table, 10, weights),
    }
    theirs = {(str(item.measure), item.query_id): item.value for item in ir.iter_calc(list(ours), judged, run)}
    for measure, values in ours.items():
        for number, value in enumerate(values):
            assert value == pytest.approx(theirs[str(measure), f"q{number}"], abs=1e-9)
