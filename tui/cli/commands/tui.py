"""`hybrid-search tui`: open the app; nothing heavy is imported before its first paint."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from .. import common
from ..paths import PathType


@click.command(
    short_help="Open the app.",
    help="Open the app: compare, index, train, evaluate, and see language bias. It needs a terminal and has no --json.",
)
@click.argument("query", required=False, default="")
@click.option("--library", "-l", type=PathType(), help="The library to open (default: the last one).")
@click.option("--theme", help="A theme by name, such as hybrid-night or hybrid-day.")
@click.option("--keys", is_flag=True, help="List every key with the id that the keymap names it by, and exit.")
def command(query: str, library: Path | None, theme: str | None, keys: bool) -> int:
    """Run the app until it is left."""
    if keys:
        return _list_keys()
    # In a browser, Textual uses the driver that `serve` names instead of a terminal.
    served = os.environ.get("TEXTUAL_DRIVER", "").startswith("textual.drivers.web_driver:")
    # Keys come from stdin, the terminal is measured through stdout, and Textual draws on stderr.
    if not served and not all(each.isatty() for each in (sys.stdin, sys.stdout, sys.stderr)):
        raise click.UsageError(
            "The app needs a terminal, for keys and for what it shows. `hybrid-search search` and `compare` answer "
            "without one."
        )
    from ...app import hold

    hold()
    from ....engine.places import absolute, place_of
    from ...app import HybridSearchApp
    from ...display import learn

    if library:
        place_of(library)  # reports an invalid address here instead of on the screen
    app = HybridSearchApp(absolute(str(library)) if library else "", query)
    if theme:
        if theme not in app.available_themes:
            raise click.BadParameter(
                f"{theme} is not one of {', '.join(sorted(app.available_themes))}", param_hint="--theme"
            )
        app.theme = app.settings.theme = theme
    learn(sys.stdin.fileno(), sys.stdout.fileno(), browser=served)
    app.run()
    return app.return_code or 0


def _list_keys() -> int:
    """Print a line for each key: where it works, the key, what it does, its id; separated by tabs in a pipe."""
    from ...app import HybridSearchApp
    from ...screens import all_keys
    from ...state import Settings, settings_file

    settings, trouble = Settings.load()
    rows = all_keys(HybridSearchApp, settings.keymap)
    if sys.stdout.isatty():
        wide = [max(len(row[column]) for row in rows) for column in range(3)]
        lines = [f"{row.area:<{wide[0]}}  {row.key:<{wide[1]}}  {row.words:<{wide[2]}}  {row.id}" for row in rows]
    else:
        lines = ["\t".join(row) for row in rows]
    click.echo("\n".join(lines))
    common.say(trouble or f'Others: {settings_file()}, as {{"keymap": {{"{rows[0].id}": "KEY"}}}}.')
    return 0
