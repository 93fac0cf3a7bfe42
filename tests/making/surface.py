"""Write `tests/public.txt`: every public name with its signature, one a line; `--check` only compares.

Run `python tests/making/surface.py` after a change to what `hybrid_search` exports. A removed or changed line affects
everybody who imports the name: see assets/docs/stability.md first.
"""

from __future__ import annotations

import dataclasses
import inspect
import sys
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import hybrid_search

ROOT = Path(__file__).resolve().parents[2]
LISTED = ROOT / "tests" / "public.txt"
MENDS = "python tests/making/surface.py"


class Public(NamedTuple):
    """A public name: dotted, with its signature ("" if it has none), and the object."""

    name: str
    signature: str
    thing: Any


def public() -> Iterator[Public]:
    """Every public name in order: what `hybrid_search` exports, what its modules export, and members of classes."""
    for name in sorted(hybrid_search.__all__):
        thing = getattr(hybrid_search, name)
        if isinstance(thing, ModuleType):
            yield Public(f"hybrid_search.{name}", "", thing)
            for inner in sorted(thing.__all__):
                yield from _with_members(f"hybrid_search.{name}.{inner}", getattr(thing, inner))
        else:
            yield from _with_members(f"hybrid_search.{name}", thing)


def _with_members(name: str, thing: Any) -> Iterator[Public]:
    if not inspect.isclass(thing):
        yield Public(name, _signature(thing), thing)
        return
    # Protocols have no constructor, and some classes are made by methods, as their docstrings say.
    made_elsewhere = getattr(thing, "_is_protocol", False) or "made by `" in (thing.__doc__ or "").replace("\n   ", "")
    yield Public(name, "" if made_elsewhere else _signature(thing), thing)
    fields = {each.name for each in dataclasses.fields(thing)} if dataclasses.is_dataclass(thing) else set()
    for member in sorted(dir(thing)):
        if member.startswith("_") or member in fields or not _ours(thing, member):
            continue
        found = inspect.getattr_static(thing, member)
        plain = found.__func__ if isinstance(found, staticmethod | classmethod) else found
        if not inspect.isroutine(plain) and not isinstance(plain, property | cached_property):
            continue
        yield Public(f"{name}.{member}", _signature(plain) if inspect.isroutine(plain) else "", plain)


def _ours(thing: type, member: str) -> bool:
    """Whether a member is defined in this package and not inherited from another library."""
    owner = next(each for each in thing.__mro__ if member in vars(each))
    return owner.__module__.split(".")[0] == "hybrid_search"


def _signature(thing: Any) -> str:
    if not callable(thing):
        return ""
    try:
        found = inspect.signature(thing)
    except (TypeError, ValueError):
        return ""
    parts: list[str] = []
    for each in found.parameters.values():
        # The class itself fills parameters that begin with an underscore, Python fills self and cls.
        if each.name.startswith("_") or each.name in ("self", "cls"):
            continue
        if each.kind is each.KEYWORD_ONLY and "*" not in parts and not any(part.startswith("*") for part in parts):
            parts.append("*")
        parts.append(_parameter(each))
    gives = "" if found.return_annotation is found.empty or inspect.isclass(thing) else f" -> {found.return_annotation}"
    return f"({', '.join(parts)}){gives}"


def _parameter(each: inspect.Parameter) -> str:
    stars = {each.VAR_POSITIONAL: "*", each.VAR_KEYWORD: "**"}.get(each.kind, "")
    kind = "" if each.annotation is each.empty else f": {each.annotation}"
    if each.default is each.empty:
        return f"{stars}{each.name}{kind}"
    name = getattr(each.default, "__name__", None)
    plain = isinstance(each.default, str | int | float | tuple | None)
    default = name or (repr(each.default) if plain else "...")
    return f"{stars}{each.name}{kind} = {default}"


def text() -> str:
    """The wanted content of the file."""
    return "".join(f"{each.name}{each.signature}\n" for each in public())


def main() -> int:
    """Write the file, or with `--check` say whether it differs."""
    wanted = text()
    if LISTED.is_file() and LISTED.read_text("utf-8") == wanted:
        return 0
    if "--check" in sys.argv[1:]:
        print(f"{LISTED.relative_to(ROOT)} is not what the code exports: run `{MENDS}`.")
        return 1
    LISTED.write_text(wanted, "utf-8")
    print(f"wrote {LISTED.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
