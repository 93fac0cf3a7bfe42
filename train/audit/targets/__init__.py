"""Retrievers under audit: what a person writes for one comes in, a `Target` that can be asked goes out.

Open `protocol.py` first. `opening.py` knows the kinds: each is a module with `open_target(scheme, place, options)`.
`answers.py` reads what functions, commands and servers answer.
"""

from .by_encoder import ByEncoder
from .in_library import InLibrary
from .opening import SCHEMES, open_target
from .protocol import DEPTH, FIELDS, Answer, Options, Question, Target, TargetError

__all__ = [
    "DEPTH",
    "FIELDS",
    "SCHEMES",
    "Answer",
    "ByEncoder",
    "InLibrary",
    "Options",
    "Question",
    "Target",
    "TargetError",
    "open_target",
]
