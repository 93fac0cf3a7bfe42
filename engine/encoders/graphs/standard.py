"""Writes an encoder as one ONNX file for other runtimes: token ids in, unit vectors out.

The names are those of Optimum, which fastembed and Transformers.js read, too. Inputs: `input_ids` and `attention_mask`,
int64, shape (B, T), padded on the right. Outputs: `last_hidden_state`, shape (B, T, hidden), the states that are
pooled, with any layer weights applied; `sentence_embedding`, shape (B, hidden), of unit length, after the pooling and
any affine map, which Optimum's own export leaves out (qdrant/fastembed#70).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ..weights import Architecture, Floats
from .building import Graph, model_of, network

FILE = Path("onnx") / "model.onnx"
# A protobuf message has at most 2 GiB; above this size, weights are in a second file.
LARGEST = 1_900_000_000


def write(folder: Path, architecture: Architecture, weights: Mapping[str, Floats], table: Floats) -> Path:
    """Write `onnx/model.onnx` into a folder, and `onnx/model.onnx_data` if one file cannot hold the weights.

    Args:
        folder: of the encoder.
        architecture: the network's shape.
        weights: float32 arrays by canonical name, checked (`Architecture.check`).
        table: rows of all tokens, float32, shape (tokens, hidden).

    Returns:
        The file.

    Raises:
        OSError: it cannot be written.
    """
    from onnx import TensorProto, helper, numpy_helper, save_model

    graph = Graph("fp32", {}, probe=False)
    sums = graph.one("ReduceSum", ["attention_mask", graph.constant(np.array([1]))], keepdims=0)
    graph.add("Cast", [sums], outputs=["lengths"], to=TensorProto.INT32)
    graph.add("Cast", ["input_ids"], outputs=["ids"], to=TensorProto.INT32)
    graph.constants.append(numpy_helper.from_array(np.ascontiguousarray(table), "rows"))
    tokens = network(graph, architecture, weights, "sentence_embedding")
    graph.add("Identity", [tokens], outputs=["last_hidden_state"])
    shape = ["batch", "tokens"]
    body = helper.make_graph(
        graph.nodes,
        "encoder",
        [helper.make_tensor_value_info(name, TensorProto.INT64, shape) for name in ("input_ids", "attention_mask")],
        [
            helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, [*shape, architecture.hidden]),
            helper.make_tensor_value_info("sentence_embedding", TensorProto.FLOAT, ["batch", architecture.hidden]),
        ],
        graph.constants,
    )
    path = folder / FILE
    path.parent.mkdir(exist_ok=True)
    large = sum(constant.ByteSize() for constant in graph.constants) > LARGEST
    save_model(
        model_of(body), str(path), save_as_external_data=large, location=f"{FILE.name}_data", size_threshold=1024
    )
    return path
