"""Opens an encoder's graph before its pooling, to find what each token adds to a text's vector."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..weights import Floats

STATES = "states"


@dataclass(frozen=True)
class Opened:
    """A graph that also outputs the states before pooling.

    Args:
        graph: serialised, with the further output `STATES`, shape (texts, tokens, hidden).
        turn: the matrix of the affine map after the pooling, multiplied from the right, shape (hidden, hidden), or
            None.
        shift: the vector added after that, shape (hidden,), or None.
    """

    graph: bytes
    turn: Floats | None
    shift: Floats | None


def opened(serialised: bytes) -> Opened:
    """Open the graph of an encoder with mean pooling.

    Args:
        serialised: from `building.build`.

    Raises:
        ValueError: it does not end in a mean over tokens.
    """
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    model = onnx.load_from_string(serialised)
    made: dict[str, Any] = {name: node for node in model.graph.node for name in node.output}
    constants = {each.name: each for each in model.graph.initializer}
    pooled = made["vectors"].input[0]
    turn = shift = None
    if made[pooled].op_type == "Add":
        shift = numpy_helper.to_array(constants[made[pooled].input[1]])
        turned = made[made[pooled].input[0]]
        turn = numpy_helper.to_array(constants[turned.input[1]])
        pooled = made[turned.input[0]].input[0]
    squeezed = made[pooled]
    summed = made[squeezed.input[0]] if squeezed.op_type == "Squeeze" else None
    if summed is None or summed.op_type != "MatMul":
        raise ValueError("the graph does not end in a mean over tokens")
    hidden = model.graph.output[0].type.tensor_type.shape.dim[1].dim_value
    model.graph.node.append(helper.make_node("Identity", [summed.input[1]], [STATES]))
    model.graph.output.append(helper.make_tensor_value_info(STATES, TensorProto.FLOAT, ["B", "T", hidden]))
    return Opened(model.SerializeToString(), turn, shift)
