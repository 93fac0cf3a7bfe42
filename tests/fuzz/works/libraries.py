"""Work on libraries that is killed: indexing, checking, pushing, and the app's child process at both."""

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
    """A folder whose files come, change and go is indexed with two encoders and their index files."""

    modules = _LIBRARIES

    def __init__(self, root: Path) -> None:
        from hybrid_search.engine.languages import detection

        # Read once, here, and not in every process that indexes.
        detection.detect("What is read here stays.")
        self.root = root
        self.texts, self.library = root / "texts", root / "library"

    def prepare(self) -> None:
        """A dozen files."""
        from tests.engine.library.test_library_killed import fill

        fill(self.texts, range(12))

    def scene(self, chance: Random) -> None:
        """Some files changed, gone, renamed or new; sometimes there is no library yet."""
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
            library.index([self.texts], encoders=self.encoders())

    def verify(self) -> None:
        """The library holds what one holds that was never disturbed."""
        from tests.engine.library.test_library_killed import assert_like_new

        self.act()
        shutil.rmtree(self.root / "fresh", ignore_errors=True)
        assert_like_new(self.library, self.texts, self.root / "fresh", self.encoders())

    def encoders(self) -> list[KeywordEncoder]:
        """Two of them."""
        return [KeywordEncoder(), KeywordEncoder("biased", bias=2.0)]


class Check(Index):
    """A damaged library is checked and mended."""

    def prepare(self) -> None:
        """A whole library."""
        super().prepare()
        super().act()

    def scene(self, chance: Random) -> None:
        """Vectors that are none, an index of words that is empty, an index file cut short."""
        with closing(sqlite3.connect(self.library / "library.db", isolation_level=None)) as connection:
            connection.execute("UPDATE vectors SET vector = x'00' WHERE id % 5 = ?", (chance.randrange(5),))
            if chance.random() < 0.7:
                connection.execute("INSERT INTO words(words) VALUES ('delete-all')")
        for file in (self.library / "vectors").glob("*.hnsw"):
            if chance.random() < 0.5:
                file.write_bytes(file.read_bytes()[:100])

    def act(self) -> None:
        """Check and mend."""
        from hybrid_search.engine.library.library import Library
        from hybrid_search.engine.search import exact

        exact.EXACT_LIMIT = 8
        with Library.open(self.library) as library:
            library.check()

    def verify(self) -> None:
        """Checked to the end and indexed again, nothing is missing."""
        from tests.engine.library.test_library_killed import assert_like_new

        self.act()
        super().act()
        shutil.rmtree(self.root / "fresh", ignore_errors=True)
        assert_like_new(self.library, self.texts, self.root / "fresh", self.encoders())


class Push(Index):
    """A library is pushed to an engine in a file."""

    def prepare(self) -> None:
        """A whole library."""
        super().prepare()
        super().act()

    def scene(self, chance: Random) -> None:
        """A library that differs from what the engine has."""
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
        """Asked the same, both answer the same."""
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
    """The app's child process indexes, encodes and checks as its requests tell."""

    modules = (*_LIBRARIES, *ENCODERS, "hybrid_search.tui.desk.desk")

    def act(self) -> None:
        """Serve requests through the pipes that the app has, in this process."""
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
            # This process is the child of the app: killed, it leaves the other one at the end of its pipe.
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
        """An encoder that is loaded by its folder's name."""
        from tests.support.small_encoders import write_folder

        super().prepare()
        write_folder(self.root / "encoder")

    def verify(self) -> None:
        """What the app does next finds all in order."""
        from hybrid_search.engine import encoders
        from hybrid_search.engine.library.library import Library
        from hybrid_search.engine.search import exact

        from tests.engine.library.test_library_killed import assert_like_new

        exact.EXACT_LIMIT = 8
        encoder = encoders.load(str(self.root / "encoder"))
        with Library.open(self.library, create=True) as library:
            library.index([self.texts], encoders=[encoder])
        shutil.rmtree(self.root / "fresh", ignore_errors=True)
        # The texts that are encoded with a text change its vector by a rounding.
        assert_like_new(self.library, self.texts, self.root / "fresh", [encoder], tolerance=1e-5)
