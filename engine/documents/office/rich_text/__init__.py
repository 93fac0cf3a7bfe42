"""RTF: bytes come in, a document or a builder with its paragraphs goes out.

Open `reading.py` first: one pass over the file's words (`words.py`), assembled by `assembly.py`.
"""

from .reading import read_rtf, rtf_builder

__all__ = ["read_rtf", "rtf_builder"]
