"""The retrieval engine: documents to passages to vectors to rankings; knows neither training nor screens.

Open `library/` first: it is what everybody uses. Data flows documents → passages → ingest → store, and back through
search.
"""

from .quiet import switch_off

switch_off()
