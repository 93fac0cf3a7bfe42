"""What a language adds to a vector, estimated and taken away.

Vectors with their languages come in, a `Neutraliser` goes out. Open `fitting.py` first; `named.py` is what
`NAME+neutral` means.
"""

from . import fitting
from .fitting import fit
from .named import neutralised

__all__ = ["fit", "fitting", "neutralised"]
