"""Writes the verdict: how biased the target is, which languages lose, what would reduce it; all backed by figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ...engine.languages import name as name_of
from ..measure.significance import EQUAL
from .estimates import Estimate
from .judged import Judged
from .remedies import Remedy
from .unjudged import Unjudged

Level = Literal["none", "slight", "clear", "strong", "unknown"]
# The least pull for each level: the share of the first answers that changes by asking in another language.
_LEVELS: tuple[tuple[float, Level], ...] = ((0.4, "strong"), (0.15, "clear"), (0.0, "slight"))
_HEADS: dict[Level, str] = {
    "strong": "Strongly biased towards the language of the question.",
    "clear": "Clearly biased towards the language of the question.",
    "slight": "Slightly biased towards the language of the question.",
    "none": "No bias towards the language of the question was shown.",
    "unknown": "Too few questions to say whether it is biased.",
}
_ALONE = "A collection in one language cannot show whether the language of the question is preferred."
# Languages whose exposure is below this are named; 1 is even.
_UNEVEN = 0.9
_NAMED = 3


@dataclass(frozen=True)
class Verdict:
    """The summary of an audit.

    Attributes:
        level: how large the bias is.
        headline: the level in a sentence.
        sentences: the findings behind it.
        remedies: a sentence for each remedy, the most effective first.
    """

    level: Level
    headline: str
    sentences: tuple[str, ...]
    remedies: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "level": self.level,
            "headline": self.headline,
            "sentences": list(self.sentences),
            "remedies": list(self.remedies),
        }


def verdict(found: Unjudged, right: Judged | None, tried: Sequence[Remedy]) -> Verdict:
    """Summarise the findings."""
    alone = sum(share > 0 for share in found.collection.values()) == 1
    level: Level = "unknown" if alone else level_of(found.pull)
    sentences = [_pull(found), *_against(found), *_consistency(found)]
    if right is not None:
        sentences += _quality(right)
    sentences += _nonsense(found)
    return Verdict(level, _ALONE if alone else _HEADS[level], tuple(sentences), tuple(_remedies(found, tried)))


def level_of(pull: Estimate) -> Level:
    """The level of a pull; "none" if its interval is not above 0, "unknown" without an interval."""
    if not pull.known or pull.low != pull.low:
        return "unknown"
    if not pull.positive:
        return "none"
    return next(level for least, level in _LEVELS if pull.value >= least)


def _pull(found: Unjudged) -> str:
    usual = found.own.value - found.pull.value
    text = (
        f"{percent(found.own)} of the first {found.top} answers are in the language of the question; when the same is "
        f"asked in other languages, that language has {usual:.0%}: asking in it makes {points(found.pull)} of "
        "difference."
    )
    return text


def _against(found: Unjudged) -> list[str]:
    sentences = []
    dearest = sorted((code for code in found.pulls if found.pulls[code].known), key=lambda c: -found.pulls[c].value)
    if len(dearest) > 2 and found.pulls[dearest[0]].low > found.pulls[dearest[-1]].high:
        most, least = dearest[0], dearest[-1]
        sentences.append(
            f"It pulls most when asked in {name_of(most)} ({points(found.pulls[most])}), least in {name_of(least)} "
            f"({points(found.pulls[least])})."
        )
    few = [code for code, each in found.exposure.items() if each.high < _UNEVEN]
    few.sort(key=lambda code: found.exposure[code].value)
    if few:
        named = ", ".join(
            f"{name_of(code)} ({found.exposure[code].value:.2f} "
            f"[{found.exposure[code].low:.2f}, {found.exposure[code].high:.2f}])"
            for code in few[:_NAMED]
        )
        rest = f" and {len(few) - _NAMED} more" if len(few) > _NAMED else ""
        sentences.append(
            f"Languages at a disadvantage: when asked in other languages, passages in {named}{rest} come back less "
            f"often than by chance (1 is even)."
        )
    return sentences


def _consistency(found: Unjudged) -> list[str]:
    if not found.overlap.known:
        return []
    return [
        f"Translations of a question share {percent(found.overlap)} of their first {found.top} answers "
        f"(rank-biased overlap {number(found.rbo)})."
    ]


def _quality(right: Judged) -> list[str]:
    figures = right.result.summary()
    sentences = [
        "Mean average precision is "
        f"{figures['mono']:.3f} in the question's language, {figures['cross']:.3f} in another one, "
        f"{figures['multi']:.3f} with all languages in one ranking."
    ]
    if right.lost.known:
        sentences.append(
            f"Of the answers in other languages {percent(right.outranked)} rank below a wrong passage in the "
            f"question's language, of those in its own {percent(right.outranked_own)}: language alone accounts for "
            f"{points(right.lost)}."
        )
    worst = next((each for each in right.losses if each.loss.positive), None)
    if worst is not None:
        sentences.append(
            f"The costliest pair: {name_of(worst.answered)} passages asked for in {name_of(worst.asked)} cost "
            f"{number(worst.loss)} of mAP against being asked for in {name_of(worst.answered)}."
        )
    return sentences


def _nonsense(found: Unjudged) -> list[str]:
    if found.nonsense is None or not found.nonsense.answered:
        return []
    text = (
        f"Nonsense questions (shuffled letters) bring {found.nonsense.own:.0%} answers in the language of the letters"
    )
    even = sum(found.collection.get(code, 0.0) for code in found.asked) / max(1, len(found.asked))
    return [f"{text} ({even:.0%} would be even)." if found.collection else f"{text}."]


def _remedies(found: Unjudged, tried: Sequence[Remedy]) -> list[str]:
    def gain(remedy: Remedy) -> float:
        if remedy.difference is not None:
            return remedy.difference.mean
        before = found.pull if remedy.without is None else remedy.without.pull
        return before.value - remedy.figures.pull.value if remedy.figures is not None else float("-inf")

    lines = []
    for remedy in sorted(tried, key=lambda each: -gain(each)):
        if remedy.figures is None:
            lines.append(f"Not tried: {remedy.title}. {remedy.words} {remedy.why_not}".strip())
            continue
        after, without = remedy.figures, remedy.without
        told = f"the pull becomes {points(after.pull)}"
        if without is not None:
            told = f"the pull is {points(after.pull)} with and {points(without.pull)} without"
        if remedy.difference is not None:
            shown = remedy.difference.low > EQUAL or remedy.difference.high < -EQUAL
            told += f", multi mAP {after.multi.value:.3f} ({remedy.difference.mean:+.3f}" + (
                ")" if shown else ", no difference shown)"
            )
            told += f", mono mAP {after.mono.value:.3f}" if after.mono.known else ""
        lines.append(f"{remedy.title[:1].upper()}{remedy.title[1:]}: {told}. {remedy.words}")
    return lines


def percent(each: Estimate) -> str:
    """A share with its interval."""
    if not each.known:
        return "–"
    return f"{each.value:.0%}" + (f" [{each.low:.0%}, {each.high:.0%}]" if each.low == each.low else "")


def _whole(share: float) -> int:
    """Whole percentage points, never -0."""
    return round(100 * share)


def points(each: Estimate) -> str:
    """A difference of shares in percentage points, with its interval."""
    if not each.known:
        return "–"
    interval = f" [{_whole(each.low)}, {_whole(each.high)}]" if each.low == each.low else ""
    return f"{_whole(each.value)} points{interval}"


def number(each: Estimate) -> str:
    """A figure with its interval."""
    if not each.known:
        return "–"
    return f"{each.value:.3f}" + (f" [{each.low:.3f}, {each.high:.3f}]" if each.low == each.low else "")
