"""Makes the shell completion script, through click."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import click

SHELLS = ("bash", "zsh", "fish")
PROGRAM = "hybrid-search"
# click asks for completions through this variable; it is named after the program.
VARIABLE = f"_{PROGRAM.replace('-', '_').upper()}_COMPLETE"


def script(cli: click.Command, shell: str) -> str:
    """The script that makes a shell complete the program's commands, options and paths."""
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    assert found is not None
    return found(cli, {}, PROGRAM, VARIABLE).source()
