"""Axes that are variables: which axis an op works on is known when the function runs.

Seen from one axis a tensor has three: what is before it, the axis itself, and what is behind it.
To merge the axes before and those behind is a reshape, whose sizes may depend on a value. So one
program serves every value of the axis, without a branch.
"""

from collections.abc import Callable, Sequence
from typing import Any

from lltheano.graph.core import Constant, Variable
from lltheano.interfaces.layers import language
from lltheano.tensor.assertion import Requirement
from lltheano.tensor.shapes.dimshuffle import normalised_axis
from lltheano.tensor.shapes.sizes import dim
from lltheano.tensor.variables.convert import as_tensor_variable, constant
from lltheano.tensor.variables.promotion import INTEGER_DTYPES
from lltheano.tensor.variables.variable import TensorConstant, TensorVariable
from lltheano_ir.builder import Builder
from lltheano_ir.dtypes import dtype_of
from lltheano_ir.nodes import Value

__all__ = [
    "along_variable",
    "as_axis",
    "is_none",
    "known_axis",
    "merged",
    "run_time_axis",
    "sizes_with",
    "split_back",
]


def as_axis(axis: Any, x: TensorVariable, ndim: int | None = None) -> TensorVariable:
    """Return an axis as a variable: a constant counted from the front where it is known.

    `ndim` stands for the number of axes of `x`. TypeError for what is no integer without axes;
    numpy's AxisError, a ValueError and an IndexError, for a known axis that there is not.

    >>> import lltheano.tensor as T
    >>> as_axis(-1, T.dmatrix()), as_axis(T.iscalar("i"), T.dmatrix())
    (TensorConstant{1}, i)
    """
    if isinstance(axis, Variable):
        variable = as_tensor_variable(axis)
        if variable.ndim or variable.dtype not in INTEGER_DTYPES:
            raise TypeError(f"an axis is an integer without axes, got {variable.describe()}")
        known = _known(variable)
        if known is None:
            return variable
        axis = known
    return constant(normalised_axis(axis, x, ndim), dtype="int64")


def is_none(axis: Any) -> bool:
    """Whether an axis is None, or the constant that stands for it in a graph.

    >>> is_none(None), is_none(0)
    (True, False)
    """
    return axis is None or (isinstance(axis, Constant) and axis.data is None)


def _known(axis: TensorVariable) -> int | None:
    """The value of an axis that is a constant, or computed from constants."""
    if isinstance(axis, TensorConstant):
        return int(axis.data)
    known = language.known_element(axis)
    return int(known.data) if isinstance(known, TensorConstant) else None


def known_axis(axis: Variable) -> int | None:
    """The number of an axis that `as_axis` made, None where it is not known yet."""
    return int(axis.data) if isinstance(axis, TensorConstant) else None


def sizes_with(x: TensorVariable, axis: TensorVariable, new: TensorVariable) -> list[Any]:
    """Return the sizes of `x` with a new one before that of `axis`, which may count from the end
    of the result.

    >>> import lltheano.tensor as T
    >>> x, i = T.dmatrix("x"), T.iscalar("i")
    >>> [int(one.eval({x: [[1.0, 2.0]], i: -1})) for one in sizes_with(x, i, T.constant(7))]
    [1, 2, 7]
    """
    position = language.switch(language.lt(axis, 0), axis + x.ndim + 1, axis)
    sizes = [dim(x, index) for index in range(x.ndim)]
    results = []
    for index in range(x.ndim + 1):
        behind = sizes[index - 1] if index else new
        before = sizes[index] if index < x.ndim else new
        at = language.switch(language.eq(position, index), new, behind)
        results.append(language.switch(language.gt(position, index), before, at))
    return results


def along_variable(
    x: TensorVariable, axis: TensorVariable, op: Callable[[TensorVariable, int], TensorVariable]
) -> TensorVariable:
    """Return `op(x, axis)` for an axis that is a variable: `op` works on the middle one of three.

    >>> import lltheano.tensor as T
    >>> i = T.iscalar("i")
    >>> along_variable(T.constant([[1, 2], [3, 4]]), i, T.cumsum).eval({i: 0})
    array([[1, 2],
           [4, 6]])
    """
    position = language.switch(language.lt(axis, 0), axis + x.ndim, axis)
    inside = language.and_(language.ge(position, 0), language.lt(position, x.ndim))
    message = f"there is no axis {{0}} of {x.ndim}"
    position = Requirement("index", message)(position, inside, axis)
    sizes = [dim(x, index) for index in range(x.ndim)]
    around: list[Any] = [1, 1, 1]
    for one, size in enumerate(sizes):
        for part, comparison in enumerate((language.gt, language.eq, language.lt)):
            here = comparison(position, one)
            around[part] = around[part] * language.switch(here, size, 1)
    result = op(language.reshape(x, around), 1)
    wanted = [
        language.switch(language.eq(position, one), dim(result, 1), size)
        for one, size in enumerate(sizes)
    ]
    return language.reshape(result, wanted)


def run_time_axis(builder: Builder, axis: Value, rank: int, what: str) -> Value:
    """The i64 axis counted from the front, checked: an IndexError for one that there is not."""
    given = builder.cast(axis, dtype_of("int64"))
    count = builder.integer(rank)
    negative = builder.elementwise("lt", given, builder.integer(0))
    index = builder.elementwise("select", negative, builder.elementwise("add", given, count), given)
    inside = builder.elementwise(
        "and",
        builder.elementwise("ge", index, builder.integer(0)),
        builder.elementwise("lt", index, count),
    )
    message = f"{what}: there is no axis {{0}} of {rank}"
    return builder.require(index, inside, message, (given,), "index")


def merged(builder: Builder, x: Value, axis: Value) -> Value:
    """`x` with three axes: those before `axis` merged, the axis, and those behind it merged."""
    sizes = [builder.dim(x, index) for index in range(x.rank)]
    return builder.reshape(x, _around(builder, sizes, axis), (False,) * 3)


def _around(builder: Builder, sizes: Sequence[Value], axis: Value) -> list[Value]:
    """The products of the sizes before, at and behind an axis."""
    results = []
    for comparison in ("lt", "eq", "gt"):
        product = builder.integer(1)
        for index, size in enumerate(sizes):
            here = builder.elementwise(comparison, builder.integer(index), axis)
            factor = builder.elementwise("select", here, size, builder.integer(1))
            product = builder.elementwise("mul", product, factor)
        results.append(product)
    return results


def split_back(
    builder: Builder, x: Value, like: Value, axis: Value, pattern: Sequence[bool]
) -> Value:
    """Undo `merged`: `x`, of three axes, has the sizes of `like` but its own at `axis`."""
    sizes = [
        builder.elementwise(
            "select",
            builder.elementwise("eq", builder.integer(index), axis),
            builder.dim(x, 1),
            builder.dim(like, index),
        )
        for index in range(like.rank)
    ]
    return builder.reshape(x, sizes, tuple(pattern))
