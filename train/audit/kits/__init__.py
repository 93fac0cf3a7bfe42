"""The material of an audit: the same questions in several languages, passages, and judgements.

Open `kit.py` first. `bundled.py` loads the bundled kit, `writing.py` and `reading.py` write a kit to a folder and read
it, `own.py` makes a kit from a library's documents, `nonsense.py` makes questions without answers.
"""

from .bundled import bundled_kit
from .kit import Kit, Passage
from .own import own_kit
from .reading import read_kit
from .writing import write_kit

__all__ = ["Kit", "Passage", "bundled_kit", "own_kit", "read_kit", "write_kit"]
