"""Opens the demo library: passages and vectors that ship with the program, so that nothing has to be encoded."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile

from .. import paths
from ..encoders import BASE, TRIO, Encoder
from ..errors import EncoderError, LibraryError, UnknownEncoder
from ..progress import IndexProgress, Teller
from .library import Library

ENCODERS = (*TRIO, BASE)
_STAMP = "demo"
_PATIENCE = 60.0


def demo_folder() -> Path:
    """The folder that ships: `passages/<language>/<topic>.md`, questions, and the passages' vectors in `vectors`."""
    return paths.assets_folder() / "demo"


def library_folder() -> Path:
    """The folder of the demo library: in the user's data, since the program's folder may be read-only."""
    return paths.data_folder() / "demo"


class DemoLibrary(Library):
    """The demo library; an encoder without vectors encodes its few hundred passages at first use."""

    progress: Callable[[IndexProgress], None] | None = None
    temporary: TemporaryDirectory[str] | None = None
    # Fingerprints of the shipped encoders when it was opened; computing them reads their weights.
    shipped: Mapping[str, str | None] | None = None

    def close(self) -> None:
        """Close it; a temporary one is removed."""
        super().close()
        if self.temporary is not None:
            self.temporary.cleanup()

    def encoders(self) -> list[str]:
        """The encoders whose vectors are stored or ship with the program, the bundled trio first."""
        present = super().encoders()
        shipped = self.shipped if self.shipped is not None else fingerprints()
        known = [name for name in ENCODERS if name != BASE and shipped.get(name) is not None]
        return known + [name for name in present if name not in known]

    def judged(self, query: str) -> dict[int, int]:
        """The answers to a question: the shipped ones of the demo's questions, and those that were judged."""
        from .demo_answers import right_answers

        return right_answers(self._reading, demo_folder(), query) | super().judged(query)

    def _prepare(self, encoder: Encoder | str) -> None:
        if isinstance(encoder, str) or not self.pending(encoder):
            return
        self._notify(f"{encoder.name} encodes the passages of the demo library, once.")
        self.encode_missing(encoder, self.progress)

    def fill(self, source: Path, stamp: str, teller: Teller) -> None:
        """Store what ships: passages with their fixed boundaries, and vectors of encoders that have not changed."""
        from ..ingest import counting
        from .demo_indexing import DemoIndexer, read_spans, take_vectors

        # A second process finds it done.
        with self._writing(wait=_PATIENCE) as store:
            if store.fact(_STAMP) == stamp:
                return
            indexer = DemoIndexer(store, *counting([]), teller, self.path)
            indexer.spans = read_spans(source)
            root = indexer.index(source / "passages", boilerplate=True)
            for other in store.folders():
                if other != root:
                    store.take_out(list(store.files_below(other).values()))
                    store.forget_folder(other)
            store.sweep()
            for name in ENCODERS:
                take_vectors(store, name, fingerprint_of(name), source)
            store.set_fact(_STAMP, stamp)


def open_demo(
    *,
    progress: Callable[[IndexProgress], None] | None = None,
    notify: Callable[[str], None] | None = None,
) -> DemoLibrary:
    """Open the demo library, created or updated first if needed; use it as a context manager.

    Args:
        progress: receives events while it is created or an encoder encodes it.
        notify: receives each notice at once.

    If the user's folder cannot be written to, it is created in a temporary one, which is removed on closing.

    Raises:
        LibraryError: the demo did not ship with this installation, or its library cannot be read or written.

    """
    source = demo_folder()
    if not (source / "passages").is_dir():
        raise LibraryError(
            "This installation has no demo library.", hint="`hybrid-search index DIR` makes a library of your own."
        )
    folder = library_folder()
    try:
        return _filled(folder, source, progress, notify)
    except LibraryError:
        if _writable(folder):
            raise
    temporary = TemporaryDirectory(prefix="hybrid-search-demo-", ignore_cleanup_errors=True)
    if notify is not None:
        notify(f"The demo library is temporary: {folder} cannot be written to.")
    library = _filled(Path(temporary.name), source, progress, notify)
    library.temporary = temporary
    return library


def _filled(
    folder: Path,
    source: Path,
    progress: Callable[[IndexProgress], None] | None,
    notify: Callable[[str], None] | None,
) -> DemoLibrary:
    shipped = fingerprints()
    stamp = _stamp(source, shipped)
    library = DemoLibrary.open(folder, create=True, notify=notify)
    library.progress = progress
    library.shipped = shipped
    try:
        if library.fact(_STAMP) != stamp:
            library.fill(source, stamp, Teller(progress))
    except BaseException:
        library.close()
        raise
    return library


def _writable(folder: Path) -> bool:
    """Whether a library can be created or written to in a folder; tested by writing, since permissions may deceive."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _stamp(source: Path, shipped: Mapping[str, str | None]) -> str:
    """A digest of the shipped files and encoders; the library is current as long as it is the same."""
    running = hashlib.blake2b(digest_size=16)
    running.update(str(source).encode("utf-8", "surrogateescape"))
    for path in sorted(source.rglob("*")):
        if path.suffix in (".md", ".npz", ".gz"):
            facts = path.stat()
            running.update(f"{path.relative_to(source)} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    for name in ENCODERS:
        running.update(f"{name} {shipped.get(name)}\n".encode())
    return running.hexdigest()


def fingerprints() -> dict[str, str | None]:
    """The fingerprints of the encoders that ship, by name."""
    return {name: fingerprint_of(name) for name in ENCODERS}


def fingerprint_of(name: str) -> str | None:
    """The fingerprint of an encoder as it would be loaded now, or None."""
    from ..encoders import resolve

    try:
        return resolve(name).fingerprint
    except (UnknownEncoder, EncoderError):
        return None
