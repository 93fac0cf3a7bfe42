"""Measures of an encoder's space, from any vectors: how close translations are, and how much language matters."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from ....engine.encoders import vectors_of
from ....engine.errors import DataError, several, whole
from ..alignment import Alignment, align


def alignment(
    vectors: ArrayLike, languages: Sequence[str], sentences: Sequence[Hashable], *, seed: int = 0
) -> Alignment:
    """How an encoder places translations: alignment, uniformity, translation retrieval, language gap and probe.

    alignment = E |x - y|^2 over translations x, y; uniformity = log E exp(-2 |x - y|^2) over distinct sentences;
    translation retrieval: the share of sentences whose nearest sentence in another language is their translation;
    language gap: the mean cosine of unrelated sentences in one language minus that of sentences in two; probe: the
    accuracy of a linear probe that predicts the language from an unseen vector, and of always guessing the commonest
    language.

    Args:
        vectors: unit vectors, shape (n, dimension).
        languages: a code for each vector.
        sentences: a key for each vector, such as an id, that translations share. Of two with the same key and language,
            the first counts.
        seed: for the samples.

    Returns:
        Squared distance, logarithm, shares and cosine; `figures()` has them by the registry's keys.

    Raises:
        DataError: a shape does not fit, or fewer than ten sentences are in two languages.

    Source:
        Wang and Isola, arXiv 2005.10242 (alignment, uniformity); Tatoeba, arXiv 1812.10464 (translation retrieval);
        this project (the rest).

    >>> import numpy as np
    >>> from hybrid_search import measures
    >>> meaning = np.eye(12)
    >>> found = measures.alignment(np.vstack([meaning, meaning]), ["en"] * 12 + ["de"] * 12, [*range(12)] * 2)
    >>> found.alignment, found.retrieval_mean, round(found.same_language_gap, 6)
    (0.0, 1.0, 0.0)

    """
    pool, languages, sentences = (
        vectors_of(vectors),
        several(languages, "languages", str),
        several(sentences, "sentences"),
    )
    if pool.ndim != 2 or not len(pool) == len(languages) == len(sentences):
        raise DataError(
            f"Vectors of shape {pool.shape}, {len(languages)} languages and {len(sentences)} sentences do not fit.",
            hint="Expected: shape (n, dimension), and a language and a sentence for each.",
        )
    codes = tuple(sorted(set(languages)))
    index = {code: place for place, code in enumerate(codes)}
    rows: dict[Hashable, list[int]] = {}
    for row, (code, sentence) in enumerate(zip(languages, sentences, strict=True)):
        line = rows.setdefault(sentence, [-1] * len(codes))
        if line[index[code]] < 0:
            line[index[code]] = row
    parallel = [line for line in rows.values() if sum(row >= 0 for row in line) > 1]
    return align(
        pool,
        np.array([index[code] for code in languages], dtype=np.int64),
        codes,
        np.array(parallel, dtype=np.int64).reshape(-1, len(codes)),
        "What was given",
        whole(seed, "seed"),
    )
