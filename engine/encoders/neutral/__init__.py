"""What a language adds to a vector, estimated and taken away.

Vectors with their languages come in, a `Neutraliser` goes out. Open `fitting.py` first; `named.py` is what
`NAME+neutral` means.
"""

from .fitting import NeutralEncoder, Neutraliser, fit
from .named import neutralised

__all__ = ["NeutralEncoder", "Neutraliser", "fit", "neutralised"]
