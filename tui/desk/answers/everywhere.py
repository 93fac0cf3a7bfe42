"""Asks a question in every language of the library: its translations, the answers to each, and their join."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ....engine.encoders import is_encoder
from ....engine.errors import HybridSearchError
from ....engine.languages import UNDETERMINED, matching
from ...translating import Translations, translator
from ..requests import Request

if TYPE_CHECKING:
    from ....engine.search import Ranking

Rank = Callable[[str, str, str, int], "Ranking"]


class Untranslated(HybridSearchError):
    """A translation of the question is missing."""


class Everywhere:
    """Finds the translations of questions, and asks all of them.

    Args:
        kept: stored translations; by default those in the cache folder, read on first use.
    """

    def __init__(self, kept: Translations | None = None) -> None:
        self._kept = kept

    @property
    def kept(self) -> Translations:
        """The stored translations."""
        if self._kept is None:
            self._kept = Translations()
        return self._kept

    def texts(
        self,
        query: str,
        source: str,
        languages: Sequence[str],
        known: Mapping[str, str],
        by: str,
        request: Request | None = None,
    ) -> dict[str, str]:
        """The question in every one of these languages.

        Args:
            query: the question.
            source: its language.
            languages: codes.
            known: its known translations, by code.
            by: the translator's name; "" for none.
            request: gets each translation as it comes; None if the translator must not be asked.

        Raises:
            Untranslated: a translation is missing, and there is no translator or it must not be asked.
            HybridSearchError: the translator failed.
        """
        found = {source: query} if source and source != UNDETERMINED else {}
        wanted = [code for code in languages if code not in found and code != UNDETERMINED]
        translate = translator(by) if by else None
        for code in wanted:
            text = next((known[each] for each in matching(code, known)), "")
            text = text or (self.kept.get(by, source, code, query) if by else "")
            if not text:
                if translate is None or request is None:
                    raise Untranslated(
                        "The question is not known in every language yet.",
                        hint="^g on Compare asks in every language, by a translator that you name there.",
                    )
                request.check()
                request.tell(translating=code, done=len(found), total=len(wanted) + 1)
                text = translate(query, source, code)
                self.kept.keep(by, source, code, query, text)
            found[code] = text
            if request is not None:
                request.tell(language=code, text=text)
        return found

    def ask(
        self, request: Request, texts: Mapping[str, str], encoders: Sequence[str], query: str, k: int, rank: Rank
    ) -> dict[str, Any]:
        """The answers of every encoder to all translations, as plain data."""
        from ....engine.search import across, fusion

        answers: dict[str, Any] = {}
        for name in encoders:
            if not is_encoder(name):
                continue
            rankings = {}
            for number, (code, text) in enumerate(texts.items(), start=1):
                request.check()
                rankings[code] = rank(name, text, code, max(k, fusion.DEPTH))
                request.tell(encoder=name, done=number, total=len(texts))
            found = across(rankings, k, query)
            answers[name] = {
                "counts": {code: dict(counts) for code, counts in found.counts.items()},
                "agreement": dict(found.agreement),
                "consistency": found.consistency,
                "own": found.own,
                "fused": [{"id": hit.passage.id, "title": hit.passage.title} for hit in found.fused.hits],
            }
        return answers
