"""An evaluator for sentence-transformers' trainer that measures language bias by the paper's protocol."""

from __future__ import annotations

import csv
import logging
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sentence_transformers.base.evaluation import BaseEvaluator

from ...engine.encoders import Vectors
from ...engine.errors import DataError, several
from ...engine.files import appending
from ..benchmarks import Benchmark, load, of_pairs
from . import registry
from .protocol import measure_vectors
from .registry import Measure, known
from .result import SETTINGS

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from ..data import ParallelPairs

logger = logging.getLogger(__name__)


class LanguageBiasEvaluator(BaseEvaluator):  # type: ignore[misc]
    """Mono, cross and multi mAP, rank distance and every other measure of the registry, on one benchmark.

    Whole rankings, no cut-off, exact search (arXiv 2408.10536, section 4). The figures are named as in `hybrid-search
    evaluate --json`, except that the three mean average precisions end in `_map`. The trainer logs them and chooses by
    the primary one; sentence-transformers writes them to the model card with its `model-index`.

    Args:
        benchmark: `xquad-r`, `mlqa-r`, `belebele`, `miracl`, `demo`, a file or folder in one of these layouts, a
            `Benchmark`, or `ParallelPairs`: their questions, and a pool of their passages.
        data: the folder of a named benchmark.
        languages: take only these; all when empty. A `Benchmark` is taken whole.
        questions: take at most this many; of pairs, this many rows per source.
        seed: for that choice.
        name: a prefix of each figure's name; by default the benchmark's name.
        settings: some of `mono`, `cross` and `multi`.
        primary: the figure to choose the best model by, without the prefix.
        batch_size: texts encoded at once.
        show_progress_bar: show a bar while encoding.
        write_csv: add a line to `language-bias_NAME_results.csv` in the trainer's output folder.

    Attributes:
        benchmark: the benchmark.
        primary_metric: the name of the figure to choose by.
        greater_is_better: whether a higher figure is better.

    Raises:
        DataError: the benchmark cannot be read or lacks a language, or the primary figure or a setting is unknown.
    """

    def __init__(
        self,
        benchmark: str | Path | Benchmark | ParallelPairs,
        *,
        data: str | Path | None = None,
        languages: Sequence[str] = (),
        questions: int | None = None,
        seed: int = 0,
        name: str = "",
        settings: Sequence[str] = SETTINGS,
        primary: str = "multi_map",
        batch_size: int = 32,
        show_progress_bar: bool = False,
        write_csv: bool = True,
    ) -> None:
        super().__init__()
        languages, settings = several(languages, "languages", str), several(settings, "settings", str)
        if questions is not None and questions < 1:
            raise DataError(f"{questions} questions cannot be measured.", hint="Leave it out to take all.")
        if isinstance(benchmark, str | Path):
            benchmark = load(benchmark, data, languages=languages, questions=questions, seed=seed)
        elif not isinstance(benchmark, Benchmark):
            benchmark = of_pairs(benchmark, questions or 0, seed, languages=languages)
        elif languages or questions:
            raise DataError("A `Benchmark` is measured whole.", hint="Choose its languages and questions beforehand.")
        self.benchmark = benchmark
        self.name = name or re.sub(r"[^a-z0-9.-]+", "-", benchmark.name.lower()).strip("-")
        self.settings = settings
        self.batch_size = batch_size
        self.show_progress_bar = show_progress_bar
        self.write_csv = write_csv
        self.primary_metric = primary
        self.greater_is_better = _measure_of(primary, self.settings).better == "higher"

    @property
    def description(self) -> str:
        """The evaluator's name in the model card."""
        return "Language Bias"

    def get_config_dict(self) -> dict[str, Any]:
        """Facts about the benchmark for the model card."""
        return {
            "benchmark": self.benchmark.name,
            "digest": self.benchmark.digest,
            "languages": list(self.benchmark.languages),
            "queries": len(self.benchmark.queries),
            "pool": len(self.benchmark.pool),
        }

    def __call__(
        self, model: SentenceTransformer, output_path: str | None = None, epoch: int = -1, steps: int = -1
    ) -> dict[str, float]:
        """Measure a model.

        Args:
            model: encodes questions with its prompt for queries, and the pool with its prompt for documents.
            output_path: the folder for the table; None writes none.
            epoch: for the table; -1 after training.
            steps: for the table; -1 after training.

        Returns:
            Figures by `NAME_measure`; those that are undefined on this benchmark are absent.

        Raises:
            DataError: the primary figure is undefined on this benchmark.
        """
        queries = self._encoded(model, "encode_query", self.benchmark.query_texts())
        pool = self._encoded(model, "encode_document", self.benchmark.pool_texts())
        result = measure_vectors(self.benchmark, queries, pool, settings=self.settings)
        found = {**result.summary(), **(result.bias() if "multi" in self.settings else {})}
        figures = {_name_of(key): float(value) for key, value in found.items() if known(value)}
        primary = self.primary_metric.removeprefix(f"{self.name}_")
        if primary not in figures:
            raise DataError(
                f"{primary} cannot be measured on {self.benchmark.name}, which has {len(self.benchmark.languages)} "
                "language(s).",
                hint=f"Choose one of {', '.join(figures)}.",
            )
        if output_path and self.write_csv and os.environ.get("RANK", "0") == "0":
            self._write(Path(output_path), epoch, steps, figures)
        logger.info("%s: %s", self.benchmark.name, ", ".join(f"{name} {value:.4f}" for name, value in figures.items()))
        metrics: dict[str, float] = self.prefix_name_to_metrics(figures, self.name)
        self.store_metrics_in_model_card_data(model, metrics, epoch, steps)
        return metrics

    def _encoded(self, model: SentenceTransformer, method: str, texts: Sequence[str]) -> Vectors:
        """Vectors of the texts, each distinct one encoded once, shape (texts, dimension)."""
        distinct = list(dict.fromkeys(texts))
        vectors = getattr(model, method)(
            distinct,
            batch_size=self.batch_size,
            show_progress_bar=self.show_progress_bar,
            convert_to_numpy=True,
            normalize_embeddings=model.similarity_fn_name != "dot",
        )
        places = {text: place for place, text in enumerate(distinct)}
        found: Vectors = np.asarray(vectors, dtype=np.float32)[[places[text] for text in texts]]
        return found

    def _write(self, folder: Path, epoch: int, steps: int, figures: dict[str, float]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"language-bias_{self.name}_results.csv"
        begun = path.is_file()
        with appending(path) as file:
            writer = csv.writer(file)
            if not begun:
                writer.writerow(["epoch", "steps", *figures])
            writer.writerow([epoch, steps, *figures.values()])


def _name_of(key: str) -> str:
    """A figure's name: the key, with `_map` added to the name of a setting."""
    return f"{key}_map" if key in SETTINGS else key


def _measure_of(primary: str, settings: Sequence[str]) -> Measure:
    """The measure with a figure's name.

    Raises:
        DataError: there is none, its setting is not measured, or neither direction of it is better.
    """
    unknown = sorted(set(settings) - set(SETTINGS))
    if unknown or not settings:
        raise DataError(f"{unknown or 'None'} is not a setting.", hint=f"Settings are {', '.join(SETTINGS)}.")
    kinds = (*SETTINGS, *(("bias",) if "multi" in settings else ()))
    asked = [each for each in registry.of(*kinds) if each.setting in settings or each.setting == "bias"]
    possible = {_name_of(each.key): each for each in asked if each.better != "neither"}
    if primary not in possible:
        raise DataError(f"{primary} is not a measure to choose by.", hint=f"Choose one of {', '.join(possible)}.")
    return possible[primary]
