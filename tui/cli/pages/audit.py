"""Prints an audit on a page of 100 columns: the verdict, the figures behind it, and what would reduce the bias."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .. import common

if TYPE_CHECKING:
    from rich.table import Table as Shown

    from ....train.audit import Audit, Gate
    from ....train.audit.pages import Table

_INTERVAL = re.compile(r" \[[^\[\]]*\]")
_STYLES = {"strong": "bold red", "clear": "bold yellow", "slight": "bold yellow", "none": "bold green"}


def show(found: Audit, gate: Gate | None) -> None:
    """Print the sections that belong on one page; the report has the rest."""
    from ....train.audit.pages import page_of

    console = common.out()
    page = page_of(found, gate)
    console.print(common.cell(page.title, "bold"))
    console.print(common.cell(page.subtitle, "dim"))
    console.print()
    console.print(common.cell(page.headline, _STYLES.get(page.level, "bold")))
    for section in page.sections:
        if not section.short:
            continue
        console.print()
        console.print(common.cell(section.title, "bold"))
        # Tables come first, since the sentences comment on them.
        for table in section.tables:
            console.print(_table(table))
        for line in section.lines:
            console.print(_point(line))


def _point(line: str) -> Shown:
    """A sentence after a bullet, with its further lines indented."""
    from rich.table import Table as Shown

    made = Shown.grid(padding=(0, 1, 0, 0))
    made.add_column(no_wrap=True)
    made.add_column(overflow="fold")
    made.add_row("•", common.cell(line))
    return made


def _table(table: Table) -> Shown:
    """A table without the intervals, which are in the report."""
    from rich.table import Table as Shown

    made = Shown(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for number, name in enumerate(table.columns):
        made.add_column(common.cell(name), header_style="bold", justify="left" if number == 0 else "right")
    for row in table.rows:
        made.add_row(*(common.cell(_INTERVAL.sub("", cell)) for cell in row))
    return made
