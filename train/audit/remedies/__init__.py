"""What would mend a bias, each way tried on the spot where it can be, and measured as the audit itself is.

Open `trying.py` first: the ways in turn. `remedy.py` is what each gives, `audited.py` what it is tried on;
`fan_out.py`, `centring.py`, `prompts.py` and `hybrid.py` are the ways.
"""

from .audited import Audited
from .remedy import Figures, Remedy, figures_of
from .trying import remedies

__all__ = ["Audited", "Figures", "Remedy", "figures_of", "remedies"]
