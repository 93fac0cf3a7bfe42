"""Fits a correction that removes language from stored vectors, measures its effect, and writes the corrected copy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast, get_args

import numpy as np

from ...engine.encoders import Encoder, Vectors
from ...engine.encoders.neutral import Correction, Method, Neutraliser, queries_of
from ...engine.errors import DataError
from ...engine.progress import OnStage
from ..audit import Figures
from ..audit.kits import Kit
from .answering import figures
from .held import Held
from .neighbours import Neighbours, neighbours, sample

METHODS = get_args(Method)
# The fewest vectors of a language on which a correction is fitted.
_FEWEST = 8


@dataclass(frozen=True)
class Plan:
    """A correction that was fitted and measured but not written yet.

    Attributes:
        held: the records that it is for.
        method: how it was fitted.
        documents: the correction of stored vectors.
        queries: the correction of query vectors.
        languages: how many records each language has.
        before: neighbours in the stored vectors.
        after: neighbours in the corrected vectors.
        asked_before: an audit's figures of the stored vectors; None without an encoder or a kit.
        asked_after: an audit's figures of the corrected vectors.
    """

    held: Held
    method: str
    documents: Correction
    queries: Correction
    languages: dict[str, int]
    before: Neighbours
    after: Neighbours
    asked_before: Figures | None = None
    asked_after: Figures | None = None

    def write(self, to: str, file: Path, progress: OnStage | None = None) -> int:
        """Write the correction to a file and the corrected vectors under a new name; returns how many vectors.

        Args:
            to: the name of the copy.
            file: for the correction; a separate correction of queries is written beside it.
            progress: called with a stage, items done and their total.

        Raises:
            StoreError: the name is taken, or the store cannot be written to; no part of the copy remains.
            DataError: the file exists already, or cannot be written.
        """
        for path in (file, queries_of(file)):
            if path.exists():
                raise DataError(f"{path} exists already.", hint="Name another with --save: nothing is overwritten.")
        self.documents.save(file)
        try:
            if self.queries is not self.documents:
                self.queries.save(queries_of(file))
            return self.held.write(to, self.documents.apply, progress)
        except BaseException:
            file.unlink(missing_ok=True)
            queries_of(file).unlink(missing_ok=True)
            raise

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        asked = None
        if self.asked_before is not None and self.asked_after is not None:
            asked = {"before": self.asked_before.as_dict(), "after": self.asked_after.as_dict()}
        return {
            "collection": self.held.name,
            "method": self.method,
            "vectors": len(self.held.ids),
            "languages": self.languages,
            "neighbours": {"before": self.before.as_dict(), "after": self.after.as_dict()},
            "answers": asked,
        }


def plan(
    held: Held,
    *,
    method: str = "centring",
    directions: int = 0,
    encoder: Encoder | None = None,
    kit: Kit | None = None,
    correct: Callable[[Vectors, list[str]], Correction] | None = None,
    progress: OnStage | None = None,
) -> Plan:
    """Fit a correction on stored vectors and measure what it would change. Nothing is written.

    Args:
        held: vectors with their languages.
        method: one of METHODS.
        directions: how many directions to remove, for methods that remove some; 0 for the method's default.
        encoder: the one that made the vectors; if given, the kit's questions are asked before and after.
        kit: the questions; judged where the collection holds the kit's passages.
        correct: fits a correction that METHODS does not have, on vectors and languages; `method` is then its name.
        progress: called with a stage, items done and their total.

    Raises:
        DataError: fewer than two languages have enough vectors, or another encoder made the vectors.
    """
    counts = held.counts
    enough = [code for code, number in counts.items() if number >= _FEWEST]
    if len(enough) < 2:
        had = ", ".join(f"{code or '?'} {number:,}" for code, number in counts.items())
        raise DataError(
            f"{held.name} has {len(enough)} language{'s' if len(enough) != 1 else ''} with {_FEWEST} vectors or more "
            f"({had}); bias is a difference between languages.",
            hint="If languages are detected wrongly, name their field: #COLLECTION?language=FIELD.",
        )
    if encoder is not None and encoder.dimension != held.vectors.shape[1]:
        raise DataError(
            f"{held.name} has vectors of {held.vectors.shape[1]:,} numbers, {encoder.name} of {encoder.dimension:,}.",
            hint="Name the encoder that made them with --encoder.",
        )

    def fitted(vectors: Vectors, languages: list[str]) -> Correction:
        if correct is not None:
            return correct(vectors, languages)
        return Neutraliser.fit(vectors, languages, method=cast(Method, method), directions=directions)

    documents = fitted(held.vectors, held.languages)
    changed = documents.apply(held.vectors, held.languages)
    rows = sample(held.languages)
    found = Plan(
        held,
        method,
        documents,
        documents,
        counts,
        neighbours(held.vectors, held.languages, rows),
        neighbours(changed, held.languages, rows, held.vectors),
    )
    if encoder is None or kit is None:
        return found
    return _asked(found, changed, encoder, kit, fitted, correct is not None, progress)


def _asked(
    found: Plan,
    changed: Vectors,
    encoder: Encoder,
    kit: Kit,
    fitted: Callable[[Vectors, list[str]], Correction],
    everybodys: bool,
    progress: OnStage | None,
) -> Plan:
    """The plan with an audit's figures before and after."""
    from ..measure import encode

    everything = (*kit.questions, *kit.nonsense)
    asked = encode(encoder, "queries", [question.text for question in everything], progress)
    own = [question.language for question in everything]
    _require_maker(found.held, encoder)
    queries = found.documents
    # Query vectors are distributed differently from passage vectors: fit their own correction if each language has
    # enough questions.
    if not everybodys and all(own.count(code) >= _FEWEST for code in set(own)) and _by_language(found.documents):
        queries = fitted(asked, own)
    before = figures(found.held, kit, found.held.vectors, asked, progress)
    after = figures(found.held, kit, changed, queries.apply(asked, own), progress)
    return Plan(**{**vars(found), "queries": queries, "asked_before": before, "asked_after": after})


def _by_language(correction: Correction) -> bool:
    """Whether a correction depends on the language of a text."""
    return bool(getattr(correction, "languages", ()))


def _require_maker(held: Held, encoder: Encoder) -> None:
    """Check on a few texts that the encoder made the vectors.

    Raises:
        DataError: it gives different vectors.
    """
    rows = [row for row, text in enumerate(held.texts) if text][:8]
    if not rows:
        return
    made = encoder.encode_document([held.texts[row] for row in rows])
    cosines = (made * held.vectors[rows]).sum(axis=1)
    # A text cut elsewhere, a title in front of it or another precision changes a vector a little.
    if float(np.median(cosines)) < 0.6:
        raise DataError(
            f"{encoder.name} gives other vectors for the texts of {held.name} than are stored (median cosine "
            f"{float(np.median(cosines)):.2f}).",
            hint="Name the encoder that made them with --encoder, with the prompts that were used.",
        )
