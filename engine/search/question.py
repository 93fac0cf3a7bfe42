"""Determines the language of a question, and the languages in which it may be answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..languages import Detected, chosen, detect_question


def language_of_query(query: str, library: Mapping[str, int], told: str = "") -> Detected:
    """The language of a query.

    Args:
        query: in any language.
        library: how many passages each language has in the library.
        told: the code of the language, if the user gave it.
    """
    if told:
        return Detected(told, 1.0)
    return detect_question(query, library)


def wanted_languages(languages: Sequence[str], library: Mapping[str, int]) -> tuple[str, ...]:
    """The library's languages that tags mean ("pt-BR" means "pt" if there is no "pt-br"); empty for all.

    A tag that means none of them is kept, so that nothing is found instead of everything.
    """
    return chosen(languages, library)
