"""`hybrid-search train --show-batches`: shows the batches of a run, without loading a model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from . import common

if TYPE_CHECKING:
    from ...train.batches import Batch
    from ...train.data import RunData
    from ...train.settings import RunConfig

SHOWN = 6
_TEXT = 40


def show(configs: Sequence[RunConfig], count: int, *, as_json: bool) -> int:
    """Show the first `count` batches of each run."""
    from ...train.data import prepare

    answer = []
    for config in configs:
        data = prepare(config)
        for note in data.notes:
            common.say(note)
        found = [_described(data, data.batches.batch(number)) for number in range(count)]
        answer.append({"batches": config.batches, "alpha": config.alpha, "seed": config.seed, "drawn": found})
        if not as_json:
            for batch in found:
                _print(config, batch)
    if as_json:
        common.write_json({"samplings": answer})
    return 0


def _described(data: RunData, batch: Batch) -> dict[str, Any]:
    texts = data.assembler.texts(batch)
    pairs = [
        {
            "source": data.corpora[pick.source].example(pick.row).source,
            "question_language": pick.question,
            "passage_language": pick.passage,
            "question": query,
            "passage": passage,
        }
        for pick, query, passage in zip(batch.picks, texts.queries, texts.passages, strict=True)
    ]
    return {"number": batch.number, "kind": batch.kind, "pairs": pairs, "negatives": len(texts.negatives)}


def _print(config: RunConfig, batch: dict[str, Any]) -> None:
    from rich.table import Table

    pairs = batch["pairs"]
    directions = Counter((pair["question_language"], pair["passage_language"]) for pair in pairs)
    if batch["kind"] == "mono":
        about = f"all in {pairs[0]['question_language']}"
    else:
        languages = {code for direction in directions for code in direction}
        about = f"{len(directions)} pairs of languages among {len(languages)}"
    table = Table(
        title=f"{config.batches}, batch {batch['number']}: {batch['kind']}, {len(pairs)} pairs, {about}",
        title_justify="left",
        box=None,
        padding=(0, 1),
    )
    for heading in ("question", "", "passage", "", "source"):
        table.add_column(heading, no_wrap=True)
    for pair in pairs[:SHOWN]:
        table.add_row(
            common.cell(common.fitted(pair["question"], _TEXT - 6)),
            common.language_mark(pair["question_language"]),
            common.cell(common.fitted(pair["passage"], _TEXT)),
            common.language_mark(pair["passage_language"]),
            common.cell(common.fitted(pair["source"], 12)),
        )
    console = common.out()
    console.print(table)
    if len(pairs) > SHOWN:
        console.print(f" and {len(pairs) - SHOWN} more pairs")
    console.print()
