"""Runs one audit from end to end: a kit and a target come in; findings, a verdict and tried remedies go out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ...engine.errors import DataError
from ...engine.progress import OnStage
from ..measure import Values, registry
from .asking import Asked, ask
from .estimates import plain
from .judged import Judged, judged, lost_values
from .kits import Kit
from .remedies import Audited, Remedy, remedies
from .shares import own_shares
from .targets import Options, Target, open_target
from .unjudged import Unjudged, unjudged
from .verdict import Verdict, verdict
from .watched import JUDGED, WATCHED

SCHEMA = 1


@dataclass(frozen=True)
class Audit:
    """The result of an audit.

    Attributes:
        asked: the answers.
        unjudged: findings that need no judgements.
        judged: findings from judgements; None without judgements.
        remedies: possible remedies, with figures of those that could be tried.
        verdict: a summary in sentences.
    """

    asked: Asked
    unjudged: Unjudged
    judged: Judged | None
    remedies: tuple[Remedy, ...]
    verdict: Verdict

    @property
    def notes(self) -> tuple[str, ...]:
        """Oddities, and what could not be measured."""
        return (*self.asked.notes, *self.unjudged.notes)

    def values(self) -> dict[str, dict[str, float | None]]:
        """One value per question, by key of `WATCHED` and the question's id."""
        columns: dict[str, Values] = {"own_language": own_shares(self.asked)}
        if self.judged is not None:
            result = self.judged.result
            for key in JUDGED:
                columns[key] = (
                    lost_values(self.asked, result)
                    if key == "lost_to_language"
                    else result.per_query(registry.named(key))
                )
        names = [question.id for question in self.asked.kit.questions]
        return {
            key: {name: plain(value) for name, value in zip(names, columns[key], strict=True)}
            for key in WATCHED
            if key in columns
        }

    def as_dict(self) -> dict[str, Any]:
        """Everything, as plain JSON values."""
        kit = self.asked.kit
        return {
            "target": self.asked.target,
            "kit": {
                "name": kit.name,
                "digest": kit.digest,
                "languages": list(kit.languages),
                "questions": len(kit.groups),
                "passages": len(kit.passages),
            },
            "unit": self.asked.unit,
            "depth": self.asked.depth,
            "verdict": self.verdict.as_dict(),
            "without_judgements": self.unjudged.as_dict(),
            "with_judgements": None if self.judged is None else self.judged.as_dict(),
            "remedies": [each.as_dict() for each in self.remedies],
            "notes": list(self.notes),
            "values": self.values(),
        }


def audit(
    target: str,
    kit: Kit,
    options: Options,
    *,
    k: int | None = None,
    mend: bool = True,
    progress: OnStage | None = None,
) -> Audit:
    """Audit a retriever.

    Args:
        target: as typed by the user; see `targets.SCHEMES`.
        kit: the questions.
        options: settings of the target.
        k: answers per question; by default the target's `depth`.
        mend: whether to try remedies.
        progress: called with a stage, items done and their total.

    Raises:
        DataError: `k` is below 1.
        TargetError: the target cannot be opened or asked, or its answers cannot be read or identified.
        HybridSearchError: a library or encoder is not available.
    """
    if k is not None and k < 1:
        raise DataError("The number of answers must be at least 1.")
    remarks: list[str] = []
    options = replace(options, texts=kit.texts_to_encode(), progress=progress, remark=remarks.append)
    opened = open_target(target, options)
    try:
        asked = ask(opened, kit, k=k, progress=progress)
        asked = replace(asked, notes=(*asked.notes, *remarks))
        found = unjudged(asked)
        right = judged(asked) if asked.judged else None
        tried = remedies(Audited(asked, opened, options, k=k, progress=progress)) if mend else ()
    finally:
        opened.close()
    return Audit(asked, found, right, tried, verdict(found, right, tried))


def of_target(opened: Target, kit: Kit, *, k: int | None = None, progress: OnStage | None = None) -> Audit:
    """Audit an open target, which stays open, without trying remedies. Arguments and errors as for `audit`."""
    asked = ask(opened, kit, k=k, progress=progress)
    found = unjudged(asked)
    right = judged(asked) if asked.judged else None
    return Audit(asked, found, right, (), verdict(found, right, ()))
