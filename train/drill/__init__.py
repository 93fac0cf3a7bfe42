"""The questions behind one figure of an evaluation, worst first, and what each lost to language.

A benchmark, scores and two languages come in, a `Cell` goes out. Open `cell.py`.
"""

from .cell import Cell, Lost, Scores, by_vectors, by_words, cell

__all__ = ["Cell", "Lost", "Scores", "by_vectors", "by_words", "cell"]
