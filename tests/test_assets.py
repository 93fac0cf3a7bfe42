"""What ships: the demo library is parallel in fourteen languages, its answers stand in its files, pairs stay apart."""

from __future__ import annotations

import gzip
import json
import re
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

ASSETS = Path(__file__).resolve().parents[1] / "assets"
LANGUAGES = ("ar", "de", "el", "en", "es", "fr", "hi", "ja", "ko", "ru", "th", "tr", "vi", "zh")
SCRIPTS = {
    "ar": r"[\u0600-\u06ff]",
    "el": r"[\u0370-\u03ff\u1f00-\u1fff]",
    "hi": r"[\u0900-\u097f]",
    "ja": r"[\u3040-\u30ff\u4e00-\u9fff]",
    "ko": r"[\uac00-\ud7af]",
    "ru": r"[\u0400-\u04ff]",
    "th": r"[\u0e00-\u0e7f]",
    "zh": r"[\u4e00-\u9fff]",
}


def rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def bundled_pairs() -> list[dict]:
    folder = ASSETS / "pairs"
    written = gzip.decompress((folder / "written.jsonl.gz").read_bytes()).decode("utf-8")
    return [row for path in sorted(folder.glob("*.jsonl")) for row in rows(path)] + [
        json.loads(line) for line in written.splitlines()
    ]


def topics(language: str) -> set[str]:
    return {path.stem for path in (ASSETS / "demo" / "passages" / language).glob("*.md")}


def test_every_language_has_the_same_thirty_topics():
    assert {path.name for path in (ASSETS / "demo" / "passages").iterdir()} == set(LANGUAGES)
    assert len(topics("en")) >= 30
    assert {language: topics(language) for language in LANGUAGES} == dict.fromkeys(LANGUAGES, topics("en"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_written_in_their_language(language: str):
    for path in (ASSETS / "demo" / "passages" / language).glob("*.md"):
        text = path.read_text("utf-8")
        assert text.startswith("# ") and text.count("\n\n") >= 2 and "\r" not in text, path
        assert unicodedata.is_normalized("NFC", text), path
        if language in SCRIPTS:
            letters = [character for character in text if character.isalpha()]
            own = len(re.findall(SCRIPTS[language], text))
            assert own > 0.9 * len(letters), path


def test_three_questions_a_topic_each_with_its_answer_in_every_language():
    questions = rows(ASSETS / "demo" / "questions.jsonl")
    assert Counter(row["topic"] for row in questions) == dict.fromkeys(topics("en"), 3)
    assert len({row["id"] for row in questions}) == len(questions)
    for row in questions:
        assert set(row["question"]) == set(row["answer"]) == set(LANGUAGES), row["id"]
        for language in LANGUAGES:
            text = (ASSETS / "demo" / "passages" / language / f"{row['topic']}.md").read_text("utf-8")
            assert text.count(row["answer"][language]) == 1, (row["id"], language)


def test_no_question_is_asked_twice():
    for language in LANGUAGES:
        asked = [row["question"][language] for row in rows(ASSETS / "demo" / "questions.jsonl")]
        asked += [row["question"][language] for row in bundled_pairs() if language in row["question"]]
        assert len(set(asked)) == len(asked), language


def test_training_pairs_share_no_sentence_with_the_demo():
    pairs = bundled_pairs()
    assert len(pairs) >= 1900 and len({row["id"] for row in pairs}) == len(pairs)
    for language in LANGUAGES:
        demo = "\n".join(path.read_text("utf-8") for path in (ASSETS / "demo" / "passages" / language).glob("*.md"))
        for row in pairs:
            assert set(row["question"]) == set(row["passage"]) and len(row["question"]) >= 11
            assert set(row["passage"]) <= set(LANGUAGES)
            if language in row["passage"]:
                assert row["passage"][language] not in demo
                assert row["question"][language] not in demo
