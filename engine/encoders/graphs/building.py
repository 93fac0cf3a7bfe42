"""Builds the ONNX graph of an encoder's layers from numpy weights: token rows in, unit vectors out.

Inputs: `rows` (U, hidden) float32, the embeddings of the distinct tokens of a batch; `ids` (B, T) int32, indices into
them, padded on the right; `lengths` (B,) int32. Output: `vectors` (B, hidden) float32 of unit length.

In int8, each row of activations is scaled by its own largest magnitude, so that a text's vector does not depend on the
other texts of the batch, and weights use 7 bits with a scale per column, so that processors which add two products in
16 bits never saturate. Before that, channels with large activations are scaled down and their weights up (SmoothQuant,
arXiv 2211.10438, equation 4).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..weights import BIAS, WEIGHT, Architecture, Floats
from .probing import scaling

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, NodeProto

# Part of fingerprints: increase it when the same weights would give other vectors. Graphics cards multiply in fp16 and
# bf16; for their vectors, this graph computes in fp32.
VERSION = {"fp32": "1", "int8": scaling(), "fp16": "1", "bf16": "1"}
FUSED = "com.microsoft"
OPSET, IR = 17, 8
LARGEST_WEIGHT, LARGEST_ACTIVATION = 63, 127
# The prefix of outputs with the largest magnitudes of a linear layer's inputs.
REACH = "reach:"
# Channel scales are rounded to so many steps per octave, so that rounding differences between machines vanish.
STEPS = 8


def build(
    architecture: Architecture,
    weights: Mapping[str, Floats],
    precision: str,
    *,
    reach: Mapping[str, Floats] | None = None,
    probe: bool = False,
) -> bytes:
    """The serialised graph.

    Args:
        architecture: the network's shape.
        weights: float32 arrays by canonical name, checked (`Architecture.check`); linear weights are (out, in).
        precision: `fp32` or `int8`.
        reach: in int8, the largest magnitude of each input channel, by name of a linear layer; channels of other layers
            are not scaled.
        probe: add these magnitudes as outputs, named `REACH` and the layer's name, for one text at a time.
    """
    from onnx import TensorProto, helper

    graph = Graph(precision, reach or {}, probe)
    network(graph, architecture, weights, "vectors")
    body = helper.make_graph(
        graph.nodes,
        "encoder",
        [
            helper.make_tensor_value_info("rows", TensorProto.FLOAT, ["U", architecture.hidden]),
            helper.make_tensor_value_info("ids", TensorProto.INT32, ["B", "T"]),
            helper.make_tensor_value_info("lengths", TensorProto.INT32, ["B"]),
        ],
        [
            helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["B", architecture.hidden]),
            *(helper.make_tensor_value_info(name, TensorProto.FLOAT, [None]) for name in graph.reached),
        ],
        graph.constants,
    )
    serialised: bytes = model_of(body).SerializeToString()
    return serialised


def model_of(body: GraphProto) -> ModelProto:
    """A graph as a model that ONNX Runtime loads."""
    from onnx import helper

    model = helper.make_model(
        body, opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(FUSED, 1)], producer_name=""
    )
    model.ir_version = IR
    return model


def network(graph: Graph, architecture: Architecture, weights: Mapping[str, Floats], output: str) -> str:
    """The whole network, from the values `rows`, `ids` and `lengths` to unit vectors.

    Args:
        graph: gets its nodes.
        architecture: the network's shape.
        weights: as for `build`.
        output: the name of the unit vectors, shape (B, hidden).

    Returns:
        The name of the pooled value: a vector for each token, shape (B, T, hidden).
    """
    x = _embed(graph, architecture, weights)
    outputs = [x]
    for layer in range(architecture.layers):
        x = _layer(graph, architecture, weights, f"encoder.layer.{layer}.", x)
        outputs.append(x)
    tokens = _weighted(graph, outputs, architecture.layer_weights)
    pooled = _pool(graph, architecture, tokens)
    if architecture.head:
        unit = graph.one("LpNormalization", [pooled], axis=-1, p=2)
        turned = graph.one("MatMul", [unit, graph.constant(weights[WEIGHT].T)])
        pooled = graph.one("Add", [turned, graph.constant(weights[BIAS])])
    graph.add("LpNormalization", [pooled], outputs=[output], axis=-1, p=2)
    return tokens


class Graph:
    """Nodes and constants under construction; every method returns names of values."""

    def __init__(self, precision: str, reach: Mapping[str, Floats], probe: bool) -> None:
        self.int8 = precision == "int8"
        self.reach = reach
        self.probe = probe
        self.reached: list[str] = []
        self.nodes: list[NodeProto] = []
        self.constants: list[Any] = []
        self.count = 0
        if self.int8:
            self.step = self.constant(np.float32(1 / LARGEST_ACTIVATION))
            self.middle = self.constant(np.uint8(128))
            self.tiny = self.constant(np.float32(1e-30))

    def constant(self, value: Any) -> str:
        """Add a constant; returns its name."""
        from onnx import numpy_helper

        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value).reshape(np.shape(value)), name))
        return name

    def add(
        self,
        kind: str,
        inputs: Sequence[str],
        *,
        count: int = 1,
        outputs: Sequence[str] = (),
        domain: str = "",
        **settings: Any,
    ) -> list[str]:
        """Append a node; returns its outputs' names."""
        from onnx import helper

        names = list(outputs) or [f"v{self.count + index}" for index in range(count)]
        self.count += count
        self.nodes.append(helper.make_node(kind, list(inputs), names, domain=domain, **settings))
        return names

    def one(self, kind: str, inputs: Sequence[str], *, domain: str = "", **settings: Any) -> str:
        """Append a node with one output; returns the output's name."""
        return self.add(kind, inputs, domain=domain, **settings)[0]

    def linear(self, x: str, weight: Floats, name: str) -> str:
        """X (.., in) times the transpose of weight (out, in), without bias; `name` is the layer's."""
        if self.probe:
            self.reached.append(REACH + name)
            size = self.one("Abs", [x])
            self.add("ReduceMax", [size], outputs=[REACH + name], axes=[0, 1], keepdims=0)
        if not self.int8:
            return self.one("MatMul", [x, self.constant(weight.T)])
        if name in self.reach:
            down = smoothing(self.reach[name], weight)
            x, weight = self.one("Mul", [x, self.constant(1 / down)]), weight * down
        # The largest magnitude of each row; a row of zeros stays zero.
        high = self.one("ReduceMax", [x], axes=[-1], keepdims=1)
        low = self.one("Neg", [self.one("ReduceMin", [x], axes=[-1], keepdims=1)])
        size = self.one("Max", [high, low, self.tiny])
        unit = self.one("Div", [x, size])
        values = self.one("QuantizeLinear", [unit, self.step, self.middle])
        columns, scales = quantise(weight)
        product = self.one(
            "MatMulIntegerToFloat",
            [values, self.constant(columns), self.step, self.constant(scales), self.middle],
            domain=FUSED,
        )
        return self.one("Mul", [product, size])

    def residual(self, y: str, bias: Floats, x: str, gamma: Floats, beta: Floats, epsilon: float) -> str:
        """LayerNorm(y + bias + x)."""
        total = self.one("Add", [self.one("Add", [y, self.constant(bias)]), x])
        return self.norm(total, gamma, beta, epsilon)

    def norm(self, x: str, gamma: Floats, beta: Floats, epsilon: float) -> str:
        """LayerNorm over the last axis."""
        return self.one("LayerNormalization", [x, self.constant(gamma), self.constant(beta)], axis=-1, epsilon=epsilon)


def smoothing(reach: Floats, weight: Floats) -> Floats:
    """The scale of each input channel (in,): it is divided by it, and its column of the weight (out, in) multiplied.

    Afterwards the largest magnitudes of a channel and of its column are equal, so that neither has outliers.
    """
    far = np.maximum(reach, np.float32(1e-3))
    heavy = np.maximum(np.abs(weight).max(axis=0), np.float32(1e-5))
    scales: Floats = np.exp2(np.rint(STEPS * np.log2(far / heavy) / 2) / STEPS).astype(np.float32)
    return scales


def quantise(weight: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Symmetric 7-bit integers (in, out) of a linear weight (out, in) and one scale per output."""
    scales = np.maximum(np.abs(weight).max(axis=1) / LARGEST_WEIGHT, np.float32(1e-12)).astype(np.float32)
    return np.rint(weight.T / scales).astype(np.int8), scales


def _embed(graph: Graph, architecture: Architecture, weights: Mapping[str, Floats]) -> str:
    """Token rows plus positions (and the only token type), normalised; also adds the values that layers share."""
    from onnx import TensorProto

    positions = weights["embeddings.position_embeddings.weight"][architecture.position_offset :]
    types = weights.get("embeddings.token_type_embeddings.weight")
    if types is not None:
        positions = positions + types[0]
    length = graph.one("Shape", ["ids"], start=1, end=2)
    zero = graph.constant(np.array([0]))
    used = graph.one("Slice", [graph.constant(positions), zero, length, zero])
    x = graph.one("Add", [graph.one("Gather", ["rows", "ids"]), used])
    width = graph.one("Cast", [graph.one("Squeeze", [length])], to=TensorProto.INT32)
    shortest = graph.one("ReduceMin", ["lengths"], keepdims=0)
    # Without padding, attention runs in its faster form without a mask.
    graph.add("Equal", [shortest, width], outputs=["uniform"])
    graph.add("Identity", [width], outputs=["width"])
    return graph.norm(
        x, weights["embeddings.LayerNorm.weight"], weights["embeddings.LayerNorm.bias"], architecture.epsilon
    )


def _layer(graph: Graph, architecture: Architecture, weights: Mapping[str, Floats], prefix: str, x: str) -> str:
    """One transformer layer: attention, residual, feed-forward, residual."""

    def part(name: str) -> Floats:
        return weights[prefix + name]

    def joined(kind: str) -> Floats:
        return np.concatenate([part(f"attention.self.{name}.{kind}") for name in ("query", "key", "value")])

    context = _attention(
        graph, architecture.heads, graph.linear(x, joined("weight"), prefix + "attention.self"), joined("bias")
    )
    x = graph.residual(
        graph.linear(context, part("attention.output.dense.weight"), prefix + "attention.output.dense"),
        part("attention.output.dense.bias"),
        x,
        part("attention.output.LayerNorm.weight"),
        part("attention.output.LayerNorm.bias"),
        architecture.epsilon,
    )
    inner = graph.linear(x, part("intermediate.dense.weight"), prefix + "intermediate.dense")
    bias = graph.constant(part("intermediate.dense.bias"))
    if architecture.activation == "gelu":
        inner = graph.one("BiasGelu", [inner, bias], domain=FUSED)
    else:
        inner = graph.one("Relu", [graph.one("Add", [inner, bias])])
    return graph.residual(
        graph.linear(inner, part("output.dense.weight"), prefix + "output.dense"),
        part("output.dense.bias"),
        x,
        part("output.LayerNorm.weight"),
        part("output.LayerNorm.bias"),
        architecture.epsilon,
    )


def _attention(graph: Graph, heads: int, joined: str, bias: Floats) -> str:
    """Multi-head attention of the joined projections (B, T, 3 * hidden); padding is masked if there is any."""
    from onnx import helper

    parts = graph.add("Split", [joined], count=3, axis=-1)
    shift = graph.constant(bias)

    def branch(name: str, mask: Sequence[str]) -> Any:
        # Names of outputs must be unique in the graph and its branches.
        output = f"{parts[0]}_{name}"
        node = helper.make_node("MultiHeadAttention", [*parts, shift, *mask], [output], domain=FUSED, num_heads=heads)
        return helper.make_graph([node], name, [], [helper.make_empty_tensor_value_info(output)])

    return graph.one("If", ["uniform"], then_branch=branch("whole", ()), else_branch=branch("masked", ("lengths",)))


def _weighted(graph: Graph, outputs: Sequence[str], weights: Sequence[float]) -> str:
    """The weighted sum of the last layers' outputs; only its direction matters."""
    if len(weights) == 1:
        return outputs[-1]
    used = [(output, weight) for output, weight in zip(outputs[-len(weights) :], weights, strict=True) if weight]
    return graph.one("Sum", [graph.one("Mul", [output, graph.constant(np.float32(weight))]) for output, weight in used])


def _pool(graph: Graph, architecture: Architecture, x: str) -> str:
    """One vector per text: the first token's, or the direction of the mean over its tokens."""
    from onnx import TensorProto

    if architecture.pooling == "cls":
        return graph.one("Gather", [x, graph.constant(np.int64(0))], axis=1)
    places = graph.one("Range", [graph.constant(np.int32(0)), "width", graph.constant(np.int32(1))])
    one = graph.constant(np.array([1]))
    own = graph.one("Less", [places, graph.one("Unsqueeze", ["lengths", one])])
    mask = graph.one("Unsqueeze", [graph.one("Cast", [own], to=TensorProto.FLOAT), one])
    # The sum has the direction of the mean, which is all that is needed.
    return graph.one("Squeeze", [graph.one("MatMul", [mask, x]), one])
