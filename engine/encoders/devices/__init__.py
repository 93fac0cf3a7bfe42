"""Encodes with torch on a device, in large batches and without idle time.

Open `loading.py` first, then `encoder.py`, which is the `Encoder`. `bert.py` runs the networks of the light path, over
tokens laid end to end without padding (`layout.py`, `packed.py`, `attention.py`); `foreign.py` runs any other
SentenceTransformer. `pipeline.py` keeps the device busy: threads prepare later texts and copy earlier vectors back
while it computes.
"""

from .encoder import DeviceEncoder
from .loading import load
from .pipeline import encode as encode_through

__all__ = ["DeviceEncoder", "encode_through", "load"]
