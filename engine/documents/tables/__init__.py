"""A table (CSV, TSV, JSON lines or JSON) comes in; each of its rows goes out as a document.

Open `rows.py` first. `sniffing.py` finds the delimiter and the header, `separated.py` splits records into cells,
`json_rows.py` finds rows in JSON, `columns.py` chooses the column that holds the text.
"""

from .rows import read_csv, read_json, read_jsonl, read_tsv

__all__ = ["read_csv", "read_json", "read_jsonl", "read_tsv"]
