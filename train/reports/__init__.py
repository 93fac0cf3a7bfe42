"""An evaluation as a folder to read and pass on: report.md, results.json and pictures.

Open `report.py` first; `svg.py` draws.
"""

from . import svg
from .report import write_report

__all__ = ["svg", "write_report"]
