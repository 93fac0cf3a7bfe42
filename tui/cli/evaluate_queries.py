"""`hybrid-search evaluate --queries FILE`: compares encoders over the user's own questions in a library."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..display import flat
from . import common
from .choose import chosen_encoders

if TYPE_CHECKING:
    from ...engine.encoders import Encoder
    from ...engine.search import Comparison
    from ...train.measure import QueryStudy

DEPTH = 20
MOST_SHOWN = 10


def compare_queries(
    file: Path,
    names: Sequence[str],
    load: Callable[..., Encoder],
    library_path: Path | None,
    *,
    as_json: bool,
    seed: int,
) -> int:
    """Ask every question of a file by exact search, and report how the encoders differ."""
    from ...engine.encoders import BM25, before_and_after
    from ...train.measure import read_queries, study

    asked = read_queries(file)
    with common.asked(library_path, or_demo=True) as library:
        chosen, stored = chosen_encoders(library, names or ("all",)), library.fingerprints()
        encoders = before_and_after([BM25 if name == BM25 else load(name, stored=stored) for name in chosen])
        shown = [encoder if isinstance(encoder, str) else encoder.name for encoder in encoders]

        def compare(query: str) -> Comparison:
            return library.compare(query, encoders=encoders, k=DEPTH, exact=True)

        with common.ProgressBars() as bars:
            found = study(asked, shown, compare, depth=DEPTH, progress=bars.show)
    if as_json:
        common.write_json(found.as_dict(seed=seed))
    else:
        _show(found, seed)
    return 0


def _show(found: QueryStudy, seed: int) -> None:
    from rich.table import Table
    from rich.text import Text

    from ...train.measure import registry

    console = common.out()
    figures = found.as_dict(seed=seed)
    console.print(
        f"{figures['questions']:,} questions, {figures['judged']:,} of them judged; first {found.depth} passages"
    )
    measures = registry.shown_in("questions")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("encoder", overflow="fold", max_width=40)
    for each in measures:
        table.add_column(each.heading, justify="right")
    for name, means in figures["means"].items():
        table.add_row(common.cell(name), *(Text(each.text(means[each.key])) for each in measures))
    console.print(table)
    for pair in figures["rbo"]:
        console.print(flat(f"{pair['first']} and {pair['second']} agree to {pair['mean']:.2f} (rank-biased overlap)"))
    for measure, item in found.verdicts(seed=seed):
        counts = f"{item.wins} won, {item.ties} tied, {item.losses} lost"
        console.print(flat(("• " if item.significant() else "◦ ") + f"{item.verdict(measure)} {counts}."))
    for note in figures["notes"]:
        console.print(note)
    if len(found.encoders) > 1:
        console.print("\nWhere they disagree most:", style="bold")
        for row in figures["queries"][:MOST_SHOWN]:
            least = min(row["rbo"].values())
            line = common.language_mark(f"{row['language']:<4}") + Text(f"{least:.2f}  ")
            console.print(line + Text(common.fitted(row["query"], console.width - 12)))
            for name, path in row["first"].items():
                console.print(Text(f"            {common.fitted(name, 20):<20} {common.fitted(path, 60)}", style="dim"))
