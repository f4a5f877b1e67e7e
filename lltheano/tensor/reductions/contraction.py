"""Products of vectors and matrices: the op `Dot` and what is made of it."""

import numbers
from collections.abc import Sequence
from typing import Any

import numpy as np

from lltheano.graph.core import Apply, Op, Variable
from lltheano.graph.gradient_types import zero
from lltheano.interfaces.layers import language
from lltheano.tensor.assertion import Requirement
from lltheano.tensor.elementwise.arithmetic import mul
from lltheano.tensor.elementwise.comparison import cast, eq
from lltheano.tensor.reductions.functions import sum as sum_of
from lltheano.tensor.shapes.dimshuffle import normalised_axis
from lltheano.tensor.shapes.shaping import patternbroadcast, reshape
from lltheano.tensor.shapes.sizes import dim, known_size
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import is_complex, is_discrete, real_dtype, upcast
from lltheano.tensor.variables.variable import TensorType, TensorVariable, is_tensor
from lltheano_ir.builder import Builder
from lltheano_ir.dtypes import dtype_of
from lltheano_ir.nodes import Value
from lltheano_ir.records import record

__all__ = [
    "Dot",
    "batched_dot",
    "batched_tensordot",
    "dot",
    "dot_by_operands",
    "outer",
    "tensordot",
]

_RANKS = ((1, 1), (1, 2), (2, 1), (2, 2), (3, 3))


@record(frozen=True)
class Dot(Op):
    """The sum of products over the last axis of x and the last but one (or only) axis of y.

    Operands are vectors, matrices, or two batches of matrices of equal length.
    """

    def make_node(self, x: Any, y: Any) -> Apply:
        """Ranks 1 and 2 in any combination, or both 3."""
        x, y = as_tensor_variable(x), as_tensor_variable(y)
        if (x.ndim, y.ndim) not in _RANKS:
            raise TypeError(
                f"dot takes vectors, matrices or two batches of matrices, got {x.describe()} and"
                f" {y.describe()}"
            )
        inner = known_size(x, x.ndim - 1), known_size(y, max(y.ndim - 2, 0))
        if None not in inner and inner[0] != inner[1]:
            raise ValueError(
                f"dot: {x.describe()} has size {inner[0]} on its last axis, {y.describe()} has"
                f" {inner[1]} where that is summed over"
            )
        batch = [x.broadcastable[0] and y.broadcastable[0]] if x.ndim == 3 else []
        rows, columns = x.broadcastable[len(batch) : -1], y.broadcastable[len(batch) :][1:]
        kind = TensorType(upcast(x.dtype, y.dtype), [*batch, *rows, *columns])
        return Apply(self, [x, y], [kind()])

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """Return g y' and x' g, in the form that the ranks call for; complex x and y conjugated."""
        x, y, g = (as_tensor_variable(operand) for operand in (*inputs, *output_gradients))
        if is_discrete(as_tensor_variable(outputs[0]).dtype):
            return [zero(), zero()]
        terms = self._terms(_conjugate(x), _conjugate(y), g)
        pairs = zip(terms, (x, y), strict=True)
        return [patternbroadcast(_unrepeated(term, one), one.broadcastable) for term, one in pairs]

    def _terms(
        self, x: TensorVariable, y: TensorVariable, g: TensorVariable
    ) -> tuple[TensorVariable, TensorVariable]:
        ranks = (x.ndim, y.ndim)
        if ranks == (1, 1):
            return g * y, g * x
        if ranks == (1, 2):
            return dot(y, g), outer(x, g)
        if ranks == (2, 1):
            return outer(g, y), dot(x.T, g)
        if ranks == (2, 2):
            return dot(g, y.T), dot(x.T, g)
        return batched_dot(g, y.dimshuffle(0, 2, 1)), batched_dot(x.dimshuffle(0, 2, 1), g)

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """The op of the same name, on operands of one dtype."""
        (out,) = node.outputs
        assert is_tensor(out)
        # There is no product of bools in the IR: as in NumPy, it is whether any pair holds.
        dtype = dtype_of("int64" if out.dtype == "bool" else out.dtype)
        x, y = (builder.cast(operand, dtype) for operand in inputs)
        product = builder.cast(builder.dot(x, y), dtype_of(out.dtype))
        return [builder.rebroadcast(product, out.broadcastable)]

    def __str__(self) -> str:
        return "dot"


def _unrepeated(term: TensorVariable, x: TensorVariable) -> TensorVariable:
    """The term of an operand, added up over the batch where a batch of one was repeated."""
    if x.ndim < 3 or not x.broadcastable[0] or term.broadcastable[0]:
        return term
    return sum_of(term, axis=0, dtype=term.dtype, keepdims=True)


def floats_together(*operands: TensorVariable) -> list[TensorVariable]:
    """Return operands of a product, integers as the floats that it gives, if it gives floats.

    What is done to integers has gradient zero, so they are converted before their axes are moved.

    >>> import lltheano.tensor as T
    >>> [one.dtype for one in floats_together(T.bvector("i"), T.dvector("x"))]
    ['float64', 'float64']
    """
    dtype = upcast(*(operand.dtype for operand in operands))
    if is_discrete(dtype):
        return list(operands)
    converted = real_dtype(dtype)
    return [
        cast(operand, converted) if is_discrete(operand.dtype) else operand for operand in operands
    ]


def _conjugate(x: TensorVariable) -> TensorVariable:
    return language.conj(x) if is_complex(x.dtype) else x


def dot(a: object, b: object) -> TensorVariable:
    """Return the dot product: of scalars the product, of vectors and matrices the matrix product.

    With more axes it is the sum over the last axis of a and the last but one of b, as in NumPy.
    That the sizes agree is checked when it runs.

    >>> from lltheano.tensor.variables.variable import TensorType
    >>> m = TensorType("float32", (False, False))("m")
    >>> dot(m, m[0]).type
    TensorType(float32, vector)
    """
    a, b = as_tensor_variable(a), as_tensor_variable(b)
    if not a.ndim or not b.ndim:
        return mul(a, b)
    if a.ndim > 2 or b.ndim > 2:
        return tensordot(a, b, [[a.ndim - 1], [max(0, b.ndim - 2)]])
    result: TensorVariable = Dot()(a, b)
    return result


def outer(x: object, y: object) -> TensorVariable:
    """Return the matrix of all products of the elements of x with those of y.

    >>> outer([1, 2], [10, 100]).eval().tolist()
    [[10, 100], [20, 200]]
    """
    given = floats_together(as_tensor_variable(x), as_tensor_variable(y))
    x, y = (one.flatten() for one in given)
    return x.dimshuffle(0, "x") * y.dimshuffle("x", 0)


def dot_by_operands(l: Any, r: Any) -> Any:  # noqa: E741 - Theano's name
    """Return the dot product as `l` or `r` define it: `l.__dot__(r)`, else `r.__rdot__(l)`.

    NotImplementedError when neither does. It is `lltheano.dot`.

    >>> import lltheano.tensor as T
    >>> dot_by_operands(T.constant([1, 2]), [3, 4]).eval()
    array(11)
    """
    for one, other, name in ((l, r, "__dot__"), (r, l, "__rdot__")):
        method = getattr(one, name, None)
        result = NotImplemented if method is None else method(other)
        if result is not NotImplemented:
            return result
    raise NotImplementedError(
        f"neither {type(l).__name__} nor {type(r).__name__} has a dot product"
    )


def batched_dot(a: object, b: object) -> TensorVariable:
    """Return the dot products of the parts of a and b along their first axes.

    The parts are scalars, vectors, matrices or, as in `dot`, tensors of more axes. That there are
    equally many parts is checked when it runs.

    >>> batched_dot([[1, 2], [3, 4]], [[1, 1], [1, 0]]).eval().tolist()
    [3, 3]
    """
    a, b = floats_together(as_tensor_variable(a), as_tensor_variable(b))
    if not a.ndim or not b.ndim:
        raise TypeError(f"batched_dot takes 1 axis or more, got {a.describe()} and {b.describe()}")
    if (a.ndim > 3 or b.ndim > 3) and min(a.ndim, b.ndim) > 1:
        return batched_tensordot(a, b, [[a.ndim - 1], [max(1, b.ndim - 2)]])
    if a.ndim == 1 or b.ndim == 1:
        wide = [
            one.dimshuffle([*range(one.ndim), *["x"] * (max(a.ndim, b.ndim) - one.ndim)])
            for one in (a, b)
        ]
        return wide[0] * wide[1]
    left = a if a.ndim == 3 else a.dimshuffle(0, "x", 1)
    right = b if b.ndim == 3 else b.dimshuffle(0, 1, "x")
    result: TensorVariable = Dot()(left, right)
    dropped = ([1] if a.ndim == 2 else []) + ([2] if b.ndim == 2 else [])
    return result.dimshuffle([axis for axis in range(3) if axis not in dropped])


def batched_tensordot(x: object, y: object, axes: Any = 2) -> TensorVariable:
    """Return the `tensordot` of the parts of x and y along their first axes.

    `axes` is a number n (the last n axes of x with n axes of y from the second on) or a pair of
    lists of axes, none of which is the first. ValueError when the lists differ in length.

    >>> import lltheano.tensor as T
    >>> x, y = T.ones((2, 3, 4)), T.ones((2, 4, 5))
    >>> batched_tensordot(x, y, 1).eval().shape
    (2, 3, 5)
    """
    a, b = floats_together(as_tensor_variable(x), as_tensor_variable(y))
    if not a.ndim or not b.ndim:
        raise TypeError(f"there are no parts of {a.describe()} and {b.describe()}")
    of_a, of_b = _contracted(a, b, axes, batches=1)
    if 0 in (*of_a, *of_b):
        raise ValueError(f"batched_tensordot cannot sum over the first axis, got {axes!r}")
    a = with_equal_sizes("batched_tensordot", a, of_a, b, of_b)
    free_a = [axis for axis in range(1, a.ndim) if axis not in of_a]
    free_b = [axis for axis in range(1, b.ndim) if axis not in of_b]
    left, right = _as_matrix(a, free_a, of_a, 1), _as_matrix(b, of_b, free_b, 1)
    product: TensorVariable = Dot()(left, right)
    sizes = [dim(a, 0)] + [dim(a, axis) for axis in free_a] + [dim(b, axis) for axis in free_b]
    return reshape(product, sizes, ndim=len(sizes))


def tensordot(a: object, b: object, axes: Any = 2) -> TensorVariable:
    """Return the sum of products over pairs of axes.

    `axes` is a number n (the last n of a with the first n of b) or a pair of lists of axes.
    ValueError when the lists differ in length.

    >>> tensordot([[1.0, 2.0], [3.0, 4.0]], [[1.0, 0.0], [0.0, 1.0]], 2).eval()
    array(5.)
    """
    a, b = floats_together(as_tensor_variable(a), as_tensor_variable(b))
    of_a, of_b = _contracted(a, b, axes)
    a = with_equal_sizes("tensordot", a, of_a, b, of_b)
    free_a = [axis for axis in range(a.ndim) if axis not in of_a]
    free_b = [axis for axis in range(b.ndim) if axis not in of_b]
    left = _as_matrix(a, free_a, of_a)
    right = _as_matrix(b, of_b, free_b)
    product: TensorVariable = Dot()(left, right)
    sizes = [dim(a, axis) for axis in free_a] + [dim(b, axis) for axis in free_b]
    return reshape(product, sizes, ndim=len(sizes))


def _contracted(
    a: TensorVariable, b: TensorVariable, axes: Any, batches: int = 0
) -> tuple[list[int], list[int]]:
    if isinstance(axes, numbers.Integral):
        count = int(axes)
        if not 0 <= count <= min(a.ndim, b.ndim) - batches:
            raise ValueError(f"tensordot over {axes} axes of {a.describe()} and {b.describe()}")
        return list(range(a.ndim - count, a.ndim)), list(range(batches, batches + count))
    pairs = [list(np.atleast_1d(dimension)) for dimension in axes]
    if len(pairs) != 2 or len(pairs[0]) != len(pairs[1]):
        raise ValueError(
            f"tensordot takes a number or two lists of equally many axes, got {axes!r}"
        )
    return (
        [normalised_axis(int(axis), a) for axis in pairs[0]],
        [normalised_axis(int(axis), b) for axis in pairs[1]],
    )


def with_equal_sizes(
    what: str, a: TensorVariable, of_a: Sequence[int], b: TensorVariable, of_b: Sequence[int]
) -> TensorVariable:
    """Return `a`, provided that its axes have the sizes of those of `b`.

    Several axes are merged to one for a product, where only the product of their sizes would be
    compared. ValueError for sizes that are known at once and differ.

    >>> import lltheano.tensor as T
    >>> with_equal_sizes("f", T.dmatrix("a"), [1], T.dmatrix("b"), [0])
    a
    """
    if len(of_a) < 2:
        return a
    for one, other in zip(of_a, of_b, strict=True):
        left, right = dim(a, one), dim(b, other)
        known = known_size(a, one), known_size(b, other)
        if None not in known and known[0] != known[1]:
            raise ValueError(
                f"{what}: size {known[0]} of axis {one} of {a.describe()} and size {known[1]} of"
                f" axis {other} of {b.describe()} differ"
            )
        if None in known:
            message = f"{what}: sizes {{0}} of axis {one} and {{1}} of axis {other} differ"
            a = Requirement("sizes", message)(a, eq(left, right), left, right)
    return a


def _as_matrix(
    x: TensorVariable, rows: list[int], columns: list[int], batches: int = 0
) -> TensorVariable:
    outer_axes = list(range(batches))
    turned = x.dimshuffle([*outer_axes, *rows, *columns])
    sizes = [mul(*(dim(x, axis) for axis in group)) if group else 1 for group in (rows, columns)]
    return reshape(turned, [*(dim(x, axis) for axis in outer_axes), *sizes], ndim=batches + 2)
