"""Makes nonsense questions from a language's own letters, which reveal a retriever's preference without meaning."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Sequence
from itertools import groupby

from ..targets import Question

# Nonsense questions per language.
EACH = 4


def nonsense(questions: Sequence[Question]) -> tuple[Question, ...]:
    """Questions whose letters are drawn at random from those of the language's questions.

    Word lengths and punctuation stay, so a question keeps the script and much of the look of its language, but no
    words. The same questions always give the same nonsense; questions with the same number share a group.
    """
    found = []
    for code in sorted({question.language for question in questions}):
        own = sorted((question for question in questions if question.language == code), key=lambda one: one.id)
        letters = [letter for question in own for word in _words(question.text) for letter in clusters(word)]
        chance = random.Random(f"nonsense {code}")
        for number in range(min(EACH, len(own))):
            pattern = own[number * len(own) // EACH if len(own) >= EACH else number].text
            text = "".join(
                "".join(chance.choice(letters) for _ in clusters(piece)) if is_word else piece
                for is_word, piece in _pieces(pattern)
            )
            found.append(Question(f"nonsense-{number + 1}-{code}", code, text, f"nonsense-{number + 1}"))
    return tuple(found)


def clusters(word: str) -> list[str]:
    """Letters with their combining marks."""
    found: list[str] = []
    for letter in word:
        if found and unicodedata.category(letter).startswith("M"):
            found[-1] += letter
        else:
            found.append(letter)
    return found


def _words(text: str) -> list[str]:
    return [piece for is_word, piece in _pieces(text) if is_word]


def _pieces(text: str) -> list[tuple[bool, str]]:
    """A text split into words and the text between them."""
    grouped = groupby(text, key=lambda letter: unicodedata.category(letter)[0] in "LMN")
    return [(is_word, "".join(letters)) for is_word, letters in grouped]
