"""What the printers look at: the results of an object's graph, each with a title; and labels."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from lltheano.function import Function
from lltheano.graph import Apply, Constant, Variable

__all__ = ["Result", "inner_inputs", "inner_results", "letters", "results_of", "shown_leaf"]

_SHOWN = 8
"""How many elements of a constant are shown."""

Result = tuple[str, Variable]
"""A title, which may be empty, and a variable."""


def results_of(obj: Any) -> list[Result]:
    """Return the results to be shown of a variable, an application, a function, anything else with
    outputs, or a list of such things.

    TypeError for what has no graph.
    """
    if isinstance(obj, Variable):
        return [("", obj)]
    if isinstance(obj, Apply):
        return [("", output) for output in obj.outputs]
    if isinstance(obj, Function):
        graph = obj.graph
        updates = [(f"update of {one}", value) for one, value in graph.updates.items()]
        return [*(("", output) for output in graph.outputs), *updates]
    if isinstance(obj, list | tuple | set):
        return [result for one in obj for result in results_of(one)]
    outputs = getattr(obj, "outputs", None)
    if isinstance(outputs, Sequence) and all(isinstance(output, Variable) for output in outputs):
        return [("", output) for output in outputs]
    raise TypeError(
        f"expected a variable, an application, a compiled function or a list of them, got"
        f" {obj!r:.80} of type {type(obj).__name__}"
    )


def inner_results(node: Apply) -> list[Variable]:
    """Return the results of the graph inside an op, where there is one."""
    return list(getattr(node.op, "inner_outputs", getattr(node.op, "local_outputs", ())))


def inner_inputs(node: Apply) -> list[tuple[Variable, Variable]]:
    """Return the leaves of the graph inside an op, each with the operand that it stands for."""
    leaves = getattr(node.op, "inner_inputs", getattr(node.op, "local_inputs", ()))
    pairs = zip(leaves, node.inputs, strict=False)
    return [(leaf, operand) for leaf, operand in pairs if leaf is not None]


def letters() -> Iterator[str]:
    """Yield A, B, ..., Z, AA, AB, ..."""
    length = 1
    while True:
        for number in range(26**length):
            digits = [number // 26**index % 26 for index in reversed(range(length))]
            yield "".join(chr(ord("A") + digit) for digit in digits)
        length += 1


def shown_leaf(variable: Variable) -> str:
    """How a variable that nothing computes is written: its name, its value, or its type."""
    if variable.name is not None:
        return variable.name
    data = variable.data if isinstance(variable, Constant) else None
    if isinstance(data, np.ndarray):
        if data.size == 1:
            return str(data.item())
        if data.size > _SHOWN:
            return f"constant({data.dtype}, shape {data.shape})"
        return " ".join(np.array2string(data, separator=", ").split())
    return str(variable)
