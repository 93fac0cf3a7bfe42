"""The retrieval engine turns documents into passages, vectors and rankings; imports nothing from `train` or `tui`.

Open `library/` first: everything else is used through it. Data flows documents → passages → ingest → store, and back
through search.
"""

from .quiet import switch_off

switch_off()
