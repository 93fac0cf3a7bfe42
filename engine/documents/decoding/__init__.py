"""A file's bytes come in, its text goes out, whatever encoding it was written in.

Open `decoding.py` first: it says in which order encodings are tried. `shapes.py` tells texts from binary files by their
first bytes, `guessing.py` tells the legacy encodings apart, `pieces.py` does it for files too long to be held whole.
"""

from .decoding import Undecodable, clean, decode, known_encoding, without_embedded
from .pieces import decode_pieces
from .shapes import SAMPLE, looks_binary

__all__ = [
    "SAMPLE",
    "Undecodable",
    "clean",
    "decode",
    "decode_pieces",
    "known_encoding",
    "looks_binary",
    "without_embedded",
]
