"""Writes the model card of a trained encoder: all settings to repeat the run, and a verdict against its base."""

from __future__ import annotations

import importlib
import importlib.metadata
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..measure import registry
from ..reports import hub_card
from ..settings import RunConfig, fixed, settings_of

if TYPE_CHECKING:
    from ..data import RunData
    from .result import RunResult

_SAMPLINGS = {
    "mono": "mono batches: every pair of a batch in one language",
    "cross": "cross batches: question and passage of every pair in different languages",
    "hybrid": "hybrid batches: mono with probability {alpha:g}, else cross",
}
# Not in the table of settings: stated elsewhere in the card, or about the machine.
_TOLD = ("name", "base", "device")


def one_line(config: RunConfig) -> str:
    """A description of the encoder in a line, for lists."""
    sampling = _SAMPLINGS[config.batches].format(alpha=config.alpha).partition(":")[0]
    return f"{_base(config)} fine-tuned with {sampling}, {config.steps} steps of {config.batch_size} pairs"


def verdict(before: Mapping[str, float], after: Mapping[str, float]) -> str:
    """How training changed the measures that encoders are compared on, in a sentence."""
    if not before or not after:
        return "It was not measured: the run had no validation set."
    parts = []
    for measure in registry.compared():
        if measure.key in before and measure.key in after:
            change = after[measure.key] - before[measure.key]
            improved = measure.improved(change)
            size = f"by {measure.text(abs(change))}"
            word = "unchanged" if improved is None else f"better {size}" if improved else f"worse {size}"
            parts.append(f"{measure.label} {word}")
    return f"Against its base: {', '.join(parts)}."


def facts(config: RunConfig, data: RunData, result: RunResult) -> dict[str, Any]:
    """Everything needed to repeat the run, as plain values."""
    return {
        "schema": 1,
        "config": config.as_dict(),
        "sources": [report.as_dict() for report in data.reports],
        "steps": result.steps,
        "best_step": result.best_step,
        "average": result.average,
        "seconds": result.seconds,
        "scores_before": dict(result.scores_before),
        "scores_after": dict(result.scores_after),
        "problems": list(result.problems),
        "versions": _versions(),
    }


def write(config: RunConfig, data: RunData, result: RunResult) -> str:
    """The card, in Markdown with the hub's header."""
    sampling = _SAMPLINGS[config.batches].format(alpha=config.alpha)
    languages = sorted({code for pool in data.pools for code in pool.languages})
    lines = [
        f"# {config.name}",
        "",
        f"{_base(config)}, fine-tuned by hybrid-search with {sampling} (arXiv 2408.10536).",
        "",
        f"**{verdict(result.scores_before, result.scores_after)}**",
        "",
        *_scores(result),
        "## Training",
        "",
        "| | |",
        "|---|---|",
        f"| updates | {result.steps} of {config.batch_size} pairs"
        + (f"; weights of step {result.best_step}" if result.best_step != result.steps else "")
        + " |",
        f"| loss | {_loss(config)} |",
        f"| what is trained | {_trained(config)} |",
        f"| pooling | {_pooling(config)} |",
        f"| optimiser | AdamW, {fixed.SCHEDULE} fall of the rate, weight decay {fixed.WEIGHT_DECAY:g}, "
        f"gradient norm at most {fixed.CLIP:g} |",
        f"| averaging | {result.average:g} of the way from the base |",
        f"| time | {result.seconds:,.0f} s |",
        f"| software | {', '.join(f'{name} {version}' for name, version in _versions().items())} |",
        "",
        "## Settings",
        "",
        "| setting | value | what it is |",
        "|---|---|---|",
        *_settings(config),
        "",
        "## Data",
        "",
        "| source | rows | languages | weight mono / cross | negatives | held out | overlap | digest |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for report, source in zip(data.reports, config.sources, strict=True):
        name = report.path.rpartition("/")[2]
        chosen = "".join(f" ({field}: {', '.join(values)})" for field, values in source.include.items())
        lines.append(
            f"| {name}{chosen} | {report.rows:,} | {report.languages} | {source.mono:g} / {source.cross:g} "
            f"| {source.negatives} | {report.held_out:,} | {report.overlapping:,} | `{report.digest}` |"
        )
    lines += ["", _leakage(config, data), "", f"Languages: {' '.join(languages)}.", ""]
    if result.problems:
        lines += ["## Notes of the run", "", *(f"- {_told(problem, config)}" for problem in result.problems), ""]
    fields = hub_card.header(
        config.name,
        hub_card.hub_base(config.base) or _base(config),
        licence=hub_card.licence_of(config.base),
        languages=languages,
        sources=[source.path for source in config.sources],
        scores=result.scores_after,
        benchmark=config.validation,
    )
    return hub_card.with_header("\n".join(lines), fields)


def _scores(result: RunResult) -> list[str]:
    if not result.scores_after:
        return []
    lines = ["| validation | before | after |", "|---|---|---|"]
    for measure in registry.headlines():
        if measure.key in result.scores_after:
            before, after = (scores.get(measure.key) for scores in (result.scores_before, result.scores_after))
            lines.append(f"| {measure.label} | {measure.text(before)} | {measure.text(after)} |")
    return [*lines, ""]


def _pooling(config: RunConfig) -> str:
    if not config.layer_weights:
        return "as the base's"
    shares = [f"{weight / sum(config.layer_weights):.3g}" for weight in config.layer_weights]
    return f"in training as the base's; then the last layers' outputs, weighted {', '.join(shares)}"


def _trained(config: RunConfig) -> str:
    kind = "all weights of the layers" if config.full else f"LoRA of rank {config.lora_rank} on every linear layer"
    return f"{kind}; the token table is frozen"


def _settings(config: RunConfig) -> list[str]:
    """A row for every setting; of paths, only the last part."""
    rows = []
    for name, declared in settings_of(RunConfig).items():
        if name in _TOLD:
            continue
        value = getattr(config, name)
        if declared.place:
            value = tuple(_last(item) for item in value) if isinstance(value, tuple) else _last(value)
        unit = declared.unit.removesuffix("s") if value == 1 else declared.unit
        rows.append(f"| {name} | {declared.shown(value)} {unit}".rstrip() + f" | {declared.help} |")
    return rows


def _base(config: RunConfig) -> str:
    """The base's name; of a folder on this machine, only the last part."""
    return _last(config.base) if os.path.exists(os.path.expanduser(config.base)) else config.base  # noqa: PTH110, PTH111


def _last(place: str) -> str:
    return place if place.startswith("hf:") else place.rstrip("/").rpartition("/")[2]


def _told(problem: str, config: RunConfig) -> str:
    """A note with paths reduced to their last part."""
    for place in sorted((source.path for source in config.sources), key=len, reverse=True):
        problem = problem.replace(place, _last(place))
    return problem


def _loss(config: RunConfig) -> str:
    parts = ["InfoNCE over the batch"]
    drawn = fixed.REGRESS if config.teacher == "translations" else 0
    for weight, name in (
        (config.distill, f"distillation from the base at temperature {fixed.DISTILL_TEMPERATURE:g}, share"),
        (config.semantic_weight, "semantic contrastive loss, weight"),
        (config.language_weight, "language contrastive loss, weight"),
        (drawn, "distance to the teacher's mean over translations, weight"),
    ):
        if weight:
            parts.append(f"{name} {weight:g}")
    return "; ".join(parts)


def _leakage(config: RunConfig, data: RunData) -> str:
    overlapping = sum(report.overlapping for report in data.reports)
    guarded = ", ".join(map(_last, config.protect))
    against = f"the protected benchmarks ({guarded})" if guarded else "the benchmarks whose questions are known here"
    if config.allow_overlap:
        return f"**{overlapping:,} rows that overlap {against} were trained on: figures on these are not zero-shot.**"
    return f"{overlapping:,} rows that share an id, a question or a long run of words with {against} were left out."


def _versions() -> dict[str, str]:
    found = {}
    for name in ("hybrid-search", "sentence-transformers", "transformers", "torch", "peft"):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
