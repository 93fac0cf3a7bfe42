"""An encoder's graph opened before its pooling, so that what each token adds to a text's vector can be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..weights import Floats

STATES = "states"


@dataclass(frozen=True)
class Opened:
    """A graph that also gives what it pools.

    Args:
        graph: serialised, with the further output `STATES`, shape (texts, tokens, hidden).
        turn: the affine map behind the pooling, to be multiplied from the right, shape (hidden, hidden); None for none.
        shift: what is added then, shape (hidden,).
    """

    graph: bytes
    turn: Floats | None
    shift: Floats | None


def opened(serialised: bytes) -> Opened:
    """The graph of an encoder with mean pooling, opened.

    Args:
        serialised: as `building.build` made it.

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
