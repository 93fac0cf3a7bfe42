"""Uploads encoders to the Hugging Face hub with a complete card, or writes what would be uploaded to a folder.

Open `pushing.py`; `reports.hub_card` makes the card's header, which the hub reads.
"""

from .pushing import Pushed, push, sizes, write_folder

__all__ = ["Pushed", "push", "sizes", "write_folder"]
