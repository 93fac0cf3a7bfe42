"""`hybrid-search encoders`: list, export, push, average or calibrate encoders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ....train.settings import CalibrationSettings, RunConfig
from .. import common
from ..paths import PathType
from ..setting_options import SettingsCommand, given, setting_options


@click.group(invoke_without_command=True, short_help="List, export, push, average or calibrate encoders.")
@common.json_option
@click.pass_context
def command(context: click.Context, as_json: bool) -> int:
    """List encoders (bundled ones and those you trained), or export, push, average or calibrate them."""
    if context.invoked_subcommand is None:
        return _list(as_json)
    return 0


@command.command("list")
@common.json_option
@click.pass_context
def list_command(context: click.Context, as_json: bool) -> int:
    """List the encoders that have a name here: bundled ones, and those trained, averaged or calibrated here."""
    return _list(as_json or bool(context.parent and context.parent.params["as_json"]))


@command.command("export")
@click.argument("name")
@click.argument("folder", type=PathType(file_okay=False))
@click.option("--onnx", is_flag=True, help="Also write onnx/model.onnx, which fastembed and Optimum load.")
@common.json_option
def export_command(name: str, folder: Path, onnx: bool, as_json: bool) -> int:
    """Write encoder NAME, with its base, to the new folder FOLDER, which `SentenceTransformer(FOLDER)` loads.

    The folder does not need this program, and its encoder gives the same vectors. With --onnx it also holds the whole
    encoder as one graph, including pooling and any map after it; its card says how fastembed loads it.
    """
    from ....engine import encoders
    from ....engine.documents import storable
    from ....engine.errors import HybridSearchError

    if folder.exists() and any(folder.iterdir()):
        raise HybridSearchError(
            f"{storable(folder)} is not empty.", hint="Name a new folder: nothing that exists is overwritten."
        )
    encoders.export(name, folder, onnx=onnx)
    common.say(f"Wrote {name}. Load it with SentenceTransformer({str(storable(folder))!r}).")
    if as_json:
        common.write_json({"name": name, "path": str(storable(folder))})
    else:
        click.echo(storable(folder))
    return 0


@command.command("push")
@click.argument("name")
@click.argument("repository", metavar="OWNER/NAME")
@click.option(
    "--license", "licence", default="", metavar="ID", help="Licence, such as apache-2.0. Default: that of its base."
)
@click.option("--private", is_flag=True, help="Make a new repository private.")
@click.option("--onnx", is_flag=True, help="Upload onnx/model.onnx too.")
@click.option("--message", default="", metavar="TEXT", help="Commit message.")
@click.option("--scores", type=PathType(dir_okay=False), help="Output of `evaluate --json` on it, for the card.")
@click.option(
    "--dry-run", "folder", type=PathType(file_okay=False), help="Write here what would be sent, and send nothing."
)
@common.json_option
def push_command(
    name: str,
    repository: str,
    licence: str,
    private: bool,
    onnx: bool,
    message: str,
    scores: Path | None,
    folder: Path | None,
    as_json: bool,
) -> int:
    """Upload encoder NAME, with its base, to the repository OWNER/NAME of the Hugging Face hub.

    Its card has measured scores (`model-index`), the data and the licence; scores are those of its run's validation, or
    of --scores. The access token comes from `hf auth login` or HF_TOKEN.
    """
    from ....engine.documents import storable
    from ....train.hub import push, sizes, write_folder

    if folder is not None:
        files = sizes(write_folder(name, repository, folder, licence=licence, onnx=onnx, scores=scores))
        address = str(storable(folder))
        common.say(f"Nothing was sent. {len(files)} files, {sum(files.values()) / 1e6:,.1f} MB, would be.")
    else:
        common.say(f"Sending {name} to {repository} …")
        made = push(name, repository, licence=licence, private=private, onnx=onnx, message=message, scores=scores)
        files, address = made.files, made.url
    if as_json:
        told = {"path": address} if folder is not None else {"url": address}
        common.write_json({"name": name, "repository": repository, "sent": folder is None, **told, "files": files})
    else:
        click.echo(address)
    return 0


@command.command("average")
@click.argument("name")
@click.argument("encoders", nargs=-1, required=True, metavar="ENCODER...")
@click.option("--rank", type=click.IntRange(1), help="Rank of the new adapter. Default: the largest of theirs.")
@common.json_option
def average_command(name: str, encoders: tuple[str, ...], rank: int | None, as_json: bool) -> int:
    """Average the adapters of several ENCODERs and register the result as NAME.

    All must be adapters on one base, such as runs of one recipe with different seeds.
    """
    from ....engine.encoders import average

    made = average(name, encoders, rank=rank)
    if as_json:
        common.write_json({"name": made.name, "path": str(made.path), "rank": made.rank, "kept": made.kept})
        return 0
    common.say(f"{made.name} is the mean of {len(encoders)} encoders; rank {made.rank} keeps {made.kept:.1%} of it.")
    click.echo(made.path)
    return 0


@command.command("calibrate", cls=SettingsCommand)
@click.argument("name")
@click.argument("encoder")
@click.argument("data", nargs=-1)
@click.option("--recipe", type=PathType(dir_okay=False), help="A recipe whose data and sampling to use.")
@setting_options(
    RunConfig, ("batches", "seed"), about={"batches": "Default: that of ENCODER.", "seed": "Default: the recipe's."}
)
@setting_options(CalibrationSettings)
@common.long_json_options
@click.pass_context
def calibrate_command(
    context: click.Context,
    /,
    name: str,
    encoder: str,
    data: tuple[str, ...],
    recipe: Path | None,
    as_json: bool,
    **_settings: Any,
) -> int:
    """Fit an affine map applied after ENCODER, which itself stays unchanged, and register both together as NAME.

    With the map, short texts rank like longer ones of the same content, and a question ranks passages more like the
    mean of its translations. It is fitted on DATA, else on the sources of --recipe, else on the bundled pairs, drawn as
    for ENCODER's batches. `evaluate` measures the result, `evaluate --fragments` its effect on short texts.
    """
    from ....engine.encoders import resolve
    from ....engine.encoders.weights import read_json
    from ..configured import configured

    folder = resolve(encoder).path
    told = read_json(folder / "encoder.json") if folder is not None and (folder / "encoder.json").is_file() else {}
    options = given(context, RunConfig, only=("batches", "seed"))
    config = configured(data, recipe, {"batches": str(told.get("batches") or "hybrid"), **options}).config
    settings = CalibrationSettings(**given(context, CalibrationSettings))
    from ....train.calibration import calibrate

    with common.ProgressBars() as bars:
        path, made = calibrate(name, encoder, config, settings, bars.show)
    if as_json:
        common.write_json(
            {
                "name": name,
                "path": str(path),
                "fragment_rank": {"before": made.before, "after": made.after, "passages": made.passages},
            }
        )
        return 0
    common.say(
        f"{name}: the median rank of a passage's fragment among {made.passages:,} other passages went from "
        f"{made.before:,.0f} to {made.after:,.0f}."
    )
    click.echo(path)
    return 0


def _list(as_json: bool) -> int:
    from ....engine import encoders

    found = encoders.available()
    if as_json:
        common.write_json(
            {
                "encoders": [
                    {
                        "name": each.name,
                        "kind": each.kind,
                        "dimension": each.dimension,
                        "fingerprint": each.fingerprint,
                        "path": str(each.path) if each.path else None,
                        "description": each.description,
                    }
                    for each in found
                ]
            }
        )
        return 0
    from rich.table import Table

    console = common.out()
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("name", header_style="bold", max_width=24, overflow="fold")
    table.add_column("kind", header_style="bold")
    table.add_column("dim", justify="right", header_style="bold")
    table.add_column("what it is", header_style="bold", ratio=1)
    for each in found:
        table.add_row(common.cell(each.name), each.kind, str(each.dimension or "?"), common.cell(each.description))
    console.print(table)
    common.say("Any SentenceTransformer folder or Hugging Face id can be used by its path or id too.")
    common.say(f"Endpoints, files and columns are named {', '.join(kind.form for kind in encoders.KINDS)}.")
    return 0
