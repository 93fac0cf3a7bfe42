"""`hybrid-search compare`: answers a query with several encoders side by side, with languages, overlap and bias."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ....engine.encoders import BM25
from ....engine.errors import HybridSearchError
from ...contract import comparison_form, hit_form, sentences
from ...display import flat
from .. import common
from ..choose import chosen_encoders, question_options
from ..paths import PathType

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from ....engine.search import Comparison


@click.command(short_help="Answer a query with several encoders side by side, with their language bias.")
@question_options
@common.encoder_options
@click.option("--html", "page_file", type=PathType(dir_okay=False), help="Also write the comparison as one HTML page.")
@common.json_option
@common.library_option
def command(
    query: tuple[str, ...],
    names: tuple[str, ...],
    k: int,
    languages: tuple[str, ...],
    exact: bool,
    neutral: bool,
    device: str,
    precision: str,
    threads: int | None,
    page_file: Path | None,
    as_json: bool,
    library_path: Path | None,
) -> int:
    """Answer QUERY with several encoders (mono, cross and hybrid, where the library has them) and compare the answers.

    A language-biased encoder answers mostly in the language of the question, whatever the library holds.
    """
    text = common.query_text(query)
    if page_file is not None:
        _refuse_page(page_file)
    common.expect_query(text)
    with common.asked(library_path, or_demo=True) as library:
        chosen = chosen_encoders(library, names or ("all",))
        loaded = common.loader(device=device, precision=precision, threads=threads, stored=library.fingerprints())
        from ....engine.encoders import before_and_after

        encoders = before_and_after([BM25 if name == BM25 else loaded(name) for name in chosen])
        comparison = library.compare(text, encoders=encoders, k=k, languages=languages, exact=exact, neutral=neutral)
        for encoder in encoders:
            if not isinstance(encoder, str):
                common.say_what_is_missing(library, encoder)
        if not any(ranking.hits for ranking in comparison.rankings.values()):
            common.say(common.nothing_found(languages, library.languages()))
    if page_file is not None:
        _write_page(page_file, comparison, k=k, exact=exact, neutral=neutral)
    if as_json:
        common.write_json(comparison_form(comparison))
    else:
        _show(comparison)
    return 0


def _refuse_page(file: Path) -> None:
    """Refuse a file that cannot be written, before anything is computed.

    Raises:
        HybridSearchError: the file exists, or its folder does not.
    """
    from ....engine.documents import storable

    if file.exists():
        raise HybridSearchError(f"{storable(file)} is there already.", hint="Name a new file, or remove that one.")
    if not file.absolute().parent.is_dir():
        raise HybridSearchError(f"There is no folder {storable(file.absolute().parent)}.", hint="Make it first.")


def _write_page(file: Path, comparison: Comparison, *, k: int, exact: bool, neutral: bool) -> None:
    from ....engine.documents import storable
    from ....engine.files import write_text
    from ...state import page

    write_text(file, page({**as_page(comparison), "k": k, "exact": exact, "neutral": neutral}))
    common.say(f"Wrote {storable(file)}; open it in a browser.")


def as_page(comparison: Comparison) -> dict[str, Any]:
    """A comparison in the form that `page` takes."""
    return {
        "query": comparison.query,
        "query_language": comparison.query_language.code,
        "languages": list(comparison.only),
        "rankings": {
            name: {
                "hits": [hit_form(ranking, hit) for hit in ranking.hits],
                "languages": comparison.languages[name],
                "share": comparison.same_language_share[name],
                "library_share": comparison.library_share,
            }
            for name, ranking in comparison.rankings.items()
        },
        "overlap": [
            {"pair": list(pair), "shared": each.shared, "rbo": each.rbo} for pair, each in comparison.overlap.items()
        ],
    }


def _show(comparison: Comparison) -> None:
    from rich.table import Table

    from ....engine.languages import name

    console = common.out()
    asked = comparison.query_language
    console.print(f"Asked in {name(asked.code)} ({asked.code}, {common.percent(asked.confidence)} sure)\n")
    _rankings(console, comparison)
    console.print()
    _languages(console, comparison)
    if comparison.overlap:
        console.print()
        table = Table(box=None, pad_edge=False)
        for title in ("pair", "shared", "jaccard", "rbo"):
            table.add_column(title, justify="left" if title == "pair" else "right", header_style="bold")
        for pair, overlap in comparison.overlap.items():
            table.add_row(flat(" and ".join(pair)), str(overlap.shared), f"{overlap.jaccard:.2f}", f"{overlap.rbo:.2f}")
        console.print(table)
    console.print()
    for line in sentences(comparison):
        console.print(flat(line))


def _rankings(console: Console, comparison: Comparison) -> None:
    from rich.table import Table
    from rich.text import Text

    names = list(comparison.rankings)
    room = max(12, (console.width - 5 - 3 * len(names)) // max(1, len(names)))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("", justify="right", width=3)
    for each in names:
        table.add_column(Text(common.fitted(each, room)), width=room, no_wrap=True, header_style="bold")
    longest = max((len(ranking.hits) for ranking in comparison.rankings.values()), default=0)
    for place in range(longest):
        cells: list[Text] = []
        for each in names:
            hits = comparison.rankings[each].hits
            if place < len(hits):
                passage = hits[place].passage
                mark = common.language_mark(f"{passage.language:<4}")
                titled = passage.text.startswith(passage.title)
                label = passage.text if titled else f"{passage.title} — {passage.text}"
                cells.append(mark + Text(common.fitted(label, room - 4)))
            else:
                cells.append(Text())
        table.add_row(str(place + 1), *cells)
    console.print(table)


def _languages(console: Console, comparison: Comparison) -> None:
    """Print for each encoder how many answers are in each language, and the share of the question's."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("encoder", header_style="bold", max_width=20)
    table.add_column("languages of the answers", header_style="bold", ratio=1, overflow="fold")
    table.add_column(f"in {comparison.query_language.code}", justify="right", header_style="bold")
    for each, counts in comparison.languages.items():
        line = Text()
        for code, number in counts.items():
            line.append(" " if line else "")
            line.append_text(common.language_mark(code)).append(f" {number}")
        table.add_row(
            Text(common.fitted(each, 20)), line, common.percent(comparison.same_language_share.get(each, 0.0))
        )
    console.print(table)
