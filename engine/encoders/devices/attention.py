"""Computes attention within each of several texts laid end to end."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from .layout import Layout, laid_out

if TYPE_CHECKING:
    import torch

# From query, key and value, each (tokens, heads, width of a head), to the context of the same shape.
Attention = Callable[["torch.Tensor", "torch.Tensor", "torch.Tensor", Layout], "torch.Tensor"]

# The largest accepted difference from attention by runs on unit normal values: rounding to bf16 gives up to .02.
_ROUNDING = 0.05


def by_runs(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, layout: Layout) -> torch.Tensor:
    """Attention of all texts of one length at a time: it needs no mask and runs on any device."""
    import torch
    from torch.nn.functional import scaled_dot_product_attention

    found, start = [], 0
    _, heads, width = query.shape
    for count, length in layout.runs:
        end = start + count * length
        parts = [part[start:end].view(count, length, heads, width).transpose(1, 2) for part in (query, key, value)]
        found.append(scaled_dot_product_attention(*parts).transpose(1, 2).reshape(end - start, heads, width))
        start = end
    return found[0] if len(found) == 1 else torch.cat(found)


def at_once(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, layout: Layout) -> torch.Tensor:
    """Attention of all texts in one kernel, given where each begins; bf16 and fp16 on NVIDIA cards."""
    from torch.nn.attention.varlen import varlen_attn

    found: torch.Tensor = varlen_attn(query, key, value, layout.starts, layout.starts, layout.longest, layout.longest)
    return found


@lru_cache(maxsize=16)
def chosen(device: torch.device, kind: torch.dtype, heads: int, width: int) -> Attention:
    """The faster way if it gives the right result here, since kernels differ between cards."""
    import torch

    narrow = device.type == "cuda" and kind in (torch.bfloat16, torch.float16)
    return at_once if narrow and right(device, kind, heads, width, at_once) else by_runs


def right(device: torch.device, kind: torch.dtype, heads: int, width: int, way: Attention) -> bool:
    """Whether a way runs on a device and agrees with attention by runs, tested on a few texts."""
    import torch

    layout = laid_out([np.zeros(length, np.int32) for length in (70, 33, 33, 5, 1)]).moved(lambda part: part.to(device))
    drawn = torch.Generator().manual_seed(0)
    query, key, value = (torch.randn(len(layout.ids), heads, width, generator=drawn).to(device, kind) for _ in range(3))
    try:
        difference = (way(query, key, value, layout) - by_runs(query, key, value, layout)).abs().max().item()
    except (ImportError, RuntimeError, TypeError, AttributeError, NotImplementedError):
        return False
    return bool(difference < _ROUNDING)
