"""`hybrid-search check`: a library verified, and repaired from what is sound in it."""

from __future__ import annotations

from pathlib import Path

import click

from ...display import flat
from .. import common


@click.command(short_help="Verify a library and repair what can be repaired.")
@click.option("--no-repair", is_flag=True, help="Only look; change nothing.")
@common.json_option
@common.library_option
def command(no_repair: bool, as_json: bool, library_path: Path | None) -> int:
    """Verify the database, the vectors and the index files of a library, and repair what can be repaired.

    The database is the truth and is never overwritten; index files are made again from it. The exit code is 2 if
    something stays wrong.
    """
    with common.opened(library_path, readonly=no_repair) as library:
        report = library.check(repair=not no_repair)
    if as_json:
        common.write_json(report.as_dict())
    for finding in report.findings:
        common.say(f"{'repaired' if finding.repaired else 'wrong'}: {flat(finding.problem)}")
    counts = ", ".join(f"{number:,} {what}" for what, number in report.checked.items())
    common.say(f"Checked {counts}: {'everything is in order.' if report.ok else 'not everything is in order.'}")
    return 0 if report.ok else 2
