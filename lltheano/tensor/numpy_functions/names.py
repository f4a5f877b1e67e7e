"""Functions of the tensor language under the names that NumPy has for them."""

from lltheano.tensor.elementwise.arithmetic import (
    abs_,
    int_div,
    inv,
    mod,
    mul,
    neg,
    round as round_,
    round_half_to_even,
    sgn,
    sub,
    true_div,
)
from lltheano.tensor.elementwise.comparison import (
    cast,
    eq,
    ge,
    gt,
    invert,
    le,
    left_shift,
    lt,
    right_shift,
)
from lltheano.tensor.elementwise.complexes import conj
from lltheano.tensor.elementwise.transcendental import (
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctan,
    arctan2,
    arctanh,
    deg2rad,
    rad2deg,
)
from lltheano.tensor.reductions.extrema import max as greatest, min as least
from lltheano.tensor.shapes.dimshuffle import transpose
from lltheano.tensor.shapes.join import concatenate

__all__ = [
    "abs",
    "acos",
    "acosh",
    "amax",
    "amin",
    "around",
    "asin",
    "asinh",
    "astype",
    "atan",
    "atan2",
    "atanh",
    "bitwise_invert",
    "bitwise_left_shift",
    "bitwise_right_shift",
    "concat",
    "conjugate",
    "degrees",
    "divide",
    "equal",
    "fabs",
    "floor_divide",
    "greater",
    "greater_equal",
    "less",
    "less_equal",
    "multiply",
    "negative",
    "permute_dims",
    "radians",
    "reciprocal",
    "remainder",
    "rint",
    "sign",
    "subtract",
]

abs = abs_  # noqa: A001 - NumPy's name
acos, acosh, asin, asinh = arccos, arccosh, arcsin, arcsinh
atan, atan2, atanh = arctan, arctan2, arctanh
amax, amin = greatest, least
around = round_
astype = cast
bitwise_invert, bitwise_left_shift, bitwise_right_shift = invert, left_shift, right_shift
concat = concatenate
conjugate = conj
degrees, radians = rad2deg, deg2rad
divide, floor_divide, remainder = true_div, int_div, mod
equal, greater, greater_equal, less, less_equal = eq, gt, ge, lt, le
fabs = abs_
multiply, negative, reciprocal, subtract = mul, neg, inv, sub
permute_dims = transpose
rint = round_half_to_even
sign = sgn
