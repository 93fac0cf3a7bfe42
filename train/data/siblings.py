"""Finds hard negatives without a search: texts beside the right one, in the language of the question."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Sequence

from ..batches import Pick
from .pairs import Corpus

Sentences = Callable[[str, str], Sequence[tuple[int, int]]]

# Shorter sentences are not hard negatives.
_LEAST_CHARACTERS = 20
_LEAST_CHARACTERS_DENSE = 8


def beside_the_answer(
    corpus: Corpus, pick: Pick, passage: str, sentences: Sentences, generator: random.Random
) -> str | None:
    """A sentence of the pick's passage without the answer and outside the cropped passage; None if there is none.

    Args:
        corpus: the pick's corpus.
        pick: a row with an answer; the sentence is in the question's language if the passage has it.
        passage: the cropped passage.
        sentences: returns spans of sentences of a text in a language.
        generator: draws the sentence.
    """
    code = pick.question if corpus.passage.text(pick.row, corpus.language(pick.question)) else pick.passage
    language = corpus.language(code)
    text, answer = corpus.passage.text(pick.row, language), corpus.answer.text(pick.row, language)
    if not text or not answer:
        return None
    least = _LEAST_CHARACTERS if " " in text else _LEAST_CHARACTERS_DENSE
    others = [part for start, end in sentences(text, code) if len(part := text[start:end].strip()) >= least]
    others = [part for part in others if answer not in part and part not in passage]
    return generator.choice(others) if others else None


def beside_the_row(
    corpus: Corpus, pick: Pick, taken: Collection[int], generator: random.Random
) -> tuple[int, str] | None:
    """The row before or after a row in its document, and its passage in the question's language; None if there is none.

    Args:
        corpus: the pick's corpus.
        pick: a row whose whole passage is trained on: bitext, or a section of a text.
        taken: groups of the batch's passages, which in any language would be false negatives.
        generator: draws one of the two rows.
    """
    language = corpus.language(pick.question)
    rows = [int(row) for row in (corpus.previous[pick.row], corpus.following[pick.row]) if row >= 0]
    found = [
        (row, text)
        for row in rows
        if int(corpus.groups[row]) not in taken and (text := corpus.passage.text(row, language))
    ]
    return generator.choice(found) if found else None
