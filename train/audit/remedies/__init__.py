"""Ways to reduce a bias, each tried where possible and measured like the audit itself.

Open `trying.py` first: it tries all. `remedy.py` is the result of each, `audited.py` what it is tried on;
`fan_out.py`, `centring.py`, `prompts.py` and `hybrid.py` are the ways.
"""

from .audited import Audited
from .remedy import Figures, Remedy, figures_of
from .trying import remedies

__all__ = ["Audited", "Figures", "Remedy", "figures_of", "remedies"]
