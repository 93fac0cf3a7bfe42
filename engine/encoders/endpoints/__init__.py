"""Encoders behind endpoints: a name comes in, texts go to the address in it and nowhere else, unit vectors come back.

Open `named.py` first: what a name says. `protocols.py` has an adapter for each kind of endpoint, `http.py` is the one
client, `consent.py` keeps to whom anything may be sent, `encoder.py` joins them to an `Encoder`.
"""

from .consent import keep, kept, remember, withheld
from .encoder import EndpointEncoder, load
from .http import Client
from .keys import key_of
from .named import is_endpoint, parse
from .reranking import reranker

__all__ = [
    "Client",
    "EndpointEncoder",
    "is_endpoint",
    "keep",
    "kept",
    "key_of",
    "load",
    "parse",
    "remember",
    "reranker",
    "withheld",
]
