"""Writes to a library's SQLite database: complete files in one transaction, vectors in batches; removes unused rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from ..encoders import Vectors
from ..lexical import terms_of
from .entering import Entering, put_failures
from .failing import in_words
from .filing import Filing, Tally
from .judgements import moved
from .reading import TEXT_BITS, Reading, words_version
from .records import EncoderRow, IndexFile, KnownFile, NewFile, packed
from .sums import sum_of, vector_sum


@in_words
class Store(Reading):
    """A library's database for reading and writing; writing requires the writer's lock.

    Every method raises LibraryError, without any effect, if the database is damaged, in use or on a full disk.
    """

    @contextmanager
    def changing(self) -> Iterator[None]:
        """A transaction that raises the revision, which readers notice."""
        with self.connection.transaction():
            yield
            self.connection.execute("UPDATE facts SET value = value + 1 WHERE name = 'revision'")

    def set_fact(self, name: str, value: str) -> None:
        """Store a fact about the library itself."""
        self.connection.execute("INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)", (name, value))

    # -- folders and files

    def add_folder(self, path: str) -> None:
        """Record a folder as indexed, unless it is inside a recorded one; it replaces those inside it."""
        with self.changing():
            for other in self.folders():
                if path == other or path.startswith(other.rstrip("/") + "/"):
                    return
                if other.startswith(path.rstrip("/") + "/"):
                    self.connection.execute("DELETE FROM folders WHERE path = ?", (other,))
            self.connection.execute("INSERT INTO folders (path) VALUES (?)", (path,))

    def forget_folder(self, path: str) -> None:
        """Remove the records of a folder and those inside it; their files stay until `take_out`."""
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
        """Store files, each replacing its stored state, and delete those that are gone, in one transaction.

        Documents with unchanged part and text keep their passages. Returns each file's counts.
        """
        tallies: list[Tally] = []
        with self.changing():
            files = list(files)
            self._take_out(gone, [file for file, _ in files])
            entering = Entering(self.connection)
            for file, known in files:
                filing = Filing(self, entering, file, known)
                for document in file.documents:
                    filing.put(document)
                tallies.append(filing.close(file.failure))
            entering.flush()
        return tallies

    @contextmanager
    def filing(self, file: NewFile, known: KnownFile | None, gone: Sequence[KnownFile] = ()) -> Iterator[Filing]:
        """Store a file that is too long for memory, in one transaction; the caller puts its documents and closes it.

        An exception inside rolls everything back.
        """
        with self.changing():
            self._take_out(gone, [file])
            entering = Entering(self.connection)
            yield Filing(self, entering, file, known)
            entering.flush()

    def touch(self, files: Iterable[tuple[KnownFile, int, int]]) -> None:
        """Store new sizes and stamps of files with unchanged content."""
        with self.connection.transaction():
            self.connection.many(
                "UPDATE files SET size = ?, mtime_ns = ? WHERE id = ?",
                [(size, stamp, known.id) for known, size, stamp in files],
            )

    def take_out(self, files: Sequence[KnownFile]) -> None:
        """Delete files with their documents and passages."""
        with self.changing():
            self._take_out(files)

    def _take_out(self, files: Sequence[KnownFile], instead: Sequence[NewFile] = ()) -> None:
        """Delete files; judgements of a file whose content is in one of `instead` move to that file."""
        there = {file.digest: file.path for file in instead}
        for known in files:
            moved(self.connection, known.path, there.get(known.digest, known.path))
            rows = self.connection.rows("SELECT id FROM documents WHERE file_id = ?", (known.id,))
            self.delete_documents([number for (number,) in rows])
            self.connection.execute("DELETE FROM files WHERE id = ?", (known.id,))
            self.connection.execute("DELETE FROM failures WHERE path = ?", (known.path,))

    def delete_documents(self, numbers: Sequence[int]) -> None:
        """Delete documents with their passages, inside a transaction."""
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

    def put_failures(self, failures: dict[str, str], fixed: Iterable[str] = ()) -> None:
        """Record files that could not be read, and remove the records of `fixed` ones."""
        with self.connection.transaction():
            put_failures(self.connection, failures.items(), fixed)

    def sweep(self) -> int:
        """Delete texts that no passage has any more, with their vectors; returns how many.

        They are kept until then, so that a file that returns under another name finds its vectors.
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
        """Rebuild the full-text index from the passages; returns how many there are."""
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
        """The row of an encoder, added if missing; its name is updated."""
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
        """Store a batch of vectors, one per text; a text that already has one keeps it."""
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
        """The ids of the texts with some digests, for those that exist."""
        found: dict[bytes, int] = {}
        for digest in digests:
            number = self.connection.value("SELECT id FROM texts WHERE digest = ?", (digest,))
            if number is not None:
                found[digest] = int(number)
        return found

    def forget_namesakes(self, encoder: EncoderRow) -> int:
        """Delete other encoders of the same name, with their vectors; returns how many there were."""
        older = self.connection.rows("SELECT id FROM encoders WHERE name = ? AND id <> ?", (encoder.name, encoder.id))
        for (number,) in older:
            self.forget_encoder(number)
        return len(older)

    def forget_encoder(self, number: int) -> None:
        """Delete an encoder with its vectors."""
        with self.changing():
            self.connection.execute(
                "DELETE FROM vectors WHERE id >= ? AND id < ?", (number << TEXT_BITS, (number + 1) << TEXT_BITS)
            )
            self.connection.execute("DELETE FROM indexes WHERE encoder_id = ?", (number,))
            self.connection.execute("DELETE FROM encoders WHERE id = ?", (number,))

    def set_index_file(self, encoder: EncoderRow, index: IndexFile | None) -> None:
        """Store the current index file of an encoder, or that it has none."""
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
