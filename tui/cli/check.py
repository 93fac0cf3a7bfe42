"""`hybrid-search check`: a library verified, and what can be made again made again."""

from __future__ import annotations

from pathlib import Path

import click

from . import common


@click.command(short_help="Verify a library and repair what can be repaired.")
@click.option("--no-repair", is_flag=True, help="Only look.")
@common.json_option
@common.library_option
def command(no_repair: bool, as_json: bool, library_path: Path | None) -> int:
    """Verify the database, the vectors and the indexes of a library, and repair what can be repaired.

    The database is the truth; indexes are made again from it. The exit code is 2 if something stays wrong.
    """
