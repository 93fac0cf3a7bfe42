"""Lists training runs on this machine: each run, each averaged or calibrated encoder, and each sweep of alpha.

Open `model.py` first: it says what a row holds. `listing.py` finds the rows, `following.py` reads a run's journal,
`sweeps.py` reads the studies, `removing.py` deletes.
"""

from .following import Followed, thinned
from .listing import find, listed
from .model import AVERAGED, CALIBRATED, DONE, RUNNING, STOPPED, TRAINED, Run, differing
from .removing import delete
from .sweeps import Sweep, sweep_folder, sweeps

__all__ = [
    "AVERAGED",
    "CALIBRATED",
    "DONE",
    "RUNNING",
    "STOPPED",
    "TRAINED",
    "Followed",
    "Run",
    "Sweep",
    "delete",
    "differing",
    "find",
    "listed",
    "sweep_folder",
    "sweeps",
    "thinned",
]
