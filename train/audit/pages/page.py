"""The content of an audit's page, independent of its format: sections of sentences, tables and pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ....engine.languages import name as name_of
from ....engine.shown import counted
from ...measure import registry
from ..auditing import Audit
from ..gate import Gate
from ..judged import Judged
from ..remedies import Figures, Remedy, figures_of
from ..unjudged import Unjudged
from ..verdict import number, percent, points
from . import pictures

_MOST_LOSSES = 10
_MOST_TEXT = 140


@dataclass(frozen=True)
class Table:
    """A table of texts; the first column names the row."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""


@dataclass(frozen=True)
class Section:
    """A part of the page.

    Attributes:
        title: its heading.
        lines: sentences, one per line.
        tables: shown below the lines.
        pictures: a description and the SVG of each.
        short: whether it is part of the short report in a terminal.
    """

    title: str
    lines: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    pictures: tuple[tuple[str, str], ...] = ()
    short: bool = False


@dataclass(frozen=True)
class Page:
    """A page: its title, a subtitle with what was asked, the verdict's level and headline, and sections."""

    title: str
    subtitle: str
    level: str
    headline: str
    sections: tuple[Section, ...]


def page_of(found: Audit, gate: Gate | None = None) -> Page:
    """Arrange an audit as a page."""
    asked, kit = found.asked, found.asked.kit
    depth = "whole rankings" if asked.depth is None else f"the first {asked.depth:,} answers of each"
    languages = f"{counted(len(kit.languages), 'language')} ({', '.join(kit.languages)})"
    subtitle = f"{counted(len(kit.groups), 'question')} in {languages} of {kit.name}; {depth}, in {asked.unit}."
    sections = [Section("What was found", found.verdict.sentences, short=True)]
    if gate is not None:
        sections.append(
            Section("Compared with the baseline", tuple(gate.sentences()), (_gate_table(gate),), short=True)
        )
    if found.remedies:
        sections.append(_mending(found))
    sections.append(_languages(found.unjudged))
    if found.judged is not None:
        sections += _right(found.judged)
    sections += [_alike(found.unjudged), _crowd(found.unjudged)]
    if found.notes:
        sections.append(Section("Notes", found.notes, short=True))
    return Page(
        f"Language bias of {asked.target}",
        subtitle,
        found.verdict.level,
        found.verdict.headline,
        tuple(sections),
    )


def _gate_table(gate: Gate) -> Table:
    rows = []
    for each in gate.compared:
        item = each.difference
        rows.append(
            (
                each.language,
                each.key,
                f"{each.before:.3f}",
                f"{each.now:.3f}",
                f"{item.mean:+.4f} [{item.low:+.4f}, {item.high:+.4f}]",
                f"{item.p:.3g}",
                "fell" if each.worse else "",
            )
        )
    return Table(("language", "watched", "before", "now", "difference", "p", ""), tuple(rows))


def _mending(found: Audit) -> Section:
    """The remedies: a row for each, after one for the target as it is."""
    rows = [_figures("as it is", figures_of(found.asked), None)]
    for each in found.remedies:
        if each.figures is None:
            continue
        if each.without is not None:
            rows.append(_figures(each.compared, each.without, None))
        rows.append(_figures(each.title, each.figures, each))
    shown = [n for n in range(len(rows[0])) if n == 0 or any(row[n] not in ("", "–") for row in rows)]
    multi, mono = (registry.named(key).label for key in ("multi", "mono"))
    columns = ("", "pull", "in own language", multi, "difference", mono, "lost to language")
    return Section(
        "What would reduce it",
        found.verdict.remedies,
        (Table(tuple(columns[n] for n in shown), tuple(tuple(row[n] for n in shown) for row in rows)),),
        short=True,
    )


def _figures(title: str, each: Figures | None, remedy: Remedy | None) -> tuple[str, ...]:
    assert each is not None
    item = remedy.difference if remedy is not None else None
    return (
        title,
        points(each.pull),
        percent(each.own),
        f"{each.multi.value:.3f}" if each.multi.known else "–",
        "" if item is None else f"{item.mean:+.3f} [{item.low:+.3f}, {item.high:+.3f}]",
        f"{each.mono.value:.3f}" if each.mono.known else "–",
        points(each.lost),
    )


def _languages(found: Unjudged) -> Section:
    rows = []
    for place, code in enumerate(found.asked):
        even = found.collection.get(code)
        rows.append(
            (
                f"{name_of(code)} ({code})",
                f"{found.shares[place, found.answered.index(code)]:.0%}",
                "–" if even is None else f"{even:.0%}",
                points(found.pulls[code]),
                number(found.exposure[code]) if code in found.exposure else "–",
            )
        )
    lines = [
        f"Own: share of the language among the first {found.top} answers when it is asked in. Even: its share of the "
        "collection. Pull: its share when it is asked in, minus its share when the same is asked in other languages. "
        "Exposure: how often it is among the answers to questions in other languages; 1 is even."
    ]
    return Section(
        "Languages of the answers",
        tuple(lines),
        (Table(("language", "own", "even", "pull", "exposure"), tuple(rows)),),
        (
            ("Languages of the first answers, by language of the question", pictures.shares(found)),
            ("Pull by language, with 95 % intervals", pictures.pulls(found)),
        ),
    )


def _alike(found: Unjudged) -> Section:
    if not found.overlap.known:
        return Section("Translations of a question", ("No question was asked in two languages.",))
    return Section(
        "Translations of a question",
        (
            f"First {found.top} answers shared: {percent(found.overlap)}. Rank-biased overlap: {number(found.rbo)}. "
            f"Mean rank correlation: {number(found.mrc)}.",
        ),
        pictures=(("Rank-biased overlap of the answers to translations", pictures.alike(found)),),
    )


def _crowd(found: Unjudged) -> Section:
    lines = [f"Hubness (skewness of how many questions have each passage among their first ten): {found.hubness:.2f}."]
    if found.hub_shares:
        named = ", ".join(f"{name_of(code)} {share:.0%}" for code, share in list(found.hub_shares.items())[:4])
        lines.append(f"Share of result places taken by the most frequent 1 % of passages: {named}.")
    tables = []
    if found.hubs:
        rows = tuple((each.language, f"{each.questions:,}", each.id, cut(each.text)) for each in found.hubs)
        tables.append(Table(("language", "questions", "id", "text"), rows, "Among the first ten most often"))
    if found.never:
        total, lost = sum(of for _, of in found.never.values()), sum(n for n, _ in found.never.values())
        lines.append(f"{lost:,} of {total:,} passages are never among the first hundred answers.")
        if lost:
            worst = sorted(found.never.items(), key=lambda item: -item[1][0] / max(1, item[1][1]))[:4]
            named = ", ".join(f"{name_of(code)} {n / of:.0%}" for code, (n, of) in worst if n)
            lines.append(f"Most of them: {named}.")
    odd = found.nonsense
    if odd is not None:
        lines.append(
            f"{odd.answered:,} of {odd.questions:,} nonsense questions (shuffled letters) got answers"
            + (f", {odd.own:.0%} of them in the language of the letters." if odd.answered else ".")
        )
        if odd.told_apart == odd.told_apart:
            lines.append(
                f"The best score of a real question exceeds that of a nonsense question with probability "
                f"{odd.told_apart:.0%}: "
                "so well could a threshold separate them."
            )
    return Section("Who crowds in, who stays out", tuple(lines), tuple(tables))


def _right(found: Judged) -> list[Section]:
    result = found.result
    summary: Mapping[str, float] = {**result.summary(), **result.bias()}
    rows = []
    for each in (*registry.shown_in("quality"), *registry.shown_in("bias")):
        if each.key in summary and not each.collections and summary[each.key] == summary[each.key]:
            known = found.intervals.get(each.key)
            interval = f"[{each.text(known.low)}, {each.text(known.high)}]" if known is not None else ""
            rows.append((each.label, each.text(summary[each.key]), interval, each.meaning))
    by_language = []
    columns = [each for each in registry.shown_in("quality") if each.by_language and result.reports(each)]
    values = {each.key: result.by_language(each) for each in columns}
    asked = [code for place, code in enumerate(result.languages) if (result.query_languages == place).any()]
    for code in asked:
        cells = [each.text(_of_language(values[each.key], code)) for each in columns]
        by_language.append((f"{name_of(code)} ({code})", *cells, points(found.lost_by_language[code])))
    losses = tuple(
        (f"{name_of(each.asked)} → {name_of(each.answered)}", number(each.loss)) for each in found.losses[:_MOST_LOSSES]
    )
    tables = [
        Table(("measure", "value", "95 % interval", "meaning"), tuple(rows)),
        Table(
            ("asked in", *(each.heading for each in columns), "lost to language"),
            tuple(by_language),
            "By language of the question",
        ),
    ]
    sections = [
        Section(
            "Quality",
            (),
            tuple(tables),
            (("Mean average precision by language of the question and of the passages", pictures.precision(result)),),
        )
    ]
    lines = [
        "Lost to language: an answer ranks below a wrong passage in the question's language. Answers in other "
        f"languages: {percent(found.outranked)}; in the question's own: {percent(found.outranked_own)}."
    ]
    kept = [Table(("asked → passages", "mAP lost"), losses, "The costliest pairs of languages")] if losses else []
    if found.examples:
        rows_lost = tuple(
            (
                each.language,
                cut(each.question),
                each.answer_language,
                cut(each.answer),
                "–" if each.rank is None else f"{each.rank:,}",
                f"{each.wrong_rank:,}: {cut(each.wrong)}",
            )
            for each in found.examples
        )
        heads = ("asked in", "question", "answer in", "answer", "rank", "behind")
        kept.append(Table(heads, rows_lost, "Lost to language alone: first in its own language, yet far down over all"))
    if found.worst:
        rows_worst = tuple((each.language, cut(each.text), f"{each.figure:.3f}") for each in found.worst)
        kept.append(Table(("asked in", "question", "multi AP"), rows_worst, "The questions with the worst results"))
    if found.tail is not None:
        lines.append(found.tail.words())
    sections.append(Section("Losses", tuple(lines), tuple(kept)))
    return sections


def _of_language(values: Mapping[str, float | None], code: str) -> float | None:
    """The figure of a language; for figures by pair, the mean over the languages of the passages."""
    if code in values:
        return values[code]
    pairs: Sequence[float] = [
        value for pair, value in values.items() if pair.startswith(f"{code}-") and value is not None
    ]
    return sum(pairs) / len(pairs) if pairs else None


def cut(text: str) -> str:
    """A text short enough for a cell."""
    plain = " ".join(text.split())
    return plain if len(plain) <= _MOST_TEXT else plain[: _MOST_TEXT - 1] + "…"
