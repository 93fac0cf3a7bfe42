"""Makes command line options from the declared settings, and finds out which were given."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from ...train.settings import RunConfig, Setting, SourceConfig, settings_of, why_removed
from .common import Number

F = TypeVar("F", bound=Callable[..., Any])


def _reader(setting: Setting) -> Callable[[click.Context, click.Parameter, Any], Any]:
    """A callback that parses an option's text with the setting's own reader."""

    def read(_context: click.Context, _parameter: click.Parameter, value: Any) -> Any:
        assert setting.read is not None
        try:
            return setting.read(value) if isinstance(value, str) else value
        except ValueError as error:
            raise click.BadParameter(str(error)) from None

    return read


class SettingsCommand(click.Command):
    """A command that says why an option was removed."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse as click does; the error for a removed option gives the reason."""
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            if reason := why_removed(error.option_name):
                raise click.UsageError(reason, ctx) from None
            raise


def setting_options(
    kind: type,
    names: Collection[str] = (),
    *,
    more_choices: Mapping[str, tuple[str, ...]] | None = None,
    elsewhere: Mapping[str, Any] | None = None,
    where: str = "",
    about: Mapping[str, str] | None = None,
) -> Callable[[F], F]:
    """Options for the settings of a dataclass. They have no defaults, so that `given` finds those that were used.

    Args:
        kind: declares the settings.
        names: only these settings; if empty, all that have an option.
        more_choices: further choices of an option.
        elsewhere: defaults in another case, shown after the settings' own.
        where: that case, in words.
        about: words to show instead of a default's value.
    """

    def decorate(function: F) -> F:
        for name, setting in reversed(list(settings_of(kind).items())):
            if setting.option and (not names or name in names):
                default = (about or {}).get(name) or _default(setting, elsewhere or {}, where)
                function = _option(setting, (more_choices or {}).get(name, ()), default)(function)
        return function

    return decorate


def _option(setting: Setting, more: tuple[str, ...], default: str) -> Callable[[F], F]:
    told = f"{setting.help} {default}".strip()
    assert setting.option
    if setting.kind == "bool":
        spelled = f"{setting.option}/--no-{setting.option.removeprefix('--')}"
        return click.option(spelled, setting.name, default=None, help=told)
    return click.option(
        setting.option,
        setting.name,
        type=_type(setting, more),
        default=None,
        metavar=setting.metavar or None,
        multiple=setting.kind == "tuple[str, ...]",
        callback=_reader(setting) if setting.read is not None else None,
        help=told,
    )


def _type(setting: Setting, more: tuple[str, ...]) -> Any:
    if setting.choices:
        return click.Choice([*setting.choices, *more])
    if setting.kind == "int":
        low, high = (None if bound is None else int(bound) for bound in (setting.low, setting.high))
        return click.IntRange(low, high)
    return Number(setting.low, setting.high) if setting.kind == "float" else click.STRING


def _default(setting: Setting, elsewhere: Mapping[str, Any], where: str) -> str:
    shown = setting.shown(setting.default)
    if setting.kind == "bool" or (not setting.default and shown == "none"):
        return ""
    other = f"; {setting.shown(elsewhere[setting.name])} {where}" if setting.name in elsewhere else ""
    return f"Default: {shown}{other}."


def given(context: click.Context, *kinds: type, only: Collection[str] = ()) -> dict[str, Any]:
    """The settings of some dataclasses (by default a run's and a source's) that the user gave a value.

    The parser knows which were given, so 0, false and an empty text count as values.

    Args:
        context: that of the command.
        kinds: the dataclasses that declare the settings.
        only: names to keep; if empty, all.
    """
    names = {name for kind in kinds or (RunConfig, SourceConfig) for name in settings_of(kind)}
    names &= set(only or names)
    unset = (None, ParameterSource.DEFAULT, ParameterSource.DEFAULT_MAP)
    return {
        name: value
        for name, value in context.params.items()
        if name in names and context.get_parameter_source(name) not in unset
    }
