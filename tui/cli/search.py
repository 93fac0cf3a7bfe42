"""`hybrid-search search`: a query answered by one or several encoders, or by words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import common
from .choose import WORDS, chosen_encoders, encoder_choice

if TYPE_CHECKING:
    from ...engine.search import Ranking

FUSED_DEPTH = 100


@click.command(short_help="Answer a query from a library.")
@click.argument("query", nargs=-1, required=True)
@encoder_choice
@click.option("-k", "k", type=click.IntRange(min=1), default=10, show_default=True, help="How many passages.")
@common.languages_option
@click.option("--exact", is_flag=True, help="Compare with every vector instead of asking the approximate index.")
@click.option("--fuse", is_flag=True, help="Join the rankings by reciprocal rank fusion.")
@click.option("--explain", is_flag=True, help="Show what each ranking adds to the joined score (with --fuse).")
@common.encoder_options
@common.json_option
@common.library_option
def command(
    query: tuple[str, ...],
    names: tuple[str, ...],
    k: int,
    languages: tuple[str, ...],
    exact: bool,
    fuse: bool,
    explain: bool,
    device: str,
    precision: str,
    workers: int | None,
    as_json: bool,
    library_path: Path | None,
) -> int:
    """Answer QUERY, in any language, from the passages of a library.

    Without a library of your own the demo library answers. Scores are cosines for encoders, BM25 for words, and sums of
    1/(60+rank) after --fuse.
    """
    text = common.query_text(query)
    if explain and not fuse:
        raise click.UsageError("--explain shows how rankings are joined: give it together with --fuse.")
    with common.opened(library_path, or_demo=True) as library:
        chosen = chosen_encoders(library, names, several=fuse)
        if fuse and len(chosen) < 2:
            raise click.UsageError("--fuse joins rankings: name two or more with --encoder, or --encoder all.")
        loaded = common.loader(device=device, precision=precision, workers=workers)
        depth = max(k, FUSED_DEPTH) if fuse else k
        rankings = [
            library.search(
                text, encoder="bm25" if name == WORDS else loaded(name), k=depth, languages=languages, exact=exact
            )
            for name in chosen
        ]
        if fuse:
            rankings = [library.fuse(rankings, k)]
    if as_json:
        common.write_json(
            {
                "query": text,
                "query_language": rankings[0].query_language.code,
                "query_language_confidence": rankings[0].query_language.confidence,
                "rows": [
                    {**common.row(ranking, hit), **({"trace": shares(ranking, hit.passage.id)} if fuse else {})}
                    for ranking in rankings
                    for hit in ranking.hits
                ],
            }
        )
    else:
        for ranking in rankings:
            _show(ranking, explain, titled=len(rankings) > 1)
    if not any(ranking.hits for ranking in rankings):
        common.say("Nothing found." if not languages else f"Nothing found in {', '.join(languages)}.")
    return 0


def _show(ranking: Ranking, explain: bool, *, titled: bool) -> None:
    from rich.table import Table
    from rich.text import Text

    console = common.out()
    if titled:
        console.print(Text(ranking.encoder, style="bold"))
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(justify="right", width=3)
    table.add_column(justify="right", width=7)
    table.add_column(width=5)
    table.add_column(ratio=1, overflow="fold")
    room = console.width - 18
    for hit in ranking.hits:
        passage = hit.passage
        place = " › ".join(filter(None, (passage.title, passage.heading if passage.heading != passage.title else "")))
        head = Text(common.fitted(place, room), style="bold")
        body = Text(common.fitted(passage.text, 2 * room - 4))
        where = Text(common.fitted(passage.path, room), style="dim")
        lines = [head, body, where]
        if explain:
            for share in shares(ranking, passage.id):
                line = f"{share['share']:.4f} from rank {share['rank']} of {share['encoder']} (score {share['score']:.4f})"
                lines.append(Text(common.fitted(line, room), style="cyan"))
        table.add_row(str(hit.rank), f"{hit.score:.4f}", common.language_mark(passage.language), Text("\n").join(lines))
    console.print(table)


def shares(ranking: Ranking, passage: int) -> list[dict[str, Any]]:
    """What each ranking added to a passage's joined score: its rank there, its score there, and 1/(60+rank)."""
    return [
        {"encoder": share.encoder, "rank": share.rank, "score": round(share.score, 6), "share": round(share.share, 6)}
        for share in ranking.trace.get(passage, ())
    ]
