"""`hybrid-search completion`: prints the script that completes commands and options in a shell."""

from __future__ import annotations

import click

from ... import common
from ...describing import SHELLS, script


@click.command(short_help="Print shell completion of commands and options.")
@click.argument("shell", type=click.Choice(SHELLS))
@common.json_option
@click.pass_context
def command(context: click.Context, shell: str, as_json: bool) -> int:
    """Print the completion script of SHELL; add one line to its start-up file to enable it.

    In ~/.bashrc: `eval "$(hybrid-search completion bash)"`. In ~/.zshrc: `eval "$(hybrid-search completion zsh)"`. In
    ~/.config/fish/config.fish: `hybrid-search completion fish | source`.
    """
    text = script(context.find_root().command, shell)
    if as_json:
        common.write_json({"shell": shell, "script": text})
    else:
        click.echo(text)
    return 0
