"""A file's bytes come in, its text goes out, whatever its encoding.

Open `decoding.py` first: it says in which order encodings are tried. `shapes.py` tells texts from binary files by their
first bytes, `guessing.py` tells the legacy encodings apart, `pieces.py` decodes files that are too long to be held in
memory.
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
