"""Text to token ids, with the prompt and the special tokens that an encoder expects; no transformers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .weights import damaged

if TYPE_CHECKING:
    from tokenizers import Tokenizer

# The compact form of a Unigram tokenizer: its JSON without the vocabulary, the pieces one a line, and their scores.
SHELL, PIECES, SCORES = "tokenizer.json", "pieces.txt", "scores.npy"


def load(folder: Path) -> Tokenizer:
    """The tokenizer of a folder, from its compact form if there is one, else from `tokenizer.json`.

    Raises:
        EncoderError: a file is missing or damaged.
    """
    from tokenizers import Tokenizer

    path = folder / SHELL
    try:
        if (folder / PIECES).is_file():
            return load_compact(folder)
        return Tokenizer.from_str(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise damaged(path, error) from error
    # The library raises plain Exception for a JSON that is no tokenizer.
    except Exception as error:
        raise damaged(path, error) from error


def load_compact(folder: Path) -> Tokenizer:
    """Build a Unigram tokenizer from pieces and scores: a third of the time that parsing its JSON takes."""
    from tokenizers import Tokenizer, models

    shell = json.loads((folder / SHELL).read_text("utf-8"))
    pieces = (folder / PIECES).read_text("utf-8").split("\n")
    scores = np.load(folder / SCORES).tolist()
    if len(pieces) != len(scores):
        raise ValueError(f"{len(pieces)} pieces and {len(scores)} scores do not belong together")
    settings = shell["model"]
    added = shell.pop("added_tokens")
    shell["added_tokens"] = []
    tokenizer = Tokenizer.from_str(json.dumps(shell))
    tokenizer.model = models.Unigram(
        list(zip(pieces, scores, strict=True)), settings["unk_id"], settings["byte_fallback"]
    )
    add_tokens(tokenizer, added)
    return tokenizer


def add_tokens(tokenizer: Tokenizer, added: Sequence[dict[str, Any]]) -> None:
    """Mark the tokens that are matched whole before a text is cut; all must be in the vocabulary already."""
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

    # Through the library once, so that the scores are those that it reads, to the last bit.
    shell = json.loads(Tokenizer.from_str(text).to_str())
    vocabulary = shell["model"]["vocab"]
    if shell["model"]["type"] != "Unigram" or any("\n" in piece for piece, _ in vocabulary):
        raise ValueError("only Unigram vocabularies without line breaks have a compact form")
    # A vocabulary that holds nothing but the unknown piece keeps the shell a valid tokenizer.
    shell["model"]["vocab"] = vocabulary[: shell["model"]["unk_id"] + 1]
    (folder / SHELL).write_text(json.dumps(shell, ensure_ascii=False, separators=(",", ":")), "utf-8")
    (folder / PIECES).write_text("\n".join(piece for piece, _ in vocabulary), "utf-8")
    np.save(folder / SCORES, np.array([score for _, score in vocabulary], dtype=np.float64))


class Tokens:
    """Token ids of texts under one limit.

    Args:
        tokenizer: a fast tokenizer whose post-processor adds the special tokens; its truncation is replaced.
        max_tokens: the most ids of one text, special tokens included; longer texts lose their end.
    """

    def __init__(self, tokenizer: Tokenizer, max_tokens: int) -> None:
        tokenizer.no_padding()
        tokenizer.no_truncation()
        self._tokenizer = tokenizer
        self.size = int(tokenizer.get_vocab_size())
        self.max_tokens = max_tokens

    def encode(self, texts: Sequence[str], prompt: str = "") -> list[np.ndarray[Any, np.dtype[np.int32]]]:
        """The ids of each text behind the prompt, int32, at most `max_tokens` of them."""
        self._tokenizer.enable_truncation(self.max_tokens)
        try:
            encoded = self._encode(texts, prompt)
        finally:
            self._tokenizer.no_truncation()
        return [np.array(row.ids, dtype=np.int32) for row in encoded]

    def count(self, texts: Sequence[str], prompt: str = "") -> list[int]:
        """How many ids each text has behind the prompt, special tokens included, without any limit."""
        return [len(row) for row in self._encode(texts, prompt)]

    def _encode(self, texts: Sequence[str], prompt: str) -> list[Any]:
        # Lone surrogates, from file names or broken JSON, are no text that a tokenizer takes.
        whole = [(prompt + text).encode("utf-8", "replace").decode("utf-8") for text in texts]
        if len(whole) == 1:
            return [self._tokenizer.encode(whole[0])]
        result: list[Any] = self._tokenizer.encode_batch_fast(whole)
        return result
