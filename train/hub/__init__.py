"""Encoders to the Hugging Face hub: a name comes in, its folder with a whole card goes up, or into a folder to look at.

Open `pushing.py`; `reports.hub_card` makes what the hub reads of the card.
"""

from .pushing import Pushed, push, sizes, write_folder

__all__ = ["Pushed", "push", "sizes", "write_folder"]
