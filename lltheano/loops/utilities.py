"""Theano's `scan_utils`: helpers that programs take from where scan had its own.

`scan` itself does not need them.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np

import lltheano.tensor as T
from lltheano.errors import NotScalarConstantError
from lltheano.graph.clone import clone_replace, is_same_graph
from lltheano.graph.core import Variable
from lltheano.loops.given import leaf_for
from lltheano.loops.returned import read_returned
from lltheano.shared.updates import OrderedUpdates
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.variable import TensorConstant, TensorType, TensorVariable

__all__ = [
    "equal_computations",
    "expand_empty",
    "get_updates_and_outputs",
    "isNaN_or_Inf_or_None",
    "safe_new",
]


def safe_new(x: Any, tag: str = "", dtype: Any = None) -> Any:
    """Return a new variable of the type of `x`, or of another dtype, called by the name of `x` and
    `tag`; for a constant another constant.

    With test values on it has that of `x`. What is not a variable yet becomes one.

    >>> import lltheano.tensor as T
    >>> safe_new(T.dvector("x"), "[t]")
    x[t]
    """
    outer = x if isinstance(x, Variable) else as_tensor_variable(x)
    name = None if outer.name is None else outer.name + tag
    if isinstance(outer, TensorConstant):
        wanted = outer.dtype if dtype is None else dtype
        constant = T.constant(np.asarray(outer.data), name=name, dtype=wanted)
        return T.patternbroadcast(constant, outer.broadcastable)
    kind = outer.type
    if dtype is not None and isinstance(kind, TensorType):
        kind = kind.clone(dtype=dtype)
        return leaf_for(outer, name, kind, T.cast(outer, dtype))
    return leaf_for(outer, name, kind)


def equal_computations(
    xs: Sequence[Variable],
    ys: Sequence[Variable],
    in_xs: Sequence[Variable] | None = None,
    in_ys: Sequence[Variable] | None = None,
) -> bool:
    """Whether each of `xs` is computed as that of `ys` is, where `in_ys` stand for `in_xs`.

    ValueError when there are not as many of one as of the other.

    >>> import lltheano.tensor as T
    >>> x, y = T.dvectors("x", "y")
    >>> equal_computations([x * 2], [y * 2]), equal_computations([x * 2], [y * 2], [x], [y])
    (False, True)
    """
    leaves, others = list(in_xs or ()), list(in_ys or ())
    if len(xs) != len(ys) or len(leaves) != len(others):
        raise ValueError(
            f"equal_computations: {len(xs)} and {len(ys)} results, {len(leaves)} and {len(others)}"
            " inputs; there must be as many of one as of the other"
        )
    if any(x.type != y.type for x, y in zip((*leaves, *xs), (*others, *ys), strict=True)):
        return False
    renamed = clone_replace(list(ys), dict(zip(others, leaves, strict=True)))
    return all(is_same_graph(x, y) for x, y in zip(xs, renamed, strict=True))


def expand_empty(tensor_var: Any, size: Any) -> TensorVariable:
    """Return a tensor with `size` more rows, whose elements nobody relies on; here they are zeros.

    >>> import lltheano.tensor as T
    >>> expand_empty(T.zeros((2, 3)), 4).eval().shape
    (6, 3)
    """
    x = as_tensor_variable(tensor_var)
    if isinstance(size, int) and size == 0:
        return x
    sizes = (x.shape[axis] for axis in range(1, x.ndim))
    more = T.zeros((size, *sizes), dtype=x.dtype)
    pattern = (False, *x.broadcastable[1:])
    parts = [T.patternbroadcast(part, pattern) for part in (x, more)]
    return T.concatenate(parts, axis=0)


def isNaN_or_Inf_or_None(x: Any) -> bool:  # noqa: N802 - Theano's name
    """Whether `x` is None, or a number or a constant that is infinite or not a number.

    >>> isNaN_or_Inf_or_None(None), isNaN_or_Inf_or_None(float("inf")), isNaN_or_Inf_or_None(3)
    (True, True, False)
    """
    if x is None or isinstance(x, str):
        return x is None
    with suppress(NotScalarConstantError, TypeError):
        number = np.asarray(T.get_scalar_constant_value(x) if isinstance(x, Variable) else x)
        return number.dtype.kind in "fc" and not bool(np.isfinite(number).all())
    return False


def get_updates_and_outputs(ls: Any) -> tuple[Any, list[Any], OrderedUpdates]:
    """Return the condition, the outputs and the updates of what a step of a scan returned.

    The condition is None where nothing ends the loop.

    >>> import lltheano.tensor as T
    >>> x = T.dvector("x")
    >>> get_updates_and_outputs([x, x * 2])
    (None, [x, mul], OrderedUpdates())
    """
    read = read_returned(ls)
    return read.condition, read.outputs, read.updates
