"""Sizes of axes: reading them off a tensor, and accepting them as arguments.

A size is an int64 scalar variable. `Shape_i` reads one axis, `Shape` all of them; neither needs the
elements, so both are disconnected in gradients.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lltheano.graph.core import Apply, Op, Variable
from lltheano.graph.gradient_types import disconnected
from lltheano.graph.written import written_as
from lltheano.interfaces.layers import language
from lltheano.tensor.shapes.dimshuffle import DimShuffle
from lltheano.tensor.variables.convert import as_tensor_variable, constant
from lltheano.tensor.variables.promotion import is_discrete
from lltheano.tensor.variables.variable import TensorConstant, TensorType, TensorVariable
from lltheano_ir.builder import Builder
from lltheano_ir.nodes import Value
from lltheano_ir.records import record

__all__ = ["Shape", "Shape_i", "shape", "shape_i", "size"]


class SizedOp(Op):
    """An op whose inputs, after the first, are the sizes of its result's axes."""

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """The sizes do not connect."""
        return [[True], *([False] for _ in node.inputs[1:])]


class _Measure(Op):
    """An op that looks at the sizes of its operand only."""

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """Sizes do not vary with the elements."""
        return [disconnected()]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Sizes do not vary with the elements."""
        return [[False]]


@record(frozen=True)
class Shape_i(_Measure):  # noqa: N801 - Theano's name
    """The size of axis `i`, an int64 scalar.

    >>> Shape_i(1)(constant([[1, 2, 3]])).eval()
    array(3)
    """

    i: int

    def make_node(self, x: Any) -> Apply:
        """The axis must exist."""
        x = as_tensor_variable(x)
        if not 0 <= self.i < x.ndim:
            raise ValueError(f"{x.describe()} has no axis {self.i}")
        return Apply(self, [x], [TensorType("int64", ())()])

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """The op `dim`."""
        return [builder.dim(inputs[0], self.i)]

    def __str__(self) -> str:
        return f"Shape_i{{{self.i}}}"


@record(frozen=True)
class Shape(_Measure):
    """The sizes of all axes, an int64 vector."""

    def make_node(self, x: Any) -> Apply:
        """Any tensor."""
        return Apply(self, [as_tensor_variable(x)], [TensorType("int64", (False,))()])

    def infer_shape(self, node: Apply, in_shapes: Sequence[Any]) -> list[list[TensorVariable]]:
        """The sizes of the result, of which there is one: the operand's number of axes."""
        return [[constant(len(in_shapes[0]), dtype="int64")]]

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """The sizes, joined."""
        (x,) = inputs
        return [vector_of(builder, [builder.dim(x, axis) for axis in range(x.rank)])]

    def __str__(self) -> str:
        return "Shape"


def vector_of(builder: Builder, sizes: Sequence[Value]) -> Value:
    """Join i64 scalars to a vector.

    >>> builder = Builder("sizes")
    >>> vector_of(builder, [builder.integer(2), builder.integer(3)]).type
    i64[?]
    """
    if not sizes:
        return builder.constant(np.zeros(0, dtype=np.int64), (False,))
    parts = [builder.dimshuffle(length, [None]) for length in sizes]
    return builder.concatenate(parts, 0)


def shape(x: object) -> TensorVariable:
    """Return the sizes of the axes of `x`, an int64 vector.

    >>> shape(constant([[1, 2, 3], [4, 5, 6]])).eval()
    array([2, 3])
    """
    result: TensorVariable = Shape()(as_tensor_variable(x))
    return result


def dim(x: TensorVariable, axis: int) -> TensorVariable:
    """Return the size of one axis, a constant where it is known while the graph is built.

    >>> from lltheano.tensor.variables.variable import TensorType
    >>> x = TensorType("float64", (False, True))("x")
    >>> dim(x, 0), dim(x, 1)
    (Shape_i{0}, TensorConstant{1})
    """
    number = known_size(x, axis)
    if number is not None:
        return written_as(constant(number, dtype="int64"), [x])
    result: TensorVariable = Shape_i(axis)(x)
    return result


def shape_i(var: object, i: int, fgraph: object = None) -> TensorVariable:
    """Return the size of axis `i` of `var`, an int64 scalar, counted from the end if negative.

    `fgraph` is kept for Theano's signature. ValueError when there is no such axis.

    >>> shape_i(constant([[1, 2, 3], [4, 5, 6]]), 1).eval()
    array(3)
    """
    x = as_tensor_variable(var)
    if not -x.ndim <= i < x.ndim:
        raise ValueError(f"{x.describe()} has {x.ndim} axes and no axis {i}")
    return dim(x, i % x.ndim)


def known_size(x: TensorVariable, axis: int) -> int | None:
    """Return the size of an axis where it is known while the graph is built, else None.

    >>> from lltheano.tensor.variables.variable import TensorType
    >>> x = TensorType("float64", (False, True))("x")
    >>> known_size(x, 0), known_size(x, 1), known_size(constant([4, 5]), 0)
    (None, 1, 2)
    """
    while x.owner is not None and isinstance(x.owner.op, DimShuffle):
        source = x.owner.op.order[axis]
        if source is None:
            return 1
        x, axis = as_tensor_variable(x.owner.inputs[0]), source
    if isinstance(x, TensorConstant):
        return int(x.data.shape[axis])
    if x.broadcastable[axis]:
        return 1
    if x.owner is not None and isinstance(x.owner.op, SizedOp):
        given = x.owner.inputs[1 + axis]
        number = int(given.data) if isinstance(given, TensorConstant) else -1
        return number if number >= 0 else None
    return None


def check_agreement(what: str, operands: Sequence[TensorVariable]) -> None:
    """Find sizes that are known while the graph is built, and do not agree on an axis on which no
    operand is repeated: a ValueError. The operands have equally many axes.
    """
    for axis in range(operands[0].ndim if len(operands) > 1 else 0):
        wide = [operand for operand in operands if not operand.broadcastable[axis]]
        sizes = [known_size(one, axis) for one in wide] if len(wide) > 1 else []
        if len({length for length in sizes if length is not None}) > 1:
            listed = ", ".join(
                f"{length} of {x.describe()}" for x, length in zip(wide, sizes, strict=True)
            )
            raise ValueError(f"{what}: sizes on axis {axis} differ: {listed}")


def size(x: object) -> TensorVariable:
    """Return the number of elements of `x`, an int64 scalar.

    >>> size(constant([[1, 2, 3], [4, 5, 6]])).eval()
    array(6)
    """
    x = as_tensor_variable(x)
    sizes = [dim(x, axis) for axis in range(x.ndim) if not x.broadcastable[axis]]
    if not sizes:
        return written_as(constant(1, dtype="int64"), [x])
    return language.mul(*sizes)


def as_sizes(given: object, ndim: int | None = None) -> list[TensorVariable]:
    """Return sizes, given as one integer, a list of integers, or an integer vector, as int64
    scalars.

    Each may be symbolic. A symbolic vector needs a known length, or `ndim`. TypeError for other
    dtypes; ValueError when there are not `ndim` of them.

    >>> [int(one.data) for one in as_sizes((2, 3))]
    [2, 3]
    """
    if isinstance(given, list | tuple):
        sizes = [_as_size(one) for one in given]
    else:
        x = as_tensor_variable(given)
        sizes = [_as_size(x)] if x.ndim == 0 else _unpacked(x, ndim)
    if ndim is not None and len(sizes) != ndim:
        raise ValueError(f"expected {ndim} sizes, got {len(sizes)}: {given}")
    return sizes


def _unpacked(x: TensorVariable, ndim: int | None) -> list[TensorVariable]:
    length: int = language.get_vector_length(x) if ndim is None else ndim
    return [_as_size(x[position]) for position in range(length)]


def _as_size(value: object) -> TensorVariable:
    x = as_tensor_variable(value)
    if x.ndim or not is_discrete(x.dtype):
        raise TypeError(f"a size must be an integer without axes, got {x.describe()}")
    if isinstance(x, TensorConstant):
        return written_as(constant(x.data, dtype="int64"), [x])
    known = language.known_element(x)
    return (x if known is None else known).astype("int64")


def is_known_one(x: TensorVariable) -> bool:
    """Whether a size is the constant 1, so that its axis broadcasts.

    >>> import lltheano.tensor as T
    >>> is_known_one(T.constant(1)), is_known_one(T.lscalar("n"))
    (True, False)
    """
    return isinstance(x, TensorConstant) and int(x.data) == 1
