"""Options and output that subcommands share, and how they show user text and progress."""

from __future__ import annotations

import math
import os
import signal
import sys
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from ...engine.paths import LIBRARY_VARIABLE, default_library
from ...engine.shown import as_json, counted, lines, printable
from ..contract import VERSION
from ..display import colour, cut, flat
from . import exit_codes
from .paths import PathType
from .telling import ProgressBars as ProgressBars
from .telling import begin_events, tell, tells_events
from .telling import use_utf8 as use_utf8
from .telling import write_event as write_event

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from ...engine.encoders import Encoder
    from ...engine.library import Library, Searchable

WIDTH = 100
STOPPED = exit_codes.STOPPED

F = TypeVar("F", bound=Callable[..., Any])


def library_option(function: F) -> F:
    """`--library PATH`, with its environment variable."""
    return click.option(
        "--library",
        "library_path",
        type=PathType(),
        envvar=LIBRARY_VARIABLE,
        help=f"The library to use: a folder, or the address of one that was pushed; {LIBRARY_VARIABLE} names it too.",
    )(function)


def json_option(function: F) -> F:
    """`--json`."""
    return click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")(function)


def long_json_options(function: F) -> F:
    """`--json`, and `--jsonl` for long work: progress, then the same JSON, as events on stdout."""

    def begin(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
        if value:
            begin_events(context)

    def keep(context: click.Context, _parameter: click.Parameter, value: bool) -> bool:
        return value or tells_events()

    function = click.option(
        "--jsonl",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=begin,
        help="Events on stdout, one JSON object a line: progress, then the result.",
    )(function)
    return click.option("--json", "as_json", is_flag=True, callback=keep, help="JSON on stdout.")(function)


def refuse_given(context: click.Context, names: Collection[str], where: str) -> None:
    """Refuse options on the command line that would silently do nothing; `where` completes "has no effect …".

    Raises:
        click.UsageError: one was given.

    """
    for each in context.command.params:
        if each.name in names and context.get_parameter_source(each.name) is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"{each.opts[0]} has no effect {where}: leave it out.")


def event_options(function: F) -> F:
    """`--json` and `--jsonl` of commands whose answer is events: both mean the same."""

    def begin(context: click.Context, _parameter: click.Parameter, value: bool) -> bool:
        if value:
            begin_events(context, of_runs=True)
        return value

    return click.option(
        "--json",
        "--jsonl",
        "as_json",
        is_flag=True,
        is_eager=True,
        callback=begin,
        help="Events on stdout, one JSON object a line.",
    )(function)


def encoder_options(function: F) -> F:
    """`--device`, `--precision` and `--threads`: how encoders run."""
    for option in (
        click.option("--threads", type=click.IntRange(1, 1024), help="Processor cores to use; all by default."),
        click.option(
            "--precision",
            type=click.Choice(["auto", "fp32", "fp16", "bf16", "int8"]),
            default="auto",
            show_default=True,
            help="auto is int8 where that costs almost no quality, and 16 bits on a graphics card.",
        ),
        click.option("--device", default="cpu", show_default=True, help="cpu, cuda, cuda:1, mps."),
    ):
        function = option(function)
    return function


class Number(click.FloatRange):
    """A number in a range; "nan", which is in none, is refused."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number; a usage error if it is none."""
        found = super().convert(value, param, ctx)
        return self.fail(f"{value} is not a number.", param, ctx) if math.isnan(found) else found


class EncoderName(click.types.StringParamType):
    """An encoder's name typed by the user, which allows the program to use the endpoint it names."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name; raises UnknownEncoder or EncoderError for an invalid name of an endpoint."""
        return typed(str(value))


def typed(name: str) -> str:
    """Record that the user typed an encoder's name, which allows the program to use the endpoint it names.

    Raises:
        UnknownEncoder: it begins like an endpoint's name, but is invalid.
        EncoderError: it holds a secret.

    """
    if ":" in name:
        from ...engine import encoders

        encoders.remember(name.removesuffix(encoders.NEUTRAL))
    return name


def languages_option(what: str = "Answer only in these languages") -> Callable[[F], F]:
    """`--lang de,fr`: parsed to a tuple of codes; the help begins with `what`."""

    def parse(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
        from ...engine.languages import code_of

        codes: list[str] = []
        for word in ",".join(values).split(","):
            if word.strip():
                code = code_of(word)
                if not code:
                    raise click.BadParameter(
                        f"{word.strip()!r} is not a language code; use codes such as de,fr or pt-BR."
                    )
                codes.append(code)
        return tuple(dict.fromkeys(codes))

    return click.option("--lang", "languages", multiple=True, callback=parse, help=f"{what}: de,fr.")


def write_json(value: Mapping[str, Any], *, compact: bool = False) -> None:
    """Write one JSON object to stdout, with the schema's version first and letters of every script unescaped."""
    answer = {"schema": VERSION, **value}
    if tells_events():
        tell("result", result=answer)
        return
    use_utf8()
    sys.stdout.write(as_json(answer, indent=None if compact else 2) + "\n")
    sys.stdout.flush()


def out() -> Console:
    """The console for data: stdout, at most 100 columns; user text is never markup."""
    from .telling import consoles

    use_utf8()
    return consoles.out(WIDTH)


def err() -> Console:
    """The console for narration: stderr."""
    from .telling import consoles

    return consoles.err()


def say(message: str) -> None:
    """Print a message on stderr; if that is closed or full, the work continues without it."""
    with suppress(OSError):
        click.echo(lines(message), err=True)


def fitted(text: str, cells: int) -> str:
    """User text on one line of at most `cells` terminal cells, cut with an ellipsis."""
    return cut(flat(text), cells)


def cell(text: str, style: str = "") -> Text:
    """A table cell of user text: on one line, never markup."""
    from rich.text import Text

    return Text(flat(text), style=style)


def link(path: str) -> str | None:
    """The file:// address of a path, for terminals that show links; None if there is no such file."""
    place = Path(path)
    return place.as_uri() if place.is_absolute() and place.exists() else None


def language_mark(code: str) -> Text:
    """A language's code in its colour."""
    from rich.text import Text

    return Text(printable(code), style=colour(code))


def expect_query(text: str) -> None:
    """Load the language identifier in a thread, while the rest of a cold start loads, if the query has letters."""
    if any(character.isalpha() for character in text):
        from ...engine.languages import prepare

        threading.Thread(target=prepare, daemon=True).start()


def nothing_found(languages: Sequence[str], library: Mapping[str, int]) -> str:
    """The message for an empty result; names the library's languages if it has none of those asked for."""
    from ...engine.errors import EmptyLibrary
    from ...engine.languages import matching

    if not library:
        return str(EmptyLibrary())
    absent = [code for code in languages if not matching(code, library)]
    if not languages:
        return "Nothing found."
    if len(absent) < len(languages):
        return f"Nothing found in {', '.join(languages)}."
    return f"The library has no passages in {' or '.join(absent)}; it has {', '.join(library)}."


def percent(share: float) -> str:
    """A share as whole percent."""
    return f"{100 * share:.0f} %"


@contextmanager
def interruptible() -> Iterator[Callable[[], bool]]:
    """A function that says whether SIGINT (Ctrl-C) or SIGTERM came; a second signal raises KeyboardInterrupt."""
    pressed: list[int] = []

    def handle(number: int, _frame: Any) -> None:
        if pressed:
            raise KeyboardInterrupt
        pressed.append(number)
        say("\nStopping after what is under way; Ctrl-C again stops at once.")

    try:
        previous = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    except ValueError:  # not the main thread: its caller stops it in another way
        yield lambda: False
        return
    try:
        yield lambda: bool(pressed)
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def loader(
    *,
    device: str,
    precision: Any,
    threads: int | None,
    workers: int | None = None,
    stored: Collection[str] = (),
) -> Callable[..., Encoder]:
    """A function that loads an encoder by name, in the precision of vectors `stored` unless another is asked for.

    That function also takes `stored`, for a library that is opened later. It raises UnknownEncoder or EncoderError for
    an encoder that cannot be loaded.
    """

    def load(name: str, stored: Collection[str] = stored) -> Encoder:
        from ...engine import encoders

        encoder = encoders.load(
            name, device=device, precision=precision, threads=threads, workers=workers, stored=stored
        )
        for notice in getattr(encoder, "notices", ()):
            say(notice)
        context = click.get_current_context(silent=True)
        if context is not None and hasattr(encoder, "told"):
            context.call_on_close(lambda: say(encoder.told()))
        return encoder

    return load


def query_text(words: Sequence[str]) -> str:
    """The words of the command line joined to a query; bytes that are not UTF-8 become U+FFFD.

    Raises:
        click.UsageError: it is empty.

    """
    text = " ".join(words).encode("utf-8", "surrogateescape").decode("utf-8", "replace").strip()
    if not text:
        raise click.UsageError("The query is empty.")
    return text


@contextmanager
def opened(path: Path | None, *, or_demo: bool = False, readonly: bool = True) -> Iterator[Library]:
    """The named library, else the default one, else (with `or_demo`, and a message) the demo library.

    Raises:
        LibraryError: the library does not exist, or cannot be opened.

    """
    from ...engine.library import DATABASE, Library

    where = path or default_library()
    if path is None and or_demo and not os.path.isfile(where / DATABASE):  # noqa: PTH113
        from ...engine.library import open_demo

        say("There is no library yet: this is the demo library. `hybrid-search index DIR` makes your own.")
        with ProgressBars() as bars, open_demo(progress=bars.follow, notify=say) as library:
            yield library
        return
    with Library.open(where, readonly=readonly, notify=say) as library:
        yield library


@contextmanager
def asked(path: Path | None, *, or_demo: bool = False) -> Iterator[Searchable]:
    """Like `opened`, but only for questions, so the library may also be on an engine.

    Raises:
        LibraryError: the library does not exist or cannot be opened, or its engine cannot be reached.

    """
    from ...engine.places import place_of

    place = place_of(path or default_library())
    if place is None:
        with opened(path, or_demo=or_demo) as library:
            yield library
        return
    from ...engine.remote import RemoteLibrary

    with RemoteLibrary.open(place, notify=say) as remote:
        yield remote


# For a library that another process is writing to.
GROWING = "It is being indexed now: more will be found later."


def say_what_is_missing(library: Searchable, encoder: Encoder) -> None:
    """Say how many passages an encoder cannot find yet, because indexing was stopped or done without it."""
    missing = library.pending(encoder)
    if missing:
        total = sum(library.languages().values())
        share = f" {1 - missing / total:.0%} of the passages have one." if total > missing else ""
        passages = f"{counted(missing, 'passage')} {'has' if missing == 1 else 'have'}"
        name = flat(encoder.name)
        how = GROWING if library.busy else f"`hybrid-search index --encoder {name}` makes them."
        say(f"{passages} no vector of {name} yet and cannot be found by it. {how}{share}")
