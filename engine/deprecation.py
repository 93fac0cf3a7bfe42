"""Deprecated names: using one warns, with its replacement and the version that removes it."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import ParamSpec, TypeVar

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

# Every function that `deprecated` marked in this interpreter: its name, and the version that removes it.
GOING: dict[str, str] = {}


def deprecated(
    *, since: str, removed_in: str, instead: str
) -> Callable[[Callable[Parameters, Result]], Callable[Parameters, Result]]:
    """Make a function warn when it is called, once for each place that calls it.

    Args:
        since: the version in which the warning is new.
        removed_in: the version that removes the function: the next major one, or (before 1.0) the next minor but one.
        instead: the replacement, as code.

    >>> import warnings
    >>> @deprecated(since="0.2", removed_in="0.4", instead="new()")
    ... def old():
    ...     return 1
    >>> with warnings.catch_warnings(record=True) as told:
    ...     warnings.simplefilter("always")
    ...     old()
    1
    >>> str(told[0].message)
    'old is deprecated since hybrid-search 0.2 and will be removed in 0.4. Use new().'

    """

    def mark(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
        name = function.__qualname__
        GOING[f"{function.__module__}.{name}"] = removed_in
        message = (
            f"{name} is deprecated since hybrid-search {since} and will be removed in {removed_in}. Use {instead}."
        )

        @functools.wraps(function)
        def warned(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
            warnings.warn(message, DeprecationWarning, stacklevel=2)
            return function(*args, **kwargs)

        warned.__deprecated__ = message  # type: ignore[attr-defined]
        return warned

    return mark
