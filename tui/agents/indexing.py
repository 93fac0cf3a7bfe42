"""The tool `index`: puts folders into the library, if the server was started with `--allow-index`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ...engine.paths import typed
from ..contract import ANSWERS
from .refusals import Refused

if TYPE_CHECKING:
    from ...engine.library import IndexProgress
    from .shelf import Shelf

MOST_FOLDERS = 20
MOST_NAMED = 50

_REPORT = ANSWERS["index"]["anyOf"][0]
INDEXED = {
    "type": "object",
    "properties": {name: shape for name, shape in _REPORT["properties"].items() if name != "schema"},
    "required": [name for name in _REPORT["required"] if name != "schema"],
}


def index(
    shelf: Shelf,
    given: Mapping[str, Any],
    stopped: Callable[[], bool],
    progress: Callable[[IndexProgress], None],
) -> dict[str, Any]:
    """Update the library from folders, through a separate handle so that searches continue; see `INDEXED`."""
    from ...engine.encoders import TRIO, available
    from ...engine.library import Library

    if not shelf.allow_index:
        raise Refused("not_allowed", "This server only reads.", hint="Start it with --allow-index.")
    folders = [typed(each) for each in given["folders"]]
    for folder in folders:
        if not folder.is_absolute():
            raise Refused("invalid_arguments", f"{str(folder)[:200]!r} is not absolute.", hint="Give whole paths.")
    with Library.open(shelf.place(), create=True, notify=shelf.say) as library:
        # An agent may name only known encoders: another name could download a model or send texts to an endpoint.
        known = list(dict.fromkeys([*(each.name for each in available()), *library.encoders()]))
        names = given["encoders"] or library.encoders() or [name for name in TRIO if name in known]
        for name in names:
            if name not in known:
                raise Refused("not_found", f"There is no encoder {name[:60]!r}.", hint=f"There are {', '.join(known)}.")
        # Separate encoders, since the shelf's keep answering.
        stored = library.fingerprints()
        encoders = [shelf.load(name, stored) for name in names]
        report = library.index(
            folders, encoders=encoders, exclude=given["exclude"] or (), progress=progress, cancelled=stopped
        ).as_dict()
    unreadable = report["documents"]["unreadable"]
    if len(unreadable) > MOST_NAMED:
        report["notices"].append(f"{len(unreadable) - MOST_NAMED:,} more files could not be read: `status` lists some.")
        report["documents"]["unreadable"] = unreadable[:MOST_NAMED]
    return report
