"""Weights to the ONNX graph that runs them.

numpy weights come in, a graph file in the cache goes out. Open `building.py` first; `cache.py` keeps and verifies what
was built, `bfloat.py` runs it in bf16, `probing.py` holds the sentences by which int8 is scaled, `standard.py` writes
one file for other runtimes.
"""

from . import bfloat, building, cache, standard, states
from .building import VERSION
from .probing import SENTENCES

__all__ = ["SENTENCES", "VERSION", "bfloat", "building", "cache", "standard", "states"]
