"""Words for the full-text index: how they are folded, cut into terms, and asked for."""

from .expressions import OTHERS_WEIGHT, Wanted, parse
from .terms import VERSION, tokens

__all__ = ["OTHERS_WEIGHT", "VERSION", "Wanted", "parse", "tokens"]
