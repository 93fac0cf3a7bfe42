"""`hybrid-search remove`: removes a folder's documents from a library; the folder itself is not changed."""

from __future__ import annotations

from pathlib import Path

import click

from .. import common
from ..paths import PathType


@click.command(short_help="Remove a folder's documents from a library.")
@click.argument("folder", type=PathType(), metavar="DIR")
@common.json_option
@common.library_option
def command(folder: Path, as_json: bool, library_path: Path | None) -> int:
    """Take the documents of DIR out of the library. The files stay where they are."""
    from ....engine.documents import storable
    from ....engine.errors import LibraryError

    with common.opened(library_path, readonly=False) as library:
        removed = library.remove(folder)
    if not removed:
        raise LibraryError(
            f"The library holds no documents of {storable(folder)}.", hint="`hybrid-search status` lists its folders."
        )
    if as_json:
        common.write_json({"removed": removed})
    common.say(f"{removed:,} document{'s' if removed != 1 else ''} left the library.")
    return 0
