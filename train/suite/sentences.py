"""Makes benchmarks of rows that are held out of training: questions answered by sentences, and bitext."""

from __future__ import annotations

from collections.abc import Sequence

from ...engine.errors import DataError
from ...engine.passages import sentences
from ..benchmarks import Benchmark, Candidate, Query
from ..data import Corpus, drawn_rows

# Shorter sentences are fragments of lists or formulas, not answers.
_LEAST_CHARACTERS = 4


def in_sentences(
    name: str,
    corpora: Sequence[Corpus],
    holdout: int,
    *,
    languages: Sequence[str] = (),
    limit: int = 0,
    seed: int = 0,
) -> Benchmark:
    """A benchmark of the questions of held-out rows; its pool is all sentences of their passages.

    A sentence answers a question if it contains the row's answer in its language; a question whose answer is in no
    sentence is left out.

    Args:
        name: the benchmark's name.
        corpora: the source of questions first; the others give only passages.
        holdout: every Nth passage is held out of training.
        languages: take only these; all when empty.
        limit: the most rows; 0 is all.
        seed: for their draw.

    Raises:
        DataError: no question is left.
    """
    pool: dict[tuple[str, str], int] = {}
    queries: list[Query] = []
    relevant: list[tuple[int, ...]] = []
    for row in drawn_rows(corpora[0].held_out(holdout), limit, seed):
        example = corpora[0].example(row)
        answers = []
        for code, text in example.passage.items():
            if languages and code not in languages:
                continue
            answer = example.answer.get(code, "")
            places = _add(pool, code, text)
            first = next((place for sentence, place in places if answer and answer in sentence), None)
            answers += [] if first is None else [first]
        asked = {code: text for code, text in example.question.items() if not languages or code in languages}
        for code, text in asked.items() if answers else ():
            queries.append(Query(example.id, code, text))
            relevant.append(tuple(answers))
    for corpus in corpora[1:]:
        for row in drawn_rows(corpus.held_out(holdout), limit, seed):
            for code, text in corpus.example(row).passage.items():
                if not languages or code in languages:
                    _add(pool, code, text)
    return _made(name, queries, pool, relevant)


def translations(
    name: str,
    corpora: Sequence[Corpus],
    holdout: int,
    *,
    languages: Sequence[str] = (),
    limit: int = 0,
    seed: int = 0,
) -> Benchmark:
    """A benchmark of held-out bitext: each text is a query for its translations; only `cross` is meaningful.

    Args, raises: as `in_sentences`.
    """
    pool: dict[tuple[str, str], int] = {}
    queries: list[Query] = []
    relevant: list[tuple[int, ...]] = []
    for corpus in corpora:
        for row in drawn_rows(corpus.held_out(holdout), limit, seed):
            example = corpus.example(row)
            texts = {code: text for code, text in example.passage.items() if not languages or code in languages}
            if len(texts) < 2:
                continue
            places = tuple(pool.setdefault((code, text), len(pool)) for code, text in texts.items())
            queries += [Query(example.id, code, text) for code, text in texts.items()]
            relevant += [places] * len(texts)
    return _made(name, queries, pool, relevant)


def _add(pool: dict[tuple[str, str], int], code: str, text: str) -> list[tuple[str, int]]:
    """Add the sentences of a passage to the pool; returns each with its position."""
    found = []
    for start, end in sentences(text, code):
        sentence = text[start:end].strip()
        if len(sentence) >= _LEAST_CHARACTERS:
            found.append((sentence, pool.setdefault((code, sentence), len(pool))))
    return found


def _made(
    name: str, queries: list[Query], pool: dict[tuple[str, str], int], relevant: list[tuple[int, ...]]
) -> Benchmark:
    if not queries:
        raise DataError(
            f"{name} has no rows that are held out of training.", hint="Check that its holdout is that of the recipe."
        )
    candidates = tuple(Candidate(str(place), code, text) for (code, text), place in pool.items())
    return Benchmark(name, tuple(queries), candidates, tuple(relevant))
