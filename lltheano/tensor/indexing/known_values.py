"""Values and lengths that are known while the graph is built."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lltheano.errors import EmptyConstantError, NotScalarConstantError
from lltheano.graph.core import Variable
from lltheano.graph.walk import io_toposort
from lltheano.graph.written import written_as
from lltheano.tensor.assertion import Assert, Requirement
from lltheano.tensor.creation.filled import Alloc, Fill
from lltheano.tensor.elementwise.comparison import Cast, tensor_copy
from lltheano.tensor.elementwise.op import Elementwise
from lltheano.tensor.indexing.ops import IncSubtensor, Subtensor
from lltheano.tensor.indexing.template import Entry, Part, Point
from lltheano.tensor.inner_graphs.closing import lower_inside
from lltheano.tensor.shapes.dimshuffle import DimShuffle, dimshuffle
from lltheano.tensor.shapes.join import Join
from lltheano.tensor.shapes.make_vector import MakeVector
from lltheano.tensor.shapes.shaping import Rebroadcast
from lltheano.tensor.shapes.sizes import Shape, dim
from lltheano.tensor.variables.convert import as_tensor_variable, constant
from lltheano.tensor.variables.variable import TensorConstant, TensorVariable
from lltheano_ir.builder import Builder
from lltheano_ir.interpret import interpret
from lltheano_ir.ops.definition import ExecutionError

__all__ = [
    "get_scalar_constant_value",
    "get_vector_length",
    "known_element",
    "known_elements",
]


_MOST_ELEMENTS = 64
"""Constants with more elements are data, not sizes."""

_MOST_NODES = 32
"""What is computed by more applications is not looked into."""


def get_scalar_constant_value(
    orig_v: Any,
    elemwise: bool = True,
    only_process_constants: bool = False,
    max_recur: int = 10,
) -> NDArray[Any]:
    """Return the one value of a scalar or of all elements of a tensor, as an array without axes.

    It is looked for in constants of one element, behind reordered and repeated axes and assertions
    that hold, in shapes, in elements of what was joined or computed from constants, and with
    `elemwise` in what elementwise ops make of such; through at most `max_recur` ops, with
    `only_process_constants` none. NotScalarConstantError when the value is not known while the
    graph is built.

    >>> import lltheano.tensor as T
    >>> int(get_scalar_constant_value(T.constant(3) * 2 + 1))
    7
    """
    variable = as_tensor_variable(orig_v)
    depth = 0 if only_process_constants else max_recur
    result = _constant_value(variable, depth, elemwise)
    if result is not None and not result.size:
        raise EmptyConstantError(f"{variable.describe()} has no elements, so it has no value")
    if result is None:
        raise NotScalarConstantError(f"the value of {variable.describe()} is not known yet")
    return result.reshape(())


def _constant_value(variable: TensorVariable, depth: int, elemwise: bool) -> NDArray[Any] | None:
    """The one value of all elements, an empty constant as it is; None when it is not known."""
    if isinstance(variable, TensorConstant):
        array: NDArray[Any] = variable.data
        return array.reshape(()) if array.size == 1 else array if not array.size else None
    if variable.owner is None or not depth:
        return None
    source = _source(variable)
    if source is not None:
        return _constant_value(source, depth - 1, elemwise)
    op = variable.owner.op
    if isinstance(op, Elementwise | Cast):
        if not elemwise:
            return None
        operands = [as_tensor_variable(operand) for operand in variable.owner.inputs]
        values = [_constant_value(operand, depth - 1, elemwise) for operand in operands]
        known = [value for value in values if value is not None and value.size]
        if len(known) < len(values):
            return None
        fresh = op(*(constant(one, dtype=one.dtype) for one in known))
        return evaluated(as_tensor_variable(fresh))
    return evaluated(variable) if isinstance(op, Subtensor) else None


def _source(variable: TensorVariable) -> TensorVariable | None:
    """The operand from which an op that moves or repeats elements takes them."""
    assert variable.owner is not None
    op, inputs = variable.owner.op, variable.owner.inputs
    if isinstance(op, DimShuffle | Alloc | Rebroadcast):
        return as_tensor_variable(inputs[0])
    if isinstance(op, Requirement | Assert):
        conditions = inputs[1:2] if isinstance(op, Requirement) else inputs[1:]
        return as_tensor_variable(inputs[0]) if _hold(conditions) else None
    if isinstance(op, Subtensor):
        return known_element(variable)
    return as_tensor_variable(inputs[1]) if isinstance(op, Fill) else None


def _hold(conditions: Sequence[Variable]) -> bool:
    values = [evaluated(as_tensor_variable(condition)) for condition in conditions]
    return all(value is not None and bool(value.all()) for value in values)


def evaluated(x: TensorVariable) -> NDArray[Any] | None:
    """Return the value of what is computed from short constants alone, by ops of the IR; None for
    anything else, and where it fails.
    """
    if isinstance(x, TensorConstant) or x.owner is None:
        return x.data if isinstance(x, TensorConstant) else None
    nodes = io_toposort((), [x])
    leaves = [operand for node in nodes for operand in node.inputs if operand.owner is None]
    known = [leaf for leaf in leaves if isinstance(leaf, TensorConstant)]
    short = len(known) == len(leaves) and all(one.data.size <= _MOST_ELEMENTS for one in known)
    if not short or len(nodes) > _MOST_NODES or any(node.op.calls_python for node in nodes):
        return None
    builder = Builder("constant")
    builder.output(lower_inside(builder, {}, [x])[0], "value")
    try:
        (result,), _ = interpret(builder.program(), [])
    except ExecutionError:
        return None
    return np.asarray(result)


def known_element(x: TensorVariable) -> TensorVariable | None:
    """Return what a scalar is that was read at a known place of a shape, of what was joined, or of
    a short constant.

    None when `x` is nothing of the kind.

    >>> from lltheano.tensor.variables.variable import TensorType
    >>> m = TensorType("float64", (False, True))("m")
    >>> known_element(m.shape[-1])
    TensorConstant{1}
    """
    if x.ndim or x.owner is None or not isinstance(x.owner.op, Subtensor):
        return None
    source = as_tensor_variable(x.owner.inputs[0])
    elements = known_elements(source) if source.ndim == 1 else None
    if elements is None:
        return None
    (entry,) = x.owner.op.template.entries
    if isinstance(entry, Point) and isinstance(entry.index, int):
        return written_as(elements[entry.index], [source])
    return None


def known_elements(x: TensorVariable) -> list[TensorVariable] | None:
    """Return the elements of a vector made of sizes or scalars, of a short constant, or of a part
    of such with known bounds; None when they are not known one by one.

    >>> import lltheano.tensor as T
    >>> x = T.dmatrix("x")
    >>> known_elements(x.shape)
    [Shape_i{0}, Shape_i{1}]
    """
    parts: list[slice] = []
    node = x.owner
    while node is not None and isinstance(node.op, Subtensor):
        source = as_tensor_variable(node.inputs[0])
        bounds = _known_part(node.op.template.entries) if source.ndim == 1 else None
        if bounds is None:
            return None
        parts.append(bounds)
        x, node = source, source.owner
    elements = _all_elements(x)
    if elements is not None:
        for part in reversed(parts):
            elements = elements[part]
    return elements


def _known_part(entries: tuple[Entry, ...]) -> slice | None:
    """The slice that entries for one axis amount to, if its bounds are known."""
    (entry,) = entries if len(entries) == 1 else (None,)
    if not isinstance(entry, Part):
        return None
    bounds: tuple[Any, ...] = (entry.start, entry.stop, entry.step)
    return (
        slice(*bounds) if all(bound is None or isinstance(bound, int) for bound in bounds) else None
    )


def _all_elements(x: TensorVariable) -> list[TensorVariable] | None:
    if isinstance(x, TensorConstant) and x.data.size <= _MOST_ELEMENTS:
        return [constant(one) for one in x.data]
    node = x.owner
    if node is None:
        return None
    if isinstance(node.op, Shape):
        source = as_tensor_variable(node.inputs[0])
        return [dim(source, axis) for axis in range(source.ndim)]
    if isinstance(node.op, MakeVector):
        return [_copy(as_tensor_variable(operand)) for operand in node.inputs]
    if isinstance(node.op, Join):
        parts = [_single(as_tensor_variable(operand), x.dtype) for operand in node.inputs[1:]]
        known = [part for part in parts if part is not None]
        return known if len(known) == len(parts) else None
    return None


def _copy(x: TensorVariable) -> TensorVariable:
    """A variable of its own, which may be given a note."""
    return constant(x.data) if isinstance(x, TensorConstant) else tensor_copy(x)


def _single(x: TensorVariable, dtype: str) -> TensorVariable | None:
    """The scalar of which `x` is a vector of length 1."""
    if not x.broadcastable[0]:
        return None
    if isinstance(x, TensorConstant):
        return constant(x.data[0], dtype=dtype)
    return dimshuffle(x, ()).astype(dtype)


def get_vector_length(v: object) -> int:
    """Return the length of a vector where it is known while the graph is built; ValueError
    otherwise.

    It is known of constants, shapes, what is joined of such, their parts, and what is computed from
    them element by element.

    >>> from lltheano.tensor.variables.variable import TensorType
    >>> get_vector_length(TensorType("float64", (False, False))("m").shape * 2)
    2
    """
    v = as_tensor_variable(v)
    if v.ndim != 1:
        raise TypeError(
            f"{v.describe()} is not a vector, so it cannot be unpacked or iterated over"
        )
    length = _length(v)
    if length is None:
        raise ValueError(
            f"the length of {v.describe()} is not known yet, so it cannot be unpacked or iterated"
            " over; use scan, or index it"
        )
    return length


def _length(v: TensorVariable) -> int | None:
    through = (Elementwise, Cast, IncSubtensor)
    while v.owner is not None and isinstance(v.owner.op, through) and not v.broadcastable[0]:
        operands = [as_tensor_variable(operand) for operand in v.owner.inputs]
        v = next(
            variable
            for variable in operands
            if variable.ndim == 1 and not variable.broadcastable[0]
        )
    if v.broadcastable[0]:
        return 1
    if isinstance(v, TensorConstant):
        return int(v.data.shape[0])
    elements = known_elements(v)
    if elements is not None:
        return len(elements)
    if v.owner is None or not isinstance(v.owner.op, Join):
        return None
    lengths = [_length(as_tensor_variable(operand)) for operand in v.owner.inputs[1:]]
    return None if None in lengths else sum(length or 0 for length in lengths)
