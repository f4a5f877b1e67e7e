"""Evenly spaced numbers, grids of them, and a window."""

from collections.abc import Sequence
from typing import Any, Final

from lltheano.config import config
from lltheano.graph.core import Variable
from lltheano.tensor.assertion import Requirement
from lltheano.tensor.creation.filled import alloc
from lltheano.tensor.creation.ranges import arange
from lltheano.tensor.elementwise.arithmetic import floor, maximum
from lltheano.tensor.elementwise.comparison import and_, eq, ge, gt, le, switch
from lltheano.tensor.inner_graphs.composed import ComposedOp
from lltheano.tensor.shapes.dimshuffle import dimshuffle
from lltheano.tensor.shapes.sizes import as_sizes, dim
from lltheano.tensor.variables.convert import as_tensor_variable, constant
from lltheano.tensor.variables.promotion import (
    canonical_dtype,
    is_complex,
    is_discrete,
    upcast,
    upgrade_to_float,
)
from lltheano.tensor.variables.variable import TensorConstant, TensorVariable

__all__ = ["Bartlett", "bartlett", "linspace", "meshgrid", "mgrid", "ogrid"]


def linspace(
    start: object, stop: object, num: Any = 50, endpoint: bool = True, dtype: Any = None
) -> TensorVariable:
    """Return `num` numbers, evenly spaced, from `start` to `stop`, or without `endpoint` up to the
    one before it.

    Start and stop are scalars, `num` is an integer; all may be symbolic. The dtype, unless one is
    named, is floatX for Python numbers, else the float dtype that holds start and stop. Numbers for
    an integer dtype are rounded down. TypeError for other arguments, ValueError for a negative
    `num`, when it runs. The rule is NumPy's, `start + i * step` and `stop` itself at the end.

    >>> linspace(2.0, 3.0, 5).eval()
    array([2.  , 2.25, 2.5 , 2.75, 3.  ])
    """
    ends = [as_tensor_variable(start), as_tensor_variable(stop)]
    for end in ends:
        if end.ndim or is_complex(end.dtype):
            raise TypeError(f"linspace needs real scalars, got {end.describe()}")
    literal = not any(isinstance(one, Variable) for one in (start, stop))
    kind = str(config.floatX) if literal else upgrade_to_float(*(end.dtype for end in ends))
    wanted = kind if dtype is None else canonical_dtype(dtype)
    first, last = (end.astype(upcast(kind, "float64") if literal else kind) for end in ends)
    (count,) = as_sizes(num, 1)
    result = _spaced(first, last, count, endpoint=endpoint)
    if is_discrete(wanted) and wanted != "bool":
        result = floor(result)
    return result.astype(wanted)


def _spaced(
    first: TensorVariable, last: TensorVariable, count: TensorVariable, *, endpoint: bool
) -> TensorVariable:
    steps = maximum(count - 1, 0) if endpoint else count
    positions = arange(_not_negative("linspace", count)).astype(first.dtype)
    distance, parts = last - first, steps.astype(first.dtype)
    step = distance / maximum(parts, 1)
    # A step too small for the dtype is 0: the places are divided instead.
    offsets = switch(eq(step, 0), positions / maximum(parts, 1) * distance, positions * step)
    result = offsets + first
    if endpoint:
        at_end = and_(eq(positions, parts), gt(parts, 0))
        result = switch(at_end, last, result)
    return result


def _not_negative(name: str, count: TensorVariable) -> TensorVariable:
    if isinstance(count, TensorConstant) and int(count.data) >= 0:
        return count
    message = f"{name}: the number of elements is {{0}}, which is negative"
    result: TensorVariable = Requirement("value", message)(count, ge(count, 0), count)
    return result


def bartlett(M: object) -> TensorVariable:  # noqa: N803 - NumPy's name
    """Return the Bartlett window of `M` points, a triangle that is 0 at its ends, in float64.

    `M` is an integer, possibly symbolic; below 1 there are no points. TypeError for other
    arguments. The formula is that of NumPy: with n = 1 - M, 3 - M, ..., M - 1,
    1 - abs(n) / (M - 1).

    >>> bartlett(5).eval()
    array([0. , 0.5, 1. , 0.5, 0. ])
    """
    result: TensorVariable = Bartlett()(M)
    return result


class Bartlett(ComposedOp):
    """The op of `bartlett`.

    >>> Bartlett()(5).eval()
    array([0. , 0.5, 1. , 0.5, 0. ])
    """

    __props__ = ()

    def operands(self, *inputs: Any) -> list[TensorVariable]:
        """The number of points."""
        return as_sizes(list(inputs), 1)

    def build(self, *operands: TensorVariable) -> TensorVariable:
        """Two straight lines."""
        (count,) = operands
        indices = (arange(maximum(count, 0)) * 2 + 1 - count).astype("float64")
        width = maximum(count - 1, 1).astype("float64")
        return switch(le(indices, 0), 1 + indices / width, 1 - indices / width)


def meshgrid(
    *xi: object, indexing: str = "xy", sparse: bool = False, copy: bool = True
) -> list[TensorVariable]:
    """Return, for each vector of coordinates, the grid in which these vary along one axis.

    With `indexing` "ij" the first vector varies along the first axis, and so on; with "xy" the
    first two change places, as of points of a plane. A `sparse` grid has size 1 on all other axes,
    which broadcast. `copy` is kept for NumPy's signature: a graph shares nothing. ValueError for
    other indexings, and for coordinates that are no vectors or scalars.

    >>> x, y = meshgrid([1, 2, 3], [4, 5])
    >>> x.eval().tolist(), y.eval().tolist()
    ([[1, 2, 3], [1, 2, 3]], [[4, 4, 4], [5, 5, 5]])
    """
    if indexing not in ("xy", "ij"):
        raise ValueError(f"meshgrid has the indexings xy and ij, got {indexing!r}")
    vectors = [_vector(one) for one in xi]
    axes = list(range(len(vectors)))
    if indexing == "xy" and len(axes) > 1:
        axes[:2] = [1, 0]
    return _grids(vectors, axes, sparse=sparse)


def _vector(value: object) -> TensorVariable:
    x = as_tensor_variable(value)
    if x.ndim > 1:
        raise ValueError(f"a grid is made of vectors, got {x.describe()}")
    return x if x.ndim else dimshuffle(x, ["x"])


def _grids(
    vectors: Sequence[TensorVariable], axes: Sequence[int], *, sparse: bool
) -> list[TensorVariable]:
    """Each vector along its axis, repeated along the others unless `sparse`."""
    rank = len(vectors)
    sizes: list[TensorVariable] = [constant(1, dtype="int64")] * rank
    wide: list[TensorVariable] = []
    for vector, axis in zip(vectors, axes, strict=True):
        sizes[axis] = dim(vector, 0)
        wide.append(dimshuffle(vector, ["x"] * axis + [0] + ["x"] * (rank - 1 - axis)))
    return wide if sparse else [alloc(one, *sizes) for one in wide]


class _Grid:
    """What `mgrid` and `ogrid` are: grids of the ranges that are written as slices."""

    def __init__(self, *, sparse: bool) -> None:
        self._sparse = sparse

    def __getitem__(self, index: Any) -> Any:
        """The grids, a list with one for each slice; for a slice that stands alone the range."""
        slices = index if isinstance(index, tuple) else (index,)
        ranges = [_range_of(part) for part in slices]
        dtype = upcast(*(one.dtype for one in ranges))
        vectors = [one.astype(dtype) for one in ranges]
        if not isinstance(index, tuple):
            return vectors[0]
        return _grids(vectors, range(len(vectors)), sparse=self._sparse)


def _range_of(value: Any) -> TensorVariable:
    if not isinstance(value, slice) or value.stop is None:
        raise TypeError(f"a grid is made of slices start:stop:step, got {value!r:.60}")
    start = 0 if value.start is None else value.start
    if isinstance(value.step, complex):
        return linspace(start, value.stop, int(abs(value.step)))
    return arange(start, value.stop, 1 if value.step is None else value.step)


mgrid: Final = _Grid(sparse=False)
"""`mgrid[0:3, 0:2]` is a list of grids, as `meshgrid` with indexing "ij" makes them.

A slice is start:stop:step as for `arange`, possibly symbolic; an imaginary step is the number of
points, with the stop among them, as in NumPy. NumPy puts the grids together in one array; Theano,
and so this package, returns them one by one.
"""
ogrid: Final = _Grid(sparse=True)
"""`ogrid[0:3, 0:2]` is a list of grids as of `mgrid`, with size 1 on the other axes."""
