"""Work on libraries to kill: indexing, checking, pushing, and the app's child process."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random

from tests.conftest import KeywordEncoder

from .encoders import ENCODERS

_LIBRARIES = (
    "hnswlib", "sentencex", "py3langid", "hybrid_search.engine.library.library", "hybrid_search.engine.ingest.indexing",
    "hybrid_search.engine.documents.texts.plain", "hybrid_search.engine.search",
    "tests.engine.library.test_library_killed",
)  # fmt: skip


class Index:
    """Indexes a folder whose files come, change and go, with two encoders and their index files."""

    modules = _LIBRARIES

    def __init__(self, root: Path) -> None:
        from hybrid_search.engine.languages import detection

        # Loads the identifier's model once here, not in every process that indexes.
        detection.detect("What is read here stays.")
        self.root = root
        self.texts, self.library = root / "texts", root / "library"

    def prepare(self) -> None:
        """Write a dozen files."""
        from tests.engine.library.test_library_killed import fill

        fill(self.texts, range(12))

    def scene(self, chance: Random) -> None:
        """Change, remove, rename and add files; sometimes remove the library."""
        from tests.engine.library.test_library_killed import fill, paragraph

        if chance.random() < 0.15:
            shutil.rmtree(self.library, ignore_errors=True)
        files = sorted(self.texts.glob("*.md"))
        for file in chance.sample(files, min(3, len(files))):
            how = chance.randrange(3)
            if how == 0:
                file.unlink()
            elif how == 1:
                file.rename(file.with_name(f"renamed {chance.randrange(1000)}.md"))
            else:
                file.write_text(f"# Other\n\n{paragraph(chance.randrange(1000))}\n\nThe same words close every note.")
        start = chance.randrange(13, 60)
        fill(self.texts, range(start, start + max(1, 14 - len(files))))

    def act(self) -> None:
        """Index."""
        from hybrid_search.engine.library.library import Library
        from hybrid_search.engine.search import exact

        exact.EXACT_LIMIT = 8
        with Library.open(self.library, create=True) as library:
            library.index([self.texts], encoders=self.encoders(), boilerplate=True)

    def verify(self) -> None:
        """Check that the library holds the same as an undisturbed one."""
        from tests.engine.library.test_library_killed import assert_like_new

        self.act()
        shutil.rmtree(self.root / "fresh", ignore_errors=True)
        assert_like_new(self.library, self.texts, self.root / "fresh", self.encoders())

    def encoders(self) -> list[KeywordEncoder]:
        """Two encoders."""
        return [KeywordEncoder(), KeywordEncoder("biased", bias=2.0)]


class Check(Index):
    """Checks and repairs a damaged library."""

    def prepare(self) -> None:
        """Make an undamaged library."""
        super().prepare()
        super().act()

    def scene(self, chance: Random) -> None:
        """Damage vectors, empty the index of words, cut an index file."""
        with closing(sqlite3.connect(self.library / "library.db", isolation_level=None)) as connection:
            connection.execute("UPDATE vectors SET vector = x'00' WHERE id % 5 = ?", (chance.randrange(5),))
            if chance.random() < 0.7:
                connection.execute("INSERT INTO words(words) VALUES ('delete-all')")
        for file in (self.library / "vectors").glob("*.hnsw"):
            if chance.random() < 0.5:
                file.write_bytes(file.read_bytes()[:100])

    def act(self) -> None:
        """Check and repair."""
        from hybrid_search.engine.library.library import Library
        from hybrid_search.engine.search import exact

        exact.EXACT_LIMIT = 8
        with Library.open(self.library) as library:
            library.check()

    def verify(self) -> None:
        """Check to the end and index again; nothing may be missing."""
        from tests.engine.library.test_library_killed import assert_like_new

        self.act()
        super().act()
        shutil.rmtree(self.root / "fresh", ignore_errors=True)
        assert_like_new(self.library, self.texts, self.root / "fresh", self.encoders())


class Push(Index):
    """Pushes a library to an engine in a file."""

    def prepare(self) -> None:
        """Make an undamaged library."""
        super().prepare()
        super().act()

    def scene(self, chance: Random) -> None:
        """Make the library differ from the engine's copy."""
        super().scene(chance)
        super().act()
        if chance.random() < 0.3:
            self._forget()

    def act(self) -> None:
        """Push in small requests."""
        from hybrid_search.engine.library.library import Library
        from hybrid_search.engine.remote import pushing

        pushing._RECORDS = 10
        with Library.open(self.library, readonly=True) as library:
            pushing.push(library, self._place(), replace=True)

    def verify(self) -> None:
        """Check that both answer the same questions in the same way."""
        from hybrid_search.engine.library.library import Library
        from hybrid_search.engine.remote.library import RemoteLibrary

        self.act()
        encoder = self.encoders()[0]
        with Library.open(self.library) as library, RemoteLibrary.open(self._place()) as remote:
            assert remote.languages() == library.languages()
            for query in ("bread and water", "the moon", "fire in the house"):
                here = library.search(query, encoder=encoder, k=500, exact=True).hits
                there = remote.search(query, encoder=encoder, k=500, exact=True).hits
                assert [hit.passage.text for hit in here] == [hit.passage.text for hit in there], query

    def _place(self):
        from hybrid_search.engine.places import Place

        return Place(str(self.root / "engine.db"))

    def _forget(self) -> None:
        path = self.root / "engine.db"
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


class App(Index):
    """Runs the app's child process, which indexes, encodes and checks by requests."""

    modules = (*_LIBRARIES, *ENCODERS, "hybrid_search.tui.desk.desk")

    def act(self) -> None:
        """Serve requests in this process, through pipes like the app's."""
        from hybrid_search.engine.search import exact
        from hybrid_search.tui.desk.child import main

        exact.EXACT_LIMIT = 8
        name = str(self.root / "encoder")
        requests = [
            {
                "id": 1,
                "op": "index",
                "with": {"folder": str(self.texts), "encoders": [name], "library": str(self.library)},
            },
            {"id": 2, "op": "check", "with": {"library": str(self.library)}},
        ]
        source, into = os.pipe()
        outof, sink = os.pipe()
        if os.fork():
            # This process plays the app's child: when it is killed, the other process sees the end of its pipe.
            os.dup2(source, 0)
            os.dup2(sink, 1)
            for number in (source, into, outof, sink):
                os.close(number)
            main()
        os.close(source)
        os.close(sink)
        os.write(into, b"".join(json.dumps(request).encode() + b"\n" for request in requests))
        with os.fdopen(outof, "rb") as answers:
            for line in answers:
                if (answer := json.loads(line)).get("id") == 2 and "progress" not in answer:
                    break
        os._exit(0)

    def prepare(self) -> None:
        """Also make an encoder that is loaded by its folder's name."""
        from tests.support.small_encoders import write_folder

        super().prepare()
        write_folder(self.root / "encoder")

    def verify(self) -> None:
        """Check that the app's next requests find everything in order."""
        from hybrid_search.engine import encoders
        from hybrid_search.engine.library.library import Library
        from hybrid_search.engine.search import exact

        from tests.engine.library.test_library_killed import assert_like_new

        exact.EXACT_LIMIT = 8
        encoder = encoders.load(str(self.root / "encoder"))
        with Library.open(self.library, create=True) as library:
            library.index([self.texts], encoders=[encoder], boilerplate=True)
        shutil.rmtree(self.root / "fresh", ignore_errors=True)
        # Texts encoded in the same batch change a vector by rounding.
        assert_like_new(self.library, self.texts, self.root / "fresh", [encoder], tolerance=1e-5)
