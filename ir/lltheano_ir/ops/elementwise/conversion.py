"""Elements brought to another dtype, and complex numbers taken apart and put together."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from lltheano_ir.dtypes import DType, c64, c128, f32, f64
from lltheano_ir.ops.definition import Array, Attribute, Attributes, Failure, Op, TypeRuleError
from lltheano_ir.ops.elementwise.complexes import joined
from lltheano_ir.ops.elementwise.rules import (
    agreeing,
    common_pattern,
    elementwise_op,
    one_dtype,
    sizes_of_all,
)
from lltheano_ir.ops.traits import Cost, least_sign
from lltheano_ir.types import ValueType

__all__ = ["CAST", "PARTS", "cast_array"]


def _infer_complex(types: Sequence[ValueType], attributes: Attributes) -> ValueType:
    pattern = common_pattern("complex", types)
    dtype = one_dtype("complex", "f", types)
    if dtype not in _COMPLEX_OF:
        raise TypeRuleError(f"complex is not defined on {dtype}")
    return ValueType(_COMPLEX_OF[dtype], pattern)


_COMPLEX_OF = {f32: c64, f64: c128}


def _infer_cast(types: Sequence[ValueType], attributes: Attributes) -> ValueType:
    target: DType = attributes[0]
    if types[0].dtype.is_complex and not target.is_complex:
        raise TypeRuleError(f"cast from {types[0].dtype} to {target} would drop the imaginary part")
    return types[0].with_dtype(target)


def cast_array(x: Array, target: DType) -> Array:
    """Convert elements: to bool is `x != 0`, to float rounds to nearest even, integers wrap around.

    A float becomes an integer by dropping its fraction; what does not fit goes to the nearest end
    of the integer's range, and NaN to 0. (NumPy leaves these cases to the machine.)
    """
    if x.dtype.kind != "f" or not target.is_integer:
        return x.astype(target.numpy)
    limits = np.iinfo(target.numpy.name)
    # Powers of two, and so exact, although float(limits.max) itself is rounded for 64 bits.
    least, beyond = float(limits.min), float(limits.max) + 1.0
    whole = np.trunc(x.astype(np.float64))
    fits = (whole >= least) & (whole < beyond)
    result = np.where(fits, whole, 0.0).astype(target.numpy)
    result[whole < least] = limits.min
    result[whole >= beyond] = limits.max
    return result


def _cast_reference(
    arrays: Sequence[Array], types: Sequence[ValueType], attributes: Attributes
) -> Array:
    with np.errstate(all="ignore"):
        return cast_array(arrays[0], attributes[0])


PARTS = (
    elementwise_op("real", 1, "c", np.real, "the real part", gives="real", cost=Cost.CHEAP),
    elementwise_op("imag", 1, "c", np.imag, "the imaginary part", gives="real", cost=Cost.CHEAP),
    Op(
        name="complex",
        arity=2,
        summary="the complex number x + i y",
        infer=_infer_complex,
        shape=sizes_of_all,
        reference=partial(agreeing, joined),
        failure=Failure.SIZES,
        family="elementwise",
        cost=Cost.CHEAP,
    ),
)

CAST = Op(
    name="cast",
    arity=1,
    summary="the elements converted to another dtype",
    infer=_infer_cast,
    shape=sizes_of_all,
    reference=_cast_reference,
    attributes=(("dtype", Attribute.DTYPE),),
    family="elementwise",
    cost=Cost.CHEAP,
    converts=True,
    sign=least_sign,
    wraps=True,
)
