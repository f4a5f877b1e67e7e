"""Graphs inside ops: closing one over what it uses, and building it in the IR.

An inner graph reaches the outer one through its inputs alone. What does not vary inside is left
outside, where it is computed once.
"""

from collections.abc import Mapping, Sequence, Set

import numpy as np

from lltheano.errors import LoweringError
from lltheano.graph.clone import clone_replace
from lltheano.graph.core import Apply, CompoundType, Constant, Type, Variable, grouped
from lltheano.graph.objects import constant_handle
from lltheano.graph.walk import io_toposort
from lltheano.tensor.variables.variable import TensorConstant, TensorType
from lltheano_ir.builder import Builder
from lltheano_ir.nodes import Value
from lltheano_ir.provenance import Location

__all__ = ["close_over", "constant_values", "is_constant_object", "lower_inside"]


def close_over(
    varying: Sequence[Variable], outputs: Sequence[Variable]
) -> tuple[list[Variable], list[Variable], list[Variable]]:
    """Return what `outputs` use that does not depend on `varying`; a leaf for each of these; and
    `outputs` in terms of `varying` and the leaves. Of what has components these are used.

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
    used, leaves, table = list[Variable](), list[Variable](), dict[Variable, Variable]()
    for variable in captured:
        kind = variable.type
        if isinstance(kind, CompoundType):
            components = kind.component_leaves(variable)
            used.extend(kind.components_of(variable))
            table[variable] = kind.from_components(components, variable)
        else:
            components = [variable.clone()]
            used.append(variable)
            table[variable] = components[0]
        leaves.extend(components)
    return used, leaves, clone_replace(outputs, table)


def _is_known(variable: Variable, known: Set[Variable]) -> bool:
    """Whether it is a constant, or computed of constants alone: the compiler will know it inside
    too.
    """
    return isinstance(variable, Constant) or variable in known


def lower_inside(
    builder: Builder,
    given: Mapping[Variable, Value | tuple[Value, ...]],
    outputs: Sequence[Variable],
) -> list[Value]:
    """Return the values of `outputs`, all components of each, where those of their graph's leaves,
    constants excepted, are `given`.
    """
    values = {
        leaf: value if isinstance(value, tuple) else (value,) for leaf, value in given.items()
    }

    def values_of(variable: Variable) -> tuple[Value, ...]:
        if variable not in values:
            if not isinstance(variable, Constant):
                raise LoweringError(
                    f"{variable.describe()} is used inside an op that was not given it"
                )
            values[variable] = constant_values(builder, variable)
        return values[variable]

    def operands_of(node: Apply, variable: Variable) -> tuple[Value, ...]:
        if node.op.calls_python and is_constant_object(variable):
            return (builder.integer(0),)
        return values_of(variable)

    for node in io_toposort(values, outputs):
        source = node.source
        location = (
            None
            if source is None
            else Location(source.filename, source.line, None, source.function)
        )
        operands = [value for operand in node.inputs for value in operands_of(node, operand)]
        with builder.at(location):
            found = node.op.lower(builder, node, operands)
        for variable, components in grouped(node.outputs, found):
            values.setdefault(variable, components)
    return [value for output in outputs for value in values_of(output)]


def is_constant_object(variable: Variable) -> bool:
    """Whether it is a constant that is a Python object, neither a tensor nor made of any."""
    return isinstance(variable, Constant) and not isinstance(
        variable.type, TensorType | CompoundType
    )


def constant_values(builder: Builder, constant: Constant) -> tuple[Value, ...]:
    """What compiled code has for a constant: a tensor, its components, or an object's handle."""
    kind = constant.type
    if isinstance(constant, TensorConstant):
        return (builder.constant(np.asarray(constant.data), constant.broadcastable),)
    if isinstance(kind, CompoundType):
        pairs = zip(kind.component_types, kind.arrays_of(constant.data), strict=True)
        return tuple(builder.constant(array, _pattern(one)) for one, array in pairs)
    return (constant_handle(builder, constant),)


def _pattern(kind: Type) -> tuple[bool, ...]:
    assert isinstance(kind, TensorType)
    return kind.broadcastable
