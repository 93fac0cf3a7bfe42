"""The `hybrid-search` command: each subcommand's module is imported when it runs, so that `--help` is instant."""

from __future__ import annotations

import importlib
import io
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from ...engine.errors import HybridSearchError
from . import exit_codes, streams

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

PROGRAM = "hybrid-search"
COMMANDS: dict[str, tuple[str, str]] = {
    "index": ("index", "Index a folder: passages of its documents, with vectors of each encoder."),
    "search": ("search", "Answer a query from a library."),
    "compare": ("compare", "Answer a query with several encoders side by side, with their language bias."),
    "status": ("status", "Show what a library holds, by language and encoder, and what could not be indexed."),
    "judgements": ("judgements", "List or export the relevance judgements made in the app."),
    "check": ("check", "Verify a library and repair it."),
    "remove": ("remove", "Remove a folder's documents from a library."),
    "neutralise": (
        "elsewhere.neutralise",
        "Remove what each language adds to stored vectors, after measuring the effect.",
    ),
    "push": ("elsewhere.push", "Copy a library to Milvus or PostgreSQL, to be searched there."),
    "encoders": ("encoders", "List, export, push, average or calibrate encoders."),
    "train": ("training.train", "Fine-tune an encoder with mono, cross or hybrid batches."),
    "runs": ("training.runs", "List training runs with their scores, or delete one."),
    "study": ("training.study", "Measure how alpha, the pairing or methods change trained encoders."),
    "evaluate": ("evaluate", "Measure encoders by the paper's protocol."),
    "validate": ("validate", "Measure encoders over several benchmarks and rank them by one number."),
    "audit": ("audit", "Report how biased any retriever is, which languages lose, and what would reduce the bias."),
    "tui": ("tui", "Open the app."),
    "serve": ("programs.serve", "Open the app in a browser."),
    "mcp": ("programs.mcp", "Let agents search a library over the Model Context Protocol."),
    "doctor": ("programs.doctor", "Check the installation and say how to fix what is wrong."),
    "locate": ("programs.locate", "Print where settings, libraries, encoders, caches and runs are kept."),
    "completion": ("programs.completion", "Print shell completion of commands and options."),
}


class _SystemError(Exception):
    """Carries an OSError through click, which would end the process on some errors."""

    def __init__(self, error: OSError) -> None:
        super().__init__(str(error))
        self.error = error


@contextmanager
def _past_click() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _SystemError(error) from error


@contextmanager
def _told_as_event() -> Iterator[None]:
    """Report a failure as an event too if stdout takes events, then raise it again."""
    try:
        yield
    except click.exceptions.Exit:
        raise
    except (Exception, KeyboardInterrupt) as error:
        if streams.of_stdout(error):
            raise
        from .telling import tell_failure

        stopped = isinstance(error, (click.Abort, KeyboardInterrupt))
        message = str(getattr(error, "message", error))
        if stopped:
            message = "Stopped."
        elif isinstance(error, click.ClickException):
            message = error.format_message()
        code = exit_codes.STOPPED if stopped else getattr(error, "exit_code", exit_codes.REFUSED)
        tell_failure(message or type(error).__name__, getattr(error, "hint", ""), code, stopped=stopped)
        raise


class LazyGroup(click.Group):
    """A group that knows its commands' names and one-line helps without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order in which a new user needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f".commands.{COMMANDS[cmd_name][0]}", __package__)
        command: click.Command = module.command
        return command

    def make_context(self, *arguments: Any, **options: Any) -> click.Context:
        """The context; click prints `--help` while it makes it."""
        with _past_click():
            return super().make_context(*arguments, **options)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that is named."""
        with _past_click(), _told_as_event():
            return super().invoke(ctx)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Names and options for shell completion; completing a name imports no command."""
        from click.shell_completion import CompletionItem

        found = [
            CompletionItem(name, help=words) for name, (_, words) in COMMANDS.items() if name.startswith(incomplete)
        ]
        return found + click.Command.shell_complete(self, ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table of commands, from `COMMANDS` instead of from their modules."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_line) for name, (_, help_line) in COMMANDS.items()])


def _spec(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if not value or context.resilient_parsing:
        return
    from ...engine.shown import as_json
    from .describing import spec
    from .telling import use_utf8

    use_utf8()
    sys.stdout.write(as_json(spec(cli, PROGRAM), indent=2) + "\n")
    context.exit(exit_codes.DONE)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name=PROGRAM, prog_name=PROGRAM)
@click.option(
    "--spec",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_spec,
    help="Print commands, options, JSON schemas, exit codes and variables as JSON, and exit.",
)
def cli() -> None:
    """Multilingual search without language bias: index, search, compare, train, evaluate."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Returns, and exits with, one of `exit_codes.EXIT_CODES`.
    """
    streams.prepare()
    try:
        result = cli.main(args=list(arguments) if arguments is not None else None, standalone_mode=False)
    except click.ClickException as error:
        said = io.StringIO()
        error.show(said)
        streams.write_error(said.getvalue())
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        streams.complain("Stopped.")
        code = exit_codes.STOPPED
    except _SystemError as error:
        code = streams.code_of(error.error)
    except HybridSearchError as error:
        streams.complain(error.message, error.hint)
        code = error.exit_code
    else:
        code = result if isinstance(result, int) else 0
    code = streams.finish() or code
    if arguments is None:
        sys.exit(code)
    return code
