"""A collection of vectors elsewhere as a target: pgvector, Qdrant, Chroma, LanceDB, Milvus, or a file of vectors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from ....engine.encoders import Encoder
from ....engine.stores import Collection, open_collection
from .in_memory import spoken
from .protocol import DEPTH, Answer, Options, Question, TargetError

# Up to so many records each question gets all of them, ranked.
_RANKED_WHOLE = 5_000


def open_target(scheme: str, place: str, options: Options) -> InStore:
    """The collection of a name.

    Raises:
        StoreError: it cannot be reached, there is none, or what it needs is not installed.
        TargetError: nobody says which encoder made its vectors, or that encoder's have another length.
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
    """Asks a collection with an encoder's vectors of the questions.

    Args:
        collection: is closed with this.
        encoder: the one that made its vectors.
        options: told how far it is.
    """

    def __init__(self, collection: Collection, encoder: Encoder, options: Options) -> None:
        self.name = f"{collection.name} with {encoder.name}"
        self.collection = collection
        self._count = collection.count()
        # Of a large collection a whole ranking would be megabytes of text a question.
        self.depth: int | None = None if self._count <= _RANKED_WHOLE else DEPTH
        self.encoder = encoder
        self._options = options
        self._vectors: dict[str, int] = {}
        self._matrix = encoder.encode_query([])

    def prepare(self, questions: Sequence[Question]) -> None:
        """Encode all questions; those that were encoded before come from the cache."""
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
        """How many records each language has; where they do not say, their texts do."""
        found: Counter[str] = Counter()
        for block in self.collection.blocks():
            found.update(code for code in spoken(block.languages, block.texts) if code)
        return dict(found.most_common())

    def close(self) -> None:
        """Let go of the collection."""
        self.collection.close()
