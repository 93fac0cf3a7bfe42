"""Reads public formats of training data into examples: JSON lines, tables, TMX, SQuAD, the hub's data sets.

A path comes in, examples go out, row by row; a broken row is reported and left out. Open `readers.py` first, then
`rows.py` (one row in any layout), `tables.py` and `squad.py`; `file_names.py` finds a file's languages in its name.
"""

from . import squad
from .file_names import known_code, language_in, languages_of
from .readers import content_key, read
from .rows import BrokenRow, example_of

__all__ = ["BrokenRow", "content_key", "example_of", "known_code", "language_in", "languages_of", "read", "squad"]
