"""The samplings, on integers: what a batch may hold, how often each kind comes, and that none depends on another."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hybrid_search.engine.errors import DataError
from hybrid_search.train.batches.pools import Pool, Side
from hybrid_search.train.batches.samplings import CrossLingualBatches, HybridBatches, MonolingualBatches

LANGUAGES = ("de", "en", "th", "sw")


def side(rows):
    starts = np.r_[0, np.cumsum([len(row) for row in rows])]
    return Side(starts, np.array([code for row in rows for code in row], dtype=np.uint16))


def pool(question, passage=None, *, groups=None, ids=None, **settings):
    count = len(question)
    sides = side(question), side(question if passage is None else passage)
    return Pool(
        LANGUAGES,
        *sides,
        groups=np.array(range(1000, 1000 + count) if groups is None else groups, dtype=np.uint64),
        ids=np.array(range(count) if ids is None else ids, dtype=np.uint64),
        keep=settings.pop("keep", np.ones(count, dtype=bool)),
        **settings,
    )


def parallel(count=40):
    """Rows in German, English and Thai; the last two also in Swahili."""
    return pool([[0, 1, 2] if row < count - 2 else [0, 1, 2, 3] for row in range(count)])


def several(batches, count=200):
    return [batches.batch(number) for number in range(count)]


def test_a_mono_batch_is_in_one_language():
    for batch in several(MonolingualBatches([parallel()], 8, seed=1)):
        assert len({code for pick in batch.picks for code in (pick.question, pick.passage)}) == 1
        assert len(batch.picks) == 8


def test_mono_batches_come_in_every_language_alike():
    rows = [[0]] * 300 + [[1]] * 30 + [[2]] * 30
    drawn = Counter(batch.picks[0].question for batch in several(MonolingualBatches([pool(rows)], 4, seed=0), 3000))
    assert all(abs(drawn[code] / 3000 - 1 / 3) < 0.04 for code in ("de", "en", "th"))


def test_a_language_with_two_examples_is_left_out_and_named():
    batches = MonolingualBatches([parallel()], 8, seed=0)
    assert batches.left_out == {"sw": 2}
    assert "sw" not in {batch.picks[0].question for batch in several(batches)}


def test_no_language_with_enough_examples_is_an_error_that_says_how_many_there_are():
    with pytest.raises(DataError, match="largest is de with 5 distinct passages"):
        MonolingualBatches([pool([[0]] * 5)], 8, seed=0)


def test_in_a_cross_batch_question_and_passage_differ_in_language():
    batches = several(CrossLingualBatches([parallel()], 8, seed=1))
    assert all(pick.question != pick.passage for batch in batches for pick in batch.picks)
    assert sum(len({pick.question for pick in batch.picks}) > 1 for batch in batches) > 190


def test_a_row_with_one_language_a_side_can_be_crossed_in_one_way():
    rows = pool([[0]] * 20, [[1]] * 20)
    assert {(pick.question, pick.passage) for pick in CrossLingualBatches([rows], 8, seed=0).batch(0).picks} == {
        ("de", "en")
    }


def test_cross_batches_need_two_languages_in_a_row():
    with pytest.raises(DataError, match="cannot be formed"):
        CrossLingualBatches([pool([[0]] * 20 + [[1]] * 20)], 8, seed=0)


def test_languages_of_a_whole_batch_can_be_drawn_at_once():
    for batch in several(CrossLingualBatches([parallel()], 8, seed=0, pairing="batch")):
        directions = {(pick.question, pick.passage) for pick in batch.picks}
        assert len(directions) == 1
        assert "sw" not in next(iter(directions)), "two rows cannot fill a batch"


def test_pairs_of_languages_drawn_per_batch_come_alike():
    rows = [[0, 1]] * 200 + [[1, 2]] * 20
    batches = CrossLingualBatches([pool(rows)], 4, seed=0, pairing="batch")
    drawn = Counter((pick.question, pick.passage) for batch in several(batches, 3000) for pick in batch.picks)
    assert all(abs(count / sum(drawn.values()) - 1 / 4) < 0.04 for count in drawn.values())
    assert len(drawn) == 4


def test_weights_favour_languages():
    batches = CrossLingualBatches([parallel()], 8, seed=0, weights={"th": 0})
    assert "th" not in {code for batch in several(batches) for pick in batch.picks for code in pick[2:4]}


@pytest.mark.parametrize("kind", [MonolingualBatches, CrossLingualBatches])
def test_no_batch_holds_a_passage_or_an_id_twice(kind):
    rows = pool([[0, 1, 2]] * 60, groups=[1000 + row // 3 for row in range(60)], ids=[row // 2 for row in range(60)])
    for batch in several(kind([rows], 12, seed=3)):
        groups = [int(rows.groups[pick.row]) for pick in batch.picks]
        ids = [int(rows.ids[pick.row]) for pick in batch.picks]
        assert len(set(groups)) == len(groups) == 12
        assert len(set(ids)) == len(ids)


def test_the_same_passage_in_two_sources_comes_once():
    first, second = parallel(), parallel()
    for batch in several(MonolingualBatches([first, second], 30, seed=0), 50):
        assert len({int((first, second)[pick.source].groups[pick.row]) for pick in batch.picks}) == 30


def test_neighbours_in_a_window_are_taken_too():
    previous, following = np.arange(-1, 39), np.r_[np.arange(1, 40), -1]
    rows = pool([[0, 1]] * 40, bitext=True, mono=0, neighbourhood=1.0, previous=previous, following=following)
    for batch in several(CrossLingualBatches([rows], 8, seed=0)):
        taken = sorted(pick.row for pick in batch.picks)
        assert all(pick.window for pick in batch.picks)
        assert min(np.diff(taken)) > 2, "neither a sentence nor a neighbour of it comes twice"


def test_rows_that_are_kept_out_never_come():
    keep = np.arange(40) % 2 == 0
    rows = pool([[0, 1]] * 40, keep=keep)
    for batches in (MonolingualBatches([rows], 8, seed=0), CrossLingualBatches([rows], 8, seed=0)):
        assert all(pick.row % 2 == 0 for batch in several(batches) for pick in batch.picks)


def test_sources_come_by_weight():
    batches = CrossLingualBatches([pool([[0, 1]] * 50, cross=3), pool([[0, 1]] * 50, cross=1)], 4, seed=0)
    drawn = Counter(batch.picks[0].source for batch in several(batches, 2000))
    assert abs(drawn[0] / 2000 - 0.75) < 0.04
    assert all(len({pick.source for pick in batch.picks}) == 1 for batch in several(batches))


def test_small_sources_fill_a_mono_batch_together_where_none_can_alone():
    def small(ids, rows=5):
        return pool([[0]] * rows, groups=ids, ids=ids)

    together = MonolingualBatches([small(range(5)), small(range(5, 10))], 8, seed=0)
    assert all({pick.source for pick in batch.picks} == {0, 1} for batch in several(together))
    beside_a_large_one = MonolingualBatches([small(range(5)), small(range(5, 25), 20)], 8, seed=0)
    assert all({pick.source for pick in batch.picks} == {1} for batch in several(beside_a_large_one))


def test_bitext_takes_no_part_in_mono_batches():
    batches = MonolingualBatches([parallel(), pool([[0, 1]] * 50, bitext=True)], 8, seed=0)
    assert {pick.source for batch in several(batches) for pick in batch.picks} == {0}


@pytest.mark.parametrize("alpha", [0.0, 0.25, 0.5, 1.0])
def test_alpha_is_the_share_of_mono_batches(alpha):
    rows = [parallel()]
    batches = HybridBatches(MonolingualBatches(rows, 4, 0), CrossLingualBatches(rows, 4, 0), alpha, seed=5)
    drawn = Counter(batch.kind for batch in several(batches, 2000))
    assert abs(drawn["mono"] / 2000 - alpha) < 0.04


def test_a_hybrid_run_draws_the_batches_of_the_pure_ones():
    rows = [parallel()]
    mono, cross = MonolingualBatches(rows, 4, 0), CrossLingualBatches(rows, 4, 0)
    for number, batch in enumerate(several(HybridBatches(mono, cross, 0.5, seed=0))):
        assert batch == (mono if batch.kind == "mono" else cross).batch(number)


def test_the_same_seed_gives_the_same_batches_from_any_place_on():
    rows = [parallel()]

    def fresh(seed):
        return HybridBatches(MonolingualBatches(rows, 6, seed), CrossLingualBatches(rows, 6, seed), 0.5, seed)

    whole = several(fresh(7), 60)
    again = fresh(7)
    assert [again.batch(number) for number in range(30, 60)] == whole[30:]
    assert several(fresh(8), 60) != whole


def test_a_batch_that_cannot_be_filled_says_so():
    rows = pool([[0, 1]] * 20, groups=[1000 + row // 10 for row in range(20)])
    with pytest.raises(DataError, match="only 2 distinct pairs fit"):
        CrossLingualBatches([rows], 8, seed=0).batch(0)


def test_little_data_is_searched_to_its_end():
    rows = pool([[0, 1]] * 300, groups=[1000 + max(0, row - 292) for row in range(300)], ids=range(300))
    assert len(CrossLingualBatches([rows], 8, seed=0).batch(0).picks) == 8


def test_negatives_are_in_the_question_language_and_none_is_a_positive():
    rows = pool([[0, 1]] * 20)
    mined = np.array([[(row + 1) % 20, (row + 2) % 20, -1] for row in range(20)], dtype=np.int32)
    batches = CrossLingualBatches([rows], 4, 0, negatives={(0, "de"): mined}, per_query=1)
    picks = [pick for batch in several(batches) for pick in batch.picks]
    assert any(pick.negatives for pick in picks)
    assert all(pick.question == "de" for pick in picks if pick.negatives)
    for batch in several(batches):
        positives = {pick.row for pick in batch.picks}
        assert not positives & {row for pick in batch.picks for row in pick.negatives}
