"""Counts the tokens of an encoder in another process than the one that has loaded it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from . import tokenizing
from .estimating import estimated


class Counter(NamedTuple):
    """How an encoder counts tokens: by the tokenizer of a folder, "" for an estimate, after a prompt."""

    folder: str
    prompt: str

    def counts(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text has with the prompt and special tokens, without truncation.

        Raises:
            EncoderError: a file of the tokenizer is missing or damaged.
        """
        if not self.folder:
            return estimated([self.prompt + text for text in texts])
        return tokenizing.counts(tokenizing.load(Path(self.folder)), texts, self.prompt)


def counting(stored: Sequence[str]) -> Callable[[Sequence[str]], list[int]]:
    """The function that counts, from the fields of a `Counter`."""
    return Counter(*stored).counts
