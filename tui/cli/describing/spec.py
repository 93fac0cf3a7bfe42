"""`hybrid-search --spec`: lists commands, options, schemas, events, exit codes and variables, from the code."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import click

from ....engine import environment
from ...contract import ANSWERS, VERSION, schemas
from ..exit_codes import EXIT_CODES

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def spec(cli: click.Group, name: str) -> dict[str, Any]:
    """Everything that another program needs to call this one."""
    return {
        "schema": VERSION,
        "program": name,
        "version": _version(),
        "dialect": DIALECT,
        "streams": {
            "stdout": "data: with --json one JSON object, with --jsonl events, one JSON object a line",
            "stderr": "narration and errors, for people",
        },
        "commands": [
            _command(context, command) for context, command in _below(click.Context(cli, info_name=name), cli)
        ],
        "events": schemas(),
        "exit_codes": {str(code): words for code, words in EXIT_CODES.items()},
        "environment": [
            {"name": each.name, "holds": each.holds, "means": each.means, "own": own}
            for own, listed in ((True, environment.VARIABLES), (False, environment.OF_OTHERS))
            for each in listed
        ],
    }


def _version() -> str:
    try:
        return version("hybrid-search")
    except PackageNotFoundError:
        return ""


def _below(context: click.Context, command: click.Command) -> Iterator[tuple[click.Context, click.Command]]:
    yield context, command
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            if found is not None:
                yield from _below(click.Context(found, parent=context, info_name=name), found)


def _command(context: click.Context, command: click.Command) -> dict[str, Any]:
    path = context.command_path.partition(" ")[2]
    options = [each for each in command.params if isinstance(each, click.Option)]
    return {
        "command": path,
        "usage": f"{context.command_path} {' '.join(command.collect_usage_pieces(context))}",
        "help": " ".join((command.help or "").split()),
        "arguments": [_argument(each) for each in command.params if isinstance(each, click.Argument)],
        "options": [_option(context, each) for each in options],
        "answer": ANSWERS.get(path),
    }


def _argument(argument: click.Argument) -> dict[str, Any]:
    return {
        "name": argument.name,
        "takes": _kind(argument.type),
        "required": argument.required,
        "many": argument.nargs != 1,
    }


def _option(context: click.Context, option: click.Option) -> dict[str, Any]:
    default = option.get_default(context, call=False)
    variables = [option.envvar] if isinstance(option.envvar, str) else list(option.envvar or ())
    return {
        "names": [*option.opts, *option.secondary_opts],
        "takes": {} if option.is_flag else _kind(option.type),
        "flag": bool(option.is_flag),
        "many": option.multiple,
        "required": option.required,
        "default": default if isinstance(default, str | int | float | bool) else None,
        "environment": variables,
        "help": option.help or "",
    }


def _kind(kind: Any) -> dict[str, Any]:
    """The schema of a value of this click type."""
    if isinstance(kind, click.Choice):
        return {"type": "string", "enum": [str(each) for each in kind.choices]}
    if isinstance(kind, click.IntRange | click.FloatRange):
        bounds = {"minimum": kind.min, "maximum": kind.max}
        of = "integer" if isinstance(kind, click.IntRange) else "number"
        return {"type": of, **{name: value for name, value in bounds.items() if value is not None}}
    plain = {"integer": "integer", "float": "number", "boolean": "boolean"}.get(kind.name, "string")
    return {"type": plain, **({"format": "path"} if isinstance(kind, click.Path) else {})}
