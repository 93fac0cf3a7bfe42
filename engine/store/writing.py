"""Writing to a library's SQLite database: files whole in one transaction, vectors in batches, unused rows removed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count

from ..encoders import Vectors
from ..lexical import terms_of
from .failing import in_words
from .filing import Filing, Tally
from .judgements import moved
from .reading import TEXT_BITS, Reading, words_version
from .records import EncoderRow, IndexFile, KnownFile, NewFile, NewPassage, digest_of, packed
from .sums import sum_of, vector_sum


@in_words
class Store(Reading):
    """A library's database, asked and changed. Changes are made by the one who holds the writer's lock.

    Every method raises LibraryError where the database is damaged, in use or on a full disk, and then has no effect.
    """

    @contextmanager
    def changing(self) -> Iterator[None]:
        """A transaction that readers notice."""
        with self.connection.transaction():
            yield
            self.connection.execute("UPDATE facts SET value = value + 1 WHERE name = 'revision'")

    def set_fact(self, name: str, value: str) -> None:
        """Remember a fact about the library itself."""
        self.connection.execute("INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)", (name, value))

    # -- folders and files

    def add_folder(self, path: str) -> None:
        """Remember a folder as indexed, unless it lies in one that is; it takes the place of those that lie in it."""
        with self.changing():
            for other in self.folders():
                if path == other or path.startswith(other.rstrip("/") + "/"):
                    return
                if other.startswith(path.rstrip("/") + "/"):
                    self.connection.execute("DELETE FROM folders WHERE path = ?", (other,))
            self.connection.execute("INSERT INTO folders (path) VALUES (?)", (path,))

    def forget_folder(self, path: str) -> None:
        """Forget that a folder and those in it were indexed; their files stay until they are taken out."""
        bare = path.rstrip("/")
        with self.changing():
            self.connection.execute(
                "DELETE FROM folders WHERE path = ? OR (path >= ? AND path < ?)", (path, bare + "/", bare + "0")
            )
            self.connection.execute(
                "DELETE FROM failures WHERE path = ? OR (path >= ? AND path < ?)", (path, bare + "/", bare + "0")
            )

    def put_files(
        self, files: Iterable[tuple[NewFile, KnownFile | None]], gone: Sequence[KnownFile] = ()
    ) -> list[Tally]:
        """Store files, each in place of what was known of it, and take out those that are gone: all or nothing.

        Documents of a file whose part and text are as before keep their passages. Returns what each file was found to
        hold.
        """
        tallies: list[Tally] = []
        with self.changing():
            files = list(files)
            self._take_out(gone, [file for file, _ in files])
            for file, known in files:
                filing = Filing(self, file, known)
                for document in file.documents:
                    filing.put(document)
                tallies.append(filing.close(file.failure))
        return tallies

    @contextmanager
    def filing(self, file: NewFile, known: KnownFile | None, gone: Sequence[KnownFile] = ()) -> Iterator[Filing]:
        """Store a file that is too long to be held, in one transaction; the caller puts its documents and closes it.

        Should anything be raised inside, nothing has happened.
        """
        with self.changing():
            self._take_out(gone, [file])
            yield Filing(self, file, known)

    def put_passages(self, document: int, begun: int, first: int, passages: Sequence[NewPassage]) -> None:
        """Store passages of a document, the first of them its passage number `first`, inside a transaction.

        `begun` is the checksum that those of its passages begin with: of its file's path, its part and its title.
        """
        digests = [digest_of(passage.text) for passage in passages]
        self.connection.many(
            "INSERT INTO texts (digest, text) VALUES (?, ?) ON CONFLICT (digest) DO NOTHING",
            [(digest, passage.text) for digest, passage in zip(digests, passages, strict=True)],
        )
        self.connection.many(
            """
            INSERT INTO passages (document_id, ordinal, start, "end", heading, text_id, language, confidence, sum)
            VALUES (?, ?, ?, ?, ?, (SELECT id FROM texts WHERE digest = ?), ?, ?, ?)
            """,
            [
                (
                    document,
                    ordinal,
                    passage.start,
                    passage.end,
                    passage.heading,
                    digest,
                    passage.language,
                    passage.confidence,
                    sum_of(
                        (
                            ordinal,
                            passage.start,
                            passage.end,
                            passage.heading,
                            passage.language,
                            float(passage.confidence),
                            passage.text,
                        ),
                        begun,
                    ),
                )
                for ordinal, digest, passage in zip(count(first), digests, passages, strict=False)
            ],
        )
        self.connection.many(
            """
            INSERT INTO words (rowid, tokens)
            VALUES ((SELECT id FROM passages WHERE document_id = ? AND ordinal = ?), ?)
            """,
            [
                (document, ordinal, terms_of(each.heading, each.text) if each.terms is None else each.terms)
                for ordinal, each in enumerate(passages, first)
            ],
        )

    def touch(self, files: Iterable[tuple[KnownFile, int, int]]) -> None:
        """Remember new sizes and stamps of files whose content is as before."""
        with self.connection.transaction():
            self.connection.many(
                "UPDATE files SET size = ?, mtime_ns = ? WHERE id = ?",
                [(size, stamp, known.id) for known, size, stamp in files],
            )

    def take_out(self, files: Sequence[KnownFile]) -> None:
        """Take files with their documents and passages out."""
        with self.changing():
            self._take_out(files)

    def _take_out(self, files: Sequence[KnownFile], instead: Sequence[NewFile] = ()) -> None:
        """Take files out; judgements of what is in one of those that come instead follow it there."""
        there = {file.digest: file.path for file in instead}
        for known in files:
            moved(self.connection, known.path, there.get(known.digest, known.path))
            rows = self.connection.rows("SELECT id FROM documents WHERE file_id = ?", (known.id,))
            self.delete_documents([number for (number,) in rows])
            self.connection.execute("DELETE FROM files WHERE id = ?", (known.id,))
            self.connection.execute("DELETE FROM failures WHERE path = ?", (known.path,))

    def delete_documents(self, numbers: Sequence[int]) -> None:
        """Take documents out with their passages, inside a transaction."""
        for number in numbers:
            for rows in self.connection.blocks(
                """
                SELECT p.id, p.heading, t.text FROM passages p JOIN texts t ON t.id = p.text_id
                WHERE p.document_id = ?
                """,
                (number,),
            ):
                self.connection.many(
                    "INSERT INTO words (words, rowid, tokens) VALUES ('delete', ?, ?)",
                    [(identity, terms_of(heading, text)) for identity, heading, text in rows],
                )
            self.connection.execute("DELETE FROM passages WHERE document_id = ?", (number,))
            self.connection.execute("DELETE FROM documents WHERE id = ?", (number,))
        if numbers:
            self.set_fact("unused texts", "yes")

    def set_failure(self, path: str, reason: str) -> None:
        """Remember why a file could not be read; "" where it could."""
        if reason:
            self.connection.execute("INSERT OR REPLACE INTO failures (path, reason) VALUES (?, ?)", (path, reason))
        else:
            self.connection.execute("DELETE FROM failures WHERE path = ?", (path,))

    def put_failures(self, failures: dict[str, str], fixed: Iterable[str] = ()) -> None:
        """Remember files that could not be read, and forget those that are no longer in the way."""
        with self.connection.transaction():
            for path in fixed:
                self.set_failure(path, "")
            for path, reason in failures.items():
                self.set_failure(path, reason)

    def sweep(self) -> int:
        """Take out texts that no passage has any more, with their vectors; returns how many.

        Until then they wait, so that a file that comes back under another name finds its vectors.
        """
        if self.fact("unused texts") != "yes":
            return 0
        with self.changing():
            unused = "SELECT id FROM texts t WHERE NOT EXISTS (SELECT 1 FROM passages p WHERE p.text_id = t.id)"
            self.connection.execute(f"DELETE FROM vectors WHERE text_id IN ({unused})")
            number = self.connection.execute(f"DELETE FROM texts WHERE id IN ({unused})")
            if number:
                self.connection.execute("UPDATE encoders SET revision = revision + 1")
            self.set_fact("unused texts", "no")
        return number

    # -- words

    def enter_words(self) -> int:
        """Write the full-text index again from the passages; returns how many there are."""
        number = 0
        with self.changing():
            self.connection.execute("INSERT INTO words (words) VALUES ('delete-all')")
            last = 0
            while rows := self.connection.rows(
                """
                SELECT p.id, p.heading, t.text FROM passages p JOIN texts t ON t.id = p.text_id
                WHERE p.id > ? ORDER BY p.id LIMIT 2000
                """,
                (last,),
            ):
                self.connection.many(
                    "INSERT INTO words (rowid, tokens) VALUES (?, ?)",
                    [(identity, terms_of(heading, text)) for identity, heading, text in rows],
                )
                last, number = rows[-1][0], number + len(rows)
            self.set_fact("words", words_version())
        return number

    # -- encoders and vectors

    def add_encoder(self, name: str, fingerprint: str, dimension: int) -> EncoderRow:
        """The row of an encoder, made where there is none; the name it has now is the name it keeps."""
        known = self.encoder(fingerprint)
        if known is not None and known.name == name:
            return known
        with self.changing():
            if known is None:
                self.connection.insert(
                    "INSERT INTO encoders (name, fingerprint, dimension, sum) VALUES (?, ?, ?, ?)",
                    (name, fingerprint, dimension, sum_of((name, fingerprint, dimension))),
                )
            else:
                self.connection.execute(
                    "UPDATE encoders SET name = ?, sum = ? WHERE id = ?",
                    (name, sum_of((name, fingerprint, known.dimension)), known.id),
                )
        row = self.encoder(fingerprint)
        assert row is not None
        return row

    def put_vectors(self, encoder: EncoderRow, texts: Sequence[int], vectors: Vectors) -> None:
        """Store a batch of vectors, one for each text; a text that has one keeps it."""
        with self.changing():
            base = encoder.id << TEXT_BITS
            self.connection.many(
                "INSERT OR IGNORE INTO vectors (id, encoder_id, text_id, vector, sum) VALUES (?, ?, ?, ?, ?)",
                [
                    (base + text, encoder.id, text, vector, vector_sum(base + text, vector))
                    for text, vector in zip(map(int, texts), packed(vectors), strict=True)
                ],
            )
            self.connection.execute("UPDATE encoders SET revision = revision + 1 WHERE id = ?", (encoder.id,))

    def text_ids(self, digests: Sequence[bytes]) -> dict[bytes, int]:
        """The ids of the texts with some digests, where they are."""
        found: dict[bytes, int] = {}
        for digest in digests:
            number = self.connection.value("SELECT id FROM texts WHERE digest = ?", (digest,))
            if number is not None:
                found[digest] = int(number)
        return found

    def forget_namesakes(self, encoder: EncoderRow) -> int:
        """Take out the vectors of encoders that have this one's name too; returns how many such there were."""
        older = self.connection.rows("SELECT id FROM encoders WHERE name = ? AND id <> ?", (encoder.name, encoder.id))
        for (number,) in older:
            self.forget_encoder(number)
        return len(older)

    def forget_encoder(self, number: int) -> None:
        """Take an encoder out with its vectors."""
        with self.changing():
            self.connection.execute(
                "DELETE FROM vectors WHERE id >= ? AND id < ?", (number << TEXT_BITS, (number + 1) << TEXT_BITS)
            )
            self.connection.execute("DELETE FROM indexes WHERE encoder_id = ?", (number,))
            self.connection.execute("DELETE FROM encoders WHERE id = ?", (number,))

    def set_index_file(self, encoder: EncoderRow, index: IndexFile | None) -> None:
        """Remember the index file that belongs to an encoder now, or that there is none."""
        with self.connection.transaction():
            self.connection.execute("DELETE FROM indexes WHERE encoder_id = ?", (encoder.id,))
            if index is not None:
                self.connection.execute(
                    """
                    INSERT INTO indexes (encoder_id, file, sha256, rows, dimension, fingerprint, revision, mac)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                    (
                        encoder.id,
                        index.file,
                        index.sha256,
                        index.rows,
                        index.dimension,
                        index.fingerprint,
                        index.revision,
                        index.mac,
                    ),
                )
