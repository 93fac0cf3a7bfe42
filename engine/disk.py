"""Lists what the program keeps on disk, place by place; `paths.py` finds the roots.

The reference is generated from these tables; tests compare them with the code and with the files of real runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal, get_args

Root = Literal["data", "cache", "config"]
ROOTS: tuple[Root, ...] = get_args(Root)


@dataclass(frozen=True)
class Place:
    """A file or folder below one of the roots.

    Attributes:
        root: `data` cannot be rebuilt, `cache` can at any time, `config` holds the user's choices.
        name: its path below the root.
        holds: what is in it, and when it is removed.
    """

    root: Root
    name: str
    holds: str


PLACES = (
    Place("data", "library", "The library that is used when none is named."),
    Place("data", "demo", "The demo library, made from files that ship when it is first used."),
    Place("data", "encoders", "Encoders that were trained, averaged or calibrated here, a folder each."),
    Place("data", "runs", "A folder for each training run: settings, scores, and checkpoints until it has ended."),
    Place("data", "studies", "A folder for each sweep of alpha that the app ran: its runs, tables and picture."),
    Place("data", "benchmarks", "What `evaluate --fetch` downloads, a folder for each benchmark."),
    Place("data", "reports", "Reports of evaluations that the app ran."),
    Place("data", "judgements", "Judgements made in the app, as training pairs."),
    Place("data", "history.jsonl", "Questions asked in the app, a JSON string a line, oldest first."),
    Place(
        "data", "corrections", "Corrections that `neutralise` fitted, a file each, to be applied to vectors of queries."
    ),
    Place("data", "index.secret", "A random key: of approximate indexes, only files marked with it are loaded."),
    Place(
        "data",
        "named.json",
        "The encoder names with a prefix that you typed last: only endpoints listed here are used.",
    ),
    Place("config", "settings.json", "The app's settings: theme, keymap, library, columns, choices of its forms."),
    Place("config", "themes", "Themes of your own for the app, a TOML file each."),
    Place("cache", "graphs", "Graphs that ONNX Runtime runs, of the 16 encoders used last."),
    Place("cache", "exports", "Bundled encoders as SentenceTransformer folders, of the four used last."),
    Place("cache", "digests.json", "Digests of files of encoders, so that unchanged ones are not read again."),
    Place("cache", "terminals.json", "Widths of marks and emoji in cells, by kind of terminal."),
    Place("cache", "neutral", "Language means for encoders used as `NAME+neutral`."),
    Place("cache", "translations.jsonl", "Translations of questions, from the translator that you named."),
    Place("cache", "embeddings", "Vectors of benchmarks, and of questions that endpoints were asked for."),
    Place("cache", "forms", "Encodings of passages by sparse and multi-vector encoders."),
    Place("cache", "training", "Training data in a compact form, and n-grams of benchmarks that guard against leaks."),
)

# What is in a library's folder, by pattern.
LIBRARY = {
    "library.db": "The truth: documents, passages, full-text index and vectors, one SQLite database.",
    "library.db-wal": "SQLite's own, while the library is open or after a kill. Never remove it.",
    "library.db-shm": "SQLite's own, while the library is open.",
    "vectors": "Approximate indexes of large libraries, a `.hnsw` or `.usearch` file an encoder; rebuilt when missing.",
    "writer.lock": "Lock file of the one process that may write.",
}
# What is in the folder of a trained encoder.
ENCODER = {
    "encoder.json": "Its description, and its base with that base's fingerprint, or its precision.",
    "adapter_config.json": "Of a low-rank adapter, as peft writes it.",
    "adapter.safetensors": "The adapter's weights in float16.",
    "head.safetensors": "The map behind the pooling, of an encoder that was calibrated.",
    "modules.json": "Of a whole encoder: it and all beside it are what `SentenceTransformer` loads.",
    "README.md": "The model card: data, settings, scores, licences.",
    "run.json": "The settings and scores of the run, for programs.",
}
# What is in the folder of a training run.
RUN = {
    "config.json": "The settings of the run; `--resume` reads them.",
    "before.json": "Scores of the base, before training.",
    "negatives.npz": "Hard negatives, where they were mined.",
    "writer.lock": "Lock file of the one process that may train it.",
    "events.jsonl": "The run's events, one a line: its curve and its validations.",
    "best.json": "The best validation so far.",
    "best.safetensors": "Its weights, until the run has ended.",
    "checkpoint-*": "The last two checkpoints: weights, optimiser, scheduler, and `manifest.json` with their digests;"
    " removed when the run has ended.",
    "done.json": "Says that the run has ended, and nothing is left to resume.",
}


def known(name: str, folder: dict[str, str]) -> bool:
    """Whether a file's name matches one of a folder's patterns."""
    return any(fnmatchcase(name, pattern) for pattern in folder)
