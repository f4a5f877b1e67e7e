"""Whether ops that compute in Python do with memory what they say: `view_map` and `destroy_map`.

Compiled functions give such ops arrays of their own, so that nothing breaks when an op says too
little. Other programs rely on what it says, and `DebugMode` holds it to it.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from lltheano.errors import BadDestroyMap, BadViewMap
from lltheano.graph import Apply, Variable, applies
from lltheano.tensor.inner_graphs.closing import is_constant_object
from lltheano_ir.host import HostFunction

__all__ = ["checking_memory"]


def checking_memory(
    host: Sequence[HostFunction], roots: Sequence[Variable]
) -> tuple[HostFunction, ...]:
    """Return the functions of a graph with `roots`, each checked at every call.

    They raise BadDestroyMap for an op that writes to an input without saying so, and BadViewMap for
    one whose output shows an input, or another output that is used too, without saying so.
    """
    used = {operand for node in applies(roots) for operand in node.inputs}
    return tuple(_checking(one, used) for one in host)


def _checking(function: HostFunction, used: set[Variable]) -> HostFunction:
    node: Apply | None = getattr(function.call, "node", None)
    if node is None:
        return function
    indices = [
        index for index, operand in enumerate(node.inputs) if not is_constant_object(operand)
    ]

    def call(arrays: Sequence[Any]) -> Sequence[Any]:
        before = [np.array(array) for array in arrays]
        given = function.call(arrays)
        assert node is not None
        _check_inputs(node, dict(zip(indices, zip(before, arrays, strict=True), strict=True)))
        _check_views(node, dict(zip(indices, arrays, strict=True)), given)
        _check_outputs(node, given, used)
        return given

    return replace(function, call=call)


def _maps(node: Apply, output: int) -> set[int]:
    tables = (getattr(node.op, name, {}) for name in ("view_map", "destroy_map"))
    return {index for table in tables for index in table.get(output, ())}


def _check_inputs(node: Apply, inputs: dict[int, tuple[Any, Any]]) -> None:
    said = {index for one in getattr(node.op, "destroy_map", {}).values() for index in one}
    for index, (before, after) in inputs.items():
        if index not in said and before.tobytes() != after.tobytes():
            raise BadDestroyMap(
                f"{node.op} wrote to input {index}, {node.inputs[index].describe()}, which its"
                f" destroy_map does not say: it was {before!r} and is {after!r}"
            )


def _check_views(node: Apply, inputs: dict[int, Any], values: Sequence[Any]) -> None:
    for output, result in enumerate(values):
        said = _maps(node, output)
        for index, array in inputs.items():
            if index not in said and _share(result, array):
                raise BadViewMap(
                    f"output {output} of {node.op} has the memory of input {index},"
                    f" {node.inputs[index].describe()}, which its view_map does not say"
                )


def _check_outputs(node: Apply, values: Sequence[Any], used: set[Variable]) -> None:
    indices = [index for index, output in enumerate(node.outputs) if output in used]
    for count, first in enumerate(indices):
        for second in indices[count + 1 :]:
            shown = _maps(node, first) & _maps(node, second)
            if not shown and _share(values[first], values[second]):
                raise BadViewMap(
                    f"outputs {first} and {second} of {node.op} have the same memory, and both are"
                    " used: an op in place that takes one would change the other"
                )


def _share(one: Any, other: Any) -> bool:
    both = isinstance(one, np.ndarray) and isinstance(other, np.ndarray)
    return both and one.size > 0 and other.size > 0 and bool(np.shares_memory(one, other))
