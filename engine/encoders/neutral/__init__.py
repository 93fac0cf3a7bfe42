"""What a language adds to a vector, estimated and taken away.

Vectors with their languages come in, a `Neutraliser` goes out. Open `neutraliser.py` first: what is taken away and how;
`fitting.py` estimates it, `onnx_graph.py` writes it as a graph, `named.py` is what `NAME+neutral` means.
"""

from .encoder import NeutralEncoder
from .named import neutralised
from .neutraliser import Neutraliser, fit

__all__ = ["NeutralEncoder", "Neutraliser", "fit", "neutralised"]
