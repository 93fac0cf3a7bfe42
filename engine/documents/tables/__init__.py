"""A table (CSV, TSV, JSON lines or JSON) comes in; each of its rows goes out as a document.

Open `rows.py` first. `sniffing.py` finds the delimiter and the header, `separated.py` splits records into cells,
`json_rows.py` finds rows in JSON, `columns.py` chooses the column that holds the text, `parallel.py` finds those that
hold it in other languages.
"""

from .parallel import by_language
from .rows import read_csv, read_json, read_jsonl, read_tsv

__all__ = ["by_language", "read_csv", "read_json", "read_jsonl", "read_tsv"]
