"""Every place on disk that the program uses, in one file; its functions create nothing."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from . import disk, environment

HOME_VARIABLE = environment.HOME.name
LIBRARY_VARIABLE = environment.LIBRARY.name


def _named(variable: str) -> Path | None:
    """The path in a variable; `~` is expanded here, since not every value passes through a shell."""
    value = os.environ.get(variable)
    return typed(value) if value else None


def typed(text: str | Path) -> Path:
    """The path that a user wrote, with `~` for a home; an unknown one stays, where `Path.expanduser` would raise."""
    return Path(os.path.expanduser(text))  # noqa: PTH111 - never raises


def data_folder() -> Path:
    """The folder of libraries and trained encoders; `HYBRID_SEARCH_HOME` overrides the platform's rule."""
    home = _named(HOME_VARIABLE)
    return home if home else Path(platformdirs.user_data_dir("hybrid-search", appauthor=False))


def cache_folder() -> Path:
    """The folder of data that can be made again: graphs of encoders, embeddings of benchmarks."""
    home = _named(HOME_VARIABLE)
    return home / "cache" if home else Path(platformdirs.user_cache_dir("hybrid-search", appauthor=False))


def config_folder() -> Path:
    """The folder of the app's settings."""
    home = _named(HOME_VARIABLE)
    return home / "config" if home else Path(platformdirs.user_config_dir("hybrid-search", appauthor=False))


def root(name: disk.Root) -> Path:
    """The folder of one of the three roots."""
    return {"data": data_folder, "cache": cache_folder, "config": config_folder}[name]()


def place(known: disk.Place) -> Path:
    """The path of one of the program's places on this machine."""
    return root(known.root) / known.name


def encoders_folder() -> Path:
    """The folder in which trained encoders are registered, one folder each."""
    return data_folder() / "encoders"


def default_library() -> Path:
    """The library to use if none is named: `HYBRID_SEARCH_LIBRARY`, else one in the data folder."""
    return _named(LIBRARY_VARIABLE) or data_folder() / "library"


def assets_folder() -> Path:
    """The files that ship with the program."""
    from importlib.util import find_spec

    spec = find_spec("hybrid_search.assets")
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent
