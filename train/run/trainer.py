"""Adapts sentence-transformers' trainer to this project's batches and checkpoints.

Data set and batch sampler are passed as in plain sentence-transformers (`train.data.ParallelPairs` and
`PairBatchSampler`), so the library does sharding by process, prefetching and resuming, and the sampling alone decides
the order. Overridden are: writing a checkpoint (only the trained weights, and atomically, instead of the whole model in
place), loading it, and clipping (stops before a NaN or infinite gradient reaches the weights).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from sentence_transformers import SentenceTransformerTrainer
from transformers import PreTrainedTokenizerBase

from ...engine.errors import TrainingError
from ..data import BatchRows, Texts
from . import checkpoints
from .aids import WIDTH
from .loss import CROSS, MONO, ContrastiveLoss
from .model import ADVICE, load_weights, save_weights, trainable

WEIGHTS = "trained.safetensors"


@dataclass
class Collator:
    """Turns the texts of a batch into tokens.

    Attributes:
        tokenizer: the model's tokenizer.
        query_prompt, passage_prompt: put before each text.
        query_tokens, passage_tokens: the most tokens of a text, prompt included.
    """

    tokenizer: PreTrainedTokenizerBase
    query_prompt: str
    passage_prompt: str
    query_tokens: int
    passage_tokens: int
    valid_label_columns: list[str] = field(default_factory=list)

    def __call__(self, features: BatchRows) -> dict[str, Any]:
        """Tokens of queries, passages, negatives and the teacher's texts, and `label` as in `ContrastiveLoss`."""
        texts = features.texts
        batch = self._column("query", texts.queries, self.query_prompt, self.query_tokens)
        batch |= self._column("passage", texts.passages, self.passage_prompt, self.passage_tokens)
        if texts.negatives:
            batch |= self._column("negative", texts.negatives, self.passage_prompt, self.passage_tokens)
        if texts.taught_queries:
            batch |= self._column("taught_query", texts.taught_queries, self.query_prompt, self.query_tokens)
            batch |= self._column("taught_passage", texts.taught_passages, self.passage_prompt, self.passage_tokens)
        if texts.taught_negatives:
            batch |= self._column("taught_negative", texts.taught_negatives, self.passage_prompt, self.passage_tokens)
        kind = MONO if texts.kind == "mono" else CROSS
        batch["label"] = torch.tensor([kind, int(texts.bitext), _columns_for_the_teacher(texts), texts.number])
        return batch

    def _column(self, name: str, texts: Sequence[str], prompt: str, tokens: int) -> dict[str, Any]:
        encoded = self.tokenizer(
            [prompt + text for text in texts],
            truncation=True,
            max_length=tokens,
            padding=True,
            pad_to_multiple_of=WIDTH,
            padding_side="right",
            return_tensors="pt",
        )
        return {f"{name}_{key}": value for key, value in encoded.items()}


def _columns_for_the_teacher(texts: Texts) -> int:
    return sum(bool(column) for column in (texts.taught_queries, texts.taught_passages, texts.taught_negatives))


class Trainer(SentenceTransformerTrainer):  # type: ignore[misc]
    """The trainer of a run.

    Args:
        run_folder: the folder of its checkpoints.
        extra_state: returns further values to store in a checkpoint.
        on_problem: called with a sentence when a checkpoint could not be written; training continues.
        library: the arguments of sentence-transformers' trainer.
    """

    loss: ContrastiveLoss

    def __init__(
        self,
        run_folder: Path,
        extra_state: Callable[[], dict[str, Any]],
        on_problem: Callable[[str], None],
        **library: Any,
    ) -> None:
        super().__init__(**library)
        self._run_folder = run_folder
        self._extra_state = extra_state
        self._on_problem = on_problem

    def add_model_card_callback(self, default_args_dict: dict[str, Any]) -> None:
        """Do nothing: `card.py` writes the card, and the library's callback would read the whole data set."""

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        """Write the trained weights, the optimiser, the schedule and the random states, atomically."""
        step = self.state.global_step
        if not self.is_world_process_zero():
            return
        weights = trainable(self.model)
        if not all(bool(torch.isfinite(weight).all()) for weight in weights.values()):
            raise TrainingError(f"The weights are NaN or infinite at step {step}.", hint=ADVICE)

        def content(folder: Path) -> None:
            save_weights(self.model, folder / WEIGHTS)
            self._save_optimizer_and_scheduler(str(folder))
            self._save_rng_state(str(folder))
            self.state.save_to_json(str(folder / "trainer_state.json"))
            checkpoints.write_json(folder / "run.json", self._extra_state())

        problem = checkpoints.write(self._run_folder, step, content)
        if problem:
            self._on_problem(problem)

    def _load_from_checkpoint(self, checkpoint_path: str) -> None:
        """Load the trained weights."""
        load_weights(self.model, Path(checkpoint_path) / WEIGHTS)

    def _clip_grad_norm(self, model: Any) -> Any:
        """Clip; stop if the loss or a gradient is NaN or infinite, before it changes the weights."""
        norm = super()._clip_grad_norm(model)
        if not math.isfinite(float(norm)) or not math.isfinite(float(self.loss.last[1])):
            kept = checkpoints.steps(self._run_folder)
            where = f"the checkpoint of step {kept[-1]} is kept" if kept else "no checkpoint had been written yet"
            raise TrainingError(
                f"The loss was NaN or infinite at step {self.state.global_step + 1}; training stopped before it could "
                f"spoil the weights, and {where}.",
                hint=ADVICE,
            )
        return norm
