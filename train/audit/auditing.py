"""One audit from end to end: a kit and a target come in; findings, a verdict and tried remedies go out."""

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
    """What an audit found.

    Attributes:
        asked: the answers.
        unjudged: what they say without judgements.
        judged: what they say with judgements; None without.
        remedies: what may help, tried where it could be.
        verdict: all of it in sentences.
    """

    asked: Asked
    unjudged: Unjudged
    judged: Judged | None
    remedies: tuple[Remedy, ...]
    verdict: Verdict

    @property
    def notes(self) -> tuple[str, ...]:
        """What was odd or cannot be said."""
        return (*self.asked.notes, *self.unjudged.notes)

    def values(self) -> dict[str, dict[str, float | None]]:
        """By key of what a gate watches one value a question, by its id."""
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
        kit: what is asked.
        options: what is said of the target beside its name.
        k: how many answers each question is asked for; by default what suits the target.
        mend: try what may help.
        progress: called with a stage, what is done and what there is in all.

    Raises:
        TargetError: the target cannot be opened or asked, or its answers cannot be read or known.
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
    """Audit what is open already and stays so; nothing is tried that may help. Arguments and errors as `audit`."""
    asked = ask(opened, kit, k=k, progress=progress)
    found = unjudged(asked)
    right = judged(asked) if asked.judged else None
    return Audit(asked, found, right, (), verdict(found, right, ()))
