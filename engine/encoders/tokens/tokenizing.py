"""Turns text into token ids, with the prompt and special tokens that an encoder expects, without transformers."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...shown import without_surrogates
from ..weights import damaged
from .quick import PIECES, SCORES, SHELL, QuickTokenizer

if TYPE_CHECKING:
    from tokenizers import Tokenizer


# If the texts of a call have more characters in total, the full tokenizer is worth its construction.
LITTLE = 4000
# The longest pieces of real vocabularies have 16 to 64 characters.
_LONGEST_PIECE = 4096


def load(folder: Path) -> Tokenizer:
    """The tokenizer of a folder, from its compact form if there is one, else from `tokenizer.json`.

    Encoders of one base share one object, whose settings must not be changed.

    Raises:
        EncoderError: a file is missing or damaged.
    """
    return _load(folder, _state(folder))


def load_quick(folder: Path) -> QuickTokenizer | None:
    """A tokenizer for a few short texts, or None if the folder has no compact form.

    Raises:
        EncoderError: a file is missing or damaged.
    """
    return _load_quick(folder, _state(folder)) if (folder / PIECES).is_file() else None


def _state(folder: Path) -> tuple[tuple[int, int], ...]:
    """Size and modification time of each file, so that a changed tokenizer is read again."""
    states = [path.stat() for path in (folder / name for name in (SHELL, PIECES, SCORES)) if path.is_file()]
    return tuple((state.st_size, state.st_mtime_ns) for state in states)


@lru_cache(maxsize=4)
def _load(folder: Path, _state: tuple[tuple[int, int], ...]) -> Tokenizer:
    from tokenizers import Tokenizer

    path = folder / SHELL
    try:
        if (folder / PIECES).is_file():
            return load_compact(folder)
        text = path.read_text("utf-8")
        refuse_long_pieces(text)
        tokenizer = Tokenizer.from_str(text)
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return tokenizer
    # The library raises a plain Exception for JSON that is not a tokenizer.
    except Exception as error:
        raise damaged(path, error) from error


def load_compact(folder: Path) -> Tokenizer:
    """Build a Unigram tokenizer from pieces and scores, in a third of the time of parsing its JSON."""
    from tokenizers import Tokenizer, models

    shell = json.loads((folder / SHELL).read_text("utf-8"))
    pieces = (folder / PIECES).read_text("utf-8").split("\n")
    scores = np.load(folder / SCORES).tolist()
    _refuse_longer(pieces)
    if len(pieces) != len(scores):
        raise ValueError(f"{len(pieces)} pieces and {len(scores)} scores do not match in number")
    settings = shell["model"]
    added = shell.pop("added_tokens")
    shell["added_tokens"] = []
    tokenizer = Tokenizer.from_str(json.dumps(shell))
    tokenizer.model = models.Unigram(
        list(zip(pieces, scores, strict=True)), settings["unk_id"], settings["byte_fallback"]
    )
    add_tokens(tokenizer, added)
    return tokenizer


def refuse_long_pieces(text: str) -> None:
    """Refuse a `tokenizer.json` with a piece longer than those of any real vocabulary.

    The library stores pieces as nested letters and frees them recursively: a piece of a million letters crashes the
    process.

    Raises:
        ValueError: there is such a piece, or the text is not JSON.
    """
    content = json.loads(text)
    model = content.get("model") if isinstance(content, dict) else None
    held = model.get("vocab") if isinstance(model, dict) else None
    rows = held.items() if isinstance(held, dict) else held if isinstance(held, list) else ()
    _refuse_longer([row[0] for row in rows if isinstance(row, (list, tuple)) and row and isinstance(row[0], str)])


def _refuse_longer(pieces: Sequence[str]) -> None:
    longest = max(map(len, pieces), default=0)
    if longest > _LONGEST_PIECE:
        raise ValueError(f"a piece of its vocabulary has {longest:,} characters; {_LONGEST_PIECE:,} are the most")


def add_tokens(tokenizer: Tokenizer, added: Sequence[dict[str, Any]]) -> None:
    """Mark the tokens that are matched before a text is split; all must be in the vocabulary already."""
    from tokenizers import AddedToken

    tokens = [
        AddedToken(
            token["content"],
            single_word=token["single_word"],
            lstrip=token["lstrip"],
            rstrip=token["rstrip"],
            normalized=token["normalized"],
            special=token["special"],
        )
        for token in added
    ]
    tokenizer.add_special_tokens(tokens)


def compact(text: str, folder: Path) -> None:
    """Write the compact form of a Unigram `tokenizer.json` into a folder.

    Raises:
        ValueError: it is of another kind.
    """
    from tokenizers import Tokenizer

    # Passed through the library, so that the scores equal those that it reads to the last bit.
    shell = json.loads(Tokenizer.from_str(text).to_str())
    vocabulary = shell["model"]["vocab"]
    if shell["model"]["type"] != "Unigram" or any("\n" in piece for piece, _ in vocabulary):
        raise ValueError("only Unigram vocabularies without line breaks have a compact form")
    # A vocabulary up to the unknown piece keeps the shell a valid tokenizer.
    shell["model"]["vocab"] = vocabulary[: shell["model"]["unk_id"] + 1]
    (folder / SHELL).write_text(json.dumps(shell, ensure_ascii=False, separators=(",", ":")), "utf-8")
    (folder / PIECES).write_text("\n".join(piece for piece, _ in vocabulary), "utf-8")
    np.save(folder / SCORES, np.array([score for _, score in vocabulary], dtype=np.float64))


@lru_cache(maxsize=4)
def _load_quick(folder: Path, _state: tuple[tuple[int, int], ...]) -> QuickTokenizer:

    try:
        return QuickTokenizer.read(folder)
    except (OSError, ValueError, EOFError) as error:
        raise damaged(folder / SHELL, error) from error


def counts(tokenizer: Tokenizer, texts: Sequence[str], prompt: str) -> list[int]:
    """How many ids each text has with the prompt and special tokens, without truncation."""
    return [len(row) for row in tokenizer.encode_batch_fast([without_surrogates(prompt + text) for text in texts])]


class Tokens:
    """Gives the token ids of texts, truncated at one limit.

    Args:
        load: returns a fast tokenizer whose post-processor adds the special tokens; its own truncation is not used.
        max_tokens: the most ids of one text, special tokens included; longer texts are truncated.
        quick: tokenizes a few short texts until the full tokenizer is needed.
    """

    def __init__(self, load: Callable[[], Tokenizer], max_tokens: int, *, quick: QuickTokenizer | None = None) -> None:
        self._load = load
        self._quick = quick
        self._tokenizer: Tokenizer | None = None
        self.size = quick.size if quick is not None else int(self._full().get_vocab_size())
        self.max_tokens = max_tokens

    def encode(self, texts: Sequence[str], prompt: str = "") -> list[NDArray[np.int32]]:
        """The ids of each text with the prompt, int32, at most `max_tokens` of them."""
        whole = [without_surrogates(prompt + text) for text in texts]
        quick = self._quick if self._tokenizer is None and is_little(whole) else None
        if quick is not None and all(quick.takes(text) for text in whole):
            return [self._cut(quick.ids(text), quick) for text in whole]
        tokenizer = self._full()
        encoded = tokenizer.encode_batch_fast(whole)
        room = self.max_tokens - tokenizer.num_special_tokens_to_add(False)
        # The tokenizer's own truncation is a setting of the object, which encoders and threads share.
        for index, row in enumerate(encoded):
            if len(row) > self.max_tokens:
                bare = tokenizer.encode(whole[index], add_special_tokens=False)
                bare.truncate(room)
                encoded[index] = tokenizer.post_process(bare)
        return [np.array(row.ids, dtype=np.int32) for row in encoded]

    def placed(self, text: str, prompt: str = "") -> tuple[NDArray[np.int32], list[tuple[int, int]]]:
        """The ids of a text with the prompt, as from `encode`, and each one's (start, end) in prompt plus text."""
        tokenizer = self._full()
        row = tokenizer.encode(without_surrogates(prompt + text))
        if len(row) > self.max_tokens:
            bare = tokenizer.encode(without_surrogates(prompt + text), add_special_tokens=False)
            bare.truncate(self.max_tokens - tokenizer.num_special_tokens_to_add(False))
            row = tokenizer.post_process(bare)
        return np.array(row.ids, dtype=np.int32), list(row.offsets)

    def count(self, texts: Sequence[str], prompt: str = "") -> list[int]:
        """How many ids each text has with the prompt and special tokens, without truncation."""
        return counts(self._full(), texts, prompt)

    def _full(self) -> Tokenizer:
        """The full tokenizer, loaded when it is first needed."""
        if self._tokenizer is None:
            self._tokenizer = self._load()
        return self._tokenizer

    def _cut(self, ids: list[int], quick: QuickTokenizer) -> NDArray[np.int32]:
        """At most `max_tokens` ids, keeping the special tokens."""
        if len(ids) > self.max_tokens:
            ids = [*ids[: self.max_tokens - len(quick.after)], *quick.after]
        return np.array(ids, dtype=np.int32)


def is_little(texts: Sequence[str]) -> bool:
    """Whether texts are so few and short that building the full tokenizer would take longer."""
    return sum(map(len, texts)) <= LITTLE
