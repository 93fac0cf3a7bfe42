"""The environment variables that the program reads: each is declared here, and nowhere else."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Variable:
    """An environment variable of the program's own.

    Attributes:
        name: as it is set in a shell.
        holds: what its value is.
        means: what the program does with it, and what it does without.
    """

    name: str
    holds: str
    means: str

    def value(self) -> str:
        """Its value; empty where it is not set."""
        return os.environ.get(self.name, "")


HOME = Variable(
    "HYBRID_SEARCH_HOME",
    "a folder",
    "Everything that the program keeps is below it: data in it, the cache in `cache`, settings of the app in `config`."
    " Without it, the folders that the platform has for these.",
)
LIBRARY = Variable(
    "HYBRID_SEARCH_LIBRARY",
    "a folder, or the address of a library that was pushed",
    "The library that commands use where `--library` names none. Without it, `library` in the data folder.",
)
THREADS = Variable(
    "HYBRID_SEARCH_THREADS",
    "a whole number above 0",
    "Processor cores that an encoder uses where `--threads` names none. Without it, all.",
)
INDEX = Variable(
    "HYBRID_SEARCH_INDEX",
    "`hnswlib` or `usearch`",
    "What holds the approximate index of a large library. Without it, hnswlib, or usearch where only that is"
    " installed; usearch takes a third of the room. An index that is there is read by what wrote it.",
)
TOKEN = Variable(
    "HYBRID_SEARCH_TOKEN",
    "`user:password`, or a key",
    "What an engine (Milvus, PostgreSQL) asks for before it answers `push` and `--library ADDRESS`. Without it, nothing"
    " is sent.",
)
DATA = Variable(
    "HYBRID_SEARCH_DATA",
    "a folder",
    "The training data that the recipes `trio.toml`, `study.toml` and `calibration.toml` name as"
    " `${HYBRID_SEARCH_DATA}/…`; they do not ship. A recipe of yours may name any variable in this way.",
)
API_KEY = Variable(
    "HYBRID_SEARCH_KEY",
    "a key",
    "The key of an endpoint that encodes, where the variable of its protocol holds none. It is sent to an endpoint that"
    " you name, and to no other. Without it, none is sent.",
)
BEARER = Variable(
    "HYBRID_SEARCH_BEARER",
    "16 or more plain characters",
    "The token that `mcp --http` asks of its clients. Without it, one is made up and printed.",
)
VARIABLES = (HOME, LIBRARY, THREADS, INDEX, TOKEN, BEARER, DATA, API_KEY)

# Variables of other programs that the code reads, or sets where nobody has; those against telemetry are in `quiet.py`.
OF_OTHERS = (
    Variable("RANK", "a whole number", "Set by torchrun: the number of this process; the first one writes the result."),
    Variable("WORLD_SIZE", "a whole number", "Set by torchrun: how many processes train together."),
    Variable("OPENAI_API_KEY", "a key", "Of `openai:` encoders; sent to the endpoint that such a name names."),
    Variable("COHERE_API_KEY", "a key", "Of `cohere:` encoders, likewise."),
    Variable("CO_API_KEY", "a key", "Of `cohere:` encoders, where the one before is not set."),
    Variable("VOYAGE_API_KEY", "a key", "Of `voyage:` encoders, likewise."),
    Variable("GEMINI_API_KEY", "a key", "Of `gemini:` encoders, likewise."),
    Variable("GOOGLE_API_KEY", "a key", "Of `gemini:` encoders, where the one before is not set."),
    Variable("OLLAMA_API_KEY", "a key", "Of `ollama:` encoders, where the server asks for one."),
    Variable("PGPASSWORD", "a password", "Of `pgvector:` collections, where their address has none."),
    Variable("PGUSER", "a name", "The user of `pgvector:` collections, where their address names none."),
    Variable("USER", "a name", "The same, where PGUSER is not set."),
    Variable("QDRANT_API_KEY", "a key", "Of collections on a Qdrant server; sent to the server that a name names."),
    Variable("CHROMA_API_KEY", "a key", "Of collections on a Chroma server, likewise."),
    Variable("HF_HUB_DISABLE_PROGRESS_BARS", "1", "Set by us: huggingface_hub draws no bars of its own."),
    Variable("TOKENIZERS_PARALLELISM", "false", "Set by us: tokenizers do not warn after a process was forked."),
    Variable("VISUAL", "a command", "The editor that the app opens a document in."),
    Variable("EDITOR", "a command", "The same, where VISUAL is not set. Without both, vi or nano."),
    Variable("PAGER", "a command", "The pager that the app opens a document in. Without it, less or more."),
    Variable("NO_COLOR", "anything", "No colours, here and in the app."),
    Variable("TERM", "a terminal's name", "`dumb` gets no progress in the terminal's tab (OSC 9;4)."),
    Variable("TERM_PROGRAM", "a terminal's name", "iTerm2 before 3.6.6 takes OSC 9;4 for a message and gets none."),
    Variable("TERM_PROGRAM_VERSION", "a version", "Of that terminal."),
    Variable(
        "TEXTUAL_DRIVER", "a class", "Set by `serve`: the app runs in a browser, which keeps some keys to itself."
    ),
    Variable("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "8192", "Set by us while training: as many shapes keep their kernels."),
)
