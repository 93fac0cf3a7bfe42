"""Tries ways to reduce a bias and measures them like the audit itself.

Open `trying.py` first: it tries all. `remedy.py` has the result of each, `audited.py` the target that it is tried on;
`fan_out.py`, `centring.py`, `prompts.py` and `hybrid.py` are the remedies.
"""

from .audited import Audited
from .remedy import Figures, Remedy, figures_of
from .trying import remedies

__all__ = ["Audited", "Figures", "Remedy", "figures_of", "remedies"]
