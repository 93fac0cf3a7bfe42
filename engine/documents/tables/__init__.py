"""CSV, TSV, JSON lines and JSON tables: each row is a document, its text in one column."""

from .rows import read_csv, read_json, read_jsonl, read_tsv

__all__ = ["read_csv", "read_json", "read_jsonl", "read_tsv"]
