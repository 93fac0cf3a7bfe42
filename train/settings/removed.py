"""Reads or refuses the settings of earlier versions, so that old recipes and runs do not change their meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...engine.errors import TrainingError
from . import fixed
from .config import OTHERS
from .setting import shortened

Values = dict[str, Any]


@dataclass(frozen=True)
class Removed:
    """A setting that was removed.

    Attributes:
        why: the reason, to follow "because" in a message.
        same: values with which runs behave as they do without the setting.
        instead: what to do, used as the error's hint.
    """

    why: str
    same: tuple[Any, ...] = ()
    instead: str = "Remove it from the recipe; a run that was started with it can only be finished by the version "
    "that started it."


REMOVED: Mapping[str, Removed] = {
    "anchor": Removed("it cost .025 of mono mAP and gained nothing", (0,)),
    "apart": Removed("parallel passages taken apart into sentences gained nothing", (False,)),
    "broken_rows": Removed(
        f"the limit grows with the data now: {fixed.BROKEN_ROWS} rows, or one in {round(1 / fixed.BROKEN_SHARE)}",
        (fixed.BROKEN_ROWS,),
    ),
    "clip": Removed(f"every run bounds the gradient's norm by {fixed.CLIP:g}", (fixed.CLIP,)),
    "cross_batch_size": Removed("batches of two sizes gained nothing", (0,), "Set batch_size, which holds for both."),
    "cross_languages": Removed("drawing a row first worked best", ("row",), "Use languages to weigh some more."),
    "cross_mix": Removed("a batch of one source worked best", ("batch",)),
    "distill_temperature": Removed(
        f"every run uses the distillation temperature {fixed.DISTILL_TEMPERATURE:g}", (fixed.DISTILL_TEMPERATURE,)
    ),
    "dropout": Removed("no run used it", (0,)),
    "exclude": Removed("it was never used", ({},), "Name the rows to keep with include."),
    "format": Removed("a file's name tells its format", ("auto",)),
    "languages_per_batch": Removed("fewer languages in a cross batch gained nothing", (0,)),
    "lora_alpha": Removed("the update is always added as it is", (0,)),
    "merge": Removed(
        "`hybrid-search encoders export` writes a whole folder of any encoder", (False,), "Export the result instead."
    ),
    "mono_languages": Removed(
        "drawing each language equally often worked best", ("uniform",), "Use languages to weigh some."
    ),
    "mono_mix": Removed("a batch of one source worked best", ("batch",)),
    "negatives_margin": Removed("every run has the same", (fixed.NEGATIVES_MARGIN,)),
    "negatives_per_query": Removed("every run has the same", (fixed.NEGATIVES_PER_QUERY,)),
    "negatives_rows": Removed("every run searches as many", (fixed.NEGATIVES_ROWS,)),
    "patience": Removed("select chooses the best validation without it", (0,), "Use validate_every and select."),
    "query_tokens": Removed(f"every run reads {fixed.QUERY_TOKENS} of a question", (fixed.QUERY_TOKENS,)),
    "schedule": Removed("every run has a linear fall of the rate", (fixed.SCHEDULE,)),
    "symmetric": Removed("ranking questions for passages, too, gained nothing", ("never",)),
    "train_embeddings": Removed("the token table gained .001 of mAP", (False,)),
    "weight_decay": Removed("every run has the same", (fixed.WEIGHT_DECAY,)),
}


def translated(run: Mapping[str, Any], sources: list[Values], where: str) -> tuple[Values, list[Values]]:
    """Convert a run's and its sources' plain values to the current settings.

    Args:
        run: keys of a recipe or a stored run, without `sources`.
        sources: its sources.
        where: for messages, such as `" in r.toml"`.

    Raises:
        TrainingError: a removed setting has a value that runs no longer support.
    """
    values = dict(run)
    sources = [_source(source) for source in sources]
    _siblings(values, sources)
    _languages(values, where)
    if values.get("cross_batch_size") == values.get("batch_size"):
        values.pop("cross_batch_size", None)
    if values.get("lora_alpha") == values.get("lora_rank"):
        values.pop("lora_alpha", None)
    if values.get("mono_mix") == "example" and sum(source.get("mono", 1) != 0 for source in sources) < 2:
        del values["mono_mix"]
    for each in (values, *sources):
        for name in REMOVED.keys() & each.keys():
            _refuse(name, each.pop(name), where)
    return values, sources


def _refuse(name: str, value: Any, where: str) -> None:
    removed = REMOVED[name]
    if value in removed.same or value is None:
        return
    raise TrainingError(
        f"The setting {name}, which is {shortened(value)}{where}, was removed in this version because {removed.why}.",
        hint=removed.instead,
    )


def _source(source: Mapping[str, Any]) -> Values:
    """A source with `crop_tokens` converted to `crop`."""
    values = dict(source)
    if values.get("crop") == "":
        del values["crop"]
    given = values.pop("crop_tokens", None)
    if given is not None and values.get("crop") == "answer":
        widths = tuple(given) if isinstance(given, (list, tuple)) else (given,)
        found = [name for name, known in fixed.CROPS.items() if known == widths]
        if not found:
            raise TrainingError(
                f"The setting crop_tokens, which is {shortened(widths)}, was removed in this version "
                "because two widths serve.",
                hint="Set crop to answer, for whole sentences around it, or to sentence, for its own alone.",
            )
        values["crop"] = found[0]
    return values


def _siblings(run: Values, sources: list[Values]) -> None:
    """Convert the old switch `siblings` of each source, which limited the run's `negatives`."""
    for source in sources:
        if source.pop("siblings", True) is False and run.get("negatives") == "siblings":
            source.setdefault("negatives", "none")


def _languages(run: Values, where: str) -> None:
    """Convert the old list `languages` and table `language_weights` to one table."""
    weights = run.pop("language_weights", None) or {}
    if not isinstance(weights, Mapping):
        raise TrainingError(f"language_weights{where} are {shortened(weights)}.", hint="They are a table of numbers.")
    only = run.get("languages")
    if isinstance(only, (list, tuple)) and all(isinstance(code, str) for code in only):
        run["languages"] = {code: weights.get(code, 1.0) for code in only} | ({OTHERS: 0.0} if only else {})
        if not only:
            del run["languages"]
    if weights and not run.get("languages"):
        run["languages"] = {**weights, OTHERS: 1.0}


def why_removed(option: str) -> str:
    """Why an option of an earlier version was removed, in a sentence; "" for other options."""
    removed = REMOVED.get(option.removeprefix("--").replace("-", "_"))
    return f"{option} was removed in this version because {removed.why}." if removed else ""
