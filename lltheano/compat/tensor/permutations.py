"""Rows put in the order that permutations say."""

from typing import Any

import numpy as np

from lltheano.tensor import argsort, constant, eq, switch
from lltheano.tensor.assertion import Requirement
from lltheano.tensor.creation.ranges import arange
from lltheano.tensor.indexing.functions import subtensor
from lltheano.tensor.inner_graphs.composed import ComposedOp
from lltheano.tensor.shapes.dimshuffle import dimshuffle, padded
from lltheano.tensor.shapes.sizes import dim
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import is_discrete
from lltheano.tensor.variables.variable import TensorConstant, TensorVariable

__all__ = ["PermuteRowElements", "inverse_permutation", "permute_row_elements"]


class PermuteRowElements(ComposedOp):
    """The op of `permute_row_elements`: it is applied to rows, permutations and a number."""

    __props__ = ()

    def operands(self, *inputs: Any) -> list[TensorVariable]:
        """Rows, vectors of integers, and an integer that is not 0 for the inverse."""
        x, y, inverse = (as_tensor_variable(operand) for operand in inputs)
        for what, one in (("permutations", y), ("inverse", inverse)):
            if not is_discrete(one.dtype):
                raise TypeError(f"permute_row_elements: {what} are integers, got {one.describe()}")
        if not x.ndim or not y.ndim or inverse.ndim:
            raise ValueError(
                "permute_row_elements takes rows and permutations, and a number; got"
                f" {x.describe()}, {y.describe()} and {inverse.describe()}"
            )
        return [*padded([x, y]), inverse]

    def build(self, *operands: TensorVariable) -> TensorVariable:
        """The elements at the places of each permutation, which broadcast with the rows."""
        x, y, inverse = operands
        sizes = dim(x, x.ndim - 1), dim(y, y.ndim - 1)
        message = "permute_row_elements: rows of {0} elements, permutations of {1}"
        y = Requirement("sizes", message)(y.astype("int64"), eq(*sizes), *sizes)
        if isinstance(inverse, TensorConstant):
            order = argsort(y, -1) if inverse.data else y
        else:
            order = switch(eq(inverse, 0), y, argsort(y, -1))
        return subtensor(x, (*_own_places(x), order))


def _own_places(x: TensorVariable) -> list[TensorVariable]:
    """For each axis but the last its indices, so that they broadcast together."""
    results: list[TensorVariable] = []
    for axis in range(x.ndim - 1):
        if x.broadcastable[axis]:
            results.append(constant(np.zeros((1,) * x.ndim, np.int64)))
            continue
        pattern: list[Any] = ["x"] * x.ndim
        pattern[axis] = 0
        results.append(dimshuffle(arange(dim(x, axis)), pattern))
    return results


def permute_row_elements(x: object, y: object, inverse: Any = 0) -> TensorVariable:
    """Return the rows of `x`, along its last axis, in the order of the permutations `y`.

    Row and permutation broadcast: one permutation serves all rows, one row is put in the order of
    each permutation. With `inverse` other than 0 it is the inverse of each permutation. ValueError,
    when it runs, for rows and permutations of different lengths; IndexError for places that there
    are not.

    >>> permute_row_elements([[10, 20, 30]], [2, 0, 1]).eval().tolist()
    [[30, 10, 20]]
    >>> permute_row_elements([10, 20, 30], [2, 0, 1], inverse=1).eval().tolist()
    [20, 30, 10]
    """
    result: TensorVariable = PermuteRowElements()(x, y, inverse)
    return result


def inverse_permutation(perm: object) -> TensorVariable:
    """Return the inverse of the permutations along the last axis, in their own dtype.

    >>> inverse_permutation([[2, 0, 1], [0, 2, 1]]).eval().tolist()
    [[1, 2, 0], [0, 2, 1]]
    """
    y = as_tensor_variable(perm)
    if not is_discrete(y.dtype) or not y.ndim:
        raise TypeError(f"inverse_permutation takes permutations of integers, got {y.describe()}")
    return permute_row_elements(arange(dim(y, y.ndim - 1), dtype=y.dtype), y, 1)
