"""Reads translations of programs (gettext's .po and .pot): each translated message, or the original if it has none."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..building import Builder
from ..decoding import clean, decode
from ..model import Document, Source

_KEYWORD = re.compile(r'^(msgctxt|msgid_plural|msgid|msgstr(?:\[\d{1,2}\])?)[ \t]*(?=")')
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": "\n", "t": "\t", "r": "", "a": "", "b": "", "f": "", "v": ""}


def read_messages(source: Source) -> Iterator[Document]:
    """A paragraph per message; comments, contexts, places in the program and obsolete messages are left out."""
    builder = Builder()
    for entry in _entries(decode(source.data)):
        originals = [entry.get("msgid", ""), entry.get("msgid_plural", "")]
        if not originals[0]:
            continue  # the header
        translated = [text for name, text in entry.items() if name.startswith("msgstr") and text]
        for text in dict.fromkeys(translated or [text for text in originals if text]):
            builder.paragraph(text)
    yield builder.document(source.path)


def _entries(text: str) -> Iterator[dict[str, str]]:
    """Each entry's strings by their keywords."""
    entry: dict[str, list[str]] = {}
    keyword = ""
    for raw in text.split("\n"):
        line = raw.strip()
        if match := _KEYWORD.match(line):
            keyword = match[1]
            if keyword in entry or (keyword in ("msgctxt", "msgid") and any(name[:6] == "msgstr" for name in entry)):
                yield {name: "".join(parts) for name, parts in entry.items()}
                entry = {}
            entry[keyword] = [_unquoted(line[match.end() :])]
        elif line.startswith('"') and keyword:
            entry[keyword].append(_unquoted(line))
        else:
            keyword = ""
    if entry:
        yield {name: "".join(parts) for name, parts in entry.items()}


def _unquoted(quoted: str) -> str:
    inner = quoted[1:-1] if quoted.endswith('"') and len(quoted) > 1 else quoted[1:]
    return clean(_ESCAPE.sub(lambda match: _ESCAPED.get(match[1], match[1]), inner))
