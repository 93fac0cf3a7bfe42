"""Asking: answers are known by id, document or text; what is odd about them is noted, what cannot be used is told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hybrid_search.engine.errors import DataError
from hybrid_search.train.audit.asking import ask
from hybrid_search.train.audit.judged import judged
from hybrid_search.train.audit.kits import Kit
from hybrid_search.train.audit.matching import Matcher
from hybrid_search.train.audit.targets import Answer, Question, TargetError
from hybrid_search.train.audit.unjudged import unjudged

from tests.support.audits import Scripted, by_meaning, small_kit

KIT = small_kit()
FIRST = KIT.passages[0]
DOCUMENTS = list(dict.fromkeys(each.document for each in KIT.passages))


def known(answer: Answer) -> str:
    """The passage or document that an answer is taken for; "other" for none."""
    matcher = Matcher(KIT)
    number = matcher.number(answer)
    if number < len(KIT.passages):
        return KIT.passages[number].id
    return matcher.documents[number - len(KIT.passages)] if number < matcher.first_other else "other"


@pytest.mark.parametrize(
    "answer",
    [
        Answer(id=FIRST.id),
        Answer(text=FIRST.text),
        Answer(id="chunk-7", text=f"  {FIRST.text}\n"),
        Answer(text=f"# {FIRST.title}\n\n{FIRST.text}"),
        Answer(text=FIRST.text.replace(" ", "\n")),
    ],
)
def test_a_passage_is_known_by_its_id_or_its_text(answer):
    assert known(answer) == FIRST.id


@pytest.mark.parametrize(
    "answer",
    [
        Answer(id=FIRST.document),
        Answer(source=f"/data/in/{FIRST.document}"),
        Answer(id="7", source=f"C:\\kit\\markdown\\{FIRST.document.upper()}"),
        Answer(source=FIRST.document.removesuffix(".md")),
        Answer(text=FIRST.text + KIT.passages[1].text),
        Answer(text=FIRST.text[5:40]),
        Answer(text=f"From the handbook, chapter 3: {FIRST.text} (end)"),
        Answer(text=dict(KIT.texts)[FIRST.document]),
    ],
)
def test_a_document_is_known_by_its_name_or_by_what_a_chunk_holds(answer):
    assert known(answer) == FIRST.document


@pytest.mark.parametrize("answer", [Answer(id="else"), Answer(text="Nobody wrote this."), Answer(text="Tee")])
def test_what_is_not_the_kits_is_something_else(answer):
    assert known(answer) == "other"


def test_chunks_are_measured_as_documents():
    def chunks(question: Question, k: int) -> list[Answer]:
        ids = [each.id for each in by_meaning(KIT)(question, 10**6)]
        of = {each.id: each.document for each in KIT.passages}
        return [Answer(id=f"c{n}", source=f"kit/{of[each]}") for n, each in enumerate(ids)][:k]

    asked = ask(Scripted(chunks), KIT)
    assert asked.unit == "documents" and asked.own == len(DOCUMENTS)
    assert {piece.id for piece in asked.pool} == set(DOCUMENTS)
    # Three parallel documents answer each question, and they come first.
    assert judged(asked).result.summary()["multi"] == pytest.approx(1.0)


def test_passages_of_other_documents_count_as_wrong_ones():
    def crowded(question: Question, k: int) -> list[Answer]:
        ours = Answer(id="ours", text="Wie wir Brot backen, steht im Handbuch.", language="de")
        return [ours, *by_meaning(KIT)(question, k - 1)]

    asked = ask(Scripted(crowded), KIT)
    assert len(asked.pool) == asked.own + 1 and asked.pool[-1].language == "de"
    assert any("none of the kit's" in note for note in asked.notes)
    clean = judged(ask(Scripted(by_meaning(KIT)), KIT)).result.summary()["multi"]
    assert judged(asked).result.summary()["multi"] < clean


def test_a_run_of_unknown_ids_without_texts_is_told():
    with pytest.raises(TargetError, match=r"ids that are not in the kit \('x-de', 'x-en', .*\), and without texts"):
        ask(Scripted(lambda question, _k: [Answer(id=f"x-{question.language}")]), KIT)


def test_unknown_answers_with_texts_are_looked_at_without_judgements():
    texts = {"de": "Das ist ein deutscher Satz über Brot.", "en": "This is an English sentence about bread."}
    asked = ask(Scripted(lambda q, _k: [Answer(id=q.language, text=texts.get(q.language, texts["en"]))]), KIT)
    assert not asked.judged and not asked.own
    assert any("quality was not measured" in note for note in asked.notes)
    found = unjudged(asked)
    assert found.pulls["de"].value == pytest.approx(1.0) and found.pulls["ja"].value == pytest.approx(0.0)


def test_no_answer_to_anything_is_told():
    with pytest.raises(TargetError, match="gave no answer to any"):
        ask(Scripted(lambda _q, _k: []), KIT)


def test_the_same_answers_to_everything_are_no_lack_of_bias():
    honest = by_meaning(KIT)
    with pytest.raises(TargetError, match="gave the same answers to every question"):
        ask(Scripted(lambda _, k: honest(KIT.questions[0], k)), KIT)
    one = replace(KIT.some(questions=1), nonsense=())
    assert ask(Scripted(honest), one).notes == (), "translations of one question may well have the same"


def lying(**how):
    honest = by_meaning(KIT)
    turn = iter(range(10**9))

    def answers(question: Question, k: int) -> list[Answer]:
        found = honest(question, k)
        if how.get("more"):
            found = found + found[:3]
        if how.get("twice"):
            found = [found[0], *found]
        if how.get("scores"):
            found = [Answer(id=each.id, score=score) for each, score in zip(found, (0.1, 0.9, 0.5), strict=False)]
        if how.get("other"):
            place = next(turn) % len(found)
            found = found[place:] + found[:place]
        if how.get("empty") and question.language == "ja":
            found = []
        return found

    return answers


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"more": True}, "more answers than were asked for"),
        ({"twice": True}, "contain an answer twice"),
        ({"scores": True}, "Scores are not in descending order"),
        ({"other": True}, "Asked again, 3 of 3 questions got different answers"),
        ({"empty": True}, "questions got no answer"),
    ],
)
def test_what_is_odd_about_the_answers_is_noted(how, words):
    assert any(words in note for note in ask(Scripted(lying(**how)), KIT, k=20).notes)


def test_endless_scores_have_an_order_like_others():
    def answers(question: Question, k: int) -> list[Answer]:
        scores = (float("inf"), float("inf"), 1.0)
        found = by_meaning(KIT)(question, k)
        return [Answer(id=each.id, score=score) for each, score in zip(found, scores, strict=False)]

    assert not any("up and down" in note for note in ask(Scripted(answers), KIT).notes)


def test_an_honest_target_has_no_notes():
    assert ask(Scripted(by_meaning(KIT)), KIT).notes == ()


def test_too_few_languages_are_told():
    with pytest.raises(DataError, match="asks in de alone"):
        KIT.some(languages=("de",))
    with pytest.raises(DataError, match="asks nothing in fr"):
        KIT.some(languages=("fr", "de"))
    with pytest.raises(DataError, match="no questions"):
        Kit("empty", ())


@pytest.mark.parametrize("called", ["{}-XX", "{}_XX", "{}-Latn"])
def test_a_language_with_a_region_is_that_of_the_questions(called, monkeypatch):
    spoken = {each.id: each.language for each in KIT.passages}

    def tagged(question: Question, k: int) -> list[Answer]:
        return [
            replace(each, id=f"own-{each.id}", text="another text", language=called.format(spoken[each.id]).upper())
            for each in by_meaning(KIT)(question, k)
        ]

    target = Scripted(tagged)
    held = {called.format(code): 2 for code in KIT.languages} | {"de": 1}
    monkeypatch.setattr(target, "languages", lambda: held)
    found = ask(target, KIT)
    assert {each.language for each in found.pool} == {*KIT.languages}
    assert found.collection == {code: 3 if code == "de" else 2 for code in KIT.languages}
