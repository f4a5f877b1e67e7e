"""Graphs inside ops: closing one over what it uses, and building it in the IR.

An inner graph reaches the outer one through its inputs alone. What does not vary inside is left
outside, where it is computed once.
"""

from collections.abc import Mapping, Sequence, Set

import numpy as np

from lltheano.errors import LoweringError
from lltheano.graph.clone import clone_replace
from lltheano.graph.core import Apply, Constant, Variable
from lltheano.graph.walk import io_toposort
from lltheano.tensor.variables.variable import TensorConstant
from lltheano_ir.builder import Builder
from lltheano_ir.nodes import Value
from lltheano_ir.provenance import Location

__all__ = ["close_over", "lower_inside"]


def close_over(
    varying: Sequence[Variable], outputs: Sequence[Variable]
) -> tuple[list[Variable], list[Variable], list[Variable]]:
    """Return what `outputs` use that does not depend on `varying`; a leaf for each of these; and
    `outputs` in terms of `varying` and the leaves.

    >>> import lltheano.tensor as T
    >>> i, x = T.lscalar("i"), T.dvector("x")
    >>> captured, leaves, (row,) = close_over([i], [T.exp(x)[i] * 2])
    >>> captured, row
    ([exp], mul)
    """
    moving, known = set(varying), set[Variable]()
    captured: dict[Variable, None] = {}
    for node in io_toposort(varying, outputs):
        if any(operand in moving for operand in node.inputs):
            moving.update(node.outputs)
            still = (operand for operand in node.inputs if operand not in moving)
            captured.update((one, None) for one in still if not _is_known(one, known))
        elif not node.op.calls_python and all(_is_known(one, known) for one in node.inputs):
            known.update(node.outputs)
    captured.update(
        (output, None)
        for output in outputs
        if output not in moving and not _is_known(output, known)
    )
    leaves = [variable.clone() for variable in captured]
    inside = clone_replace(outputs, dict(zip(captured, leaves, strict=True)))
    return list(captured), leaves, inside


def _is_known(variable: Variable, known: Set[Variable]) -> bool:
    """Whether it is a constant, or computed of constants alone: the compiler will know it inside
    too.
    """
    return isinstance(variable, Constant) or variable in known


def lower_inside(
    builder: Builder, given: Mapping[Variable, Value], outputs: Sequence[Variable]
) -> list[Value]:
    """Return the values of `outputs` where those of their graph's leaves, constants excepted, are
    `given`.
    """
    values = dict(given)

    def value_of(variable: Variable) -> Value:
        if variable not in values:
            if not isinstance(variable, TensorConstant):
                raise LoweringError(
                    f"{variable.describe()} is used inside an op that was not given it"
                )
            data = np.asarray(variable.data)
            values[variable] = builder.constant(data, variable.broadcastable)
        return values[variable]

    def operand_of(node: Apply, variable: Variable) -> Value:
        given = isinstance(variable, Constant) and not isinstance(variable, TensorConstant)
        return builder.integer(0) if given and node.op.calls_python else value_of(variable)

    for node in io_toposort(values, outputs):
        source = node.source
        location = (
            None
            if source is None
            else Location(source.filename, source.line, None, source.function)
        )
        with builder.at(location):
            found = node.op.lower(
                builder, node, [operand_of(node, operand) for operand in node.inputs]
            )
        for variable, value in zip(node.outputs, found, strict=True):
            values.setdefault(variable, value)
    return [value_of(output) for output in outputs]
