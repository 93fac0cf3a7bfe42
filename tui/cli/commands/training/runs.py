"""`hybrid-search runs`: lists training runs with settings, scores and state, or deletes some."""

from __future__ import annotations

from typing import Any

import click

from ... import common


@click.group(invoke_without_command=True, short_help="List training runs with their scores, or delete one.")
@common.json_option
@click.pass_context
def command(context: click.Context, as_json: bool) -> int:
    """List what was trained, averaged or calibrated here: state, settings, scores. The app's Runs screen shows more."""
    if context.invoked_subcommand is None:
        return _list(as_json)
    return 0


@command.command("delete")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@common.json_option
def delete_command(names: tuple[str, ...], as_json: bool) -> int:
    """Delete runs NAME...: their encoders, checkpoints and curves. Vectors in libraries stay."""
    from .....train.runs import delete, find

    for name in names:
        find(name)  # one that does not exist is told before another is deleted
    for name in dict.fromkeys(names):
        delete(name)
        common.say(f"Deleted {common.fitted(name, 100)}.")
    if as_json:
        common.write_json({"deleted": list(dict.fromkeys(names))})
    return 0


def _list(as_json: bool) -> int:
    from .....train.runs import listed, sweeps

    found, studies = listed(), sweeps()
    if as_json:
        common.write_json(
            {
                "runs": [run.as_dict() for run in found],
                "sweeps": [
                    {
                        "name": each.name,
                        "path": str(each.folder),
                        "over": each.over,
                        "runs": each.runs,
                        "curves": {key: [list(point) for point in each.curve(key)] for key in each.values},
                    }
                    for each in studies
                ],
            }
        )
        return 0
    if not found and not studies:
        common.say("Nothing was trained here yet: `hybrid-search train` does.")
        return 0
    _show(found)
    for each in studies:
        state = "done" if each.over else "not finished"
        common.say(f"sweep {common.fitted(each.name, 40)}: {each.runs} runs, {state}; {each.folder}")
    return 0


def _show(found: list[Any]) -> None:
    from rich.table import Table

    from .....train.measure import registry

    measures = [each for each in registry.headlines() if any(each.key in run.scores for run in found)]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("run", header_style="bold", max_width=28, overflow="fold")
    for heading in ("state", "batches", "base"):
        table.add_column(heading, header_style="bold", overflow="fold")
    table.add_column("steps", justify="right", header_style="bold")
    for each in measures:
        table.add_column(each.heading, justify="right", header_style="bold")
    for run in found:
        base = str(run.settings.get("base", ""))
        table.add_row(
            common.cell(run.name),
            run.state if run.kind == "trained" else run.kind,
            common.cell(run.sampling),
            common.cell(base),
            f"{run.step:,}" if run.step else "",
            *(each.text(run.scores.get(each.key), brief=True) for each in measures),
        )
    common.out().print(table)
