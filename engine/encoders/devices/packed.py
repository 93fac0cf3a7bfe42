"""Runs a BERT-style network over texts laid end to end, so that no padding is computed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ..weights import BIAS, WEIGHT, Architecture, Floats, TokenTable
from .attention import Attention, chosen
from .layout import Layout

if TYPE_CHECKING:
    import torch

# How many rows of the token table are converted to float32 and copied to the device at once.
_ROWS = 32768


class PackedNetwork:
    """The layers of an encoder on a device.

    Between layers, the residual stream stays float32: rounding it to 16 bits loses more accuracy than rounding all
    products.

    Args:
        architecture: the network's shape.
        weights: float32 arrays by canonical name, checked; linear weights are (out, in).
        table: the token table; it is copied to the device.
        device: a torch device.
        kind: float32, or a 16-bit type for matrix products.
    """

    def __init__(
        self,
        architecture: Architecture,
        weights: Mapping[str, Floats],
        table: TokenTable,
        device: torch.device,
        kind: torch.dtype,
    ) -> None:
        import torch

        self.architecture = architecture
        self.device = device
        self.kind = kind
        self.attention: Attention = chosen(device, kind, architecture.heads, architecture.hidden // architecture.heads)
        self._weights = {
            name: torch.tensor(np.asarray(value)).to(device, self._kind_of(name))
            for name, value in _joined(architecture, weights).items()
        }
        parts = [
            torch.from_numpy(table.rows(np.arange(first, min(first + _ROWS, table.shape[0])))).to(device, kind)
            for first in range(0, table.shape[0], _ROWS)
        ]
        self._table = torch.cat(parts)

    def __call__(self, layout: Layout) -> torch.Tensor:
        """Unit vectors of the texts, float32, shape (texts, hidden)."""
        import torch

        with torch.inference_mode():
            return self._vectors(layout)

    def _vectors(self, layout: Layout) -> torch.Tensor:
        from torch.nn.functional import embedding, linear, normalize

        shape = self.architecture
        x = embedding(layout.ids, self._table).float()
        x += embedding(layout.positions, self._weights["positions"])
        x = self._norm(x, "embeddings.LayerNorm")
        first = shape.layers + 1 - len(shape.layer_weights)
        total = sum(shape.layer_weights)
        weighed = x * (shape.layer_weights[0] / total) if first == 0 else None
        for layer in range(shape.layers):
            x = self._layer(x, f"encoder.layer.{layer}.", layout)
            if layer + 1 >= first and len(shape.layer_weights) > 1:
                own = x * (shape.layer_weights[layer + 1 - first] / total)
                weighed = own if weighed is None else weighed + own
        pooled = self._pooled(x if weighed is None else weighed, layout)
        if shape.head:
            pooled = linear(normalize(pooled, dim=-1), self._weights[WEIGHT], self._weights[BIAS])
        return normalize(pooled, dim=-1)

    def _layer(self, x: torch.Tensor, prefix: str, layout: Layout) -> torch.Tensor:
        from torch.nn.functional import gelu, relu

        shape = self.architecture
        joined = self._linear(x.to(self.kind), prefix + "joined")
        query, key, value = joined.view(len(x), 3, shape.heads, shape.hidden // shape.heads).unbind(1)
        context = self.attention(query, key, value, layout).reshape(len(x), shape.hidden)
        x = x + self._linear(context, prefix + "attention.output.dense")
        x = self._norm(x, prefix + "attention.output.LayerNorm")
        inner = self._linear(x.to(self.kind), prefix + "intermediate.dense")
        inner = gelu(inner) if shape.activation == "gelu" else relu(inner)
        return self._norm(x + self._linear(inner, prefix + "output.dense"), prefix + "output.LayerNorm")

    def _pooled(self, x: torch.Tensor, layout: Layout) -> torch.Tensor:
        """The mean over each text's tokens, or the first token's."""
        import torch

        if self.architecture.pooling == "cls":
            return x[layout.starts[:-1].long()]
        means, start = [], 0
        for count, length in layout.runs:
            end = start + count * length
            means.append(x[start:end].view(count, length, -1).mean(1))
            start = end
        return torch.cat(means)

    def _linear(self, x: torch.Tensor, name: str) -> torch.Tensor:
        from torch.nn.functional import linear

        return linear(x, self._weights[name + ".weight"], self._weights[name + ".bias"])

    def _norm(self, x: torch.Tensor, name: str) -> torch.Tensor:
        from torch.nn.functional import layer_norm

        shape = self.architecture
        weight, bias = self._weights[name + ".weight"], self._weights[name + ".bias"]
        return layer_norm(x, (shape.hidden,), weight, bias, shape.epsilon)

    def _kind_of(self, name: str) -> torch.dtype:
        """The type of a weight: that of products for the layers' linear weights, else float32."""
        import torch

        inside = name.startswith("encoder.") and "LayerNorm" not in name
        return self.kind if inside else torch.float32


def _joined(architecture: Architecture, weights: Mapping[str, Floats]) -> dict[str, Floats]:
    """The weights with query, key and value of each layer joined, and the only token type added to the positions."""
    found = {name: value for name, value in weights.items() if ".attention.self." not in name}
    positions = weights["embeddings.position_embeddings.weight"][architecture.position_offset :]
    types = weights.get("embeddings.token_type_embeddings.weight")
    found["positions"] = positions if types is None else positions + types[0]
    for layer in range(architecture.layers):
        prefix = f"encoder.layer.{layer}."
        for kind in ("weight", "bias"):
            parts = [weights[f"{prefix}attention.self.{name}.{kind}"] for name in ("query", "key", "value")]
            found[f"{prefix}joined.{kind}"] = np.concatenate(parts)
    return found
