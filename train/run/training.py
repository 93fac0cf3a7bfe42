"""Runs one training: prepares data and base, trains, validates, and saves and registers the result."""

from __future__ import annotations

import atexit
import os
import time
from collections.abc import Callable, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from ...engine.errors import TrainingError
from ..data import RunData, prepare
from ..settings import RunConfig, fixed, from_dict
from . import checkpoints, outcome, stopping
from .encoding import TrainingEncoder
from .events import SCHEMA, OnEvent, StepReporter, selected
from .loss import ContrastiveLoss
from .model import (
    check_layer_weights,
    choose_device,
    choose_precision,
    frozen_copy,
    load_base,
    make_trainable,
    pool_over,
    prompt_of,
)
from .result import RunResult

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentence_transformers import SentenceTransformer, SentenceTransformerTrainingArguments

    from .aids import Taught
    from .trainer import Trainer

# Files of an earlier run with the same name, besides its checkpoints.
_LEFT = ("best.safetensors", "best.json", "before.json", "negatives.npz", "teacher.npz", "injected.safetensors")
# On a CPU, padding costs time, so texts are embedded in pieces of similar length.
_PIECE_ON_CPU = 32
# Processes that draw and tokenise batches ahead of a GPU.
_LOADERS_FOR_A_CARD = 2


def fit(
    config: RunConfig, on_event: OnEvent, *, resume: bool = False, before: Mapping[str, float] | None = None
) -> RunResult:
    """Train an encoder.

    Args:
        config: the run; with `resume`, only its name counts, and the other settings are those the run began with.
        on_event: called with events as they happen; see `event_table.py`.
        resume: continue from the run's newest checkpoint.
        before: the base's scores on the validation set, if they are known.

    Raises:
        HybridSearchError: data, base or settings cannot be used, the loss is NaN or infinite, or the disk is full.
        KeyboardInterrupt: a stop was requested, see `stopping.listen`; the run can be resumed from its last checkpoint.
    """
    folder = checkpoints.run_folder(config.name)
    if resume:
        config = resumed_config(config.name)
        if checkpoints.is_done(folder):
            raise TrainingError(
                f"The run {config.name} is already done: there is nothing to resume.",
                hint=f"`hybrid-search search … --encoder {config.name}` uses it; without --resume it begins anew.",
            )
    first = is_first_process()
    with checkpoints.alone(folder) if first else nullcontext():
        if not resume and first:
            _begin(folder, config)
        if "RANK" in os.environ:
            atexit.register(_leave_group)
        if first:
            on_event = checkpoints.journal(folder, on_event, resume=resume)
        run = _Run(config, folder, _heeding(on_event), before or {})
        try:
            with quiet():
                return run.go(resume)
        except KeyboardInterrupt:
            stopping.answered()
            raise
        finally:
            if first:
                checkpoints.leave(folder)


def _heeding(on_event: OnEvent) -> OnEvent:
    """Pass events on, and stop after one if a stop was requested but swallowed."""

    def tell(event: dict[str, Any]) -> None:
        on_event(event)
        if event["event"] != "done":
            stopping.heed()

    return tell


def resumed_config(name: str) -> RunConfig:
    """The settings with which a run was started.

    Raises:
        TrainingError: there is no run with that name.
    """
    folder = checkpoints.run_folder(name)
    stored = checkpoints.read_json(folder / "config.json")
    if not stored:
        raise TrainingError(f"There is no run called {name} to resume.", hint="Start one with --out.")
    return from_dict(stored)


def _begin(folder: Path, config: RunConfig) -> None:
    """Write the settings, and remove the files of an earlier run with the same name."""
    checkpoints.remove(folder)
    for left in _LEFT:
        (folder / left).unlink(missing_ok=True)
    checkpoints.plan(folder, config.as_dict())


def is_first_process() -> bool:
    """Whether this is the only process or the first of several under torchrun."""
    return int(os.environ.get("RANK", "0")) == 0


def _leave_group() -> None:
    """Leave the process group: a process that exits while the group's threads run is aborted."""
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()


class _Run:
    """One run in progress."""

    def __init__(self, config: RunConfig, folder: Path, on_event: OnEvent, known: Mapping[str, float]) -> None:
        self._known = known
        self.config = config
        self.folder = folder
        self.problems: list[str] = []
        self._tell = on_event if is_first_process() else lambda event: None

    def go(self, resume: bool) -> RunResult:
        config = self.config
        device = choose_device(config.device)
        autocast = choose_precision(config.precision, device)
        data = self._data()
        model, fingerprint = load_base(config.base, device=device)
        check_layer_weights(model, config.layer_weights)
        encoder = TrainingEncoder(model, autocast=autocast)
        validate = self._validator(data, encoder)
        before = self._before(validate, resume)
        if any(source.negatives == "mine" for source in config.sources):
            data = self._mined(data, encoder)
        parameters = make_trainable(model, config, autocast)
        self._started(data, parameters, device, autocast)
        if config.inject:
            from .aids import inject

            inject(model, config, data, self.folder / "injected.safetensors", self._tell, autocast)
        step = checkpoints.newest(self.folder, self._problem) if resume else None
        trainer = self._trainer(model, data, device, autocast, validate, step)
        began = time.monotonic()
        trainer.train(resume_from_checkpoint=str(checkpoints.path(self.folder, step)) if step else None)
        seconds = time.monotonic() - began
        if not is_first_process():
            return RunResult(config.name, self.folder, trainer.state.global_step, seconds)
        after, best_step = self._choose_step(model, trainer, validate)
        average, after = outcome.choose_average(model, config, validate, after)
        after = self._pooled(model, validate, after)
        done = RunResult(
            config.name,
            self.folder,
            trainer.state.global_step,
            round(seconds, 1),
            before,
            after,
            best_step,
            average,
            tuple(self.problems),
        )
        return self._finish(model, fingerprint, data, done)

    def _data(self) -> RunData:
        data = prepare(self.config)
        for report in data.reports:
            for line in report.broken[:3]:
                self._problem(f"Skipped a broken row: {line}.")
            if report.overlapping:
                verb = "are used for training nevertheless" if self.config.allow_overlap else "are left out"
                self._problem(f"{report.overlapping} rows of {report.path} overlap a benchmark and {verb}.")
        for note in data.notes:
            self._problem(note)
        return data

    def _problem(self, text: str) -> None:
        self.problems.append(text)
        self._tell({"event": "warning", "message": text})

    def _validator(self, data: RunData, encoder: TrainingEncoder) -> Any:
        if not self.config.validation or not is_first_process():
            return None
        from .validation import validator

        return validator(self.config, data, encoder)

    def _before(self, validate: Any, resume: bool) -> dict[str, float]:
        """Scores of the base; a resumed run reads those that it stored."""
        if validate is None:
            return {}
        stored = checkpoints.read_json(self.folder / "before.json") if resume else {}
        scores = stored or dict(self._known or validate())
        if not stored:
            checkpoints.write_json(self.folder / "before.json", scores)
        self._tell({"event": "validation", "step": 0, "scores": scores})
        return scores

    def _mined(self, data: RunData, encoder: TrainingEncoder) -> RunData:
        from .aids import mine

        mined = mine(self.config, data, encoder, self.folder / "negatives.npz", self._tell)
        return prepare(self.config, negatives=mined)

    def _started(self, data: RunData, parameters: int, device: str, autocast: torch.dtype | None) -> None:
        self._tell(
            {
                "event": "start",
                "schema": SCHEMA,
                "name": self.config.name,
                "base": self.config.base,
                "batches": self.config.batches,
                "alpha": self.config.alpha,
                "steps": self.config.steps,
                "batch_size": self.config.batch_size,
                "validation": self.config.validation,
                "parameters": parameters,
                "device": device,
                "precision": "fp32" if autocast is None else "bf16",
                "sources": [report.as_dict() for report in data.reports],
            }
        )

    def _trainer(
        self,
        model: SentenceTransformer,
        data: RunData,
        device: str,
        autocast: torch.dtype | None,
        validate: Any,
        step: int | None,
    ) -> Trainer:
        lessons = self._teacher(data, device) if self.config.teacher == "translations" else None
        stored = checkpoints.read_json(checkpoints.path(self.folder, step) / "run.json") if step else {}
        progress = StepReporter(
            self.config, self._tell, validate, lambda step, scores: self._keep(model, step, scores), stored
        )
        trainer = build_trainer(
            self.config,
            model,
            data,
            self.folder,
            device=device,
            autocast=autocast,
            lessons=lessons,
            extra_state=progress.state,
            on_problem=self._problem,
        )
        progress.trainer = trainer
        trainer.add_callback(progress)
        return trainer

    def _teacher(self, data: RunData, device: str) -> Callable[[int], Taught]:
        from ...engine import encoders
        from .aids import Teacher

        base = encoders.load(self.config.base, device=device)
        return Teacher(self.config, data, base, self.folder / "teacher.npz", self._tell)

    def _keep(self, model: SentenceTransformer, step: int, scores: Mapping[str, float]) -> None:
        problem = outcome.keep_best(model, self.folder, step, scores)
        if problem:
            self._problem(problem)

    def _choose_step(self, model: SentenceTransformer, trainer: Trainer, validate: Any) -> tuple[dict[str, float], int]:
        """Restore the weights of the best validation if they beat the last ones; returns their scores and step."""
        last = trainer.state.global_step
        if validate is None:
            return {}, last
        scores = dict(validate())
        self._tell({"event": "validation", "step": last, "scores": scores})
        best = {} if self.config.select == "last" else checkpoints.read_json(self.folder / "best.json")
        if best and selected(best["scores"], self.config.select) > selected(scores, self.config.select):
            outcome.restore_best(model, self.folder)
            return dict(best["scores"]), int(best["step"])
        return scores, last

    def _pooled(self, model: SentenceTransformer, validate: Any, scores: dict[str, float]) -> dict[str, float]:
        """Scores with the finished encoder's pooling."""
        if not self.config.layer_weights:
            return scores
        pool_over(model, self.config.layer_weights)
        return dict(validate()) if validate is not None else scores

    def _finish(self, model: SentenceTransformer, fingerprint: str, data: RunData, done: RunResult) -> RunResult:
        path = outcome.save(model, self.config, data, done, fingerprint)
        result = RunResult(**{**done.__dict__, "path": path})
        checkpoints.finish(self.folder)
        (self.folder / "best.safetensors").unlink(missing_ok=True)
        self._tell(
            {
                "event": "done",
                "schema": SCHEMA,
                "name": result.name,
                "path": str(result.path),
                "steps": result.steps,
                "seconds": result.seconds,
                "best_step": result.best_step,
                "average": result.average,
                "scores_before": dict(result.scores_before),
                "scores_after": dict(result.scores_after),
            }
        )
        return result


def build_trainer(
    config: RunConfig,
    model: SentenceTransformer,
    data: RunData,
    folder: Path,
    *,
    device: str = "cpu",
    autocast: torch.dtype | None = None,
    lessons: Callable[[int], Taught] | None = None,
    loaders: int | None = None,
    extra_state: Callable[[], dict[str, Any]] = dict,
    on_problem: Callable[[str], None] = lambda text: None,
) -> Trainer:
    """The trainer of a run; also used by speed benchmarks.

    Args:
        config: the run.
        model: trained in place.
        data: its pairs and batches.
        folder: of its checkpoints.
        device: as for torch.
        autocast: the type of numbers for most computations; None for float32.
        lessons: returns a teacher's vectors by the number of a batch.
        loaders: processes that draw and tokenise batches ahead; by default two for a GPU, else none.
        extra_state: returns further values to store in a checkpoint.
        on_problem: called with a sentence when a checkpoint could not be written.
    """
    from transformers import PrinterCallback

    from ..data import ParallelPairs
    from .trainer import Collator, Trainer

    ahead = (_LOADERS_FOR_A_CARD if device == "cuda" else 0) if loaders is None else loaders
    if ahead:
        # Loaders are forks, in which the tokenizer's threads do not work and cause a warning.
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    trainer = Trainer(
        folder,
        extra_state,
        on_problem,
        model=model,
        args=_arguments(config, data, folder, device, ahead),
        train_dataset=ParallelPairs(data.sources, data.assembler),
        loss=_loss(config, model, device, autocast, lessons),
        data_collator=Collator(
            model.tokenizer,
            prompt_of(model, "query"),
            prompt_of(model, "document"),
            fixed.QUERY_TOKENS,
            config.passage_tokens,
        ),
    )
    # The callback prints to stdout, which is for data.
    trainer.remove_callback(PrinterCallback)
    return trainer


def _loss(
    config: RunConfig,
    model: SentenceTransformer,
    device: str,
    autocast: torch.dtype | None,
    lessons: Callable[[int], Taught] | None,
) -> ContrastiveLoss:
    piece = config.gradient_cache or (_PIECE_ON_CPU if device == "cpu" else 0)
    return ContrastiveLoss(
        model,
        temperature=config.temperature,
        semantic_weight=config.semantic_weight,
        language_weight=config.language_weight,
        distill=config.distill,
        teacher=frozen_copy(model) if config.full and config.distill and lessons is None else None,
        lessons=lessons,
        regress=fixed.REGRESS if lessons is not None else 0.0,
        piece=piece,
        cached=config.gradient_cache > 0,
        autocast=autocast,
    )


def _arguments(
    config: RunConfig, data: RunData, folder: Path, device: str, ahead: int
) -> SentenceTransformerTrainingArguments:
    """The settings of sentence-transformers' trainer; `ahead` processes draw batches ahead."""
    from sentence_transformers import SentenceTransformerTrainingArguments

    from ..data import PairBatchSampler

    world = int(os.environ.get("WORLD_SIZE", "1"))
    return SentenceTransformerTrainingArguments(
        output_dir=str(folder),
        max_steps=config.steps,
        per_device_train_batch_size=config.batch_size,
        learning_rate=config.learning_rate,
        warmup_steps=min(config.warmup_steps, config.steps),
        lr_scheduler_type=fixed.SCHEDULE,
        weight_decay=fixed.WEIGHT_DECAY,
        max_grad_norm=fixed.CLIP,
        optim="adamw_torch",
        seed=config.seed,
        use_cpu=device == "cpu",
        batch_sampler=lambda pairs, batch_size, **_: PairBatchSampler(
            pairs, data.batches, batch_size, config.steps * world
        ),
        logging_strategy="no",
        # `StepReporter` decides when to save; this setting saves only at the end of training.
        save_strategy="steps" if config.checkpoint_every else "no",
        save_steps=10**9,
        eval_strategy="no",
        report_to=[],
        disable_tqdm=True,
        dataloader_pin_memory=device == "cuda",
        dataloader_num_workers=ahead,
        dataloader_prefetch_factor=4 if ahead else None,
        ddp_find_unused_parameters=False,
    )


@contextmanager
def quiet() -> Iterator[None]:
    """Silence progress bars and messages of other libraries; a run reports only by events."""
    import logging
    import warnings

    from transformers.utils import logging as transformers_logging

    names = ("sentence_transformers", "transformers", "accelerate", "datasets")
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.ERROR)
    transformers_logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)
