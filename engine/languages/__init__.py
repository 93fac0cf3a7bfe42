"""Detects the language of a text, names languages, and matches language tags.

Texts, tags and names come in, codes go out. Open `detection.py` first; `names.py` and `tags.py` need no model.
"""

from .detection import CANDIDATES, Detected, detect, detect_many, detect_question, prepare, script_of
from .names import UNDETERMINED, name, native_name
from .tags import chosen, code_of, matching

__all__ = [
    "CANDIDATES",
    "UNDETERMINED",
    "Detected",
    "chosen",
    "code_of",
    "detect",
    "detect_many",
    "detect_question",
    "matching",
    "name",
    "native_name",
    "prepare",
    "script_of",
]
