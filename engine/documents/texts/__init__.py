"""Formats that are text themselves: a file's bytes come in, its documents without the format's own marks go out.

Open `plain.py` first: texts as they are and the light markups. The others take a notebook, mail, subtitles, messages
of a program or a TeX source apart; each is a reader named in `kinds.py`.
"""

from .plain import read_text

__all__ = ["read_text"]
