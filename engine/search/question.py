"""What a question asks for in a library: the language it is in, and the languages its answers may be in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..languages import UNDETERMINED, Detected, detect


def language_of_query(query: str, library: Mapping[str, int], told: str = "") -> Detected:
    """The language of a query.

    Args:
        query: in any language.
        library: how many passages each language has in the library: it is one of these.
        told: the code of the language where the asker says which it is.
    """
    if told:
        return Detected(told, 1.0)
    return detect(query, [code for code in library if code != UNDETERMINED] or None)


def wanted_languages(languages: Sequence[str], library: Mapping[str, int]) -> tuple[str, ...]:
    """The codes of the languages that answers may be in, each once; none for all of the library's."""
    return tuple(dict.fromkeys(languages))
