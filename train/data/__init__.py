"""Files to training pairs.

Paths come in, a `Corpus` of pairs and the texts of each batch go out, without what overlaps a benchmark. Open
`prepared.py` first, then `readers.py` (formats), `corpora.py` (the flat files), `texts.py` (from picks to texts) and
`leakage.py` (the guard; `overlaps.py` says what it found).
"""

from . import squad
from .corpora import open_corpus
from .file_names import language_in, languages_of
from .leakage import Guard
from .overlaps import Overlap, Overlaps
from .pairs import Corpus
from .prepared import RunData, prepare
from .siblings import Sentences
from .spans import fragment
from .texts import Texts

__all__ = [
    "Corpus",
    "Guard",
    "Overlap",
    "Overlaps",
    "RunData",
    "Sentences",
    "Texts",
    "fragment",
    "language_in",
    "languages_of",
    "open_corpus",
    "prepare",
    "squad",
]
