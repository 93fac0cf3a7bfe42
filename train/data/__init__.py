"""Files to training pairs.

Paths come in, a `Corpus` of pairs and the texts of each batch go out, without what overlaps a benchmark. Open
`prepared.py` first, then `readers.py` (formats), `corpora.py` (the flat files), `texts.py` (from picks to texts) and
`leakage.py` (the guard).
"""

from .corpora import open_corpus
from .pairs import Corpus
from .prepared import RunData, prepare
from .siblings import Sentences
from .spans import fragment
from .texts import Texts

__all__ = ["Corpus", "RunData", "Sentences", "Texts", "fragment", "open_corpus", "prepare"]
