"""Formats based on text: a file's bytes come in, its documents go out without the format's markup.

Open `plain.py` first: plain texts and light markups. The others parse notebooks, mail, subtitles, messages of programs
and TeX sources; each is a reader named in `kinds.py`.
"""

from .plain import read_text

__all__ = ["read_text"]
