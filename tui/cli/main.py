"""The `hybrid-search` command: each subcommand's module is imported when it runs, so that `--help` is instant."""

from __future__ import annotations

import importlib
import io
import sys
from collections.abc import Sequence

import click

from ...engine.errors import HybridSearchError
from ...engine.shown import lines

COMMANDS: dict[str, tuple[str, str]] = {
    "index": ("index", "Index a folder: passages of its documents, with vectors of each encoder."),
    "search": ("search", "Answer a query from a library."),
    "compare": ("compare", "Answer a query with several encoders side by side, with their language bias."),
    "status": ("status", "What a library holds, by language and encoder, and what could not be indexed."),
    "check": ("check", "Verify a library and repair what can be repaired."),
    "remove": ("remove", "Take a folder's documents out of a library."),
    "push": ("push", "Copy a library to a Milvus engine, to be searched there."),
    "encoders": ("encoders", "List encoders, or export one as a SentenceTransformer folder."),
    "train": ("train", "Fine-tune an encoder with mono, cross or hybrid batches."),
    "study": ("study", "Measure how alpha and the pairing change what training gives."),
    "evaluate": ("evaluate", "Measure encoders by the paper's protocol."),
    "tui": ("tui", "Open the app."),
}


class LazyGroup(click.Group):
    """A group that knows its commands' names and one-line helps without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of a first session."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f".commands.{COMMANDS[cmd_name][0]}", __package__)
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table of commands, from the table above instead of from their modules."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_line) for name, (_, help_line) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="hybrid-search", prog_name="hybrid-search")
def cli() -> None:
    """Multilingual search without language bias: index, search, compare, train, evaluate."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns and exits with 0 done, 1 done with unreadable files, 2 usage or environment."""
    try:
        result = cli.main(args=list(arguments) if arguments is not None else None, standalone_mode=False)
    except click.ClickException as error:
        said = io.StringIO()
        error.show(said)
        click.echo(lines(said.getvalue()), err=True, nl=False)
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        code = 130
    except BrokenPipeError:
        sys.stderr.close()
        code = 0
    except HybridSearchError as error:
        click.echo(lines(f"hybrid-search: {error.message}"), err=True)
        if error.hint:
            click.echo(lines(f"  {error.hint}"), err=True)
        code = error.exit_code
    else:
        code = result if isinstance(result, int) else 0
    if arguments is None:
        sys.exit(code)
    return code
