"""Tensors cut into a known number of parts, as NumPy cuts them."""

from itertools import pairwise
from typing import Any

import numpy as np

from lltheano.tensor.assertion import Requirement
from lltheano.tensor.elementwise.arithmetic import minimum
from lltheano.tensor.elementwise.comparison import eq
from lltheano.tensor.shapes.dimshuffle import normalised_axis
from lltheano.tensor.shapes.sizes import dim
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.variable import TensorVariable, is_tensor

__all__ = ["array_split", "dsplit", "hsplit", "vsplit"]


def array_split(ary: object, indices_or_sections: Any, axis: int = 0) -> list[TensorVariable]:
    """Return the parts of a tensor along an axis: of nearly equal size, or between given places.

    Of a number of sections the first ones have one element more where the size is no multiple. A
    list of places is of integers, possibly symbolic. ValueError for no sections or no such axis.

    >>> [one.eval().tolist() for one in array_split([1, 2, 3, 4, 5], 2)]
    [[1, 2, 3], [4, 5]]
    >>> [one.eval().tolist() for one in array_split([1, 2, 3, 4, 5], [1, 3])]
    [[1], [2, 3], [4, 5]]
    """
    return _parts("array_split", ary, indices_or_sections, axis, equal=False)


def split(ary: object, indices_or_sections: Any, axis: int = 0) -> list[TensorVariable]:
    """Return the parts of a tensor as `array_split` does; sections are all of one size, which is
    checked when it runs.

    >>> [one.eval().tolist() for one in split([1, 2, 3, 4], 2)]
    [[1, 2], [3, 4]]
    """
    return _parts("split", ary, indices_or_sections, axis, equal=True)


def vsplit(ary: object, indices_or_sections: Any) -> list[TensorVariable]:
    """Return the parts of a tensor of two axes or more along the first; see `array_split`.

    Sections are all of one size, which is checked when it runs.

    >>> [one.eval().tolist() for one in vsplit([[1, 2], [3, 4]], 2)]
    [[[1, 2]], [[3, 4]]]
    """
    x = _with_axes("vsplit", ary, 2)
    return _parts("vsplit", x, indices_or_sections, 0, equal=True)


def hsplit(ary: object, indices_or_sections: Any) -> list[TensorVariable]:
    """Return the parts of a tensor along its second axis, or of a vector; see `vsplit`.

    >>> [one.eval().tolist() for one in hsplit([[1, 2], [3, 4]], 2)]
    [[[1], [3]], [[2], [4]]]
    """
    x = _with_axes("hsplit", ary, 1)
    return _parts("hsplit", x, indices_or_sections, min(x.ndim - 1, 1), equal=True)


def dsplit(ary: object, indices_or_sections: Any) -> list[TensorVariable]:
    """Return the parts of a tensor of three axes or more along the third; see `vsplit`.

    >>> [one.eval().tolist() for one in dsplit([[[1, 2]]], 2)]
    [[[[1]]], [[[2]]]]
    """
    x = _with_axes("dsplit", ary, 3)
    return _parts("dsplit", x, indices_or_sections, 2, equal=True)


def _with_axes(name: str, value: object, least: int) -> TensorVariable:
    x = as_tensor_variable(value)
    if x.ndim < least:
        raise ValueError(f"{name} takes tensors of {least} or more axes, got {x.describe()}")
    return x


def _parts(name: str, value: object, where: Any, axis: int, *, equal: bool) -> list[TensorVariable]:
    x = as_tensor_variable(value)
    index = normalised_axis(axis, x)
    if isinstance(where, list | tuple | np.ndarray):
        bounds = [None, *where, None]
    else:
        bounds = _even(name, x, where, index, equal=equal)
    before = (slice(None),) * index
    return [x[(*before, slice(start, stop))] for start, stop in pairwise(bounds)]


def _even(name: str, x: TensorVariable, sections: Any, axis: int, *, equal: bool) -> list[Any]:
    """The places between sections of one size, or nearly."""
    if not hasattr(sections, "__index__") or is_tensor(sections):
        raise TypeError(f"{name} takes a number of sections or a list of places, got {sections!r}")
    number = sections.__index__()
    if number < 1:
        raise ValueError(f"{name} takes 1 section or more, got {number}")
    size = dim(x, axis)
    each, more = size // number, size % number
    if equal:
        message = f"{name}: size {{0}} of axis {axis} is no multiple of {number}"
        each = Requirement("value", message)(each, eq(more, 0), size)
        return [None, *(each * index for index in range(1, number)), None]
    inner = [each * index + minimum(more, index) for index in range(1, number)]
    return [None, *inner, None]
