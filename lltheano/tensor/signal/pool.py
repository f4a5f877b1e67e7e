"""Pooling of images."""

import sys
import warnings
from collections.abc import Sequence
from typing import Any

from lltheano.graph import boundary
from lltheano.tensor.convolution.pooling import Pool
from lltheano.tensor.convolution.windows import overlap_add, windows
from lltheano.tensor.elementwise.comparison import eq, switch
from lltheano.tensor.reductions.extrema import max as greatest
from lltheano.tensor.variables.convert import as_tensor_variable, constant
from lltheano.tensor.variables.variable import TensorVariable

__all__ = ["Pool", "max_pool_2d_same_size", "pool_2d", "pool_3d"]


def pool_2d(  # noqa: PLR0913, PLR0917 - Theano's parameters
    input: Any,  # noqa: A002 - Theano's parameter
    ws: Any = None,
    ignore_border: bool | None = None,
    stride: Any = None,
    pad: Any = (0, 0),
    mode: str = "max",
    ds: Any = None,
    st: Any = None,
    padding: Any = None,
) -> TensorVariable:
    """Return a number for each window of the last two axes.

    The gradient of the maximum goes to every element that is the greatest of its window, as in
    Theano.

    Raises ValueError for a mode that there is not, for padding where the border is not ignored or
    that is not less than the window, and when the function runs for a window larger than the image;
    TypeError for a tensor of fewer axes.

    Parameters
    ----------
    input
        A tensor of at least two axes.
    ws
        Rows and columns of a window.
    ignore_border
        Whether windows that do not lie inside wholly are left out; else they have fewer elements.
    stride
        The step from window to window; the window's size by default.
    pad
        How many rows and columns are added on either side, which never are the maximum.
    mode
        "max", "sum", "average_inc_pad" (divided by all elements of the window), "average_exc_pad"
        (by those of the image).
    ds, st, padding
        Older names of `ws`, `stride` and `pad`.

    Examples
    --------
    >>> import numpy as np
    >>> image = np.arange(16.0).reshape(1, 1, 4, 4)
    >>> pool_2d(image, (2, 2), ignore_border=True).eval()
    array([[[[ 5.,  7.],
             [13., 15.]]]])
    """
    return _pool(2, input, ws, ignore_border, stride, pad, mode, ds, st, padding)


def pool_3d(  # noqa: PLR0913, PLR0917 - Theano's parameters
    input: Any,  # noqa: A002 - Theano's parameter
    ws: Any = None,
    ignore_border: bool | None = None,
    stride: Any = None,
    pad: Any = (0, 0, 0),
    mode: str = "max",
    ds: Any = None,
    st: Any = None,
    padding: Any = None,
) -> TensorVariable:
    """Return a number for each window of the last three axes; see `pool_2d`.

    >>> import numpy as np
    >>> pool_3d(np.ones((2, 2, 2)), (2, 2, 2), True, mode="sum").eval()
    array([[[8.]]])
    """
    return _pool(3, input, ws, ignore_border, stride, pad, mode, ds, st, padding)


def _pool(  # noqa: PLR0913, PLR0917 - those of both
    axes: int,
    given: Any,
    ws: Any,
    ignore_border: bool | None,
    stride: Any,
    pad: Any,
    mode: str,
    ds: Any,
    st: Any,
    padding: Any,
) -> TensorVariable:
    ws = _renamed("ds", ds, "ws", ws, None)
    stride = _renamed("st", st, "stride", stride, None)
    pad = _renamed("padding", padding, "pad", pad, (0,) * axes)
    if ws is None:
        raise ValueError(f"pool_{axes}d needs the size of a window, `ws`")
    x = as_tensor_variable(given)
    if x.ndim < axes:
        raise NotImplementedError(
            f"pool_{axes}d requires a dimension >= {axes}, got {x.describe()}"
        )
    if ignore_border is None:
        warnings.warn(
            f"pool_{axes}d() will have the parameter ignore_border default value changed to True"
            " (currently False). To have consistent behavior with all Theano version, explicitly"
            " add the parameter ignore_border=True.",
            stacklevel=4,
        )
        ignore_border = False
    _check_numbers(axes, ws, ignore_border, stride, pad)
    op = Pool(ignore_border, mode, axes)
    result: TensorVariable = op(
        x,
        _vector(ws, axes),
        _vector(ws if stride is None else stride, axes),
        _vector(pad, axes),
    )
    return result


def _renamed(old: str, older: Any, new: str, newer: Any, default: Any) -> Any:
    """The value of a parameter that has an older name too; ValueError when both are given."""
    if older is None:
        return newer
    if newer is not None and newer != default:
        raise ValueError(f"you can't provide a tuple value to both '{new}' and '{old}'")
    warnings.warn(
        f"DEPRECATION: the '{old}' parameter is not going to exist anymore as it is going to be"
        f" replaced by the parameter '{new}'.",
        stacklevel=5,
    )
    return older


def _check_numbers(axes: int, ws: Any, ignores: bool, stride: Any, pad: Any) -> None:
    given = [one for one in (ws, stride, pad) if isinstance(one, tuple | list)]
    if any(len(one) != axes for one in given):
        raise ValueError(f"pooling of {axes} axes needs as many numbers, got {given}")
    if not all(isinstance(one, tuple | list) for one in (ws, pad)):
        return
    numbers = zip(ws, pad, strict=True)
    known = [(length, side) for length, side in numbers if isinstance(side, int)]
    if any(side for _, side in known) and not ignores:
        raise NotImplementedError("padding works only with ignore_border=True")
    for length, side in known:
        if side < 0 or (isinstance(length, int) and side >= length):
            raise NotImplementedError(f"padding {side} must be smaller than the window {length}")
    for step in ws if stride is None else stride:
        if isinstance(step, int) and step < 1:
            raise ValueError(f"the step from window to window must be positive, got {step}")


def _vector(numbers: Any, axes: int) -> Any:
    if isinstance(numbers, Sequence) and all(isinstance(one, int) for one in numbers):
        return constant(list(numbers), dtype="int64")
    return as_tensor_variable(numbers)


def max_pool_2d_same_size(
    input: Any,  # noqa: A002 - Theano's parameter
    patch_size: tuple[int, int],
) -> TensorVariable:
    """Return a tensor of the same size with all but the greatest element of each patch made 0.

    What does not lie in a whole patch is 0.

    >>> max_pool_2d_same_size([[1.0, 4.0], [2.0, 3.0]], (2, 2)).eval()
    array([[0., 4.],
           [0., 0.]])
    """
    x = as_tensor_variable(input)
    first = x.ndim - 2
    sizes = [x.shape[first], x.shape[first + 1]]
    patches = x
    for place, length in enumerate(patch_size):
        count = sizes[place] // length
        patches = windows(patches, first + 2 * place, length, count, 1, length)
    tops = greatest(patches, axis=(first, first + 2), keepdims=True)
    kept = switch(eq(patches, tops), patches, constant(0, dtype=x.dtype))
    for place in (1, 0):
        kept = overlap_add(kept, first + 2 * place, sizes[place], 1, patch_size[place])
    return kept


boundary.guard(sys.modules[__name__])
