"""The gate: a language that fell is named, noise is let through, and what cannot be compared is told."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest
from hybrid_search.engine import json_lines
from hybrid_search.engine.errors import DataError
from hybrid_search.train.audit.asking import ask
from hybrid_search.train.audit.auditing import Audit
from hybrid_search.train.audit.gate import Gate, hold_against, read_baseline
from hybrid_search.train.audit.judged import judged
from hybrid_search.train.audit.targets import Answer, Question
from hybrid_search.train.audit.unjudged import unjudged
from hybrid_search.train.audit.verdict import verdict

from tests.support.audits import Scripted, by_meaning, small_kit

KIT = small_kit(("glacier", "tea", "compost", "chess"))
FAIR = by_meaning(KIT)


def audit_of(answers, kit=KIT) -> Audit:
    asked = ask(Scripted(answers), kit)
    found, right = unjudged(asked), judged(asked) if asked.judged else None
    return Audit(asked, found, right, (), verdict(found, right, ()))


def held_against(now: Audit, path: Path, watched: tuple[str, ...]) -> Gate:
    return hold_against(now, read_baseline(path, now.asked.kit, watched))


def worse_in_japanese(question: Question, k: int) -> list[Answer]:
    """As good as before, but asked in Japanese nine others come first."""
    found = FAIR(question, k)
    return found[12:21] + found[:12] + found[21:] if question.language == "ja" else found


def silent_in_japanese(question: Question, k: int) -> list[Answer]:
    return [] if question.language == "ja" else FAIR(question, k)


def noisy(seed: int):
    """Right answers, but for some questions, drawn by a seed, the third one comes late."""

    def answers(question: Question, k: int) -> list[Answer]:
        found = FAIR(question, k)
        late = random.Random(f"{seed} {question.id}").random() < 0.5
        return found[:2] + found[3:8] + [found[2]] + found[8:] if late else found

    return answers


@pytest.fixture(scope="module")
def baseline(tmp_path_factory):
    path = tmp_path_factory.mktemp("gate") / "baseline.json"
    path.write_text(json.dumps(audit_of(noisy(1)).as_dict()), "utf-8")
    return path


def test_a_language_that_fell_is_named(baseline):
    found = held_against(audit_of(worse_in_japanese), baseline, ())
    assert {each.language for each in found.fallen} == {"all", "ja"}
    (line,) = (each.sentence() for each in found.fallen if each.language == "ja")
    assert line.startswith("Japanese: multi mAP is worse than before") and "p = " in line


def test_noise_is_let_through(baseline):
    found = held_against(audit_of(noisy(2)), baseline, ("multi", "mono"))
    assert not found.fallen
    assert found.sentences()[0].startswith("Nothing got significantly worse")


def test_an_improvement_is_no_fall(baseline, tmp_path):
    path = tmp_path / "before.json"
    path.write_text(json.dumps(audit_of(worse_in_japanese).as_dict()), "utf-8")
    assert not held_against(audit_of(FAIR), path, ("multi", "rank_distance", "lost_to_language")).fallen


def test_more_bias_is_a_fall_where_more_is_worse(baseline):
    found = held_against(audit_of(by_meaning(KIT, bias=True)), baseline, ("own_language",))
    assert {each.language for each in found.fallen} == {"all", *KIT.languages}
    assert all(each.difference.mean > 0 for each in found.fallen)


def test_a_language_that_cannot_be_compared_is_named(baseline):
    """A share of no answers is none: what fell silent would pass unnoticed."""
    found = held_against(audit_of(silent_in_japanese), baseline, ("own_language",))
    assert found.missing == ("ja",) and "Not all could be compared of Japanese" in found.sentences()[-1]
    assert {each.language for each in held_against(audit_of(silent_in_japanese), baseline, ()).fallen} == {"all", "ja"}


def test_without_judgements_the_share_of_the_own_language_is_watched(tmp_path):
    bare = replace(KIT, relevant=())
    path = tmp_path / "before.json"
    path.write_text(json.dumps(audit_of(FAIR, bare).as_dict()), "utf-8")
    now = audit_of(by_meaning(KIT, bias=True), bare)
    assert {each.key for each in held_against(now, path, ()).fallen} == {"own_language"}
    with pytest.raises(DataError, match="no figures of multi"):
        held_against(now, path, ("multi",))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "cannot be read"),
        ("[]", "is not an audit"),
        ('{"kit": {}, "values": {}}', "is not an audit"),
        pytest.param("[" * 100_000, "cannot be read", id="nested"),
        ('{"kit": {"digest": "x"}, "values": {"multi": {}}}', "is not an audit"),
    ],
)
def test_what_is_no_baseline_is_told(tmp_path, text, words):
    path = tmp_path / "before.json"
    path.write_text(text, "utf-8")
    with pytest.raises(DataError, match=words):
        held_against(audit_of(FAIR), path, ())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"values": {"multi": {"q": "high"}}}, "is not an audit"),
        ({"values": {"multi": {"q": True}}}, "is not an audit"),
        ({"values": {"multi": {"q": float("inf")}}}, "is not an audit"),
        ({"values": {"multi": {"q": 10**400}}}, "is not an audit"),
        ({"depth": "all"}, "is not an audit"),
        ({"depth": 5}, "an audit of the first 5 answers, not whole rankings"),
        ({"unit": "documents"}, "an audit of documents, not passages"),
        ({"kit": {"digest": "x"}}, "other questions or passages"),
    ],
)
def test_a_baseline_that_cannot_be_compared_is_told(baseline, tmp_path, changes, words):
    path = tmp_path / "before.json"
    path.write_text(json.dumps(json.loads(baseline.read_text("utf-8")) | changes), "utf-8")
    with pytest.raises(DataError, match=words):
        held_against(audit_of(FAIR), path, ())


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="devices are POSIX")
def test_a_baseline_without_end_is_told(monkeypatch):
    monkeypatch.setattr(json_lines, "_MOST_BYTES", 1 << 20)
    with pytest.raises(DataError, match="larger than 1,048,576 bytes"):
        held_against(audit_of(FAIR), Path("/dev/zero"), ())


def test_a_baseline_that_is_not_there_is_told(tmp_path):
    with pytest.raises(DataError, match="There is no file"):
        held_against(audit_of(FAIR), tmp_path / "nowhere.json", ())


def test_too_few_questions_cannot_be_a_gate(tmp_path):
    few = KIT.some(questions=3)
    path = tmp_path / "before.json"
    path.write_text(json.dumps(audit_of(FAIR, few).as_dict()), "utf-8")
    with pytest.raises(DataError, match="fewer than 6 questions"):
        held_against(audit_of(FAIR, few), path, ())
