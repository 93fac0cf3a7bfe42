"""Writes a neutraliser as an ONNX graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import DataError
from ...files import saving
from ..protocol import Vectors
from .fitting import EVERY

# The oldest versions with the current form of all operations used, so that old runtimes can load the file.
OPSET, IR = 18, 8


def write(
    path: Path, dimension: int, every: Sequence[str], offsets: Mapping[str, Vectors], directions: Mapping[str, Vectors]
) -> None:
    """Write the graph; see `Neutraliser.to_onnx`.

    Args:
        path: the file.
        dimension: of the vectors.
        every: the languages, in the order of their places.
        offsets: the vectors to subtract, by language, under "" for other languages; may be empty.
        directions: the directions to project out, by language, under "" for every language.
    """
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    if not dimension:
        raise DataError("Nothing was fitted: no language had eight vectors.")
    constants: dict[str, Any] = {"least": np.array([1e-12], np.float32), "one": np.array([1], np.int64)}
    nodes: list[Any] = []
    made = "vectors"

    def add(kind: str, inputs: list[str], output: str, **options: Any) -> str:
        nodes.append(helper.make_node(kind, inputs, [output], **options))
        return output

    if offsets:
        constants["offsets"] = np.stack([offsets[code] for code in (*every, EVERY)])
        made = add("Sub", [made, add("Gather", ["offsets", "languages"], "offset")], "centred")
    if EVERY in directions:
        constants["basis"] = directions[EVERY]
        constants["back"] = np.ascontiguousarray(constants["basis"].T)
        inside = add("MatMul", [add("MatMul", [made, "basis"], "places"), "back"], "inside")
        made = add("Sub", [made, inside], "outside")
    if set(every) & set(directions):
        # Padded with zero directions, which remove nothing; the last entry is for other languages.
        width = max(directions[code].shape[1] for code in every if code in directions)
        constants["bases"] = np.zeros((len(every) + 1, dimension, width), np.float32)
        for place, code in enumerate(every):
            if (own := directions.get(code)) is not None:
                constants["bases"][place, :, : own.shape[1]] = own
        chosen = add("Gather", ["bases", "languages"], "own_basis")
        back = add("Transpose", [chosen], "own_back", perm=[0, 2, 1])
        rows = add("Unsqueeze", [made, "one"], "rows")
        inside = add("MatMul", [add("MatMul", [rows, chosen], "own_places"), back], "own_rows")
        made = add("Sub", [made, add("Squeeze", [inside, "one"], "own_inside")], "own_outside")
    norms = add("ReduceL2", [made, "one"], "norms", keepdims=1)
    add("Div", [made, add("Max", [norms, "least"], "divisors")], "neutral")
    shape = ["n", dimension]
    inputs = [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, shape)]
    if every:
        inputs.append(helper.make_tensor_value_info("languages", TensorProto.INT64, ["n"]))
    graph = helper.make_graph(
        nodes,
        "neutraliser",
        inputs,
        [helper.make_tensor_value_info("neutral", TensorProto.FLOAT, shape)],
        [numpy_helper.from_array(np.ascontiguousarray(value), name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR)
    model.producer_name = "hybrid-search"
    helper.set_model_props(model, {"languages": " ".join(every)})
    onnx.checker.check_model(model)
    with saving(path) as partial:
        partial.write_bytes(model.SerializeToString())
