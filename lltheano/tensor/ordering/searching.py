"""Places in sorted vectors, found by bisection."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lltheano.errors import ArgumentError
from lltheano.graph.core import Apply, Op, Variable
from lltheano.graph.gradient_types import disconnected, zero
from lltheano.tensor.elementwise.comparison import compare
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import comparison_dtypes, is_complex, is_discrete
from lltheano.tensor.variables.variable import TensorVariable
from lltheano_ir.builder import Builder
from lltheano_ir.dtypes import dtype_of
from lltheano_ir.nodes import Value
from lltheano_ir.records import record

__all__ = ["SearchsortedOp", "searchsorted"]

_SIDES = ("left", "right")
_SIZE_BITS = 49
"""Bits of the greatest size of an axis."""


@record(frozen=True)
class SearchsortedOp(Op):
    """Where elements would have to be put into a sorted vector to keep its order.

    On the `side` left before equal elements, on the right behind them.

    >>> SearchsortedOp("right")([1, 2, 2, 3], [2, 5]).eval()
    array([3, 4])
    """

    side: str = "left"

    def make_node(self, x: Any, v: Any, sorter: Any = None) -> Apply:
        """The vector, the elements, and optionally the integer indices that sort the vector."""
        x, v = as_tensor_variable(x), as_tensor_variable(v)
        if self.side not in _SIDES:
            raise ValueError(f"searchsorted has sides left and right, got {self.side!r}")
        if x.ndim != 1:
            raise ValueError(f"searchsorted looks into a vector, got {x.describe()}")
        for one in (x, v):
            if is_complex(one.dtype):
                raise TypeError(f"searchsorted: complex numbers have no order: {one.describe()}")
        if sorter is None:
            return Apply(self, [x, v], [v.type.clone(dtype="int64")()])
        sorter = as_tensor_variable(sorter)
        if sorter.ndim != 1 or not is_discrete(sorter.dtype) or sorter.dtype == "bool":
            raise ArgumentError(
                f"the sorter of searchsorted is an integer vector, got {sorter.describe()}"
            )
        return Apply(self, [x, v, sorter], [v.type.clone(dtype="int64")()])

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """Places change in steps only."""
        return [zero(), zero(), *(disconnected() for _ in inputs[2:])]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """The sorter does not connect."""
        return [[True], [True], *([False] for _ in node.inputs[2:])]

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """A native loop that halves the range of all elements at once."""
        x, v, *sorter = inputs
        dtypes = comparison_dtypes(
            *(as_tensor_variable(operand).dtype for operand in node.inputs[:2])
        )
        if sorter:
            x = builder.gather(x, [builder.cast(sorter[0], dtype_of("int64"))], [0])
        x, v = (
            builder.cast(one, dtype_of(dtype)) for one, dtype in zip((x, v), dtypes, strict=True)
        )
        return [_bisected(builder, x, v, self.side)]

    def __str__(self) -> str:
        return f"SearchsortedOp{{{self.side}}}"


def _bisected(builder: Builder, x: Value, v: Value, side: str) -> Value:
    size = builder.dim(x, 0)
    low = _filled(builder, v, builder.integer(0))
    high = _filled(builder, v, size)
    zero_, one = builder.integer(0), builder.integer(1)

    def body(arguments: Sequence[Value]) -> tuple[list[Value], list[Value]]:
        """The middle is beyond the end only where the range is empty already."""
        _, below, above, vector, wanted, count = arguments
        do = builder.elementwise
        open_ = do("lt", below, above)
        middle = do("shr", do("add", below, above), _alike(builder, below, one))
        last = do("maximum", do("sub", count, one), zero_)
        inside = do("minimum", middle, _alike(builder, below, last))
        found = builder.gather(vector, [inside], [0])
        behind = _is_before(builder, found, wanted, side)
        rises = do("and", open_, behind)
        falls = do("and", open_, do("not", behind))
        following = do("add", middle, _alike(builder, below, one))
        return [do("select", rises, following, below), do("select", falls, middle, above)], []

    indices, _ = builder.loop_over(_bits(builder, size), [low, high], [x, v, size], body)
    return indices


def _is_before(builder: Builder, found: Value, wanted: Value, side: str) -> Value:
    """Whether the place of `wanted` is behind `found`; NaN is greater than any number."""
    do = builder.elementwise
    first, second = (found, wanted) if side == "left" else (wanted, found)
    less = compare(builder, "lt", first, second)
    if found.type.dtype.is_float:
        beyond = do("and", do("isnan", second), do("not", do("isnan", first)))
        less = do("or", less, beyond)
    return less if side == "left" else do("not", less)


def _alike(builder: Builder, model: Value, scalar: Value) -> Value:
    """A scalar that broadcasts with `model`."""
    return builder.dimshuffle(scalar, [None] * model.rank)


def _filled(builder: Builder, model: Value, scalar: Value) -> Value:
    """A scalar repeated to the sizes of `model`."""
    sizes = [
        None if is_broadcastable else builder.dim(model, axis)
        for axis, is_broadcastable in enumerate(model.type.broadcast)
    ]
    return builder.broadcast(_alike(builder, model, scalar), sizes)


def _bits(builder: Builder, size: Value) -> Value:
    """How many bits a size has: as often it can be halved until nothing is left."""
    do = builder.elementwise
    indices = builder.constant(np.arange(_SIZE_BITS, dtype=np.int64))
    shifted = do("shr", _alike(builder, indices, size), indices)
    left = do("gt", shifted, builder.constant(np.zeros(1, np.int64), [True]))
    return builder.reduce("add", builder.cast(left, dtype_of("int64")), (0,))


def searchsorted(x: object, v: object, side: str = "left", sorter: Any = None) -> TensorVariable:
    """Return where the elements of `v` would have to be put into the sorted vector `x`, as int64.

    With `side` left x[i - 1] < v <= x[i] holds for a place i, with right x[i - 1] <= v < x[i]. NaN
    is greater than any number. Where `x` is not sorted, `sorter` has the indices that sort it, as
    `argsort` gives them. The result has the shape of `v`. Nothing checks that `x` is sorted. The
    gradient is zero.

    ValueError when `x` is no vector, TypeError for complex numbers.

    >>> searchsorted([1, 2, 3, 5], [[0, 2], [4, 9]]).eval()
    array([[0, 1],
           [3, 4]])
    >>> int(searchsorted([30, 10, 20], 25, sorter=[1, 2, 0]).eval())
    2
    """
    return as_tensor_variable(SearchsortedOp(side)(x, v, sorter))
