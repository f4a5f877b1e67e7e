"""What the singular values say of a matrix: how well it can be inverted, and its rank."""

from typing import Any

import numpy as np

from lltheano.tensor.elementwise.arithmetic import maximum, mul, true_div
from lltheano.tensor.elementwise.comparison import cast, gt
from lltheano.tensor.linalg.factors import svd
from lltheano.tensor.reductions.extrema import max as greatest
from lltheano.tensor.reductions.functions import sum as total
from lltheano.tensor.shapes.sizes import dim
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.variable import TensorVariable

__all__ = ["cond", "matrix_rank"]


def cond(x: object, p: Any = None) -> TensorVariable:
    """Return the condition number of a matrix: its greatest singular value over the least.

    With `p` -2 it is the least over the greatest; None and 2 mean the same. It is infinite for a
    singular matrix, up to rounding. LinAlgError when the function runs and an element is not
    finite; ValueError for another `p`, or an operand that is no matrix.

    >>> cond([[2.0, 0.0], [0.0, 0.5]]).eval()
    array(4.)
    """
    if p not in (None, 2, -2):
        raise ValueError(f"cond takes p of None, 2 and -2, got {p!r}; of others use norms")
    values = _singular_values(x, "cond")
    return true_div(values[-1], values[0]) if p == -2 else true_div(values[0], values[-1])


def matrix_rank(A: object, tol: Any = None) -> TensorVariable:  # noqa: N803
    """Return how many singular values of a matrix are greater than `tol`, as an int64.

    `tol` is a number; unless given it is the greatest singular value times the greater size of the
    matrix times the distance of 1 from the next number of its dtype. LinAlgError when the function
    runs and an element is not finite; ValueError for an operand that is no matrix.

    >>> matrix_rank([[1.0, 2.0], [2.0, 4.0]]).eval()
    array(1)
    """
    x = as_tensor_variable(A)
    values = _singular_values(x, "matrix_rank")
    if tol is None:
        sizes = cast(maximum(dim(x, 0), dim(x, 1)), values.dtype)
        tol = mul(greatest(values), sizes, np.finfo(values.dtype).eps)
    count: TensorVariable = total(gt(values, tol), dtype="int64")
    return count


def _singular_values(x: object, name: str) -> TensorVariable:
    variable = as_tensor_variable(x)
    if variable.ndim != 2:
        raise ValueError(f"{name} takes a matrix, got {variable.describe()}")
    values: TensorVariable = svd(variable, compute_uv=False)
    return values
