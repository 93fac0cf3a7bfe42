"""Conditions that select records of a collection, and their form in each engine's query language."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from ..shown import without_surrogates

Value = str | int


@dataclass(frozen=True)
class Among:
    """A field has one of some values or, `negated`, none of them."""

    field: str
    values: tuple[Value, ...]
    negated: bool = False


@dataclass(frozen=True)
class Between:
    """A field of numbers is between two numbers, both included."""

    field: str
    low: int
    high: int


# Conditions that all have to hold; an empty tuple selects every record.
Where = tuple[Among | Between, ...]
EVERY: Where = ()


def among(field: str, values: Sequence[str] | Sequence[int], *, negated: bool = False) -> Where:
    """The condition that a field has one of the values; every record if there are none."""
    return (Among(field, tuple(values), negated),) if len(values) else EVERY


def in_milvus(where: Where) -> str:
    """A condition in Milvus' language; "" for every record."""
    return " and ".join(_in_milvus(part) for part in where)


def _in_milvus(part: Among | Between) -> str:
    if isinstance(part, Between):
        return f"{part.field} >= {part.low} and {part.field} <= {part.high}"
    told = f"{part.field} in {json.dumps(list(part.values), ensure_ascii=False)}"
    return f"not ({told})" if part.negated else told


def in_sql(where: Where) -> tuple[str, dict[str, list[Value] | int]]:
    """A condition in SQL and its parameters; names of fields come from this program."""
    told: list[str] = []
    values: dict[str, list[Value] | int] = {}
    for place, part in enumerate(where):
        if isinstance(part, Between):
            told.append(f'"{part.field}" BETWEEN :low{place} AND :high{place}')
            values |= {f"low{place}": part.low, f"high{place}": part.high}
            continue
        kind = "text[]" if isinstance(part.values[0], str) else "bigint[]"
        told.append(f'{"NOT " if part.negated else ""}"{part.field}" = ANY (CAST(:among{place} AS {kind}))')
        values[f"among{place}"] = [clean(value) for value in part.values]
    return " AND ".join(told) or "TRUE", values


def clean(value: Value) -> Value:
    """A value that PostgreSQL accepts: without NUL and lone surrogates."""
    if not isinstance(value, str):
        return value
    return without_surrogates(value.replace("\x00", "\ufffd"))
