"""`hybrid-search doctor`: check the installation, and name the command that fixes each problem."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .....engine.errors import HybridSearchError
from .....engine.shown import counted
from ... import common, exit_codes

if TYPE_CHECKING:
    from ...doctor import Finding

_MARKS = {"ok": ("✓", "green"), "note": ("·", "cyan"), "wrong": ("✗", "red")}


@click.command(short_help="Check the installation and say how to fix what is wrong.")
@common.json_option
@common.library_option
def command(as_json: bool, library_path: Path | None) -> int:
    """Check the installation, models, caches, library, terminal and machine, and change nothing.

    Each problem or note is followed by the command that fixes it. The exit code is 2 if something is wrong.
    """
    from ...doctor import examine

    try:
        found = list(examine(library_path))
    except OSError as error:
        raise HybridSearchError(f"A check failed: {(error.strerror or str(error)).lower()}.") from error
    ok = all(each.state != "wrong" for each in found)
    if as_json:
        common.write_json({"ok": ok, "checks": [each.as_dict() for each in found]})
    else:
        _show(found)
    return exit_codes.DONE if ok else exit_codes.REFUSED


def _show(found: list[Finding]) -> None:
    from rich.text import Text

    console = common.out()
    topic = ""
    for each in found:
        if each.topic != topic:
            topic = each.topic
            console.print(Text(topic, style="bold"))
        mark, style = _MARKS[each.state]
        console.print(Text(f"  {mark} ", style=style) + Text(f"{each.name}: {each.found}"), soft_wrap=True)
        if each.mend:
            console.print(Text(f"      {each.mend}", style="bold"), soft_wrap=True)
    wrong = sum(each.state == "wrong" for each in found)
    things = counted(wrong, "thing") if wrong else "Nothing"
    common.say(f"{things} {'is' if wrong < 2 else 'are'} wrong.")
