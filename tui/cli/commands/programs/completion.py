"""`hybrid-search completion`: what a shell runs to complete our commands."""

from __future__ import annotations

import click

from ... import common
from ...describing import SHELLS, script


@click.command(short_help="Print what a shell needs to complete commands and options.")
@click.argument("shell", type=click.Choice(SHELLS))
@common.json_option
@click.pass_context
def command(context: click.Context, shell: str, as_json: bool) -> int:
    """Print completion for SHELL; a line in the file that the shell starts with keeps it.

    In ~/.bashrc: `eval "$(hybrid-search completion bash)"`. In ~/.zshrc: `eval "$(hybrid-search completion zsh)"`. In
    ~/.config/fish/config.fish: `hybrid-search completion fish | source`.
    """
    text = script(context.find_root().command, shell)
    if as_json:
        common.write_json({"shell": shell, "script": text})
    else:
        click.echo(text)
    return 0
