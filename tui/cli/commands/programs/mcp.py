"""`hybrid-search mcp`: offers a library to agents over the Model Context Protocol."""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .....engine import environment
from .....engine.errors import HybridSearchError
from ... import common

if TYPE_CHECKING:
    from .....engine.encoders import Encoder
    from ....agents import Shelf


@click.command(short_help="Let agents search a library over the Model Context Protocol.")
@click.option("--http", "over_http", is_flag=True, help="Streamable HTTP on this machine, instead of stdin and stdout.")
@click.option(
    "--host",
    type=click.Choice(["127.0.0.1", "::1", "localhost"]),
    default="127.0.0.1",
    show_default=True,
    help="With --http: where to listen; only this machine can ask.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8722,
    show_default=True,
    help="With --http: the port; 0 takes any that is free.",
)
@click.option("--allow-index", is_flag=True, help="Offer a tool that indexes folders; without it nothing is written.")
@common.encoder_options
@common.json_option
@common.library_option
def command(
    over_http: bool,
    host: str,
    port: int,
    allow_index: bool,
    device: str,
    precision: str,
    threads: int | None,
    as_json: bool,
    library_path: Path | None,
) -> int:
    """Offer a library to agents: search, compare, audit, read and status as tools, documents as resources.

    An agent's host starts this command itself and talks to it over stdin and stdout. With --http it listens on the
    loopback interface, and clients send `Authorization: Bearer TOKEN`: the token is that of HYBRID_SEARCH_BEARER, else
    one is made up and printed. Encoders stay loaded between requests. Without a library of your own the demo library
    answers.
    """
    if as_json and not over_http:
        raise click.UsageError("Over stdin and stdout the protocol itself is JSON; --json tells where --http listens.")

    def load(name: str, stored: frozenset[str]) -> Encoder:
        return common.loader(device=device, precision=precision, threads=threads, stored=stored)(name)

    from ....agents import Shelf

    shelf = Shelf(library_path, load, allow_index=allow_index, say=common.say)
    # Loads the encoder while the protocol's modules are imported.
    shelf.begin()
    try:
        _serve(shelf, over_http=over_http, host=host, port=port, as_json=as_json)
    finally:
        shelf.close()
    return 0


def _serve(shelf: Shelf, *, over_http: bool, host: str, port: int, as_json: bool) -> None:
    # Garbage collection finds nothing among thousands of new classes, and takes a sixth of the import.
    gc.disable()
    try:
        from ....agents import build, listen, serve_http, serve_stdio
    except ImportError as error:
        if not (error.name or "").startswith("mcp"):
            raise
        raise HybridSearchError(
            "The Model Context Protocol's library is not installed.",
            hint="Install it: pip install 'hybrid-search[mcp]'.",
        ) from error
    finally:
        gc.enable()
    if not over_http:
        asyncio.run(serve_stdio(build(shelf)))
        return
    at = listen(host, port, environment.BEARER.value())

    def ready() -> None:
        if as_json:
            common.write_json({"url": at.url, "token": at.token}, compact=True)
        else:
            common.say(f"Listening at {at.url}")
            common.say(f"Authorization: Bearer {at.token}")

    asyncio.run(serve_http(build(shelf), at, ready))
