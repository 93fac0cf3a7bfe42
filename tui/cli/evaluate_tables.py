"""What an evaluation looks like in a terminal of 100 columns."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from . import common

if TYPE_CHECKING:
    from rich.table import Table

    from ...train.measure import Comparison, Evaluation, Result

# (key, heading, digits, whether more is better: None where neither is)
SUMMARY: tuple[tuple[str, str, int, bool | None], ...] = (
    ("mono", "mono\nmAP", 4, True),
    ("cross", "cross\nmAP", 4, True),
    ("multi", "multi\nmAP", 4, True),
    ("mono_recall_at_1", "mono\nR@1", 3, True),
    ("cross_recall_at_1", "cross\nR@1", 3, True),
    ("multi_recall_at_10", "multi\nR@10", 3, True),
    ("rank_distance", "rank\ndistance", 0, False),
    ("same_language_share", "own lang.\nin top 20", 2, False),
)
COLLECTION: tuple[tuple[str, str, int, bool | None], ...] = (
    ("mono", "mono\nmAP", 4, True),
    ("ndcg_at_10", "\nnDCG@10", 4, True),
    ("recall_at_100", "\nR@100", 4, True),
    ("mono_recall_at_1", "\nR@1", 4, True),
)
BIAS: tuple[tuple[str, str, int, bool | None], ...] = (
    ("rank_distance_median", "rank dist.\nmedian", 0, False),
    ("max_at_r", "Max@R\nmean", 0, False),
    ("complete_at_20", "Complete\n@20", 3, True),
    ("complete_at_100", "Complete\n@100", 3, True),
    ("language_preference", "own lang.\nfirst", 3, None),
    ("peer_at_100", "PEER\n@100", 3, True),
    ("rank_explained_by_language", "explained by\nlanguage", 3, False),
)
ALIGNMENT: tuple[tuple[str, str, int, bool | None], ...] = (
    ("translation_retrieval", "translations\nfound", 3, True),
    ("alignment", "align-\nment", 3, False),
    ("uniformity", "unifor-\nmity", 3, None),
    ("same_language_gap", "language\ngap", 3, False),
    ("language_probe", "language\ntold", 3, None),
)
# The trio makes twelve comparisons; more are read in the table alone.
MOST_SENTENCES = 12
Row = tuple[str, Mapping[str, float | None], bool]


def show(found: Evaluation, *, pairs: bool) -> None:
    """Print the tables, then what may be said."""
    from ...train.benchmarks import systems_on

    console = common.out()
    benchmark, results = found.benchmark, list(found.results.values())
    questions = len({query.id for query in benchmark.queries})
    console.print(
        f"{benchmark.name}: {len(benchmark.queries):,} queries ({questions:,} questions), "
        f"{len(benchmark.pool):,} candidates in {len(benchmark.languages)} languages"
    )
    columns = SUMMARY if _parallel(results) else COLLECTION
    rows: list[Row] = [(result.encoder, result.summary(), False) for result in results]
    rows += [(system.name, system.summary(benchmark.name), True) for system in systems_on(benchmark.name)]
    console.print(_table(columns, rows))
    if columns is SUMMARY and "multi" in results[0].settings:
        share = results[0].summary()["same_language_pool_share"]
        console.print(f"An even share of the query's language in the top 20 would be {share:.2f}.", style="dim")
        console.print(_table(BIAS, [(each.encoder, {**each.summary(), **each.bias()}, False) for each in results]))
        for name, tail in found.tails().items():
            console.print(f"{common.fitted(name, 28)}: {tail.words()}", style="dim", markup=False, highlight=False)
    if found.alignments:
        console.print(_table(ALIGNMENT, [(name, each.as_dict(), False) for name, each in found.alignments.items()]))
    if pairs:
        for result in results:
            console.print(f"\nmAP of {common.fitted(result.encoder, 40)}: query language down, passage language across")
            console.print(_matrix(result))
    for words in _skipped(results):
        console.print(words)
    comparisons = found.comparisons()
    if comparisons:
        console.print()
        console.print(_comparisons(comparisons))
    for item in comparisons if len(comparisons) <= MOST_SENTENCES else []:
        console.print(("• " if item.difference.significant() else "◦ ") + item.verdict())
    if found.refusal():
        console.print(found.refusal())
    for note in found.notes:
        console.print(note)


def _parallel(results: Sequence[Result]) -> bool:
    """Whether questions have answers in several languages, so that cross and multi mean something."""
    several = (results[0].ranks.language >= 0).sum(axis=1).max() > 1
    return bool(several) and len(results[0].languages) > 1


def _table(columns: Sequence[tuple[str, str, int, bool | None]], rows: Sequence[Row]) -> Table:
    from rich.table import Table
    from rich.text import Text

    shown = [column for column in columns if any(_known(values.get(column[0])) for _, values, _ in rows)]
    table = Table(box=None, pad_edge=False, padding=(0, 1))
    table.add_column("encoder", overflow="fold", max_width=28)
    for _, heading, _, _ in shown:
        table.add_column(heading, justify="right", no_wrap=True)
    tops = {key: _best([values.get(key) for _, values, paper in rows if not paper], more) for key, _, _, more in shown}
    for name, values, paper in rows:
        cells = [common.cell(name, "dim" if paper else "")]
        for key, _, digits, _ in shown:
            value = values.get(key)
            style = "dim" if paper else "bold" if _known(value) and value == tops[key] else ""
            cells.append(Text(_figure(value, digits), style=style))
        table.add_row(*cells)
    return table


def _best(values: Sequence[float | None], more: bool | None) -> float | None:
    known = [value for value in values if value is not None and not math.isnan(value)]
    if more is None or len(known) < 2:
        return None
    return max(known) if more else min(known)


def _known(value: float | None) -> bool:
    return value is not None and not math.isnan(value)


def _figure(value: float | None, digits: int) -> str:
    if value is None or math.isnan(value):
        return "–"
    text = f"{value:,.{digits}f}"
    return text.replace("0.", ".", 1) if digits and abs(value) < 1 else text


def _comparisons(items: Sequence[Comparison]) -> Table:
    """Differences with intervals, p-values corrected over all of them, and on how many questions each is higher."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 1))
    for heading in ("", "first less second", "difference", "95 % interval", "p (Holm)", "+ / = / −"):
        table.add_column(heading, justify="left" if heading in ("", "first less second") else "right", overflow="fold")
    for item in items:
        found = item.difference
        digits = 1 if item.measure == "rank_distance" else 4
        style = "bold" if found.significant() else "dim"
        table.add_row(
            Text(item.measure.replace("_", " "), style=style),
            common.cell(f"{common.fitted(found.first, 17)} − {common.fitted(found.second, 17)}", style),
            Text(f"{found.mean:+,.{digits}f}", style=style),
            Text(f"{found.low:+,.{digits}f} … {found.high:+,.{digits}f}", style=style),
            Text(f"{found.p:.2g}", style=style),
            Text(f"{found.wins}/{found.ties}/{found.losses}", style=style),
        )
    return table


def _matrix(result: Result) -> Table:
    from rich.table import Table
    from rich.text import Text

    values = result.matrix()
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("")
    for code in result.languages:
        table.add_column(code, justify="right", no_wrap=True)
    for row, code in enumerate(result.languages):
        if all(math.isnan(value) for value in values[row]):
            continue
        cells = [common.language_mark(code)]
        cells += [
            Text(_figure(float(value), 3), style="bold" if column == row else "")
            for column, value in enumerate(values[row])
        ]
        table.add_row(*cells)
    return table


def _skipped(results: Sequence[Result]) -> list[str]:
    skipped = results[0].skipped()
    own = {pair: count for pair, count in skipped.items() if pair.split("-", 1)[0] != pair.split("-", 1)[1]}
    total = sum(own.values())
    if not total or not _parallel(results):
        return []
    return [
        f"{total:,} pairs of a query and a pool language were skipped: the pool has no answer there "
        f"({len(own)} of the language pairs)."
    ]
