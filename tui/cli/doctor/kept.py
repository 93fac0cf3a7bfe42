"""Checks what the program keeps on disk: encoders, caches and the library."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile

from ....engine import paths
from ....engine.encoders import BASE, TRIO, available, best_first
from ....engine.errors import HybridSearchError
from ....engine.files import size_of
from ....engine.places import place_of, shown
from ...display import flat
from .finding import Finding

_LITTLE_ROOM = 1_000_000_000
_DAMAGED = "cannot be used"


def examine(library: Path | None) -> Iterator[Finding]:
    """Check encoders, folders and the library."""
    yield from _encoders()
    yield from _folders()
    yield from _library(library)


def _encoders() -> Iterator[Finding]:
    found = available()
    names = {each.name for each in found}
    missing = [name for name in (*TRIO, BASE) if name not in names]
    for each in found:
        if each.description.startswith(_DAMAGED):
            mend = (
                "Install hybrid-search again."
                if each.kind == "bundled"
                else f"Remove or restore {shown(each.path or '')}."
            )
            yield Finding("models", flat(each.name), "wrong", f"{flat(each.name)} {flat(each.description)}", mend)
    if missing:
        listed = ", ".join(missing)
        yield Finding("models", "bundled", "wrong", f"Bundled encoders are missing: {listed}.", "Install it again.")
    else:
        own = len(names - {*TRIO, BASE})
        yield Finding(
            "models", "bundled", "ok", f"The {len(TRIO) + 1} encoders that ship are there, and {own} of yours."
        )


def _folders() -> Iterator[Finding]:
    for name, folder in (
        ("data", paths.data_folder()),
        ("cache", paths.cache_folder()),
        ("config", paths.config_folder()),
    ):
        yield _folder(name, folder)


def _folder(name: str, folder: Path) -> Finding:
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    try:
        with TemporaryFile(dir=there):
            pass
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        return Finding("caches", name, "wrong", f"{flat(str(folder))} cannot be written to: {why}.",
                       f"Set {paths.HOME_VARIABLE} to a folder that can.")  # fmt: skip
    free = shutil.disk_usage(there).free
    size = size_of(folder) if name == "cache" else 0
    told = f"{flat(str(folder))}, {free / 1e9:,.1f} GB free" + (f", {size / 1e6:,.0f} MB used" if size else "") + "."
    if free < _LITTLE_ROOM:
        return Finding("caches", name, "wrong", told, f"rm -r {flat(str(paths.cache_folder()))}")
    return Finding("caches", name, "ok", told)


def _library(named: Path | None) -> Iterator[Finding]:
    from ....engine.library import DATABASE, Library

    where = named or paths.default_library()
    told = flat(shown(where))
    if place_of(where) is not None:
        yield Finding(
            "library", "library", "note", f"{told} is on an engine.", f"hybrid-search status --library {told}"
        )
        return
    if named is None and not (where / DATABASE).is_file():
        yield Finding(
            "library",
            "library",
            "note",
            "There is no library yet; the demo library answers.",
            "hybrid-search index DIR",
        )
        return
    try:
        with Library.open(where, readonly=True) as library:
            status = library.status()
    except HybridSearchError as error:
        mend = f"hybrid-search check --library {told}" if (where / DATABASE).exists() else "hybrid-search index DIR"
        yield Finding("library", "library", "wrong", flat(error.message), mend)
        return
    yield Finding(
        "library", "library", "ok", f"{told}: {status.passages:,} passages in {len(status.languages)} languages."
    )
    for each in status.encoders:
        if each.missing:
            yield Finding("library", f"vectors of {flat(each.name)}", "wrong",
                          f"{each.missing:,} passages have no vector of {flat(each.name)}, so it cannot find them.",
                          f"hybrid-search index --encoder {flat(each.name)} --library {told}")  # fmt: skip
    if not status.encoders:
        mend = f"hybrid-search index --encoder {best_first(TRIO)[0]} --library {told}"
        yield Finding("library", "vectors", "wrong", "The library has no vectors: it is searched by words only.", mend)
    if status.failed:
        yield Finding("library", "files", "note", f"{len(status.failed):,} files could not be read.",
                      f"hybrid-search status --failed --library {told}")  # fmt: skip
