"""`hybrid-search judgements`: list a library's relevance judgements, or export them for evaluation and training."""

from __future__ import annotations

from pathlib import Path

import click

from ....train.judged import FORMS
from ...display import flat
from .. import common
from ..paths import PathType


@click.group(invoke_without_command=True, short_help="List or export the relevance judgements made in the app.")
@common.json_option
@common.library_option
@click.pass_context
def command(context: click.Context, as_json: bool, library_path: Path | None) -> int:
    """List or export which passages were judged to answer which questions (keys 1, 2 and 0 in the app)."""
    if context.invoked_subcommand is None:
        return _list(as_json, library_path)
    return 0


@command.command("list")
@common.json_option
@common.library_option
@click.pass_context
def list_command(context: click.Context, as_json: bool, library_path: Path | None) -> int:
    """List every judgement: grade, question, place in a document, and whether the library still has a passage there."""
    above = context.parent.params if context.parent else {}
    return _list(as_json or bool(above.get("as_json")), library_path or above.get("library_path"))


def _list(as_json: bool, library_path: Path | None) -> int:
    from ....engine.store import GRADES
    from ....train.judged import by_question, judging_progress

    with common.opened(library_path, or_demo=True) as library:
        judged = library.judgements()
        there = library.places_of_judged(judged)
    if as_json:
        rows = [{**vars(each), "passage_id": there.get(each.id)} for each in judged]
        common.write_json({"judgements": rows, "progress": judging_progress(judged)})
        return 0
    console = common.out()
    for asked in by_question(judged).values():
        console.print(flat(asked[0].query), style="bold", markup=False, highlight=False)
        for each in asked:
            gone = "" if each.id in there else "  (not in the library now)"
            place = f"{flat(each.path)} {each.start:,}-{each.end:,}{gone}"
            console.print(f"  {GRADES[each.grade]:<6} {place}", markup=False, highlight=False)
    common.say(judging_progress(judged))
    return 0


@command.command("export")
@click.argument("form", type=click.Choice(list(FORMS)))
@click.argument("target", type=PathType())
@common.json_option
@common.library_option
@click.pass_context
def export_command(context: click.Context, form: str, target: Path, as_json: bool, library_path: Path | None) -> int:
    """Write all judgements to TARGET in a FORM.

    qrels: a folder of queries, corpus and qrels in BEIR's layout, for `evaluate --benchmark TARGET` and other programs.
    evaluation: a file of questions with the paths that answer them, for `evaluate --queries TARGET`.
    pairs: a file of questions and passages that answer them, for `train TARGET`.
    """
    from ....engine.documents import storable
    from ....train.judged import write_judgements

    above = context.parent.params if context.parent else {}
    with common.opened(library_path or above.get("library_path"), or_demo=True) as library:
        written = write_judgements(library, form, target)
    if written.words:
        common.say(written.words)
    if as_json or above.get("as_json"):
        common.write_json({"form": form, "path": str(storable(written.path)), "questions": written.questions})
    else:
        click.echo(storable(written.path))
    return 0
