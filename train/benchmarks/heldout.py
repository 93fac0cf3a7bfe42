"""Makes benchmarks of pairs: rows that a recipe holds out, or the caller's own; the pool is their whole passages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...engine.errors import DataError
from ..data import Corpus, drawn_rows, open_corpus
from ..settings import OTHERS, RunConfig, load_recipe, refuse_unset
from .model import Benchmark, Candidate, Query

if TYPE_CHECKING:
    from ..data import ParallelPairs

QUESTIONS, BITEXT = "held-out", "held-out-bitext"


def read(name: str, recipe: Path | None, *, languages: Sequence[str] = (), limit: int = 0, seed: int = 0) -> Benchmark:
    """A named benchmark of the rows that a recipe holds out.

    Args:
        name: `held-out` or `held-out-bitext`.
        recipe: the recipe's file.
        languages: take only these; all when empty.
        limit: the most rows of a source; 0 is all.
        seed: for the draw of rows.

    Raises:
        DataError: there is no recipe, data are missing, or no rows are held out.
    """
    if recipe is None:
        raise DataError(f"{name} needs to know which rows were held out.", hint="Name the recipe with --data.")
    config = load_recipe(recipe, languages=dict.fromkeys(languages, 1.0) | ({OTHERS: 0.0} if languages else {}))
    refuse_unset(config)
    corpora = [open_corpus(source) for source in config.sources]
    return (questions if name == QUESTIONS else bitext)(config, corpora, limit, seed)


def questions(config: RunConfig, corpora: Sequence[Corpus], limit: int, seed: int = 0) -> Benchmark:
    """Held-out questions, and a pool of their whole passages.

    Args:
        config: has the holdout of each source and the languages.
        corpora: its sources.
        limit: the most rows of a source; 0 is all.
        seed: for the draw of rows.

    Raises:
        DataError: no source of questions holds rows out.
    """
    return _benchmark(QUESTIONS, config, corpora, limit, seed, of_bitext=False)


def bitext(config: RunConfig, corpora: Sequence[Corpus], limit: int, seed: int = 0) -> Benchmark:
    """Held-out sentences, and a pool of all their translations; each finds itself, so only `cross` is meaningful.

    Args, raises: as `questions`.
    """
    return _benchmark(BITEXT, config, corpora, limit, seed, of_bitext=True)


def of_pairs(pairs: ParallelPairs, limit: int = 0, seed: int = 0, *, languages: Sequence[str] = ()) -> Benchmark:
    """A benchmark of parallel pairs: their questions, and a pool of their whole passages.

    Args:
        pairs: the pairs; rows that are left out of training are left out here, too.
        limit: the most rows of a source; 0 is all.
        seed: for the draw of rows.
        languages: take only these; all when empty.

    Raises:
        DataError: there are no rows, or the pairs have no text in one of the languages.
    """
    missing = [code for code in languages if code not in pairs.languages]
    if missing:
        raise DataError(f"The pairs have no text in {missing[0]!r}.", hint=f"They have {', '.join(pairs.languages)}.")
    queries: list[Query] = []
    pool: list[Candidate] = []
    relevant: list[tuple[int, ...]] = []
    for corpus, integers in zip(pairs.sources.corpora, pairs.pools, strict=True):
        rows = drawn_rows(integers.keep, limit, seed)
        _add(corpus, rows, set(languages or pairs.languages), queries, pool, relevant)
    return Benchmark("pairs", tuple(queries), tuple(pool), tuple(relevant))


def _benchmark(
    name: str, config: RunConfig, corpora: Sequence[Corpus], limit: int, seed: int, *, of_bitext: bool
) -> Benchmark:
    queries: list[Query] = []
    pool: list[Candidate] = []
    relevant: list[tuple[int, ...]] = []
    for corpus, source in zip(corpora, config.sources, strict=True):
        if corpus.bitext != of_bitext or not source.holdout:
            continue
        rows = drawn_rows(corpus.held_out(source.holdout), limit, seed)
        _add(corpus, rows, set(config.only_languages), queries, pool, relevant)
    if not queries:
        raise DataError(
            f"No {'sentences of bitext' if of_bitext else 'questions'} are held out: there is nothing to measure on.",
            hint="Give a source a holdout, or name a benchmark.",
        )
    return Benchmark("pairs", tuple(queries), tuple(pool), tuple(relevant))


def _add(
    corpus: Corpus,
    rows: Sequence[int],
    languages: set[str],
    queries: list[Query],
    pool: list[Candidate],
    relevant: list[tuple[int, ...]],
) -> None:
    """Add the rows' questions and passages; equal passages share a place in the pool."""
    places: dict[tuple[str, str], int] = {}
    for row in rows:
        example = corpus.example(row)
        answers = []
        for code, text in example.passage.items():
            if languages and code not in languages:
                continue
            key = (code, text)
            if key not in places:
                places[key] = len(pool)
                pool.append(Candidate(f"{example.id}-{code}", code, text))
            answers.append(places[key])
        for code, text in example.question.items():
            if answers and (not languages or code in languages):
                queries.append(Query(example.id, code, text))
                relevant.append(tuple(answers))
