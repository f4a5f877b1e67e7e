"""Numbers taken apart: their signs, whole parts and fractions."""

from lltheano.tensor.elementwise.arithmetic import abs_, inv, neg, sub, trunc
from lltheano.tensor.elementwise.comparison import cast, eq, isinf, lt, or_, switch
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import is_complex, upgrade_to_float
from lltheano.tensor.variables.variable import TensorVariable

__all__ = ["copysign", "modf"]


def copysign(x1: object, x2: object) -> TensorVariable:
    """Return the sizes of `x1` with the signs of `x2`, of which -0.0 is negative.

    The operands are broadcast; integers and bool count as floats. A NaN in `x2` counts as
    positive, whatever its sign bit is. TypeError for complex numbers.

    >>> copysign([1.0, -2.0, 3.0], [-1.0, 0.0, -0.0]).eval()
    array([-1.,  2., -3.])
    """
    x, sign = as_tensor_variable(x1), as_tensor_variable(x2)
    dtype = upgrade_to_float(x.dtype, sign.dtype)
    if is_complex(dtype):
        raise TypeError(
            f"copysign: complex numbers have no sign, got {x.describe()} and {sign.describe()}"
        )
    size, side = abs_(cast(x, dtype)), cast(sign, dtype)
    below_zero = lt(inv(switch(eq(side, 0), side, 1)), 0)
    result: TensorVariable = switch(or_(lt(side, 0), below_zero), neg(size), size)
    return result


def modf(x: object) -> tuple[TensorVariable, TensorVariable]:
    """Return the fractions and the whole parts of real numbers, both with the sign of the number.

    The fraction of an infinity is 0. Integers and bool count as floats. TypeError for complex
    numbers.

    >>> import lltheano.tensor as T
    >>> [part.eval().tolist() for part in T.modf([1.25, -3.5])]
    [[0.25, -0.5], [1.0, -3.0]]
    """
    number = as_tensor_variable(x)
    dtype = upgrade_to_float(number.dtype)
    if is_complex(dtype):
        raise TypeError(f"modf takes real numbers, got {number.describe()}")
    number = cast(number, dtype)
    whole: TensorVariable = trunc(number)
    endless = isinf(number)
    rest = sub(number, switch(endless, 0, whole))
    return copysign(switch(endless, 0, rest), number), whole
