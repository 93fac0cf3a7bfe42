"""Take what languages add out of stored vectors: `python neutralise_vectors.py VECTORS.npy LANGUAGES OUT.npy`.

VECTORS.npy has unit vectors of passages, shape (n, dimension); LANGUAGES has a code a line, in the same order. Beside
OUT.npy an ONNX graph is written that does the same to new vectors.
"""

import sys
from pathlib import Path

import numpy as np
from hybrid_search import Neutraliser, measures


def share_of_own(vectors: np.ndarray, languages: list[str]) -> float:
    """How many of the ten nearest vectors of each vector, itself left out, are in its language."""
    scores = vectors @ vectors.T
    np.fill_diagonal(scores, -np.inf)
    rankings = measures.Rankings.from_scores(scores, languages=languages, query_languages=languages)
    return rankings.figure(measures.own_language_share(rankings, 10))


def main(vectors: str, languages: str, out: str) -> None:
    """Write neutral vectors, and say what it changed."""
    given = np.load(vectors)
    codes = Path(languages).read_text("utf-8").split()
    neutraliser = Neutraliser.fit(given, codes)
    neutral = neutraliser.apply(given, codes)
    np.save(out, neutral)
    order = neutraliser.to_onnx(Path(out).with_suffix(".onnx"))
    print(f"own language among the ten nearest: {share_of_own(given, codes):.0%} before, ", end="")
    print(f"{share_of_own(neutral, codes):.0%} after; languages of the graph: {' '.join(order)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
