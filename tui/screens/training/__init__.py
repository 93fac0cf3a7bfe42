"""The parts of the screens Train and Runs: the form of a run, that of a sweep, and the rows and curves of runs.

Open `train_form.py` first: the declared settings as a form. They are imported on first use, since Train needs one of
them and Runs the others.
"""

from typing import TYPE_CHECKING

from ....engine.late import late

if TYPE_CHECKING:
    from . import run_curves, runs_told, train_form
    from .sweep import SweepForm

__all__ = ["SweepForm", "run_curves", "runs_told", "train_form"]

__getattr__ = late(__name__, {"SweepForm": ".sweep", "run_curves": ".", "runs_told": ".", "train_form": "."})
