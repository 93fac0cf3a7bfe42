"""The widgets that the screens are made of; those that draw figures are in `charts/`.

Open `results.py` first: a ranked list.
"""

from .ask_bar import AskBar, QueryInput, QueryLanguage
from .column import Column
from .columns import Columns
from .detail import Detail
from .frame import MODES, Footing, Keys, Masthead, State, follow_theme
from .job_panel import JobPanel
from .marks import Marks
from .passage_view import PassageView
from .question import Question
from .results import Hit, Results
from .starters import Starters
from .switches import Switch, Switches, Translations

__all__ = [
    "MODES",
    "AskBar",
    "Column",
    "Columns",
    "Detail",
    "Footing",
    "Hit",
    "JobPanel",
    "Keys",
    "Marks",
    "Masthead",
    "PassageView",
    "QueryInput",
    "QueryLanguage",
    "Question",
    "Results",
    "Starters",
    "State",
    "Switch",
    "Switches",
    "Translations",
    "follow_theme",
]
