"""The texts of several columns through a network at once: on a card, a pass costs its launches, not its texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

# Tokens of a pass with their padding; more are parted by length, so that long texts do not pad short ones.
TOKENS = 32_768
# Widths of padded batches are multiples of this: a kernel is prepared for each width that occurs, and few do then.
WIDTH = 8

Column = dict[str, Any]


def vectors_of(
    columns: Sequence[Column], embed: Callable[[Column], Tensor], *, padding: int = 0, tokens: int = TOKENS
) -> list[Tensor]:
    """Vectors of each column's texts, shape (n, d), the same as those of each column by itself.

    Args:
        columns: tokens of texts, `input_ids` and `attention_mask` of shape (n, width) among them, padded at the end.
        embed: the vectors of some texts, shape (n, d).
        padding: the number of the token that pads.
        tokens: the most of a pass, padding included; a text that is longer has a pass of its own.
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
    """All texts as one column, as wide as the widest."""
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
    """(begin, end, width) of passes over texts that come longest first."""
    begin = 0
    while begin < len(lengths):
        width = -(-lengths[begin] // WIDTH) * WIDTH
        end = min(len(lengths), begin + max(1, tokens // max(1, width)))
        yield begin, end, width
        begin = end
