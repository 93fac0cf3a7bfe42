"""What programs may rely on: the JSON of commands and agents' tools, its schemas, and the events of long work.

`shapes.py` builds JSON schemas, `forms.py` turns the engine's results into JSON, `answers.py` has the schema of every
command's `--json`, `measured.py` those of what `evaluate` prints, `events.py` the events of `--jsonl`.
"""

from . import shapes
from .answers import ANSWERS, VERSION
from .audited import AUDIT, ESTIMATE
from .events import EVENTS, event, schemas
from .forms import COMPARISON, HIT, LANGUAGE, SHARE, comparison_form, hit_form, sentences

__all__ = [
    "ANSWERS",
    "AUDIT",
    "COMPARISON",
    "ESTIMATE",
    "EVENTS",
    "HIT",
    "LANGUAGE",
    "SHARE",
    "VERSION",
    "comparison_form",
    "event",
    "hit_form",
    "schemas",
    "sentences",
    "shapes",
]
