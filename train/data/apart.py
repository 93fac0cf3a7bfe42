"""Parallel passages taken apart: sentences that stand at the same place in as many sentences are translations."""

from __future__ import annotations

from collections.abc import Iterator

from .pairs import Example
from .siblings import Sentences

PIVOT = "en"
# A heading or a list mark says nothing; more is no sentence.
_CHARACTERS = range(20, 401)
# Fewer languages with as many sentences as in English make it likely that a count agrees by chance.
_LEAST_LANGUAGES = 3


def sentence_rows(example: Example, sentences: Sentences) -> Iterator[Example]:
    """The sentences of a parallel passage as rows of bitext, neighbours in one document.

    Args:
        example: with its passage in several languages, English among them; anything else gives nothing.
        sentences: spans of sentences of a text in a language.

    Yields:
        A row for each English sentence, in the languages whose passage has as many sentences as the English one.
    """
    parts = {
        code: [part for start, end in sentences(text, code) if (part := text[start:end].strip())]
        for code, text in example.passage.items()
    }
    english = parts.get(PIVOT, [])
    alike = {code: found for code, found in parts.items() if len(found) == len(english)}
    if len(alike) < _LEAST_LANGUAGES:
        return
    for place, text in enumerate(english):
        if len(text) in _CHARACTERS:
            texts = {code: found[place] for code, found in alike.items()}
            identity = f"{example.id}#{place}"
            yield Example(identity, example.source, "", texts, texts, document=example.id, bitext=True)
