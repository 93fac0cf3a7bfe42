"""What an audit says, held against retrievers whose bias is known by construction."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hybrid_search.train.audit.asking import ask
from hybrid_search.train.audit.estimates import Estimate, estimate
from hybrid_search.train.audit.judged import judged
from hybrid_search.train.audit.kits.nonsense import nonsense
from hybrid_search.train.audit.remedies import Audited, remedies
from hybrid_search.train.audit.targets import Answer, Options, Question
from hybrid_search.train.audit.unjudged import unjudged
from hybrid_search.train.audit.verdict import level_of, verdict
from hybrid_search.train.measure import registry
from hybrid_search.train.measure.lost import first_wrong, outranked

from tests.support.audits import Scripted, by_meaning, small_kit

# With 23 passages a language, twenty answers can all be in one.
KIT = small_kit(("glacier", "tea", "compost"))
BIASED = by_meaning(KIT, bias=True)
FAIR = by_meaning(KIT)


@pytest.fixture(scope="module")
def biased():
    return ask(Scripted(BIASED), KIT)


@pytest.fixture(scope="module")
def fair():
    return ask(Scripted(FAIR), KIT)


def test_a_retriever_of_one_language_pulls_with_all_of_it(biased):
    found = unjudged(biased)
    assert found.own.value == pytest.approx(1.0)
    assert found.pull.value == pytest.approx(1.0)
    assert all(each.value == pytest.approx(1.0) for each in found.pulls.values())
    assert np.allclose(np.diag(found.shares), 1.0)
    assert found.overlap.value == 0.0 and found.rbo.value == pytest.approx(0.0)


def test_a_retriever_of_meaning_alone_pulls_with_nothing(fair):
    found = unjudged(fair)
    assert found.pull.value == pytest.approx(0.0)
    assert found.overlap.value == pytest.approx(1.0) and found.rbo.value == pytest.approx(1.0)
    assert found.mrc.value == pytest.approx(1.0)


def test_what_is_lost_to_language_is_what_stands_behind_wrong_passages(biased, fair):
    lost, kept = judged(biased), judged(fair)
    assert (lost.outranked.value, lost.outranked_own.value, lost.lost.value) == (1.0, 0.0, 1.0)
    assert (kept.outranked.value, kept.outranked_own.value, kept.lost.value) == (0.0, 0.0, 0.0)
    assert lost.result.summary()["mono"] == pytest.approx(1.0) and kept.result.summary()["multi"] == pytest.approx(1.0)
    example = lost.examples[0]
    assert example.rank > example.wrong_rank and example.language != example.answer_language


def test_ranks_of_wrong_passages_are_those_of_the_questions_language():
    spoken = np.array([0, 0, 1, 1])
    wrong = first_wrong([np.array([2, 0, 1, 3]), np.array([2, 3])], [[0], [2, 3]], spoken, np.array([0, 1]))
    assert wrong.tolist()[0] == 3 and wrong[1] == registry.UNRETRIEVED
    behind = outranked(np.array([[2, 4, -1], [1, 2, -1]]), wrong)
    assert behind.tolist() == [[False, True, False], [False, False, False]]


def test_a_language_that_never_comes_back_is_named():
    def without_japanese(question: Question, k: int) -> list[Answer]:
        kept = [each for each in FAIR(question, 10**6) if "-ja-" not in each.id]
        return kept[:k]

    asked = ask(Scripted(without_japanese), KIT)
    found = unjudged(asked)
    assert found.exposure["ja"].value == 0.0
    assert found.never["ja"][0] == found.never["ja"][1] and found.never["de"][0] == 0
    assert any("is the whole kit in the index?" in note for note in found.notes)
    said = verdict(found, judged(asked), ())
    assert any(line.startswith("Languages at a disadvantage") and "Japanese (0.00" in line for line in said.sentences)


def test_a_passage_that_answers_everything_is_a_hub():
    hub = KIT.passages[5]

    def crowded(question: Question, k: int) -> list[Answer]:
        others = [each for each in FAIR(question, k) if each.id != hub.id]
        # Everything else has its turn.
        turn = 7 * KIT.groups.index(question.group) if question.group in KIT.groups else 0
        return [Answer(id=hub.id), *others[turn:], *others[:turn]][:k]

    found = unjudged(ask(Scripted(crowded), KIT))
    assert found.hubs[0].id == hub.id and found.hubs[0].questions == len(KIT.groups)


def test_nonsense_is_told_apart_where_scores_tell(fair):
    real = {question.id for question in KIT.questions}

    def scored(question: Question, k: int) -> list[Answer]:
        high = 1.0 if question.id in real else 0.2
        return [Answer(id=each.id, score=high / n) for n, each in enumerate(FAIR(question, k), 1)]

    found = unjudged(ask(Scripted(scored), KIT)).nonsense
    assert found is not None and found.told_apart == 1.0 and found.answered == found.questions
    silent = unjudged(ask(Scripted(lambda q, k: FAIR(q, k) if q.id in real else []), KIT)).nonsense
    assert silent is not None and silent.answered == 0
    assert np.isnan(unjudged(fair).nonsense.told_apart)


def test_nonsense_keeps_the_script_and_says_nothing():
    made = nonsense(KIT.questions)
    assert made == nonsense(KIT.questions) and len({each.id for each in made}) == len(made)
    words = {word for question in KIT.questions for word in question.text.split() if len(word) > 4}
    assert not words & {word for question in made for word in question.text.split()}


def test_questions_that_are_not_parallel_are_still_looked_at(biased):
    questions = tuple(replace(each, group=each.id) for each in KIT.questions)
    found = unjudged(ask(Scripted(BIASED), replace(KIT, questions=questions)))
    assert found.pull.value == pytest.approx(1.0) and not found.overlap.known
    assert any("No question is asked in two languages" in note for note in found.notes)


# -- remedies


def test_joining_translations_takes_the_bias_away(biased):
    tried = {each.key: each for each in remedies(Audited(biased, Scripted(BIASED), Options()))}
    joined = tried["fan_out"]
    assert joined.figures is not None and joined.figures.pull.value == pytest.approx(0.0)
    assert joined.difference is not None and joined.difference.mean > 0 and joined.difference.low > 0
    assert tried["fan_out_bridge"].figures.pull.value < 1.0
    # From outside neither vectors nor encoder can be had, and that is said.
    assert tried["centring"].figures is None and "vectors cannot be accessed from outside" in tried["centring"].why_not
    assert tried["prompts"].figures is None and "E5" in tried["prompts"].words
    assert "--encoder NAME tries it" in tried["prompts"].why_not


def test_the_most_effective_remedy_is_named_first(biased):
    tried = remedies(Audited(biased, Scripted(BIASED), Options()))
    lines = verdict(unjudged(biased), judged(biased), tried).remedies
    assert lines[0].startswith("Asking in all 3 languages") and "+0." in lines[0]
    assert all(line.startswith("Not tried") for line in lines[2:])


# -- the verdict


@pytest.mark.parametrize(
    ("value", "low", "level"),
    [(0.6, 0.5, "strong"), (0.2, 0.1, "clear"), (0.05, 0.01, "slight"), (0.05, -0.01, "none"), (-0.2, -0.3, "none")],
)
def test_a_bias_is_called_what_it_is_and_only_where_it_was_shown(value, low, level):
    assert level_of(Estimate(value, low, value + 0.1, 30)) == level


def test_no_more_answers_are_spoken_of_than_were_asked_for():
    assert unjudged(ask(Scripted(FAIR), KIT, k=5)).top == 5


def without(*languages: str):
    """The kit with no passage in some languages."""
    kept = [row for row, each in enumerate(KIT.passages) if each.language not in languages]
    rows = {row: place for place, row in enumerate(kept)}
    relevant = tuple(tuple(rows[row] for row in each if row in rows) for each in KIT.relevant)
    return replace(KIT, passages=tuple(KIT.passages[row] for row in kept), relevant=relevant)


def test_a_collection_in_one_language_gives_no_verdict():
    kit = without("en", "ja")
    found = unjudged(ask(Scripted(by_meaning(kit)), kit))
    said = verdict(found, None, ())
    assert said.level == "unknown" and "A collection in one language" in said.headline
    assert any("The collection is in de alone" in note for note in found.notes)


def test_a_language_that_is_asked_in_and_not_held_is_noted():
    kit = without("ja")
    notes = unjudged(ask(Scripted(by_meaning(kit)), kit)).notes
    assert any(note.startswith("The collection has nothing in ja, so no answer") for note in notes)


def test_too_few_questions_give_no_verdict():
    assert level_of(estimate(np.array([0.9, 0.8, 0.9]))) == "unknown"
    few = KIT.some(questions=3)
    found = unjudged(ask(Scripted(BIASED), few))
    assert verdict(found, None, ()).headline.startswith("Too few questions")


def test_verdicts_of_known_retrievers(biased, fair):
    assert verdict(unjudged(biased), judged(biased), ()).level == "strong"
    assert verdict(unjudged(fair), judged(fair), ()).level == "none"
