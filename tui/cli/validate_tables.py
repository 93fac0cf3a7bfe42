"""What a validation looks like in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from . import common

if TYPE_CHECKING:
    from ...train.suite import Chosen, Part


def show(parts: Sequence[Part], found: Sequence[Chosen], *, by_language: bool) -> None:
    """Print a table of the numbers, one of each part, and the languages of questions where asked for."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from ...train.measure import registry
    from ...train.suite import SHOWN

    console = common.out()
    measures = [registry.named(key) for key in SHOWN]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("part", no_wrap=True)
    table.add_column("encoder", no_wrap=True)
    for measure in measures:
        table.add_column(measure.heading, justify="right")
    for each in found:
        table.add_row("number", Text(common.fitted(each.encoder, 28)), f"{each.number:.4f}", "", "", "", style="bold")
    for part in parts:
        table.add_section()
        for each in found:
            figures = each.parts[part.name]
            cells = [measure.text(figures.get(measure.key)) for measure in measures]
            table.add_row(Text(part.name), Text(common.fitted(each.encoder, 28)), *cells)
    console.print(table)
    for part in parts:
        counted = ", ".join(part.counted) or "nothing, it is only shown"
        console.print(
            f"{part.name}: {len(part.benchmark.queries):,} questions, {len(part.benchmark.pool):,} candidates; "
            f"counts {counted}.",
            style="dim",
            markup=False,
            highlight=False,
        )
    if by_language:
        for each in found:
            for name, languages in each.by_language.items():
                words = "  ".join(f"{code} {value:.3f}" for code, value in languages.items())
                console.print(f"{each.encoder}, {name}: {words}", markup=False, highlight=False, soft_wrap=True)
