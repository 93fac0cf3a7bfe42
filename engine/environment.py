"""Declares every environment variable that the program reads."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Variable:
    """An environment variable that the program reads.

    Attributes:
        name: its name in a shell.
        holds: its kind of value.
        means: its effect, and the default.
    """

    name: str
    holds: str
    means: str

    def value(self) -> str:
        """Its value; empty if it is not set."""
        return os.environ.get(self.name, "")


HOME = Variable(
    "HYBRID_SEARCH_HOME",
    "a folder",
    "Folder of everything that the program keeps: data in it, the cache in `cache`, the app's settings in `config`. "
    "Default: the platform's folders for these.",
)
LIBRARY = Variable(
    "HYBRID_SEARCH_LIBRARY",
    "a folder, or the address of a library that was pushed",
    "The library that commands use without `--library`. Default: `library` in the data folder.",
)
THREADS = Variable(
    "HYBRID_SEARCH_THREADS",
    "a whole number above 0",
    "Processor cores that an encoder uses without `--threads`. Default: all.",
)
INDEX = Variable(
    "HYBRID_SEARCH_INDEX",
    "`hnswlib` or `usearch`",
    "The package for the approximate index of a large library. Default: hnswlib, or usearch if only that is "
    "installed; usearch takes a third of the space. An existing index is read by the package that wrote it.",
)
TOKEN = Variable(
    "HYBRID_SEARCH_TOKEN",
    "`user:password`, or a key",
    "Credentials for an engine (Milvus, PostgreSQL), for `push` and `--library ADDRESS`. Default: none are sent.",
)
DATA = Variable(
    "HYBRID_SEARCH_DATA",
    "a folder",
    "The training data that the recipes `trio.toml`, `study.toml` and `calibration.toml` name as"
    " `${HYBRID_SEARCH_DATA}/…`; they do not come with the program. Your own recipes may name any variable in this "
    "way.",
)
API_KEY = Variable(
    "HYBRID_SEARCH_KEY",
    "a key",
    "The key of an endpoint, if the variable of its protocol is not set. It is sent only to endpoints that you name. "
    "Default: none is sent.",
)
BEARER = Variable(
    "HYBRID_SEARCH_BEARER",
    "16 or more plain characters",
    "The token that clients of `mcp --http` must send. Default: a random one is generated and printed.",
)
VARIABLES = (HOME, LIBRARY, THREADS, INDEX, TOKEN, BEARER, DATA, API_KEY)

# Variables of other programs that the code reads, or sets if they are not set; those against telemetry are in
# `quiet.py`.
OF_OTHERS = (
    Variable("RANK", "a whole number", "Set by torchrun: the number of this process; the first one writes the result."),
    Variable("WORLD_SIZE", "a whole number", "Set by torchrun: how many processes train together."),
    Variable("OPENAI_API_KEY", "a key", "Key of `openai:` encoders; sent to the endpoint in the encoder's name."),
    Variable("COHERE_API_KEY", "a key", "Key of `cohere:` encoders, likewise."),
    Variable("CO_API_KEY", "a key", "Key of `cohere:` encoders, if the one before is not set."),
    Variable("VOYAGE_API_KEY", "a key", "Key of `voyage:` encoders, likewise."),
    Variable("GEMINI_API_KEY", "a key", "Key of `gemini:` encoders, likewise."),
    Variable("GOOGLE_API_KEY", "a key", "Key of `gemini:` encoders, if the one before is not set."),
    Variable("OLLAMA_API_KEY", "a key", "Key of `ollama:` encoders, if the server needs one."),
    Variable("PGPASSWORD", "a password", "Password of `pgvector:` collections whose address has none."),
    Variable("PGUSER", "a name", "User of `pgvector:` collections whose address names none."),
    Variable("USER", "a name", "The same, if PGUSER is not set."),
    Variable(
        "QDRANT_API_KEY", "a key", "Key of collections on a Qdrant server; sent to the server in the collection's name."
    ),
    Variable("CHROMA_API_KEY", "a key", "Token of collections on a Chroma server, likewise."),
    Variable(
        "HF_HUB_DISABLE_PROGRESS_BARS", "1", "Set by the program, so that huggingface_hub draws no progress bars."
    ),
    Variable("TOKENIZERS_PARALLELISM", "false", "Set by the program, so that tokenizers do not warn after a fork."),
    Variable("VISUAL", "a command", "The editor in which the app opens a document."),
    Variable("EDITOR", "a command", "The same, if VISUAL is not set. Without both, vi or nano."),
    Variable("PAGER", "a command", "The pager in which the app opens a document. Without it, less or more."),
    Variable("NO_COLOR", "anything", "Switches colours off, on the command line and in the app."),
    Variable("TERM", "a terminal's name", "With `dumb`, no progress is shown in the terminal's tab (OSC 9;4)."),
    Variable("TERM_PROGRAM", "a terminal's name", "iTerm2 before 3.6.6 shows OSC 9;4 as a message, so it gets none."),
    Variable("TERM_PROGRAM_VERSION", "a version", "Version of that terminal."),
    Variable("TEXTUAL_DRIVER", "a class", "Set by `serve`: the app runs in a browser, which reserves some keys."),
    Variable(
        "ONEDNN_PRIMITIVE_CACHE_CAPACITY",
        "8192",
        "Set by the program while training: the number of tensor shapes whose kernels are cached.",
    ),
)
