"""Reports the steps and validations of a run as events: plain dictionaries, which `--json` prints as JSON lines."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from ..settings import RunConfig
from .loss import MONO
from .trainer import Trainer

SCHEMA = 1
Event = dict[str, Any]
OnEvent = Callable[[Event], None]
Validate = Callable[[], Mapping[str, float]]


class StepReporter(TrainerCallback):  # type: ignore[misc]
    """Reports each step, validates at intervals and keeps the best weights.

    Args:
        config: the run.
        on_event: called with every event.
        validate: returns scores of the model; None without validation.
        keep_best: called when the newest scores are the best so far.
        best: the `state` of a run that is resumed.
    """

    def __init__(
        self,
        config: RunConfig,
        on_event: OnEvent,
        validate: Validate | None,
        keep_best: Callable[[int, Mapping[str, float]], None],
        best: Mapping[str, Any],
    ) -> None:
        self._config = config
        self._on_event = on_event
        self._validate = validate
        self._keep_best = keep_best
        self.best_score: float | None = best.get("best_score")
        self.best_step: int = int(best.get("best_step", 0))
        self.trainer: Trainer | None = None
        self._began = 0.0
        self._first = 0

    def state(self) -> dict[str, Any]:
        """The state that a checkpoint stores, so that a resumed run chooses the same weights."""
        return {"best_score": self.best_score, "best_step": self.best_step}

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Start the clock."""
        self._began, self._first = time.monotonic(), state.global_step

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> TrainerControl:
        """Report the step; validate and ask for a checkpoint when it is time."""
        assert self.trainer is not None
        step, total = state.global_step, self._config.steps
        kind, loss = self.trainer.loss.last
        pace = (time.monotonic() - self._began) / max(step - self._first, 1)
        if state.is_world_process_zero:
            self._on_event(
                {
                    "event": "step",
                    "step": step,
                    "total": total,
                    "loss": round(float(loss), 6),
                    "kind": "mono" if kind == MONO else "cross",
                    "learning_rate": kwargs["lr_scheduler"].get_last_lr()[0],
                    "seconds_left": round(pace * (total - step), 1),
                }
            )
        every = self._config.validate_every
        if self._validate is not None and every and step % every == 0 and step < total:
            self._consider(step, self._validate())
        if self._config.checkpoint_every and step % self._config.checkpoint_every == 0 and step < total:
            control.should_save = True
            self._on_event({"event": "checkpoint", "step": step})
        return control

    def _consider(self, step: int, scores: Mapping[str, float]) -> None:
        self._on_event({"event": "validation", "step": step, "scores": dict(scores)})
        if self._config.select == "last":
            return
        score = selected(scores, self._config.select)
        if self.best_score is None or score > self.best_score:
            self.best_score, self.best_step = score, step
            self._keep_best(step, scores)


def selected(scores: Mapping[str, float], choice: str) -> float:
    """The score to choose weights by: one setting's mAP, or the mean of the measured ones."""
    if choice not in ("mean", "last"):
        return float(scores[choice])
    there = [float(scores[name]) for name in ("mono", "cross", "multi") if name in scores]
    return sum(there) / len(there) if there else 0.0
