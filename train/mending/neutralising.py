"""What languages add to stored vectors, fitted on them; what taking it away changes; and what is kept of it."""

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
# As many vectors a language needs before anything is fitted on it.
_FEWEST = 8


@dataclass(frozen=True)
class Plan:
    """A correction that was fitted and measured, and not kept yet.

    Attributes:
        held: what it is for.
        method: how it was fitted.
        documents: what becomes of stored vectors.
        queries: what becomes of vectors of questions.
        languages: how many records each language has.
        before: how the vectors lie.
        after: how they would lie.
        asked_before: what an audit says of answers to a kit's questions; None without an encoder to ask with.
        asked_after: what it would say.
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
        """Keep it: the correction in a file, and the corrected vectors under a new name; returns how many.

        Args:
            to: the name of the copy.
            file: of the correction; that of queries lies beside where it is another.
            progress: called with a stage, what is done and what there is in all.

        Raises:
            StoreError: the name is taken, or the store cannot be written to; nothing is left of the copy then.
            DataError: the file is there already, or cannot be written.
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
    """Fit a correction on what is held, and measure what it would change. Nothing is written.

    Args:
        held: vectors with their languages.
        method: one of METHODS.
        directions: how many are removed, where the method removes some; 0 for its own number.
        encoder: the one that made the vectors; with it the kit's questions are asked before and after.
        kit: the questions; judged where the collection holds the kit's passages.
        correct: fits another correction than METHODS know, on vectors and languages; `method` is then its name.
        progress: called with a stage, what is done and what there is in all.

    Raises:
        DataError: fewer than two languages have enough vectors, or the encoder did not make these.
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
    """The plan with what an audit says before and after."""
    from ..measure import encode

    everything = (*kit.questions, *kit.nonsense)
    asked = encode(encoder, "queries", [question.text for question in everything], progress)
    own = [question.language for question in everything]
    _require_maker(found.held, encoder)
    queries = found.documents
    # Questions lie elsewhere than passages: what their languages add is their own, where there are enough of each.
    if not everybodys and all(own.count(code) >= _FEWEST for code in set(own)) and _by_language(found.documents):
        queries = fitted(asked, own)
    before = figures(found.held, kit, found.held.vectors, asked, progress)
    after = figures(found.held, kit, changed, queries.apply(asked, own), progress)
    return Plan(**{**vars(found), "queries": queries, "asked_before": before, "asked_after": after})


def _by_language(correction: Correction) -> bool:
    """Whether a correction depends on the language of a text."""
    return bool(getattr(correction, "languages", ()))


def _require_maker(held: Held, encoder: Encoder) -> None:
    """Make sure that the encoder made the vectors, as far as a few texts tell.

    Raises:
        DataError: it gives others.
    """
    rows = [row for row, text in enumerate(held.texts) if text][:8]
    if not rows:
        return
    made = encoder.encode_document([held.texts[row] for row in rows])
    cosines = (made * held.vectors[rows]).sum(axis=1)
    # Other cuts of a text, a title before it or another precision change a vector a little.
    if float(np.median(cosines)) < 0.6:
        raise DataError(
            f"{encoder.name} gives other vectors for the texts of {held.name} than are stored (median cosine "
            f"{float(np.median(cosines)):.2f}).",
            hint="Name the encoder that made them with --encoder, with the prompts that were used.",
        )
