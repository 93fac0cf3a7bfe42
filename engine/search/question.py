"""Determines the language of a question, and the languages in which it may be answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..errors import DataError, several
from ..languages import Detected, chosen, code_of, detect_question


def language_of_query(query: str, library: Mapping[str, int], told: str = "") -> Detected:
    """The language of a query.

    Args:
        query: in any language.
        library: how many passages each language has in the library.
        told: the language, if the user gave it: a tag or a name; the library's own code counts if it has it.

    Raises:
        DataError: it is not a language.
    """
    if told:
        code = code_of(told) if isinstance(told, str) else ""
        if not code:
            raise DataError(f"{told!r} is not a language.", hint="Give a code, such as de.")
        return Detected(chosen([code], library)[0], 1.0)
    return detect_question(query, library)


def wanted_languages(languages: Sequence[str], library: Mapping[str, int]) -> tuple[str, ...]:
    """The library's languages that tags mean ("pt-BR" means "pt" if there is no "pt-br"); empty for all.

    A tag that means none of them is kept, so that nothing is found instead of everything.
    """
    return chosen(several(languages, "languages", str), library)
