"""`hybrid-search serve`: offers the app to browsers, by default only on this machine."""

from __future__ import annotations

import shlex
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import click

from .....engine.errors import HybridSearchError
from ... import common
from ...paths import PathType

PORT = 8765
_APP = (sys.executable, "-P", "-c", "from hybrid_search.tui.cli.main import main; main()", "tui")


@click.command(short_help="Open the app in a browser.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="0 takes a free one.")
@click.option("--public-url", default="", metavar="URL", help="Where a proxy offers it: https://host/path.")
@click.option("--no-key", is_flag=True, help="Let everybody in who reaches it: a proxy asks who they are.")
@click.option("--library", "-l", type=PathType(), help="The library to open (default: the last one).")
@click.option("--theme", help="A theme by name, such as hybrid-night or hybrid-day.")
@common.json_option
def command(
    host: str, port: int, public_url: str, no_key: bool, library: Path | None, theme: str | None, as_json: bool
) -> int:
    """Serve the app to browsers until Ctrl-C, and print the address to open.

    The app reads your files and trains as you do. So it listens to this machine alone, and the address holds a key.
    For other machines, put a proxy with https and a login before it, and name where it offers the app by --public-url.
    """
    if find_spec("textual_serve") is None:
        raise HybridSearchError(
            "Serving needs the package textual-serve.", hint="Install it: `pip install 'hybrid-search[serve]'`."
        )
    if public_url and not public_url.startswith(("http://", "https://")):
        raise click.BadParameter("it is an address such as https://search.example.org", param_hint="--public-url")
    from .....engine.places import absolute
    from ....serving import is_loopback, serve

    if not is_loopback(host):
        _warn_of_others(host, no_key=no_key)
    words = [*_APP, *(["--library", absolute(str(library))] if library else []), *(["--theme", theme] if theme else [])]
    line = subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)

    def told(address: str) -> None:
        common.say("Ctrl-C ends it. Open this address, and give it to nobody who may not read your files:")
        if as_json:
            common.write_json({"url": address}, compact=True)
        else:
            common.use_utf8()
            click.echo(address)
        sys.stdout.flush()

    serve(line, host, port, public_url=public_url, with_key=not no_key, told=told)
    return 0


def _warn_of_others(host: str, *, no_key: bool) -> None:
    who = "Everybody" if no_key else "Whoever has the address with its key"
    common.say(
        f"{who} on the network of {host} can use the app as you, and what it shows travels unencrypted. A proxy with "
        "https is safer: `hybrid-search serve --help`."
    )
