"""An audit's page in a terminal of 100 columns: the verdict, what it rests on, and what would mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import common

if TYPE_CHECKING:
    from rich.table import Table as Shown

    from ...train.audit.auditing import Audit
    from ...train.audit.gate import Gate
    from ...train.audit.pages import Table

_STYLES = {"strong": "bold red", "clear": "bold yellow", "slight": "bold yellow", "none": "bold green"}


def show(found: Audit, gate: Gate | None) -> None:
    """Print what fits on one page; the report has the rest."""
    from rich.padding import Padding
    from rich.text import Text

    from ...train.audit.pages import page_of

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
        # Tables first: sentences say what is in them.
        for table in section.tables:
            console.print(_table(table))
        for line in section.lines:
            console.print(Padding(Text.assemble("• ", common.cell(line)), (0, 0, 0, 0)))


def _table(table: Table) -> Shown:
    from rich.table import Table as Shown

    made = Shown(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for number, name in enumerate(table.columns):
        made.add_column(common.cell(name), header_style="bold", justify="left" if number == 0 else "right")
    for row in table.rows:
        made.add_row(*(common.cell(cell) for cell in row))
    return made
