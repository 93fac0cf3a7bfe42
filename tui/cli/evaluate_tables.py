"""Prints an evaluation in a terminal of 100 columns."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from . import common

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from ...train.measure import Compared, Difference, Evaluation, Measure, Result

Row = tuple[str, Mapping[str, float | None], bool]


def show(found: Evaluation, *, pairs: bool) -> None:
    """Print the tables, then the notes on them."""
    from ...train.benchmarks import systems_on
    from ...train.measure import registry

    console = common.out()
    benchmark, results = found.benchmark, list(found.results.values())
    questions = len({query.id for query in benchmark.queries})
    console.print(
        f"{benchmark.name}: {len(benchmark.queries):,} queries ({questions:,} questions), "
        f"{len(benchmark.pool):,} candidates in {len(benchmark.languages)} languages"
    )
    parallel = _parallel(results)
    quality = [
        each for each in registry.shown_in("quality") if (not each.collections if parallel else each.setting == "mono")
    ]
    rows: list[Row] = [(result.encoder, result.summary(), False) for result in results]
    rows += [(system.name, system.summary(benchmark.name), True) for system in systems_on(benchmark.name)]
    console.print(_table(quality, rows))
    if parallel and "multi" in results[0].settings:
        share = results[0].summary()["same_language_pool_share"]
        console.print(f"An even share of the query's language in the top 20 would be {share:.2f}.", style="dim")
        bias: list[Row] = [(each.encoder, {**each.summary(), **each.bias()}, False) for each in results]
        console.print(_table(registry.shown_in("bias"), bias))
        for name, tail in found.tails().items():
            console.print(f"{common.fitted(name, 28)}: {tail.words()}", style="dim", markup=False, highlight=False)
    if found.alignments:
        spaces: list[Row] = [(name, each.figures(), False) for name, each in found.alignments.items()]
        console.print(_table(registry.shown_in("alignment"), spaces))
    if pairs:
        for result in results:
            console.print(f"\nmAP of {common.fitted(result.encoder, 40)}: query language down, passage language across")
            console.print(_matrix(result))
    for words in _skipped(results):
        console.print(words)
    differences = found.differences()
    if differences:
        console.print()
        console.print(_differences(differences))
        console.print(
            "▲ the first is better, ▼ the second, · no difference was shown: sign-flip randomisation over questions, "
            f"Holm-corrected over these {len(differences)} comparisons, p < .05 and a 95 % interval without 0. "
            "--report and --json give p-values and intervals.",
            style="dim",
        )
    if found.refusal():
        console.print(found.refusal())
    for note in found.notes:
        console.print(note)


def _parallel(results: Sequence[Result]) -> bool:
    """Whether questions have answers in several languages, without which cross and multi mean nothing."""
    several = (results[0].ranks.language >= 0).sum(axis=1).max() > 1
    return bool(several) and len(results[0].languages) > 1


def _table(measures: Sequence[Measure], rows: Sequence[Row]) -> Table:
    from rich.table import Table
    from rich.text import Text

    from ...train.measure import known

    shown = [each for each in measures if any(known(values.get(each.key)) for _, values, _ in rows)]
    table = Table(box=None, pad_edge=False, padding=(0, 1))
    table.add_column("encoder", overflow="fold", max_width=28)
    for each in shown:
        table.add_column(on_two_lines(each.heading), justify="right", no_wrap=True)
    tops = {each.key: each.best(values.get(each.key) for _, values, paper in rows if not paper) for each in shown}
    for name, values, paper in rows:
        cells = [common.cell(name, "dim" if paper else "")]
        for each in shown:
            value = values.get(each.key)
            style = "dim" if paper else "bold" if known(value) and value == tops[each.key] else ""
            cells.append(Text(_figure(each, value), style=style))
        table.add_row(*cells)
    return table


def on_two_lines(heading: str) -> str:
    """A heading broken into two lines at the space that makes it narrowest."""
    words = heading.split(" ")
    broken = [(" ".join(words[:n]), " ".join(words[n:])) for n in range(1, len(words))]
    return "\n".join(min(broken, key=lambda lines: max(map(len, lines)), default=("", heading)))


def _figure(measure: Measure, value: float | None, *, signed: bool = False, brief: bool = False) -> str:
    """A figure without the zero before its decimal point."""
    text = measure.text(value, signed=signed, brief=brief)
    return text.replace("0.", ".", 1) if text.lstrip("+-").startswith("0.") else text


def _differences(items: Sequence[Compared]) -> Table:
    """A table with a row for each pair of encoders, and a column for each measure that they are compared by."""
    from rich.table import Table
    from rich.text import Text

    measures = list(dict.fromkeys(item.measure for item in items))
    table = Table(box=None, pad_edge=False, padding=(0, 1))
    table.add_column("\nfirst less second", overflow="fold")
    for measure in measures:
        table.add_column(on_two_lines(measure.heading) + "  ", justify="right", no_wrap=True)
    for first, second in dict.fromkeys((item.difference.first, item.difference.second) for item in items):
        cells = [common.cell(f"{common.fitted(first, 24)} − {common.fitted(second, 24)}")]
        for measure in measures:
            own = (each.difference for each in items if each.measure == measure)
            item = next((each for each in own if (each.first, each.second) == (first, second)), None)
            cells.append(Text("–  ") if item is None else _difference(measure, item))
        table.add_row(*cells)
    return table


def _difference(measure: Measure, item: Difference) -> Text:
    from rich.text import Text

    mark = {item.first: "▲", item.second: "▼", "": "·"}[item.better(measure)]
    style = "bold" if item.significant() else "dim"
    return Text(f"{_figure(measure, item.mean, signed=True)} {mark}", style=style)


def _matrix(result: Result) -> Table:
    from rich.table import Table
    from rich.text import Text

    from ...train.measure import registry

    values, measure = result.matrix(), registry.named("mono")
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("")
    for code in result.languages:
        table.add_column(code, justify="right", no_wrap=True)
    for row, code in enumerate(result.languages):
        if all(math.isnan(value) for value in values[row]):
            continue
        cells = [common.language_mark(code)]
        cells += [
            Text(_figure(measure, float(value), brief=True), style="bold" if column == row else "")
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
