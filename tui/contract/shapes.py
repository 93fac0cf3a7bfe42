"""Short functions that build JSON schemas with descriptions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

Shape = dict[str, Any]


def _of(kind: str | list[str], about: str, **more: Any) -> Shape:
    shape: Shape = {"type": kind, **{name: value for name, value in more.items() if value is not None}}
    return {**shape, "description": about} if about else shape


def text(about: str = "", *, one_of: Sequence[str] = (), most: int | None = None) -> Shape:
    """A text of at most `most` characters; if `one_of` is given, one of its words."""
    return _of("string", about, enum=list(one_of) or None, maxLength=most)


def whole(about: str = "", *, low: int | None = None, high: int | None = None, default: int | None = None) -> Shape:
    """A whole number."""
    return _of("integer", about, minimum=low, maximum=high, default=default)


def number(about: str = "", *, low: float | None = None, high: float | None = None) -> Shape:
    """A number."""
    return _of("number", about, minimum=low, maximum=high)


def truth(about: str = "", *, default: bool | None = None) -> Shape:
    """True or false."""
    return _of("boolean", about, default=default)


def maybe(shape: Shape) -> Shape:
    """The same, or null."""
    return {**shape, "type": [shape["type"], "null"]}


def many(of: Shape, about: str = "", *, most: int | None = None, least: int | None = None) -> Shape:
    """A list."""
    return _of("array", about, items=of, maxItems=most, minItems=least)


def table(of: Shape, about: str = "") -> Shape:
    """An object whose names are data: languages, encoders, measures."""
    return _of("object", about, additionalProperties=of)


def record(properties: dict[str, Shape], about: str = "", *, optional: Collection[str] = ()) -> Shape:
    """An object whose names are declared; all but the `optional` ones are always present.

    Names that a later version adds are allowed.
    """
    required = [name for name in properties if name not in optional]
    return _of("object", about, properties=properties, required=required)


def either(*shapes: Shape, about: str = "") -> Shape:
    """One of several objects."""
    shape: Shape = {"type": "object", "anyOf": list(shapes)}
    return {**shape, "description": about} if about else shape


def exact(shape: Any) -> Any:
    """The schema with undeclared names forbidden, for tests of real output."""
    if isinstance(shape, list):
        return [exact(each) for each in shape]
    if not isinstance(shape, dict):
        return shape
    found = {name: exact(value) for name, value in shape.items()}
    if "properties" in shape and isinstance(shape["properties"], dict) and "required" in shape:
        found.setdefault("additionalProperties", False)
    return found
