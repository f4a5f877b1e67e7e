"""Elements that satisfy a condition: where they are, and what they are.

How many there are is known only when they are counted: sizes of results hang on elements.
"""

from collections.abc import Sequence
from typing import Any

from lltheano.graph.core import Apply, Op, Variable
from lltheano.graph.gradient_types import zero
from lltheano.tensor.elementwise.comparison import neq
from lltheano.tensor.shapes.join import stack
from lltheano.tensor.shapes.shaping import flatten
from lltheano.tensor.shapes.sizes import dim
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.variable import TensorType, TensorVariable
from lltheano_ir.builder import Builder
from lltheano_ir.nodes import Value
from lltheano_ir.records import record

__all__ = ["Nonzero", "compress", "flatnonzero", "nonzero", "nonzero_values"]


@record(frozen=True)
class Nonzero(Op):
    """The int64 places of the true elements of a vector of bool, in order."""

    def make_node(self, mask: Any) -> Apply:
        """A vector of bool."""
        mask = as_tensor_variable(mask)
        if mask.dtype != "bool" or mask.ndim != 1:
            raise TypeError(f"{self} takes a vector of bool, got {mask.describe()}")
        return Apply(self, [mask], [TensorType("int64", (False,))()])

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """Places change in steps only."""
        return [zero()]

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """The op of the same name, given the number of true elements."""
        return [builder.nonzero(inputs[0])]


def flatnonzero(a: object) -> TensorVariable:
    """Return the places, in the flattened tensor, of the elements that are not zero.

    `a` has any dtype and at least one axis, else it is a ValueError; the result is an int64 vector,
    ascending. A NaN is not zero.

    >>> flatnonzero([[0, 3], [5, 0]]).eval()
    array([1, 2])
    """
    a = as_tensor_variable(a)
    if not a.ndim:
        raise ValueError(f"flatnonzero needs at least one axis, got {a.describe()}")
    mask = a if a.dtype == "bool" else neq(a, 0)
    result: TensorVariable = Nonzero()(flatten(mask, 1))
    return result


def nonzero(a: object, return_matrix: bool = False) -> Any:
    """Return where the elements are that are not zero: for each axis an int64 vector of indices.

    The places are in row-major order. With `return_matrix` the vectors are the rows of one matrix.
    ValueError for a tensor without axes: make it a vector first, as NumPy asks too.

    >>> rows, columns = nonzero([[0, 3], [5, 0]])
    >>> rows.eval(), columns.eval()
    (array([0, 1]), array([1, 0]))
    >>> nonzero([[0, 3], [5, 0]], return_matrix=True).eval()
    array([[0, 1],
           [1, 0]])
    """
    a = as_tensor_variable(a)
    if not a.ndim:
        raise ValueError(
            f"nonzero: {a.describe()} has no axes, so there are no indices into it; use"
            " a.dimshuffle('x') for a vector of one element"
        )
    rest = flatnonzero(a)
    indices = []
    for axis in range(a.ndim - 1, 0, -1):
        size = dim(a, axis)
        indices.append(rest % size)
        rest = rest // size
    indices.append(rest)
    vectors = tuple(reversed(indices))
    return stack(vectors, axis=0) if return_matrix else vectors


def nonzero_values(a: object) -> TensorVariable:
    """Return the elements that are not zero, a vector in row-major order.

    The gradient goes to the elements that were taken.

    >>> nonzero_values([[0, 3], [5, 0]]).eval()
    array([3, 5])
    """
    a = as_tensor_variable(a)
    return flatten(a, 1)[flatnonzero(a)]


def compress(condition: object, x: object, axis: int | None = None) -> TensorVariable:
    """Return the parts of `x` along `axis` for which the vector `condition` is not zero.

    With `axis` None the tensor is flattened. A condition may be shorter than the axis: what is
    beyond its end is left out. ValueError when it is no vector; IndexError, when it runs, if it is
    true beyond the end of the axis. The gradient goes to the parts that were taken.

    >>> compress([True, False, True], [[1, 2], [3, 4], [5, 6]], axis=0).eval()
    array([[1, 2],
           [5, 6]])
    """
    condition, x = as_tensor_variable(condition), as_tensor_variable(x)
    if condition.ndim != 1:
        raise ValueError(f"the condition of compress is a vector, got {condition.describe()}")
    return x.take(flatnonzero(condition), axis=axis)
