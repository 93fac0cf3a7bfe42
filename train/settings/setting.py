"""Declares a setting once, at its field: range, help, unit and spelling, which all other code reads.

A field of a frozen dataclass is declared with `setting(default, help, ...)`. The command line's options, the checks of
recipes, `--show-settings`, the app's form, the model card and the reference are made from `settings_of`.
"""

from __future__ import annotations

import dataclasses
import math
import numbers
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any, get_type_hints

from ...engine.errors import TrainingError

_KEY = "setting"
# Characters of a value that a message quotes.
_SHOWN = 200


@dataclass(frozen=True)
class Setting:
    """The declaration of a setting.

    Attributes:
        help: what it does, in a sentence or two without the default, which is added where it is shown.
        low, high: the least and the greatest allowed number; None is no bound.
        choices: the allowed texts; empty allows any.
        unit: the unit of a number.
        option: its spelling on the command line; None if it has none.
        metavar: the placeholder of the value in the option's help.
        label: a short name for forms; empty uses the help.
        place: whether it names files or folders, which a recipe may give relative to itself or with `${VARIABLES}`.
        empty: what an empty list or table means.
        read: parses the text that an option or a recipe gives for a list or a table.
        check: returns what is wrong with a value beyond type and range, or "".
        name, kind, default: the field's name, type and default.
    """

    help: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    unit: str = ""
    option: str | None = None
    metavar: str = ""
    label: str = ""
    place: bool = False
    empty: str = "none"
    read: Callable[[str], Any] | None = None
    check: Callable[[Any], str] | None = None
    name: str = ""
    kind: str = ""
    default: Any = None

    def value(self, given: Any, of: str = "") -> Any:
        """A given value converted to the field's type: lists to tuples, integers to floats for a float field.

        Args:
            given: from a recipe, an option or a program.
            of: what the setting belongs to, for the message, such as `" of the source x.jsonl"`.

        Raises:
            TrainingError: it is of the wrong type, out of range or none of the choices.
        """
        if self.read is not None and isinstance(given, str):
            try:
                given = self.read(given)
            except ValueError as error:
                raise self._wrong(given, of, str(error)) from None
        value = _CONVERSIONS[self.kind](given)
        if value is None:
            raise self._wrong(given, of, f"It is {_WORDS[self.kind]}.")
        if self.choices and value not in self.choices:
            raise self._wrong(given, of, f"It {self.range}.")
        if self.kind in ("int", "float") and not self._inside(value):
            raise self._wrong(given, of, f"It {self.range}.")
        wrong = self.check(value) if self.check is not None else ""
        if wrong:
            raise self._wrong(given, of, wrong)
        return value

    def _inside(self, value: float) -> bool:
        low = -math.inf if self.low is None else self.low
        high = math.inf if self.high is None else self.high
        try:
            return math.isfinite(value) and low <= value <= high
        except OverflowError:
            return False

    def _wrong(self, given: Any, of: str, hint: str) -> TrainingError:
        spelled = f" ({self.option})" if self.option and self.option != _spelled(self.name) else ""
        verb = "is" if self.kind in ("bool", "int", "float", "str") else "are"
        return TrainingError(f"{self.name}{spelled}{of} {verb} {shortened(given)}.", hint=hint)

    @property
    def range(self) -> str:
        """The allowed values, in words; "" if any is allowed."""
        if self.choices:
            return f"is one of {', '.join(self.choices)}"
        if self.low is not None and self.high is not None:
            return f"lies between {_number(self.low)} and {_number(self.high)}"
        return f"is {_number(self.low)} or more" if self.low is not None else ""

    def shown(self, value: Any) -> str:
        """A value as tables and helps show it."""
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, float):
            return f"{value:.5g}"
        if isinstance(value, Mapping):
            return ", ".join(f"{key}: {self.shown(each)}" for key, each in value.items()) or self.empty
        if isinstance(value, tuple):
            return ", ".join(self.shown(each) for each in value) or self.empty
        return str(value) if value != "" else "none"


def setting(default: Any, help: str, *, option: str | None = "", **more: Any) -> Any:
    """A dataclass field that declares a setting.

    Args:
        default: the default value; a mapping is copied and made read-only.
        help: see `Setting`.
        option: its spelling on the command line if that is not the field's name; None for no option.
        more: the other attributes of `Setting`.
    """
    declared = Setting(help, option=option, **more)
    if isinstance(default, Mapping):
        return field(default_factory=lambda: MappingProxyType(dict(default)), metadata={_KEY: declared})
    return field(default=default, metadata={_KEY: declared})


def settings_of(kind: type) -> Mapping[str, Setting]:
    """The settings that a dataclass declares, by name, with their types, defaults and options filled in."""
    return _settings_of(kind)


@lru_cache(maxsize=16)
def _settings_of(kind: Hashable) -> Mapping[str, Setting]:
    assert isinstance(kind, type)
    hints = get_type_hints(kind)
    found = {}
    for each in dataclasses.fields(kind):
        declared = each.metadata.get(_KEY)
        if declared is None:
            continue
        default = each.default if each.default is not dataclasses.MISSING else None
        if each.default_factory is not dataclasses.MISSING:
            default = each.default_factory()
        option = _spelled(each.name) if declared.option == "" else declared.option
        found[each.name] = dataclasses.replace(
            declared, name=each.name, kind=_kind(hints[each.name]), default=default, option=option
        )
    return MappingProxyType(found)


def check_all(instance: Any, of: str = "") -> None:
    """Convert and check every declared field of a frozen dataclass; called on construction.

    Raises:
        TrainingError: see `Setting.value`.
    """
    for name, declared in settings_of(type(instance)).items():
        object.__setattr__(instance, name, declared.value(getattr(instance, name), of))


def _spelled(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _kind(hint: Any) -> str:
    return hint.__name__ if isinstance(hint, type) and hint in (bool, int, float, str) else str(hint)


def shortened(given: Any) -> str:
    """A value for a message, cut to a limited length."""
    try:
        said = repr(given)
    except (ValueError, RecursionError):
        # Python converts integers of at most 4,300 digits to text.
        return "too large to be shown"
    return said if len(said) <= _SHOWN else f"{said[:_SHOWN]}…"


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def _whole(given: Any) -> int | None:
    if isinstance(given, int) and not isinstance(given, bool):
        return given
    number = _real(given)
    if number is None or not number.is_integer():
        return None
    return int(number)


def _real(given: Any) -> float | None:
    if not isinstance(given, numbers.Real) or isinstance(given, bool):
        return None
    try:
        return float(given)
    except OverflowError:
        # An integer too large for a float exceeds every bound.
        return math.inf


def _several(one: Callable[[Any], Any]) -> Callable[[Any], tuple[Any, ...] | None]:
    def convert(given: Any) -> tuple[Any, ...] | None:
        if not isinstance(given, (list, tuple)):
            return None
        values = tuple(one(item) for item in given)
        return None if any(value is None for value in values) else values

    return convert


def _text(given: Any) -> str | None:
    return given if isinstance(given, str) else None


def _table(one: Callable[[Any], Any]) -> Callable[[Any], Mapping[str, Any] | None]:
    def convert(given: Any) -> Mapping[str, Any] | None:
        if not isinstance(given, Mapping):
            return None
        values = {str(key): one(item) for key, item in given.items()}
        return None if any(value is None for value in values.values()) else values

    return convert


_CONVERSIONS: Mapping[str, Callable[[Any], Any]] = {
    "bool": lambda given: given if isinstance(given, bool) else None,
    "int": _whole,
    "float": _real,
    "str": _text,
    "tuple[str, ...]": _several(_text),
    "tuple[float, ...]": _several(_real),
    "collections.abc.Mapping[str, float]": _table(_real),
    "collections.abc.Mapping[str, tuple[str, ...]]": _table(_several(_text)),
}
_WORDS: Mapping[str, str] = {
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
    "str": "a text",
    "tuple[str, ...]": "a list of texts",
    "tuple[float, ...]": "a list of numbers",
    "collections.abc.Mapping[str, float]": "a table of numbers",
    "collections.abc.Mapping[str, tuple[str, ...]]": "a table of lists of texts",
}


def kind_in_words(declared: Setting) -> str:
    """The type of a setting in words."""
    return _WORDS[declared.kind]
