"""Encoding with torch on a device, in large batches and without idle time.

Open `loading.py` first, then `encoder.py`, which is the `Encoder`. `bert.py` runs what the light path can run, over
tokens that are laid end to end without padding (`layout.py`, `packed.py`, `attention.py`); `foreign.py` runs any other
SentenceTransformer. `pipeline.py` keeps the device busy: threads prepare texts ahead of it, and vectors are copied back
behind it.
"""

from .encoder import DeviceEncoder
from .loading import load
from .pipeline import encode as encode_through

__all__ = ["DeviceEncoder", "encode_through", "load"]
