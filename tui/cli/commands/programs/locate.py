"""`hybrid-search locate`: prints where settings, keymap, libraries, encoders, caches and runs are on this machine."""

from __future__ import annotations

from typing import Any

import click

from .....engine import disk, paths
from .....engine.places import shown
from ... import common


@click.command(short_help="Print where settings, libraries, encoders, caches and runs are kept.")
@click.argument("word", required=False, default="")
@common.json_option
def command(word: str, as_json: bool) -> int:
    """Print where everything lies that the program keeps, whether it is there yet or not.

    With WORD, only the paths of what has that name, such as settings.json or cache, or else of what is described by
    that word, such as keymap: `$EDITOR "$(hybrid-search locate keymap)"`.
    """
    from ....state import Settings

    places = [
        {"root": each.root, "name": each.name, "path": str(paths.place(each)), "holds": each.holds}
        for each in disk.PLACES
    ]
    roots = {name: str(paths.root(name)) for name in disk.ROOTS} | {"shipped": str(paths.assets_folder())}
    libraries = list(dict.fromkeys([str(paths.default_library()), *Settings.load()[0].recent]))
    libraries = [shown(each) for each in libraries]
    if word:
        found = [roots[word]] if word in roots else _named(word, places)
        if as_json:
            common.write_json({"found": found})
        else:
            for path in found:
                click.echo(path)
        return 0
    if as_json:
        common.write_json({"roots": roots, "libraries": libraries, "places": places})
        return 0
    for root, path in roots.items():
        _say(root, path)
        for each in places:
            if each["root"] == root:
                _say(f"  {each['name']}", each["holds"])
    _say("libraries", "the default one, then those that were open in the app")
    for library in libraries:
        _say("", library)
    return 0


def _named(word: str, places: list[dict[str, Any]]) -> list[str]:
    """Paths of the places that have a name, or else of those that a word describes.

    Raises:
        click.UsageError: no place matches.
    """
    names = [each["path"] for each in places if each["name"] == word]
    found = names or [each["path"] for each in places if word.casefold() in each["holds"].casefold()]
    if not found:
        raise click.UsageError(f"Nothing that is kept is called {word}. `hybrid-search locate` lists everything.")
    return found


def _say(name: str, words: str) -> None:
    click.echo(f"{name:<20} {words}")
