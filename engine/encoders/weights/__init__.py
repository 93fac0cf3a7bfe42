"""Reads an encoder's weights from disk: files come in, checked numpy arrays go out.

Open `arrays.py` first: memory-mapped tensors and 4-bit blocks; then `base.py` (the layout of a packed base),
`adapter.py` (low-rank adapters) and `head.py` (the affine map after the pooling).
"""

from . import adapter, base, digests, head
from .adapter import card_head
from .architecture import TABLE, Architecture
from .arrays import DenseTable, Floats, SafeTensors, TokenTable, as_float32, canonical, damaged
from .head import BIAS, WEIGHT
from .schema import read_any_json, read_json

__all__ = [
    "BIAS",
    "TABLE",
    "WEIGHT",
    "Architecture",
    "DenseTable",
    "Floats",
    "SafeTensors",
    "TokenTable",
    "adapter",
    "as_float32",
    "base",
    "canonical",
    "card_head",
    "damaged",
    "digests",
    "head",
    "read_any_json",
    "read_json",
]
