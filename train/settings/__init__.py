"""Settings of a training run: one frozen object, each setting declared once for all code that shows or reads it.

Open `config.py` first; `setting.py` defines a declaration, `recipes.py` reads files, `removed.py` handles settings of
earlier versions, `fixed.py` holds the constants of all runs, `described.py` lists all settings as records.
"""

from . import fixed
from .calibration import CalibrationSettings
from .config import OTHERS, SAMPLINGS, RunConfig, SourceConfig
from .described import Described, described
from .recipes import (
    BUNDLED,
    FULL_LEARNING_RATE,
    HELD_OUT,
    bundled_pairs,
    filled,
    from_dict,
    load_recipe,
    read_recipe,
    refuse_unset,
)
from .removed import why_removed
from .setting import Setting, settings_of
from .study import StudySettings

__all__ = [
    "BUNDLED",
    "FULL_LEARNING_RATE",
    "HELD_OUT",
    "OTHERS",
    "SAMPLINGS",
    "CalibrationSettings",
    "Described",
    "RunConfig",
    "Setting",
    "SourceConfig",
    "StudySettings",
    "bundled_pairs",
    "described",
    "filled",
    "fixed",
    "from_dict",
    "load_recipe",
    "read_recipe",
    "refuse_unset",
    "settings_of",
    "why_removed",
]
