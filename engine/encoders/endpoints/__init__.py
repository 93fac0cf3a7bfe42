"""Encoders behind endpoints: texts go only to the address in the encoder's name, unit vectors come back.

Open `named.py` first, which parses names. `protocols.py` has an adapter for each kind of endpoint, `http.py` is the
only client, `consent.py` records the endpoints that texts may be sent to, `encoder.py` combines them into an `Encoder`.
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
