"""Writes the text of a report: tables, significant differences, and where a rank distance comes from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from ...engine.shown import in_markdown, one_line
from ..benchmarks import systems_on
from ..measure import UNKNOWN, known, registry

if TYPE_CHECKING:
    from ..measure import Compared, Difference, Evaluation, Measure, Result, Tail

MOST_CHARACTERS = 160
Column = tuple[str, str, Callable[[float | None], str]]
LEGEND = """\
mAP is the mean of average precision over the whole ranking, by exact search; macro means over languages (language \
pairs for cross). Tied candidates all get the last rank of their tie."""


def markdown(found: Evaluation, pictures: Sequence[tuple[str, str, str]]) -> str:
    """The report's text; `pictures` are file names, descriptions and SVG."""
    benchmark, results = found.benchmark, list(found.results.values())
    questions = len({query.id for query in benchmark.queries})
    quality = registry.shown_in("quality")
    lines = [
        f"# {in_markdown(benchmark.name)}",
        "",
        f"{len(benchmark.queries):,} queries ({questions:,} questions) and {len(benchmark.pool):,} candidates in "
        f"{len(benchmark.languages)} languages: {', '.join(map(in_markdown, benchmark.languages))}.",
        "",
        *(f"> {in_markdown(note)}" for note in (*benchmark.notes, *found.notes)),
        "",
        *_table(
            "encoder",
            _columns(quality),
            [(result.encoder, result.summary()) for result in results]
            + [(system.name, system.summary(benchmark.name)) for system in systems_on(benchmark.name)],
        ),
        "",
        LEGEND,
        "",
        *_legend(quality),
        "",
        "## Which differences are significant",
        "",
    ]
    lines += _differences(found.differences()) or [
        found.refusal() or "Only one encoder was measured, so there is nothing to compare."
    ]
    if any("multi" in result.settings for result in results):
        lines += ["", "## Language bias", ""]
        bias = registry.shown_in("bias")
        rows = [(each.encoder, {**each.summary(), **each.bias()}) for each in results]
        lines += [*_table("encoder", _columns(bias), rows), "", *_legend(bias)]
    if found.alignments:
        lines += ["", "## How close translations are", ""]
        spaces = registry.shown_in("alignment")
        rows = [(name, each.figures()) for name, each in found.alignments.items()]
        lines += [*_table("encoder", _columns(spaces), rows), "", *_legend(spaces)]
    for name, words, _ in pictures:
        lines += ["", f"![{in_markdown(words)}]({name})"]
    tails = found.tails()
    for result in results:
        lines += _by_language(result)
        if result.encoder in tails:
            lines += _tail(tails[result.encoder])
    return "\n".join(lines) + "\n"


def _legend(measures: Sequence[Measure]) -> list[str]:
    return [f"- **{each.label}**: {each.meaning} ({each.source})." for each in measures]


def _differences(items: Sequence[Compared]) -> list[str]:
    """A table of every two encoders and measure; significant differences are bold and name the better encoder."""
    if not items:
        return []
    measures = list(dict.fromkeys(item.measure for item in items))
    lines = [
        "| first less second | " + " | ".join(each.label for each in measures) + " |",
        "|---|" + "---:|" * len(measures),
    ]
    for pair in dict.fromkeys((item.difference.first, item.difference.second) for item in items):
        cells = []
        for measure in measures:
            own = (each.difference for each in items if each.measure == measure)
            item = next((each for each in own if (each.first, each.second) == pair), None)
            cells.append(UNKNOWN if item is None else _difference(item, measure))
        lines.append(f"| {in_markdown(' − '.join(pair))} | " + " | ".join(cells) + " |")
    return [
        *lines,
        "",
        "With 95 % bootstrap intervals, and p-values of sign-flip randomisation over questions (translations of one "
        f"question are one observation), Holm-corrected over these {len(items)} comparisons. Bold: shown to differ (p "
        "< .05 and an interval without 0), with the better one's name. Elsewhere no difference was shown, which is not "
        "to say that there is none.",
    ]


def _difference(item: Difference, measure: Measure) -> str:
    size, low, high = (measure.text(value, signed=True) for value in (item.mean, item.low, item.high))
    told = f"{size} [{low}, {high}], p = {item.p:.2g}"
    return f"**{told}: {in_markdown(item.better(measure) or 'differs')}**" if item.significant() else told


def _by_language(result: Result) -> list[str]:
    """One encoder's figures: a table by query language, and one of all pairs of languages."""
    measures = [each for each in registry.of("mono", "cross", "multi") if each.by_language and result.reports(each)]
    columns = [each for each in registry.shown_in("quality") if each in measures]
    found = {each: result.by_language(each) for each in columns}
    rows = []
    for code in dict.fromkeys(result.languages[i] for i in result.query_languages):
        rows.append((code, {each.key: _of_language(values, code) for each, values in found.items()}))
    rows.sort(key=lambda row: result.languages.index(row[0]))
    lines = [
        "",
        f"## {in_markdown(result.encoder)}, by query language",
        "",
        *_table("query language", _columns(columns), rows),
    ]
    matrix = result.matrix()
    queried, held = axes(result)
    if len(queried) > 1:
        cells = [(result.languages[j], result.languages[j], registry.named("mono").text) for j in held]
        by_pair = [(result.languages[i], {result.languages[j]: float(matrix[i, j]) for j in held}) for i in queried]
        lines += ["", "mAP, query language down, passage language across:", "", *_table("", cells, by_pair)]
    if result.skipped():
        lines += ["", f"Queries without an answer in the pool language were skipped: {_counts(result.skipped())}."]
    return lines


def _of_language(values: Mapping[str, float | None], code: str) -> float | None:
    """The figure of a query language; for figures by pair, the mean over the passage languages."""
    pairs = [value for pair, value in values.items() if pair.startswith(f"{code}-") and value is not None]
    return values[code] if code in values else (sum(pairs) / len(pairs) if pairs else None)


def _tail(tail: Tail) -> list[str]:
    """Where the mean rank distance comes from, with the questions that weigh most, which may be faults of the data."""
    distance = registry.named("rank_distance")
    columns: list[Column] = [
        ("last", "share of the sum with the last answer in it", _percent),
        ("without", f"{distance.label} without it", distance.text),
    ]
    rows = [(code, {"last": share, "without": tail.without.get(code)}) for code, share in tail.last.items()]
    lines = ["", tail.words(), "", *_table("language", columns, rows), "", "The questions that hold most of it:", ""]
    for each in tail.hardest:
        lines.append(
            f"- {each.share:.1%}: {_quoted(each.query)} finds an answer at rank {each.best:,} and the last, in "
            f"{in_markdown(each.language)}, at {each.worst:,}: {_quoted(each.text)}"
        )
    return lines


def _quoted(text: str) -> str:
    """A text from the data as code, so that nothing in it is read as markup."""
    plain = one_line(text).replace("`", "'")
    return f"`{plain[:MOST_CHARACTERS]}…`" if len(plain) > MOST_CHARACTERS else f"`{plain}`"


def _counts(skipped: Mapping[str, int]) -> str:
    return ", ".join(f"{in_markdown(pair)} {count}" for pair, count in skipped.items())


def _table(first: str, columns: Sequence[Column], rows: Sequence[tuple[str, Mapping[str, float | None]]]) -> list[str]:
    shown = [column for column in columns if any(known(values.get(column[0])) for _, values in rows)]
    return [
        f"| {first} | " + " | ".join(heading for _, heading, _ in shown) + " |",
        "|---|" + "---:|" * len(shown),
        *(
            f"| {in_markdown(name)} | " + " | ".join(text(values.get(key)) for key, _, text in shown) + " |"
            for name, values in rows
        ),
    ]


def _columns(measures: Sequence[Measure]) -> list[Column]:
    return [(each.key, each.label, each.text) for each in measures]


def _percent(share: float | None) -> str:
    return UNKNOWN if share is None else f"{share:.1%}"


def axes(result: Result) -> tuple[list[int], list[int]]:
    """Indices of the languages of queries and of the pool: rows and columns of a matrix."""
    size = range(len(result.languages))
    asked = [i for i in size if (result.query_languages == i).any()]
    return asked, [i for i in size if result.pool_share[i] > 0]
