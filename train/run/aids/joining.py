"""Embeds the texts of several columns in one pass, since on a GPU kernel launches cost more than texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

# Tokens per pass, padding included; more are split by length, so that short texts are not padded to long ones.
TOKENS = 32_768
# Widths of padded batches are multiples of this, since a kernel is prepared for each distinct width.
WIDTH = 8

Column = dict[str, Any]


def vectors_of(
    columns: Sequence[Column], embed: Callable[[Column], Tensor], *, padding: int = 0, tokens: int = TOKENS
) -> list[Tensor]:
    """Vectors of each column's texts, shape (n, d), the same as when each column is embedded alone.

    Args:
        columns: tokens of texts, including `input_ids` and `attention_mask` of shape (n, width), padded at the end.
        embed: returns the vectors of some texts, shape (n, d).
        padding: the id of the padding token.
        tokens: the most tokens per pass, padding included; a longer text gets a pass of its own.
    """
    texts = _joined(columns, padding)
    mask = texts["attention_mask"]
    if mask.numel() <= tokens:
        vectors = embed(texts)
    else:
        lengths = mask.sum(dim=1)
        order = lengths.argsort(descending=True, stable=True)
        parts = []
        for begin, end, width in _parts(lengths[order].tolist(), tokens):
            rows, wide = order[begin:end], min(width, mask.shape[1])
            parts.append(
                embed({name: value[rows, :wide] if _is_rows(value) else value for name, value in texts.items()})
            )
        vectors = torch.cat(parts)[order.argsort()]
    return list(vectors.split([len(column["input_ids"]) for column in columns]))


def _joined(columns: Sequence[Column], padding: int) -> Column:
    """All texts as one column, padded to the widest."""
    width = max(column["input_ids"].shape[1] for column in columns)

    def wide(name: str, value: Tensor) -> Tensor:
        filler = padding if name == "input_ids" else 0
        return functional.pad(value, (0, width - value.shape[1]), value=filler)

    return {
        name: torch.cat([wide(name, column[name]) for column in columns]) if _is_rows(value) else value
        for name, value in columns[0].items()
    }


def _is_rows(value: Any) -> bool:
    return isinstance(value, Tensor) and value.ndim == 2


def _parts(lengths: Sequence[int], tokens: int) -> Iterator[tuple[int, int, int]]:
    """(begin, end, width) of passes over texts sorted by descending length."""
    begin = 0
    while begin < len(lengths):
        width = -(-lengths[begin] // WIDTH) * WIDTH
        end = min(len(lengths), begin + max(1, tokens // max(1, width)))
        yield begin, end, width
        begin = end
