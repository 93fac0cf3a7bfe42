"""Writes an evaluation as a folder to read and share, and the header of an encoder's card.

Open `report.py` first: it writes report.md, results.json and pictures; `svg.py` draws. `hub_card.py` handles cards.
"""

from . import hub_card, svg
from .report import write_report

__all__ = ["hub_card", "svg", "write_report"]
