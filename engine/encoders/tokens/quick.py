"""Tokenizes a few short texts without the full tokenizer, whose construction takes most of a cold start.

It finds the same best path as the library: Viterbi over pieces with the given log probabilities; a character that no
piece covers scores ten below the worst piece, and neighbouring unknown characters become one unknown token (Kudo 2018,
arXiv 1804.10959; the constants are SentencePiece's).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

# The files of the compact form: the tokenizer's JSON without its vocabulary, one piece per line, their scores.
SHELL, PIECES, SCORES = "tokenizer.json", "pieces.txt", "scores.npy"

UNKNOWN_PENALTY = 10.0


class QuickTokenizer:
    """Token ids of short texts from a compact tokenizer's files.

    Args:
        shell: the tokenizer's JSON without its vocabulary.
        pieces: the vocabulary in the order of ids.
        scores: log probability of each piece, float64.

    Raises:
        ValueError: the tokenizer is of a kind that cannot be reproduced exactly.
    """

    def __init__(self, shell: dict[str, Any], pieces: Sequence[str], scores: np.ndarray[Any, Any]) -> None:
        from tokenizers import Tokenizer

        model, template = shell["model"], shell["post_processor"]
        if model["type"] != "Unigram" or model["byte_fallback"] or template["type"] != "TemplateProcessing":
            raise ValueError("not a plain Unigram tokenizer")
        if len(pieces) != len(scores):
            raise ValueError(f"{len(pieces)} pieces and {len(scores)} scores do not match in number")
        around = [next(iter(part)) == "Sequence" for part in template["single"]]
        specials = [self._special(part, template) for part in template["single"]]
        middle = around.index(True)
        self.before = [identity for part in specials[:middle] for identity in part]
        self.after = [identity for part in specials[middle + 1 :] for identity in part]
        self.whole = [token["content"] for token in shell["added_tokens"]]
        self.size = len(pieces)
        self._frame = Tokenizer.from_str(json.dumps({**shell, "added_tokens": []}))
        self._ids = dict(zip(pieces, range(len(pieces)), strict=True))
        self._scores = scores
        self._longest = max(map(len, pieces))
        self._unknown = int(model["unk_id"])
        self._unknown_score = float(scores.min()) - UNKNOWN_PENALTY

    @classmethod
    def read(cls, folder: Path) -> QuickTokenizer:
        """The tokenizer of a folder with the compact form.

        Raises:
            ValueError: it is of a kind that cannot be reproduced exactly, or damaged.
            OSError: a file cannot be read.
        """
        shell = json.loads((folder / SHELL).read_text("utf-8"))
        pieces = (folder / PIECES).read_text("utf-8").split("\n")
        try:
            return cls(shell, pieces, np.load(folder / SCORES))
        except (KeyError, TypeError, IndexError) as error:
            raise ValueError(f"{folder / SHELL} is of an unknown kind") from error

    @staticmethod
    def _special(part: dict[str, Any], template: dict[str, Any]) -> list[int]:
        """The ids of a part of the template; none for the text itself."""
        if "Sequence" in part:
            return []
        return list(template["special_tokens"][part["SpecialToken"]["id"]]["ids"])

    def takes(self, text: str) -> bool:
        """Whether a text contains no added token, which would be matched before all else."""
        return not any(token in text for token in self.whole)

    def ids(self, text: str) -> list[int]:
        """The ids of a text, special tokens included."""
        normal = self._frame.normalizer.normalize_str(text) if self._frame.normalizer else text
        found = list(self.before)
        for word, _ in self._frame.pre_tokenizer.pre_tokenize_str(normal):
            found += [self._ids.get(piece, self._unknown) for piece in self._best(word)]
        return found + self.after

    def _best(self, word: str) -> list[str]:
        """The pieces of a word on the path with the highest sum of scores."""
        size, ids, scores = len(word), self._ids, self._scores
        best: list[float] = [0.0] * (size + 1)
        origin = [-1] * (size + 1)
        known = [False] * (size + 1)
        for start in range(size):
            here, single = best[start], False
            for end in range(start + 1, min(size, start + self._longest) + 1):
                identity = ids.get(word[start:end])
                if identity is None:
                    continue
                score = here + float(scores[identity])
                if origin[end] < 0 or score > best[end]:
                    best[end], origin[end], known[end] = score, start, identity != self._unknown
                single = single or end == start + 1
            if not single:
                score = here + self._unknown_score
                if origin[start + 1] < 0 or score > best[start + 1]:
                    best[start + 1], origin[start + 1], known[start + 1] = score, start, False
        return self._walk(word, origin, known)

    @staticmethod
    def _walk(word: str, origin: Sequence[int], known: Sequence[bool]) -> list[str]:
        """Follow the path from its end to its start, joining neighbouring unknown pieces."""
        pieces: list[str] = []
        end, joined_to = len(word), -1
        while end > 0:
            start = origin[end]
            if known[end]:
                if joined_to >= 0:
                    pieces.append(word[end:joined_to])
                    joined_to = -1
                pieces.append(word[start:end])
            elif joined_to < 0:
                joined_to = end
            end = start
        if joined_to >= 0:
            pieces.append(word[:joined_to])
        return pieces[::-1]
