"""The material of an audit: the same questions in several languages, passages, and judgements.

Open `kit.py` first. `bundled.py` has the kit that ships, `writing.py` and `reading.py` make a folder of one and read it
again, `own.py` makes one of a library's own documents, `nonsense.py` makes questions that nothing answers.
"""

from .bundled import bundled_kit
from .kit import Kit, Passage
from .own import own_kit
from .reading import read_kit
from .writing import write_kit

__all__ = ["Kit", "Passage", "bundled_kit", "own_kit", "read_kit", "write_kit"]
