"""Estimates and removes what a language adds to a vector.

Vectors with their languages come in, a `Neutraliser` goes out. Open `neutraliser.py` first: it removes what a language
adds; `fitting.py` estimates that, `onnx_graph.py` writes it as a graph, `named.py` implements `NAME+neutral`.
"""

from .by_file import Affine, CorrectedEncoder, Correction, folder, queries_of
from .by_file import load as load_corrected
from .encoder import NeutralEncoder
from .fitting import Method
from .named import neutralised
from .neutraliser import Neutraliser, fit

__all__ = [
    "Affine",
    "CorrectedEncoder",
    "Correction",
    "Method",
    "NeutralEncoder",
    "Neutraliser",
    "fit",
    "folder",
    "load_corrected",
    "neutralised",
    "queries_of",
]
