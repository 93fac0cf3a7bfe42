"""Reads collections with separate files of topics and judgements, in MIRACL's and BEIR's layouts.

A folder comes in, a `Benchmark` goes out. Open `collection.py` first; `places.py` finds the files and `judgements.py`
reads the judgements.
"""

from .collection import read_collection
from .judgements import read_judgements
from .places import is_collection, split

__all__ = ["is_collection", "read_collection", "read_judgements", "split"]
