"""Triangles and one-hot rows."""

from typing import Any

from lltheano.config import config
from lltheano.tensor.creation.filled import zeros
from lltheano.tensor.creation.ranges import arange
from lltheano.tensor.elementwise.comparison import ge, switch
from lltheano.tensor.indexing.functions import set_subtensor
from lltheano.tensor.inner_graphs.composed import ComposedOp
from lltheano.tensor.shapes.sizes import as_sizes, dim
from lltheano.tensor.variables.convert import as_tensor_variable, constant
from lltheano.tensor.variables.promotion import canonical_dtype, is_discrete
from lltheano.tensor.variables.variable import TensorVariable

__all__ = ["Tri", "to_one_hot", "tri", "tril", "triu"]


def _offset(name: str, k: object) -> TensorVariable:
    x = as_tensor_variable(k)
    if x.ndim or not is_discrete(x.dtype):
        raise TypeError(f"the offset of {name} must be an integer without axes, got {x.describe()}")
    return x.astype("int64")


def tri(N: Any, M: Any = None, k: Any = 0, dtype: Any = None) -> TensorVariable:  # noqa: N803
    """Return N rows and M (N unless given) columns with ones at and below diagonal `k`.

    All may be symbolic. The dtype is floatX unless one is named.

    >>> tri(2, 3, 1, dtype="int8").eval().tolist()
    [[1, 1, 0], [1, 1, 1]]
    """
    result: TensorVariable = Tri(dtype)(N, N if M is None else M, _offset("a triangle", k))
    return result


class Tri(ComposedOp):
    """The op of `tri`: it is applied to the numbers of rows and columns, and the diagonal's.

    The dtype is floatX unless one is named.

    >>> Tri("int8")(2, 3, 1).eval().tolist()
    [[1, 1, 0], [1, 1, 1]]
    """

    __props__ = ("dtype",)

    def __init__(self, dtype: Any = None) -> None:
        self.dtype = canonical_dtype(config.floatX if dtype is None else dtype)

    def operands(self, *inputs: Any) -> list[TensorVariable]:
        """Three integers."""
        return as_sizes(list(inputs), 3)

    def build(self, *operands: TensorVariable) -> TensorVariable:
        """Ones where the column is not behind that of the diagonal."""
        n, m, k = operands
        return _below(arange(n), arange(m), k).astype(self.dtype)


def _below(rows: TensorVariable, columns: TensorVariable, k: Any) -> TensorVariable:
    """Which elements of a matrix are at or below diagonal `k`."""
    return ge(rows.dimshuffle(0, "x") + _offset("a triangle", k), columns.dimshuffle("x", 0))


def _triangle(m: object, k: Any, *, lower: bool) -> TensorVariable:
    m = as_tensor_variable(m)
    if m.ndim == 0:
        raise ValueError(f"a triangle is taken of matrices or vectors, got {m.describe()}")
    rows = arange(dim(m, max(m.ndim - 2, 0)))
    below = _below(rows, arange(dim(m, m.ndim - 1)), k if lower else _offset("triu", k) - 1)
    zero = constant(0, dtype=m.dtype)
    return switch(below, m, zero) if lower else switch(below, zero, m)


def tril(m: object, k: Any = 0) -> TensorVariable:
    """Return the matrices along the last two axes of `m` with zeros above diagonal `k`.

    Of a vector, the matrix with that in each row. Zeros stand there whatever was, NaN included.

    >>> tril([[1, 2], [3, 4]]).eval().tolist()
    [[1, 0], [3, 4]]
    """
    return _triangle(m, k, lower=True)


def triu(m: object, k: Any = 0) -> TensorVariable:
    """Return the matrices along the last two axes of `m` with zeros below diagonal `k`; see `tril`.

    >>> triu([[1, 2], [3, 4]]).eval().tolist()
    [[1, 2], [0, 4]]
    """
    return _triangle(m, k, lower=False)


def to_one_hot(y: object, nb_class: Any, dtype: Any = None) -> TensorVariable:
    """Return a matrix of `nb_class` columns with, in each row, a one where the vector `y` says.

    The dtype is floatX unless one is named. A negative class counts from the last one. TypeError
    for a vector that is not of integers, ValueError for other numbers of axes, IndexError when it
    runs for a class that there is not.

    >>> to_one_hot([0, 2], 3).eval().tolist()
    [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    y = as_tensor_variable(y)
    if y.ndim != 1:
        raise ValueError(f"to_one_hot takes a vector of classes, got {y.describe()}")
    if not is_discrete(y.dtype):
        raise TypeError(f"to_one_hot takes a vector of integers, got {y.describe()}")
    rows = zeros([dim(y, 0), nb_class], dtype=config.floatX if dtype is None else dtype)
    return set_subtensor(rows[arange(dim(y, 0)), y.astype("int64")], 1)
