"""Reads benchmark files: queries, a pool of candidates, and relevance.

Open `model.py` first, then `loading.py`, which finds the reader for a layout.
"""

from . import loading
from .demo import text_folders
from .fetch import default_folder, fetch
from .fragments import with_fragments
from .heldout import QUESTIONS, of_pairs, questions
from .layouts import NoBenchmark
from .loading import load
from .model import Benchmark, Candidate, Query
from .paper import systems_on

__all__ = [
    "QUESTIONS",
    "Benchmark",
    "Candidate",
    "NoBenchmark",
    "Query",
    "default_folder",
    "fetch",
    "load",
    "loading",
    "of_pairs",
    "questions",
    "systems_on",
    "text_folders",
    "with_fragments",
]
