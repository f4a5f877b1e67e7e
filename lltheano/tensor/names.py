"""Further names for functions of the tensor language, Theano's and NumPy's."""

import functools
from typing import Any

from lltheano.tensor.creation.filled import fill
from lltheano.tensor.elementwise.arithmetic import abs_, maximum, minimum, pow, round, sqr  # noqa: A004
from lltheano.tensor.elementwise.arities import TensorLike
from lltheano.tensor.elementwise.comparison import and_, cast, invert, isinf, isnan, neq, or_, xor
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import (
    COMPLEX_DTYPES,
    DISCRETE_DTYPES,
    DTYPES,
    FLOAT_DTYPES,
    INTEGER_DTYPES,
)
from lltheano.tensor.variables.variable import TensorType, TensorVariable

__all__ = [
    "Tensor",
    "absolute",
    "all_dtypes",
    "as_tensor",
    "bitwise_and",
    "bitwise_not",
    "bitwise_or",
    "bitwise_xor",
    "complex_dtypes",
    "discrete_dtypes",
    "float_dtypes",
    "integer_dtypes",
    "iround",
    "isinf_",
    "isnan_",
    "largest",
    "not_equal",
    "power",
    "second",
    "smallest",
    "square",
]

Tensor = TensorType
absolute = abs_
all_dtypes = list(DTYPES)
as_tensor = as_tensor_variable
bitwise_and = and_
bitwise_not = invert
bitwise_or = or_
bitwise_xor = xor
complex_dtypes = list(COMPLEX_DTYPES)
discrete_dtypes = list(DISCRETE_DTYPES)
float_dtypes = list(FLOAT_DTYPES)
integer_dtypes = list(INTEGER_DTYPES)
isinf_ = isinf
isnan_ = isnan
not_equal = neq
second = fill
square = sqr


def power(x: TensorLike, y: TensorLike) -> TensorVariable:
    """Return x to the power y.

    >>> power([2.0, 3.0], 2).eval()
    array([4., 9.])
    """
    result: TensorVariable = pow(x, y)
    return result


def iround(a: TensorLike, mode: str | None = None) -> TensorVariable:
    """Round to whole numbers of dtype int64; `mode` as of `round`.

    >>> iround([0.5, 1.5, -2.7]).eval()
    array([ 0,  2, -3])
    """
    return cast(round(a, mode), "int64")


def smallest(*args: Any) -> TensorVariable:
    """Return the elementwise minimum of the arguments, which broadcast together.

    >>> smallest([1.0, 5.0], 3.0, [4.0, 2.0]).eval()
    array([1., 2.])
    """
    return functools.reduce(minimum, args[1:], as_tensor_variable(args[0]))


def largest(*args: Any) -> TensorVariable:
    """Return the elementwise maximum of the arguments, which broadcast together.

    >>> largest([1.0, 5.0], 3.0, [4.0, 2.0]).eval()
    array([4., 5.])
    """
    return functools.reduce(maximum, args[1:], as_tensor_variable(args[0]))
