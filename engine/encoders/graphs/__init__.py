"""Turns weights into the ONNX graph that runs them.

numpy weights come in, a graph file in the cache goes out. Open `building.py` first; `cache.py` stores and verifies
graphs, `bfloat.py` runs them in bf16, `probing.py` holds the sentences that calibrate int8, `standard.py` writes one
file for other runtimes.
"""

from . import bfloat, building, cache, standard, states
from .building import VERSION
from .probing import SENTENCES

__all__ = ["SENTENCES", "VERSION", "bfloat", "building", "cache", "standard", "states"]
