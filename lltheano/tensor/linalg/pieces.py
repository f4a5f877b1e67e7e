"""Triangles, diagonals and identities: the parts of matrices that factorisations are read by."""

from typing import Any

from lltheano.graph.core import Apply, Variable
from lltheano.tensor.creation.filled import alloc
from lltheano.tensor.creation.ranges import arange
from lltheano.tensor.elementwise.arithmetic import maximum, minimum
from lltheano.tensor.elementwise.comparison import eq, ge, switch
from lltheano.tensor.indexing.functions import set_subtensor
from lltheano.tensor.inner_graphs.composed import ComposedOp
from lltheano.tensor.shapes.sizes import dim
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import is_discrete
from lltheano.tensor.variables.variable import TensorType, TensorVariable
from lltheano_ir.records import record

__all__ = [
    "AllocDiag",
    "ExtractDiag",
    "alloc_diag",
    "diag",
    "diagonal",
    "extract_diag",
    "identity",
    "lower_part",
    "trace",
    "upper_part",
]


def _zero(x: TensorVariable) -> TensorVariable:
    return as_tensor_variable(0).astype(x.dtype)


def lower_part(x: TensorVariable, k: int = 0) -> TensorVariable:
    """Return `x` with zeros above diagonal `k`, whatever stands there, NaN included.

    >>> import lltheano.tensor as T
    >>> lower_part(T.constant([[1, 2], [3, 4]])).eval().tolist()
    [[1, 0], [3, 4]]
    """
    rows, columns = arange(dim(x, 0)), arange(dim(x, 1))
    kept = ge(rows.dimshuffle(0, "x") + k, columns.dimshuffle("x", 0))
    result: TensorVariable = switch(kept, x, _zero(x))
    return result


def upper_part(x: TensorVariable) -> TensorVariable:
    """Return `x` with zeros below the main diagonal, whatever stands there.

    >>> import lltheano.tensor as T
    >>> upper_part(T.constant([[1, 2], [3, 4]])).eval().tolist()
    [[1, 2], [0, 4]]
    """
    rows, columns = arange(dim(x, 0)), arange(dim(x, 1))
    kept = ge(columns.dimshuffle("x", 0), rows.dimshuffle(0, "x"))
    result: TensorVariable = switch(kept, x, _zero(x))
    return result


def identity(n: TensorVariable, dtype: str) -> TensorVariable:
    """Return the identity matrix of `n` rows.

    >>> import lltheano.tensor as T
    >>> identity(T.constant(2), "float64").eval().tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    indices = arange(n)
    return eq(indices.dimshuffle(0, "x"), indices.dimshuffle("x", 0)).astype(dtype)


def _places(rows: Any, columns: Any, offset: Any) -> tuple[TensorVariable, TensorVariable]:
    """The rows and the columns of the elements on a diagonal."""
    down, across = maximum(-offset, 0), maximum(offset, 0)
    count = maximum(minimum(rows - down, columns - across), 0)
    steps = arange(count)
    return steps + down, steps + across


@record(frozen=True)
class ExtractDiag(ComposedOp):
    """The elements on a diagonal of two axes, as the last axis; see `diagonal`.

    `view` is kept for Theano's signature: whether memory is shared is the compiler's decision.

    >>> ExtractDiag()([[1, 2], [3, 4]]).eval().tolist()
    [1, 4]
    """

    offset: int = 0
    axis1: int = 0
    axis2: int = 1
    view: bool = False

    def make_node(self, x: Any) -> Apply:
        """The two axes must exist and differ."""
        x = as_tensor_variable(x)
        first, second = self.axes(x)
        rest = [
            is_broadcastable
            for axis, is_broadcastable in enumerate(x.broadcastable)
            if axis not in (first, second)
        ]
        return Apply(self, [x], [TensorType(x.dtype, [*rest, False])()])

    def axes(self, x: TensorVariable) -> tuple[int, int]:
        """The two axes, counted from the front."""
        if x.ndim < 2:
            raise ValueError(f"a diagonal is one of a matrix or more, got {x.describe()}")
        axes = [axis + x.ndim if axis < 0 else axis for axis in (self.axis1, self.axis2)]
        if axes[0] == axes[1] or not all(0 <= axis < x.ndim for axis in axes):
            raise ValueError(f"{x.describe()} has no diagonal of axes {self.axis1}, {self.axis2}")
        return axes[0], axes[1]

    def build(self, *operands: TensorVariable) -> list[TensorVariable]:
        """Indexing with two vectors."""
        (x,) = operands
        return [_extracted(x, self.offset, *self.axes(x))]


def _extracted(x: TensorVariable, offset: Any, first: int, second: int) -> TensorVariable:
    rest = [axis for axis in range(x.ndim) if axis not in (first, second)]
    rows, columns = _places(dim(x, first), dim(x, second), offset)
    return x.dimshuffle([*rest, first, second])[(*[slice(None)] * len(rest), rows, columns)]


def _symbolic_offset(offset: object) -> TensorVariable | None:
    """An offset that is a variable; None for a number."""
    if not isinstance(offset, Variable):
        return None
    x = as_tensor_variable(offset)
    if x.ndim or not is_discrete(x.dtype):
        raise TypeError(f"the offset of a diagonal must be an integer, got {x.describe()}")
    return x.astype("int64")


def diagonal(a: object, offset: Any = 0, axis1: int = 0, axis2: int = 1) -> TensorVariable:
    """Return the elements of `a` with equal indices on two axes, as the last axis of the result.

    `offset` counts diagonals to the right of the main one, and may be symbolic; a diagonal outside
    has no elements. ValueError when the axes are not two different ones of `a`.

    >>> import lltheano.tensor as T
    >>> x = T.arange(9).reshape((3, 3))
    >>> T.diagonal(x).eval().tolist(), T.diagonal(x, 1).eval().tolist()
    ([0, 4, 8], [1, 5])
    """
    distance = _symbolic_offset(offset)
    if distance is not None:
        x = as_tensor_variable(a)
        return _extracted(x, distance, *ExtractDiag(0, axis1, axis2).axes(x))
    result: TensorVariable = ExtractDiag(offset, axis1, axis2)(a)
    return result


@record(frozen=True)
class AllocDiag(ComposedOp):
    """A vector on a diagonal of a square matrix that is 0 elsewhere; see `diag`.

    >>> AllocDiag()([1, 2]).eval().tolist()
    [[1, 0], [0, 2]]
    """

    offset: int = 0
    axis1: int = 0
    axis2: int = 1

    def make_node(self, diag: Any) -> Apply:
        """Of more axes than one, the last is the diagonal."""
        x = as_tensor_variable(diag)
        if not x.ndim:
            raise TypeError(f"a diagonal is made of a vector, got {x.describe()}")
        pattern = list(x.broadcastable[:-1])
        for axis in sorted(self._axes(x)):
            pattern.insert(axis, False)
        return Apply(self, [x], [TensorType(x.dtype, pattern)()])

    def _axes(self, x: TensorVariable) -> tuple[int, int]:
        rank = x.ndim + 1
        axes = [axis + rank if axis < 0 else axis for axis in (self.axis1, self.axis2)]
        if axes[0] == axes[1] or not all(0 <= axis < rank for axis in axes):
            raise ValueError(f"axes {self.axis1} and {self.axis2} of a result with {rank} axes")
        return axes[0], axes[1]

    def build(self, *operands: TensorVariable) -> list[TensorVariable]:
        """Zeros with one element of each row set."""
        (x,) = operands
        filled = _allocated(x, self.offset)
        first, second = self._axes(x)
        order: list[int] = list(range(x.ndim - 1))
        for axis, index in sorted(((first, x.ndim - 1), (second, x.ndim))):
            order.insert(axis, index)
        return [filled.dimshuffle(order)]


def _allocated(x: TensorVariable, offset: Any) -> TensorVariable:
    """Matrices along the last two axes with `x` on a diagonal."""
    size = dim(x, x.ndim - 1) + abs(offset)
    rows, columns = _places(size, size, offset)
    outer = [dim(x, axis) for axis in range(x.ndim - 1)]
    zeros = alloc(_zero(x), *outer, size, size)
    return set_subtensor(zeros[(*[slice(None)] * len(outer), rows, columns)], x)


extract_diag = ExtractDiag()


def alloc_diag(diag: object) -> TensorVariable:
    """Return the square matrix with a vector on its diagonal; TypeError for what is no vector.

    >>> alloc_diag([1, 2]).eval().tolist()
    [[1, 0], [0, 2]]
    """
    x = as_tensor_variable(diag)
    if x.ndim != 1:
        raise TypeError(f"alloc_diag takes a vector, got {x.describe()}; see AllocDiag")
    result: TensorVariable = AllocDiag()(x)
    return result


def diag(v: object, k: Any = 0) -> TensorVariable:
    """Return the matrix with the vector `v` on diagonal `k`, or the diagonal `k` of a matrix.

    `k` is an integer, positive above the main diagonal, and may be symbolic. ValueError for other
    numbers of axes.

    >>> import lltheano.tensor as T
    >>> T.diag([1, 2]).eval().tolist(), T.diag([[1, 2], [3, 4]], 1).eval().tolist()
    ([[1, 0], [0, 2]], [2])
    """
    v = as_tensor_variable(v)
    if v.ndim not in (1, 2):
        raise ValueError(f"diag takes a vector or a matrix, got {v.describe()}")
    if v.ndim == 2:
        return diagonal(v, k)
    distance = _symbolic_offset(k)
    if distance is not None:
        return _allocated(v, distance)
    result: TensorVariable = AllocDiag(k)(v)
    return result


def trace(X: object) -> TensorVariable:  # noqa: N803 - Theano's name
    """Return the sum of the elements on the diagonal of a matrix.

    >>> trace([[1, 2], [3, 4]]).eval()
    array(5)
    """
    x = as_tensor_variable(X)
    if x.ndim != 2:
        raise TypeError(f"trace takes a matrix, got {x.describe()}")
    return diagonal(x).sum()
