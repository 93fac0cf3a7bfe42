"""A collection in a vector store as a target: pgvector, Qdrant, Chroma, LanceDB, Milvus, or a file of vectors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from ....engine.encoders import Encoder
from ....engine.stores import Collection, open_collection
from .in_memory import spoken
from .protocol import DEPTH, Answer, Options, Question, TargetError

# Collections up to this many records are ranked in full for each question.
_RANKED_WHOLE = 5_000


def open_target(scheme: str, place: str, options: Options) -> InStore:
    """The target of a collection's name.

    Raises:
        StoreError: the collection cannot be reached, does not exist, or a package it needs is not installed.
        TargetError: no encoder is named, or its vectors have another dimension than the collection's.
    """
    collection = open_collection(f"{scheme}:{place}")
    try:
        if not options.encoder:
            raise TargetError(
                f"{collection.name} stores vectors; which encoder made them?",
                hint="Name it with --encoder, such as openai:text-embedding-3-small or a folder.",
            )
        if options.load is None:
            raise TargetError(f"The encoder {options.encoder} cannot be loaded here.")
        encoder = options.load(options.encoder)
        if encoder.dimension != collection.dimension:
            raise TargetError(
                f"{collection.name} has vectors of {collection.dimension:,} numbers, {encoder.name} gives "
                f"{encoder.dimension:,}, so it did not make them.",
                hint="Name the encoder that made them with --encoder.",
            )
        return InStore(collection, encoder, options)
    except BaseException:
        collection.close()
        raise


class InStore:
    """Searches a collection with an encoder's vectors of the questions.

    Args:
        collection: `close` closes it.
        encoder: the one that made its vectors.
        options: `progress` is called while encoding.
    """

    def __init__(self, collection: Collection, encoder: Encoder, options: Options) -> None:
        self.name = f"{collection.name} with {encoder.name}"
        self.collection = collection
        self._count = collection.count()
        # A whole ranking of a large collection would be megabytes of text per question.
        self.depth: int | None = None if self._count <= _RANKED_WHOLE else DEPTH
        self.encoder = encoder
        self._options = options
        self._vectors: dict[str, int] = {}
        self._matrix = encoder.encode_query([])

    def prepare(self, questions: Sequence[Question]) -> None:
        """Encode all questions; cached vectors are reused."""
        from ...measure import encode

        self._vectors = {question.id: row for row, question in enumerate(questions)}
        texts = [question.text for question in questions]
        self._matrix = encode(self.encoder, "queries", texts, self._options.progress)

    def ask(self, question: Question, k: int) -> Sequence[Answer]:
        """The first k records, as the store ranks them."""
        row = self._vectors.get(question.id)
        vector = self.encoder.encode_query([question.text])[0] if row is None else self._matrix[row]
        return [
            Answer(found.id, found.text, found.source, found.language, found.score)
            for found in self.collection.nearest(vector, min(k, max(1, self._count)))
        ]

    def languages(self) -> Mapping[str, int]:
        """How many records each language has; a language that is not stored is detected from the text."""
        found: Counter[str] = Counter()
        for block in self.collection.blocks():
            found.update(code for code in spoken(block.languages, block.texts) if code)
        return dict(found.most_common())

    def close(self) -> None:
        """Close the collection."""
        self.collection.close()
