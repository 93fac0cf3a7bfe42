"""Scores benchmarks by methods without vectors: lexical search (`words.py`), fusion and reranking (`columns.py`)."""

from .columns import scorer as by_column
from .words import scorer as by_words

__all__ = ["by_column", "by_words"]
