"""Describes an encoder's network, and tells whether the light path can run it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import EncoderError
from .arrays import Floats
from .head import BIAS, WEIGHT

OFFSETS = {"bert": 0, "roberta": 1, "xlm-roberta": 1, "camembert": 1}
ACTIVATIONS = ("gelu", "relu")
TABLE = "embeddings.word_embeddings.weight"


@dataclass(frozen=True)
class Architecture:
    """The shape of a BERT-style encoder: everything that the graph needs besides the weights.

    `layer_weights` weight the outputs of the last layers, in order: their weighted mean is pooled
    (sentence-transformers' WeightedLayerPooling). A single weight means the usual pooling of the last layer. With a
    `head`, the pooled unit vector passes through an affine map (see `head`).
    """

    hidden: int
    layers: int
    heads: int
    inner: int
    epsilon: float
    activation: str
    positions: int
    position_offset: int
    pooling: str
    layer_weights: tuple[float, ...] = (1.0,)
    head: bool = False

    @classmethod
    def of(cls, config: Mapping[str, Any], pooling: str) -> Architecture | None:
        """The architecture that a Hugging Face `config.json` describes, or None if the light path cannot run it."""
        kind = str(config.get("model_type"))
        plain = (
            config.get("position_embedding_type", "absolute") == "absolute"
            and config.get("hidden_act") in ACTIVATIONS
            and not config.get("is_decoder")
            and not config.get("add_cross_attention")
            and config.get("embedding_size", config.get("hidden_size")) == config.get("hidden_size")
        )
        if kind not in OFFSETS or not plain or pooling not in ("mean", "cls"):
            return None
        try:
            shape = cls(
                hidden=int(config["hidden_size"]),
                layers=int(config["num_hidden_layers"]),
                heads=int(config["num_attention_heads"]),
                inner=int(config["intermediate_size"]),
                epsilon=float(config["layer_norm_eps"]),
                activation=str(config["hidden_act"]),
                positions=int(config["max_position_embeddings"]),
                # RoBERTa's positions start after that of the padding token.
                position_offset=int(config.get("pad_token_id", 1)) + 1 if OFFSETS[kind] else 0,
                pooling=pooling,
            )
        except (KeyError, TypeError, ValueError):
            return None
        fits = shape.heads > 0 and shape.hidden % shape.heads == 0 and shape.layers > 0 and shape.max_tokens > 2
        return shape if fits else None

    @property
    def max_tokens(self) -> int:
        """The number of positions: the most tokens of a text."""
        return self.positions - self.position_offset

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for digests; defaults are left out, so that digests of earlier versions stay the same."""
        values = asdict(self)
        if not self.head:
            del values["head"]
        if len(self.layer_weights) == 1:
            del values["layer_weights"]
        return values

    def pooled_over(self, layer_weights: Any) -> Architecture:
        """This architecture with these weights of the last layers' outputs.

        Raises:
            ValueError: not a list of finite numbers, none above zero, one below, or more numbers than outputs.
        """
        weights = tuple(float(weight) for weight in layer_weights)
        possible = 0 < len(weights) <= self.layers + 1 and all(0 <= weight < float("inf") for weight in weights)
        if not possible or not sum(weights):
            raise ValueError(f"{list(weights)} are not weights of the outputs of {self.layers} layers")
        return replace(self, layer_weights=weights)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The name and shape of every weight that the graph needs, without the token table."""
        h, inner = self.hidden, self.inner
        shapes: dict[str, tuple[int, ...]] = {
            "embeddings.position_embeddings.weight": (self.positions, h),
            "embeddings.LayerNorm.weight": (h,),
            "embeddings.LayerNorm.bias": (h,),
        }
        for layer in range(self.layers):
            prefix = f"encoder.layer.{layer}."
            for part in (
                "attention.self.query",
                "attention.self.key",
                "attention.self.value",
                "attention.output.dense",
            ):
                shapes[f"{prefix}{part}.weight"], shapes[f"{prefix}{part}.bias"] = (h, h), (h,)
            shapes[f"{prefix}intermediate.dense.weight"] = (inner, h)
            shapes[f"{prefix}intermediate.dense.bias"] = (inner,)
            shapes[f"{prefix}output.dense.weight"], shapes[f"{prefix}output.dense.bias"] = (h, inner), (h,)
            for part in ("attention.output.LayerNorm", "output.LayerNorm"):
                shapes[f"{prefix}{part}.weight"] = shapes[f"{prefix}{part}.bias"] = (h,)
        if self.head:
            shapes[WEIGHT], shapes[BIAS] = (h, h), (h,)
        return shapes

    def check(self, weights: Mapping[str, Floats], path: Path) -> None:
        """Make sure that every weight exists, has its shape and is finite.

        Raises:
            EncoderError: one is missing, of another shape, or holds NaN or infinity.
        """
        again = "Make the encoder again or copy its folder again."
        for name, shape in self.shapes().items():
            if name not in weights:
                raise EncoderError(f"The encoder in {path} is incomplete: weight {name} is missing.", hint=again)
            if weights[name].shape != shape:
                raise EncoderError(
                    f"The encoder in {path} does not fit its config.json: {name} has shape "
                    f"{weights[name].shape}, expected {shape}.",
                    hint=again,
                )
            if not np.isfinite(weights[name]).all():
                raise EncoderError(
                    f"The encoder in {path} holds NaN or infinite values, in {name}.",
                    hint="The training run that made it diverged: train again with a lower learning rate.",
                )
