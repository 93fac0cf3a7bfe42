"""The material of an audit: the same questions in several languages, passages, and judgements.

Open `kit.py` first. `bundled.py` has the kit that ships, `files.py` writes and reads one as a folder, `own.py` makes
one of a library's own documents, `nonsense.py` makes questions that nothing answers.
"""

from .bundled import bundled_kit
from .files import read_kit, write_kit
from .kit import Kit, Passage
from .own import own_kit

__all__ = ["Kit", "Passage", "bundled_kit", "own_kit", "read_kit", "write_kit"]
