"""`hybrid-search search`: answers a query with one or several encoders, or by words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ....engine.encoders import BM25
from ...contract import hit_form
from .. import common
from ..choose import chosen_encoders, question_options

if TYPE_CHECKING:
    from ....engine.search import Ranking


@click.command(short_help="Answer a query from a library.")
@question_options
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
    neutral: bool,
    fuse: bool,
    explain: bool,
    device: str,
    precision: str,
    threads: int | None,
    as_json: bool,
    library_path: Path | None,
) -> int:
    """Answer QUERY, in any language, from the passages of a library.

    Without a library of your own, the demo library answers. In a search by words (bm25), text in quotation marks is a
    phrase that a passage has to contain. Scores are cosines for encoders, BM25 for words, and sums of 1/(60+rank) after
    --fuse.
    """
    from ....engine.search import fusion

    text = common.query_text(query)
    if explain and not fuse:
        raise click.UsageError("--explain shows how --fuse joins rankings: give both.")
    common.expect_query(text)
    with common.asked(library_path, or_demo=True) as library:
        chosen = chosen_encoders(library, names, several=fuse)
        if fuse and len(chosen) < 2 and names:
            raise click.UsageError("--fuse joins rankings: name two or more with --encoder, or --encoder all.")
        loaded = common.loader(device=device, precision=precision, threads=threads, stored=library.fingerprints())
        depth = max(k, fusion.DEPTH) if fuse else k
        rankings: list[Ranking] = []
        for name in chosen:
            encoder = BM25 if name == BM25 else loaded(name)
            rankings.append(
                library.search(text, encoder=encoder, k=depth, languages=languages, exact=exact, neutral=neutral)
            )
            if not isinstance(encoder, str):
                common.say_what_is_missing(library, encoder)
        shares = Shares(rankings)
        counts = library.languages()
        if fuse:
            rankings = [library.fuse(rankings, k)]
    if as_json:
        common.write_json(
            {
                "query": text,
                "query_language": rankings[0].query_language.code,
                "query_language_confidence": rankings[0].query_language.confidence,
                "rows": [
                    {**hit_form(ranking, hit), **({"trace": shares.of(ranking, hit.passage.id)} if fuse else {})}
                    for ranking in rankings
                    for hit in ranking.hits
                ],
            }
        )
    else:
        for ranking in rankings:
            _show(ranking, shares if explain else None, titled=len(rankings) > 1)
    if not any(ranking.hits for ranking in rankings):
        common.say(common.nothing_found(languages, counts))
    return 0


def _show(ranking: Ranking, shares: Shares | None, *, titled: bool) -> None:
    from rich.style import Style
    from rich.table import Table
    from rich.text import Text

    console = common.out()
    if titled:
        console.print(common.cell(ranking.encoder, "bold"))
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(justify="right", width=3)
    table.add_column(justify="right", width=7)
    table.add_column(width=5)
    table.add_column(ratio=1, overflow="fold")
    room = console.width - 18
    for hit in ranking.hits:
        passage = hit.passage
        under = passage.heading.startswith(passage.title)
        place = passage.heading if under else " › ".join(filter(None, (passage.title, passage.heading)))
        head = Text(common.fitted(place, room), style="bold")
        body = Text(common.fitted(passage.text, 2 * room - 4))
        where = Text(common.fitted(passage.path, room), style=Style(dim=True, link=common.link(passage.path)))
        lines = [head, body, where]
        if shares is not None:
            for share in shares.of(ranking, passage.id):
                score = f"score {share['score']:.4f}"
                line = f"{share['share']:.4f} from rank {share['rank']} of {share['encoder']} ({score})"
                lines.append(Text(common.fitted(line, room), style="cyan"))
        table.add_row(str(hit.rank), f"{hit.score:.4f}", common.language_mark(passage.language), Text("\n").join(lines))
    console.print(table)


class Shares:
    """What each ranking adds to the joined score, and the passage's score in that ranking."""

    def __init__(self, rankings: Sequence[Ranking]) -> None:
        self._scores = {(ranking.encoder, hit.passage.id): hit.score for ranking in rankings for hit in ranking.hits}

    def of(self, joined: Ranking, passage: int) -> list[dict[str, Any]]:
        """The shares of a passage, in the form of the JSON output."""
        return [
            {
                "encoder": share.encoder,
                "rank": share.rank,
                "score": round(self._scores[share.encoder, passage], 6),
                "share": round(share.share, 6),
            }
            for share in joined.trace.get(passage, ())
        ]
