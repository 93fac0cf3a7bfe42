"""Files of every kind: each gives documents whose parts fit their text, or the reason why it cannot be read."""

from __future__ import annotations

import bz2
import gzip
import itertools
import lzma
from pathlib import Path
from random import Random

from hybrid_search.engine.documents import Document, read
from hybrid_search.engine.documents.kinds import KINDS
from hybrid_search.engine.errors import UnreadableDocument
from hybrid_search.engine.passages import split

from tests.conftest import KeywordEncoder

from ..mutating import mutated, mutated_json, mutated_zip
from ..running import Attempt, Wrong
from ..seeds import documents

_PACKING = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}
_ZIPPED = (".docx", ".pptx", ".xlsx", ".odt", ".ods", ".odp", ".epub")
_JSON = (".json", ".jsonl", ".ipynb")
# Cutting more text than this into passages takes seconds.
_CUT = 60_000


def prepare(folder: Path) -> tuple[Attempt, tuple[type[BaseException], ...]]:
    """Small files of every kind, mutated; only `UnreadableDocument` may be raised."""
    seeds = documents(folder)
    suffixes = sorted(seeds)
    every = [suffix for kind in KINDS for suffix in kind.suffixes]
    counter = KeywordEncoder()

    def attempt(chance: Random, place: Path) -> None:
        suffix = chance.choice(suffixes)
        others = [data for data, _ in zip(itertools.chain(*seeds.values()), range(60), strict=False)]
        data = _mutated(chance.choice(seeds[suffix]), suffix, chance, [*seeds[suffix], *chance.sample(others, 2)])
        name = suffix if chance.random() < 0.9 else chance.choice(every)
        if chance.random() < 0.05:
            packing = chance.choice(list(_PACKING))
            data = _PACKING[packing](data)
            data = mutated(data, chance) if chance.random() < 0.3 else data
            name += packing
        path = place / f"input{name}"
        path.write_bytes(data)
        column = chance.choice(("", "text", "x"))
        try:
            for document in read(path, text_column=column or None):
                _sound(document)
                if len(document.text) < _CUT:
                    _cut(document, counter)
        except UnreadableDocument as error:
            # The guard around all readers hides unexpected errors; here they are findings.
            if "its reader failed" in str(error) and error.__cause__ is not None:
                raise error.__cause__ from None
            raise

    return attempt, (UnreadableDocument,)


def _mutated(data: bytes, suffix: str, chance: Random, others: list[bytes]) -> bytes:
    if suffix in _ZIPPED:
        return mutated_zip(data, chance, others)
    if suffix in _JSON:
        return mutated_json(data, chance, others)
    return mutated(data, chance, others)


def _sound(document: Document) -> None:
    text = document.text
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text) or "\r" in document.title:
        raise Wrong("text: NUL, a lone surrogate or a line end of another kind")
    last = 0
    for heading in document.headings:
        if not last <= heading.start <= len(text) or not heading.title.strip() or not heading.level >= 1:
            raise Wrong(f"heading: {heading} of {len(text)} characters, after {last}")
        last = heading.start


def _cut(document: Document, counter: KeywordEncoder) -> None:
    spans = split(document, counter.count_tokens)
    for span in spans:
        if not 0 <= span.start < span.end <= len(document.text) or not document.text[span.start : span.end].strip():
            raise Wrong(f"passage: {span.start} to {span.end} of {len(document.text)} characters")
