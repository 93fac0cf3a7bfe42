"""What would mend a bias, tried on the spot where it can be: on the answers at hand, or on the kit's own passages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...engine.encoders import NEUTRAL, TRIO, Encoder
from ...engine.errors import DataError, HybridSearchError
from ...engine.progress import OnStage
from ...engine.search import fusion
from ..measure import Difference, Values, encode, neutralised, significance
from .asking import Asked, Rows, ask
from .estimates import Estimate, estimate
from .judged import benchmark_of, lost_values, multi, result_of
from .shares import own_shares, pull_of
from .targets import ByEncoder, InLibrary, Options, Target

HYBRID = TRIO[0]
# Of the parallel questions of a kit these translations are made by people: a translator of one's own does no better.
_BY_PEOPLE = "with the kit's translations, which are people's"


@dataclass(frozen=True)
class Figures:
    """What a remedy is judged by.

    Attributes:
        pull: by how much asking in a language raises its share among the answers.
        own: share of the question's language among the answers.
        multi: multi mAP over questions; not known without judgements.
        mono: mono mAP likewise.
        lost: what language alone costs, likewise.
    """

    pull: Estimate
    own: Estimate
    multi: Estimate
    mono: Estimate
    lost: Estimate

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {name: each.as_dict() for name, each in vars(self).items() if each.known}


@dataclass(frozen=True)
class Remedy:
    """Something that may be done about a bias.

    Attributes:
        key: its name in JSON.
        title: its name for people.
        words: what to do, in a sentence.
        figures: what it reached; None where it could not be tried here.
        difference: multi AP with it less without, over questions; None without judgements.
        why_not: why it was not tried, in a sentence.
    """

    key: str
    title: str
    words: str
    figures: Figures | None = None
    difference: Difference | None = None
    why_not: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "key": self.key,
            "title": self.title,
            "words": self.words,
            "figures": None if self.figures is None else self.figures.as_dict(),
            "multi_difference": None
            if self.difference is None
            else {
                "mean": round(self.difference.mean, 6),
                "low": round(self.difference.low, 6),
                "high": round(self.difference.high, 6),
                "p": self.difference.p,
            },
            "why_not": self.why_not,
        }


def figures_of(asked: Asked) -> Figures:
    """The figures of what a target answered."""
    groups = [question.group for question in asked.kit.questions]
    none = estimate(np.zeros(0))
    pull, own = pull_of(asked), estimate(own_shares(asked), groups)
    if not asked.judged:
        return Figures(pull, own, none, none, none)
    result = result_of(asked, asked.rankings)
    found = {key: estimate(values, groups) for key, values in result.compared().items()}
    lost = estimate(lost_values(asked, result), groups)
    return Figures(pull, own, found.get("multi", none), found.get("mono", none), lost)


def remedies(
    asked: Asked, target: Target, options: Options, *, k: int | None = None, progress: OnStage | None = None
) -> tuple[Remedy, ...]:
    """Try what may help.

    Args:
        asked: what the target answered.
        target: still open; one with vectors is asked again without what languages add to them.
        options: loads the encoder that was trained on hybrid batches.
        k: how many answers each, as they were asked for.
        progress: called with a stage, what is done and what there is in all.
    """
    before = _multi_values(asked)
    found = [*_fanned_out(asked, before)]
    found.append(_centred(asked, target, options, before, k, progress))
    found.append(_hybrid(asked, target, options, before, progress))
    if not isinstance(target, ByEncoder | InLibrary):
        found.append(
            Remedy(
                "prompts",
                "the encoder's own prompts",
                "Make sure that questions and passages are encoded with the words that the encoder was trained with in "
                "front of them (E5, BGE, nomic, Qwen, EmbeddingGemma have such).",
                why_not="Which encoder answers cannot be seen from outside.",
            )
        )
    return tuple(found)


def _multi_values(asked: Asked) -> Values | None:
    return result_of(asked, asked.rankings).per_query(multi()) if asked.judged else None


def _tried(remedy: Remedy, asked: Asked, before: Values | None) -> Remedy:
    """The remedy with its figures."""
    difference = None
    if before is not None and asked.judged:
        groups = [question.group for question in asked.kit.questions]
        after = _multi_values(asked)
        assert after is not None
        try:
            difference = significance.differences({"with": after, "without": before}, groups)[0]
        except DataError:
            # Fewer than six questions show nothing.
            difference = None
    return replace(remedy, figures=figures_of(asked), difference=difference)


def _fanned_out(asked: Asked, before: Values | None) -> Iterator[Remedy]:
    """Rankings of translations joined by reciprocal rank fusion."""
    groups: dict[str, dict[str, int]] = {}
    for row, question in enumerate(asked.kit.questions):
        groups.setdefault(question.group, {})[question.language] = row
    if max(map(len, groups.values())) < 2:
        yield Remedy(
            "fan_out",
            "asking in several languages",
            "Ask every question in several languages and join the rankings by reciprocal rank fusion.",
            why_not="No question is asked in two languages here.",
        )
        return
    fused = {name: _fuse(asked, list(own.values())) for name, own in groups.items()}
    yield _tried(
        Remedy(
            "fan_out",
            f"asking in all {len(asked.kit.languages)} languages",
            f"Ask every question in all languages and join the rankings by reciprocal rank fusion ({_BY_PEOPLE}).",
        ),
        replace(asked, rankings=tuple(fused[question.group] for question in asked.kit.questions)),
        before,
    )
    bridge = max(asked.kit.languages, key=lambda code: (code == "en", asked.collection.get(code, 0), code))
    if len(asked.kit.languages) > 2:
        pairs = []
        for row, question in enumerate(asked.kit.questions):
            other = groups[question.group].get(bridge, row)
            pairs.append(_fuse(asked, [row, other]) if other != row else asked.rankings[row])
        from ...engine.languages import name

        yield _tried(
            Remedy(
                "fan_out_bridge",
                f"asking in {name(bridge)} as well",
                f"Ask every question in {name(bridge)}, too, and join the two rankings ({_BY_PEOPLE}).",
            ),
            replace(asked, rankings=tuple(pairs)),
            before,
        )


def _fuse(asked: Asked, rows: Sequence[int]) -> Rows:
    """Rankings of some questions joined; of equal sums the one that comes first in the pool."""
    scores = np.zeros(len(asked.pool))
    for row in rows:
        ranking = asked.rankings[row]
        scores[ranking] += 1 / (fusion.CONSTANT + 1 + np.arange(len(ranking)))
    held = np.flatnonzero(scores)
    return held[np.argsort(-scores[held], kind="stable")]


def _centred(
    asked: Asked,
    target: Target,
    options: Options,
    before: Values | None,
    k: int | None,
    progress: OnStage | None,
) -> Remedy:
    remedy = Remedy(
        "centring",
        "vectors without their language's mean",
        "Take the mean of each language's vectors away before they are compared (`hybrid-search neutralise` does it to "
        "stored vectors, `--neutral` to a library's).",
    )
    if isinstance(target, InLibrary) and not isinstance(target.encoder, str):
        target.neutral = True
        try:
            return _tried(remedy, ask(target, asked.kit, k=k, progress=_named(progress, "centred")), before)
        finally:
            target.neutral = False
    if isinstance(target, ByEncoder) and target.encoder is not None and not target.name.endswith(NEUTRAL):
        return _tried(remedy, _neutral_rankings(asked, target.encoder, options, progress), before)
    return replace(remedy, why_not="The vectors cannot be had from outside.")


def _neutral_rankings(asked: Asked, encoder: Encoder, options: Options, progress: OnStage | None) -> Asked:
    benchmark = benchmark_of(asked)
    queries = encode(encoder, "queries", benchmark.query_texts(), progress)
    pool = encode(encoder, "pool", [options.texts[piece.id] for piece in asked.pool], progress)
    queries, pool = neutralised(benchmark, queries, pool)
    rankings = tuple(np.argsort(-(pool @ vector), kind="stable") for vector in queries)
    return replace(asked, rankings=rankings)


def _hybrid(asked: Asked, target: Target, options: Options, before: Values | None, progress: OnStage | None) -> Remedy:
    remedy = Remedy(
        "hybrid",
        "an encoder trained on hybrid batches",
        f"Search by the bundled encoder {HYBRID}, or train your own with `hybrid-search train --sampling hybrid`.",
    )
    used = target.encoder if isinstance(target, ByEncoder | InLibrary) else None
    if used is not None and getattr(used, "name", used) == HYBRID:
        return replace(remedy, why_not="It is the one that is audited.")
    if not asked.own or options.load is None:
        return replace(remedy, why_not="There is nothing here that it could rank.")
    texts = options.texts
    if asked.unit == "documents":
        whole = dict(asked.kit.texts)
        texts = {piece.id: whole.get(piece.id, piece.text) for piece in asked.pool[: asked.own]}
    try:
        encoder = options.load(HYBRID)
        ranking = ByEncoder(HYBRID, encoder, replace(options, texts=texts, progress=_named(progress, HYBRID)))
        found = ask(ranking, asked.kit, progress=_named(progress, HYBRID))
    except HybridSearchError as error:
        return replace(remedy, why_not=error.message)
    if len(asked.pool) > asked.own:
        remedy = replace(remedy, words=f"{remedy.words} Tried on the kit's own passages alone.")
    return _tried(remedy, found, before)


def _named(progress: OnStage | None, what: str) -> OnStage | None:
    if progress is None:
        return None
    told: Callable[[str, int, int], None] = progress
    return lambda stage, done, total: told(f"{what}: {stage}", done, total)
