"""Declares the events of `train --json` and `study --json` with their keys; tests check real runs against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class EventKind:
    """A kind of event: one JSON object on a line of stdout, identified by its key `event`.

    Attributes:
        when: when it is written.
        keys: its keys besides `event`, each with its meaning and unit.
    """

    when: str
    keys: Mapping[str, str]


EVENTS: Mapping[str, EventKind] = {
    "warning": EventKind(
        "A problem that does not stop the run; it is also in the model card.",
        {"message": "one or more sentences"},
    ),
    "negatives": EventKind(
        "Hard negatives of a language were mined.",
        {
            "source": "number of the source, from 0",
            "language": "code",
            "rows": "rows that were looked at",
            "found": "rows that got at least one negative",
        },
    ),
    "teaching": EventKind(
        "The base encodes texts of the next batches for distillation.",
        {"kind": "queries or pool", "texts": "how many, translations among them"},
    ),
    "injection": EventKind(
        "Word translations were injected into an early layer.",
        {
            "layer": "which, from 1",
            "steps": "updates",
            "before": "mean cosine of held-out translations at that layer and at the output, that of all other pairs, "
            "and the share of words whose translation is nearest",
            "after": "the same",
        },
    ),
    "start": EventKind(
        "Data and model are ready; the first step follows.",
        {
            "schema": "version of these events: 1",
            "name": "of the encoder that is made",
            "base": "encoder that is trained",
            "batches": "mono, cross or hybrid",
            "alpha": "probability of a mono batch, 0 to 1",
            "steps": "of the whole run",
            "batch_size": "pairs",
            "validation": "what is validated on; empty for nothing",
            "parameters": "that are trained",
            "device": "cpu, cuda, mps",
            "precision": "fp32 or bf16",
            "sources": "a report of each source: its path, rows, languages, and what was left out",
        },
    ),
    "step": EventKind(
        "A step was done.",
        {
            "step": "its number, from 1",
            "total": "steps of the whole run",
            "loss": "of its batch",
            "kind": "of its batch: mono or cross",
            "learning_rate": "after the step",
            "seconds_left": "estimated, for all steps",
        },
    ),
    "validation": EventKind(
        "The encoder was measured: before the first step, every `validate_every` steps, and at the end.",
        {"step": "0 for the base", "scores": "figures by the measures' keys"},
    ),
    "checkpoint": EventKind("A checkpoint is due after this step.", {"step": "its number"}),
    "done": EventKind(
        "The encoder is registered under its name.",
        {
            "schema": "version of these events: 1",
            "name": "of the encoder",
            "path": "its folder",
            "steps": "that were done",
            "seconds": "that they took",
            "best_step": "whose weights were taken",
            "average": "share of the trained weights against the base's",
            "scores_before": "of the base, by the measures' keys; empty without validation",
            "scores_after": "of the encoder",
        },
    ),
    "run": EventKind(
        "One run of a study ended, or its result was already there.",
        {
            "run": "its number, from 1",
            "runs": "of the whole study",
            "alpha": "probability of a mono batch, 0 to 1",
            "pairing": "example or batch",
            "seed": "a whole number",
            "scores": "figures by the measures' keys",
        },
    ),
    "method": EventKind(
        "One run of a study of methods ended, or its result was already there.",
        {
            "run": "its number, from 1",
            "runs": "of the whole study",
            "method": "its name",
            "seed": "a whole number",
            "scores": "figures by part of the suite (`validation` without a suite), then by the measures' keys",
        },
    ),
    "over": EventKind("A study ended; the app makes this event itself, since `study` has none for its end.", {}),
    "stopped": EventKind("Ctrl-C; the last checkpoint is kept. Nothing follows.", {"message": "a sentence"}),
    "error": EventKind(
        "The run cannot go on. Nothing follows, and the exit code is 2.", {"message": "what, why, what now"}
    ),
}


def fault(event: Mapping[str, object]) -> str:
    """How an event differs from this table; "" if it does not."""
    name = event.get("event")
    if name not in EVENTS:
        return f"{name!r} is not an event that is declared"
    given, declared = set(event) - {"event"}, set(EVENTS[str(name)].keys)
    return "" if given == declared else f"{name} has the keys {sorted(given)}, declared are {sorted(declared)}"
