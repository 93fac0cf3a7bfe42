"""`hybrid-search check`: verify a library, and repair it from its intact parts."""

from __future__ import annotations

from pathlib import Path

import click

from ...display import flat
from .. import common


@click.command(short_help="Verify a library and repair it.")
@click.option("--no-repair", is_flag=True, help="Only look; change nothing.")
@common.long_json_options
@common.library_option
def command(no_repair: bool, as_json: bool, library_path: Path | None) -> int:
    """Verify the database, the vectors and the index files of a library, and repair what can be repaired.

    Compares every passage and vector with its checksum, and the index of words with the texts. Damaged vectors and
    words are made again from the texts, index files from the vectors; damaged passages are listed with their file,
    which the next `index` reads again. The exit code is 2 if something stays damaged; Ctrl-C stops the check.
    """
    with (
        common.interruptible() as stopped,
        common.opened(library_path, readonly=no_repair) as library,
        common.ProgressBars() as bars,
    ):
        report = library.check(repair=not no_repair, progress=bars.follow, cancelled=stopped)
    if as_json:
        common.write_json(report.as_dict())
    for finding in report.findings:
        common.say(f"{'repaired' if finding.repaired else 'wrong'}: {flat(finding.problem)}")
    counts = ", ".join(f"{number:,} {what}" for what, number in report.checked.items())
    if report.stopped:
        common.say(f"Stopped. Checked {counts}; the rest was not checked.")
    else:
        common.say(f"Checked {counts}: {'everything is in order.' if report.ok else 'not everything is in order.'}")
    if report.stopped:
        return common.STOPPED
    return 0 if report.ok else 2
