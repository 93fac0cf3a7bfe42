"""One reader per file kind: path to text with its structure."""
