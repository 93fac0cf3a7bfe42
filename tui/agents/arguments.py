"""Checks a request's arguments against the schema of its tool; a refusal names the fault."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..contract.shapes import Shape
from .refusals import Refused

_CALLED = {"string": "a text", "integer": "a whole number", "number": "a number", "boolean": "true or false"}
_CALLED |= {"array": "a list", "object": "an object"}


def checked(given: Mapping[str, Any] | None, schema: Shape) -> dict[str, Any]:
    """The arguments with defaults filled in.

    Raises:
        Refused: they do not match the schema.
    """
    if given is not None and not isinstance(given, Mapping):
        raise _wrong("The arguments", "must be an object")
    given = given or {}
    known: dict[str, Shape] = schema["properties"]
    for name in given:
        if name not in known:
            raise Refused(
                "invalid_arguments", f"There is no argument {str(name)[:60]!r}.", hint=f"There are: {', '.join(known)}."
            )
    found: dict[str, Any] = {}
    for name, shape in known.items():
        value = given.get(name)
        if value is None:
            if name in schema.get("required", ()):
                raise _wrong(f"`{name}`", "is missing")
            found[name] = shape.get("default")
        else:
            # JSON does not tell 3 from 3.0.
            whole = shape.get("type") == "integer" and isinstance(value, float) and value.is_integer()
            found[name] = int(value) if whole else value
            _hold(f"`{name}`", found[name], shape)
    return found


def _hold(name: str, value: Any, shape: Shape) -> None:
    if "anyOf" in shape:
        _hold_any(name, value, shape["anyOf"])
        return
    kind = shape.get("type")
    if kind is not None and not _is(value, kind):
        raise _wrong(name, f"must be {_CALLED[kind]}")
    if isinstance(value, str):
        _hold_text(name, value, shape)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        low, high = shape.get("minimum"), shape.get("maximum")
        if (low is not None and value < low) or (high is not None and value > high):
            raise _wrong(name, f"must be {low:,} to {high:,}" if high is not None else f"must be {low:,} or more")
    elif isinstance(value, list):
        if len(value) > shape.get("maxItems", len(value)):
            raise _wrong(name, f"may have {shape['maxItems']:,} entries")
        if len(value) < shape.get("minItems", 0):
            raise _wrong(name, "is empty")
        for number, each in enumerate(value):
            _hold(f"{name}[{number}]", each, shape.get("items", {}))
    elif isinstance(value, dict):
        _hold_object(name, value, shape)


def _hold_text(name: str, value: str, shape: Shape) -> None:
    if len(value) > shape.get("maxLength", len(value)):
        raise _wrong(name, f"may have {shape['maxLength']:,} characters")
    if shape.get("minLength") and not value.strip():
        raise _wrong(name, "is empty")
    if "enum" in shape and value not in shape["enum"]:
        raise _wrong(name, f"must be one of {', '.join(map(str, shape['enum']))}")


def _hold_object(name: str, value: dict[str, Any], shape: Shape) -> None:
    if len(value) > shape.get("maxProperties", len(value)):
        raise _wrong(name, f"may have {shape['maxProperties']:,} entries")
    for key, each in value.items():
        _hold(f"{name}.{str(key)[:40]}", each, shape.get("additionalProperties", {}))


def _hold_any(name: str, value: Any, shapes: list[Shape]) -> None:
    fitting = [shape for shape in shapes if _is(value, shape["type"])]
    if not fitting:
        raise _wrong(name, f"must be {' or '.join(_CALLED[shape['type']] for shape in shapes)}")
    _hold(name, value, fitting[0])


def _is(value: Any, kind: str) -> bool:
    kinds: dict[str, Any] = {"string": str, "integer": int, "number": (int, float), "boolean": bool}
    kinds |= {"array": list, "object": dict}
    return isinstance(value, kinds[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _wrong(name: str, what: str) -> Refused:
    return Refused("invalid_arguments", f"{name} {what}.", hint="See the tool's input schema.")
