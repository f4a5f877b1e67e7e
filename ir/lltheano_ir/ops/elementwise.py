"""The elementwise ops: type rule, shape rule and NumPy meaning of each, in one table.

All operands have one rank and one dtype (the condition of `select` is bool). Along an axis an
operand is static 1, and is repeated, or `?`; the run-time sizes of all `?` operands of an axis must
be equal. Integers wrap around; a division of an integer by zero is 0. Nothing here depends on the
machine.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from lltheano_ir.dtypes import DType, bool_, c64, c128, f32, f64
from lltheano_ir.ops.complexes import COMPLEX_MEANINGS, joined, multiply
from lltheano_ir.ops.definition import (
    Array,
    Attribute,
    Attributes,
    ExecutionError,
    Failure,
    Op,
    ShapeArithmetic,
    TypeRuleError,
)
from lltheano_ir.ops.special import (
    SCIPY_FUNCTIONS,
    gammainc_slope,
    hurwitz_zeta,
    inverse_erf,
    modified_bessel,
    scipy_function,
)
from lltheano_ir.types import TensorType

__all__ = ["ELEMENTWISE", "agreed_sizes", "cast_array", "check_agreement", "common_pattern"]

Kinds = str
"""Which dtypes an op takes, by NumPy kind: b bool, i signed, u unsigned, f float, c complex."""


def common_pattern(name: str, types: Sequence[TensorType]) -> tuple[bool, ...]:
    """The broadcast pattern of the result of operands that broadcast together."""
    if len({one.rank for one in types}) != 1:
        ranks = ", ".join(str(one) for one in types)
        raise TypeRuleError(f"{name} needs operands of one rank, got {ranks}")
    return tuple(all(axes) for axes in zip(*(one.broadcast for one in types), strict=True))


def agreed_sizes(
    shapes: ShapeArithmetic, operands: Sequence[Any], types: Sequence[TensorType]
) -> tuple[Any, ...]:
    """The sizes of operands that broadcast together: per axis that of the first `?` operand."""
    sizes = []
    for axis in range(types[0].rank):
        wide = [
            operand for operand, one in zip(operands, types, strict=True) if not one.broadcast[axis]
        ]
        sizes.append(shapes.size(wide[0], axis) if wide else shapes.integer(1))
    return tuple(sizes)


def _one_dtype(name: str, kinds: Kinds, types: Sequence[TensorType]) -> DType:
    dtypes = {one.dtype for one in types}
    if len(dtypes) != 1:
        found = ", ".join(str(one) for one in types)
        raise TypeRuleError(f"{name} needs operands of one dtype, got {found}")
    (dtype,) = dtypes
    if dtype.numpy.kind not in kinds:
        raise TypeRuleError(f"{name} is not defined on {dtype}")
    return dtype


def _infer_same(
    name: str, kinds: Kinds, types: Sequence[TensorType], attributes: Attributes
) -> TensorType:
    pattern = common_pattern(name, types)
    return TensorType(_one_dtype(name, kinds, types), pattern)


def _infer_bool(
    name: str, kinds: Kinds, types: Sequence[TensorType], attributes: Attributes
) -> TensorType:
    pattern = common_pattern(name, types)
    _one_dtype(name, kinds, types)
    return TensorType(bool_, pattern)


def _infer_part(
    name: str, kinds: Kinds, types: Sequence[TensorType], attributes: Attributes
) -> TensorType:
    """A real number for each complex one."""
    pattern = common_pattern(name, types)
    return TensorType(_one_dtype(name, kinds, types).real, pattern)


def _infer_complex(types: Sequence[TensorType], attributes: Attributes) -> TensorType:
    pattern = common_pattern("complex", types)
    dtype = _one_dtype("complex", "f", types)
    if dtype not in _COMPLEX_OF:
        raise TypeRuleError(f"complex is not defined on {dtype}")
    return TensorType(_COMPLEX_OF[dtype], pattern)


_COMPLEX_OF = {f32: c64, f64: c128}


def _infer_select(types: Sequence[TensorType], attributes: Attributes) -> TensorType:
    pattern = common_pattern("select", types)
    if types[0].dtype is not bool_:
        raise TypeRuleError(f"the condition of select must be bool, got {types[0]}")
    return TensorType(_one_dtype("select", "biufc", types[1:]), pattern)


def _infer_cast(types: Sequence[TensorType], attributes: Attributes) -> TensorType:
    target: DType = attributes[0]
    if types[0].dtype.is_complex and not target.is_complex:
        raise TypeRuleError(f"cast from {types[0].dtype} to {target} would drop the imaginary part")
    return types[0].with_dtype(target)


def check_agreement(arrays: Sequence[Array], types: Sequence[TensorType]) -> None:
    """Raise ExecutionError unless the `?` axes agree: a run-time 1 does not broadcast."""
    for axis in range(types[0].rank):
        pairs = zip(arrays, types, strict=True)
        sizes = [array.shape[axis] for array, one in pairs if not one.broadcast[axis]]
        for size in sizes[1:]:
            if size != sizes[0]:
                message = f"sizes {sizes[0]} and {size} differ on axis {axis}"
                raise ExecutionError("sizes", message, (sizes[0], size))


def _meaning(
    function: Callable[..., Any],
    arrays: Sequence[Array],
    types: Sequence[TensorType],
    attributes: Attributes,
) -> Array:
    check_agreement(arrays, types)
    with np.errstate(all="ignore"):
        return np.asarray(function(*arrays))


def _bit_length(x: Array) -> Array:
    bits = np.asarray(x).view(f"u{x.dtype.itemsize}")
    counts = [bits >> place != 0 for place in range(8 * x.dtype.itemsize)]
    return np.sum(counts, axis=0, dtype=x.dtype)


def _maximum(x: Array, y: Array) -> Array:
    """IEEE 754-2019 maximum: a NaN wins, and 0.0 is greater than -0.0."""
    result = np.maximum(x, y)
    if x.dtype.kind != "f":
        return result
    return np.where((x == 0) & (y == 0), x + y, result)


def _minimum(x: Array, y: Array) -> Array:
    """IEEE 754-2019 minimum: a NaN wins, and -0.0 is less than 0.0."""
    result = np.minimum(x, y)
    if x.dtype.kind != "f":
        return result
    return np.where((x == 0) & (y == 0), -((-x) + (-y)), result)


def _power(x: Array, y: Array) -> Array:
    """Integers wrap around; a negative power gives the reciprocal rounded towards zero, 0 at 0."""
    if x.dtype.kind != "i":
        return np.asarray(np.power(x, y))
    power = np.power(x, np.maximum(y, 0))
    reciprocal = np.where(x == 1, 1, np.where(x == -1, np.where(y & 1, -1, 1), 0))
    return np.where(y < 0, reciprocal.astype(x.dtype), power)


def _by_kind(real: Callable[..., Any], whole: Callable[..., Any], *arrays: Array) -> Array:
    """One function for the reals; c64 is computed in c128, so that it is rounded once."""
    if arrays[0].dtype.kind != "c":
        return np.asarray(real(*arrays))
    wide = np.asarray(whole(*(array.astype(np.complex128) for array in arrays)))
    if arrays[0].dtype == np.complex128:
        return wide
    return wide.astype(np.complex64 if wide.dtype.kind == "c" else np.float32)


def _rint(x: Array) -> Any:
    return joined(np.rint(np.real(x)), np.rint(np.imag(x))) if x.dtype.kind == "c" else np.rint(x)


def _at_least_f32(function: Callable[[Array], Any], x: Array) -> Array:
    """Compute f16 in f32, so that it is rounded once."""
    wide = x.astype(np.float32) if x.dtype == np.float16 else x
    return np.asarray(function(wide)).astype(x.dtype)


def _sigmoid(x: Array) -> Array:
    """Both branches have an argument of exp that cannot overflow."""
    small = np.exp(-np.abs(x))
    return np.asarray(np.where(x < 0, small, x.dtype.type(1)) / (1 + small))


def _softplus(x: Array) -> Array:
    return np.asarray(np.logaddexp(x.dtype.type(0), x))


def _erf(x: Array) -> Array:
    from scipy.special import erf  # noqa: PLC0415  (0.3 s to import, and rarely needed)

    return np.asarray(erf(x))


def _erfc(x: Array) -> Array:
    from scipy.special import erfc  # noqa: PLC0415  (0.3 s to import, and rarely needed)

    return np.asarray(erfc(x))


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


def _cast_meaning(
    arrays: Sequence[Array], types: Sequence[TensorType], attributes: Attributes
) -> Array:
    with np.errstate(all="ignore"):
        return cast_array(arrays[0], attributes[0])


def _shape(
    shapes: ShapeArithmetic,
    operands: Sequence[Any],
    types: Sequence[TensorType],
    attributes: Attributes,
) -> tuple[Any, ...]:
    return agreed_sizes(shapes, operands, types)


_PARTS = ("abs", "real", "imag")
"""The ops that give a real number for a complex one."""


def _op(
    name: str,
    arity: int,
    kinds: Kinds,
    function: Callable[..., Any],
    summary: str,
    *,
    gives_bool: bool = False,
    ulp: float | tuple[float, float] | None = None,
    library: str = "",
) -> Op:
    rule = _infer_bool if gives_bool else _infer_part if name in _PARTS else _infer_same
    single, double = ulp if isinstance(ulp, tuple) else (ulp, ulp)
    bounds = [("f16", 1.0), ("f32", single), ("f64", double)] if single and double else []
    if name in COMPLEX_MEANINGS:
        whole = COMPLEX_MEANINGS[name]
        function = partial(_by_kind, function, whole.function)
        bounds += [("c64", whole.ulp), ("c128", whole.ulp)]
    return Op(
        name=name,
        arity=arity,
        summary=summary,
        infer=partial(rule, name, kinds),
        shape=_shape,
        meaning=partial(_meaning, function),
        failure=Failure.SIZES if arity > 1 else Failure.NEVER,
        family="elementwise",
        ulp=tuple(bounds),
        library=library,
    )


ELEMENTWISE = (
    _op("add", 2, "iufc", np.add, "x + y"),
    _op("sub", 2, "iufc", np.subtract, "x - y"),
    _op("mul", 2, "iufc", multiply, "x * y"),
    _op("div", 2, "fc", np.divide, "x / y"),
    _op("floordiv", 2, "iuf", np.floor_divide, "floor(x / y); 0 for an integer y of 0"),
    _op("mod", 2, "iuf", np.remainder, "x - floor(x / y) * y, with the sign of y"),
    _op("pow", 2, "iufc", _power, "x to the power y", ulp=4.0),
    _op("neg", 1, "iufc", np.negative, "-x"),
    _op("abs", 1, "iufc", np.abs, "the absolute value"),
    _op("sign", 1, "iufc", np.sign, "-1, 0 or 1, NaN for NaN; z / abs(z)"),
    _op("floor", 1, "f", np.floor, "the greatest integer not above x"),
    _op("ceil", 1, "f", np.ceil, "the least integer not below x"),
    _op("trunc", 1, "f", np.trunc, "x without its fraction"),
    _op("rint", 1, "fc", _rint, "the nearest integer, ties to even"),
    _op("sqrt", 1, "fc", np.sqrt, "the square root, correctly rounded"),
    _op("cbrt", 1, "f", np.cbrt, "the cube root, negative for negative x", ulp=2.0),
    _op("exp", 1, "fc", np.exp, "e to the power x", ulp=2.0),
    _op("exp2", 1, "fc", np.exp2, "2 to the power x", ulp=2.0),
    _op("expm1", 1, "fc", np.expm1, "exp(x) - 1 without cancellation", ulp=2.0),
    _op("log", 1, "fc", np.log, "the natural logarithm", ulp=2.0),
    _op("log2", 1, "fc", np.log2, "the logarithm to base 2", ulp=2.0),
    _op("log10", 1, "fc", np.log10, "the logarithm to base 10", ulp=2.0),
    _op("log1p", 1, "fc", np.log1p, "log(1 + x) without cancellation", ulp=2.0),
    _op("sin", 1, "fc", np.sin, "the sine of x radians", ulp=2.0),
    _op("cos", 1, "fc", np.cos, "the cosine of x radians", ulp=2.0),
    _op("tan", 1, "fc", np.tan, "the tangent of x radians", ulp=2.0),
    _op("arcsin", 1, "fc", np.arcsin, "the inverse sine in radians", ulp=2.0),
    _op("arccos", 1, "fc", np.arccos, "the inverse cosine in radians", ulp=2.0),
    _op("arctan", 1, "fc", np.arctan, "the inverse tangent in radians", ulp=2.0),
    _op("arctan2", 2, "f", np.arctan2, "the angle of the point (y, x), in radians", ulp=2.0),
    _op("sinh", 1, "fc", np.sinh, "the hyperbolic sine", ulp=2.0),
    _op("cosh", 1, "fc", np.cosh, "the hyperbolic cosine", ulp=2.0),
    _op("tanh", 1, "fc", np.tanh, "the hyperbolic tangent", ulp=2.0),
    _op("arcsinh", 1, "fc", np.arcsinh, "the inverse hyperbolic sine", ulp=4.0),
    _op("arccosh", 1, "fc", np.arccosh, "the inverse hyperbolic cosine", ulp=4.0),
    _op("arctanh", 1, "fc", np.arctanh, "the inverse hyperbolic tangent", ulp=4.0),
    _op("sigmoid", 1, "f", partial(_at_least_f32, _sigmoid), "1 / (1 + exp(-x))", ulp=2.0),
    _op("softplus", 1, "f", _softplus, "log(1 + exp(x))", ulp=2.0),
    _op("erf", 1, "f", partial(_at_least_f32, _erf), "the error function", ulp=2.0),
    _op("erfc", 1, "f", partial(_at_least_f32, _erfc), "1 - erf(x) without cancellation", ulp=2.0),
    _op("erfcx", 1, "f", scipy_function("erfcx"), "exp(x * x) * erfc(x) without overflow", ulp=2.0),
    _op(
        "i0",
        1,
        "f",
        modified_bessel(0),
        "the modified Bessel function of the first kind of order 0",
        ulp=2.0,
    ),
    _op(
        "i1",
        1,
        "f",
        modified_bessel(1),
        "the modified Bessel function of the first kind of order 1",
        ulp=2.0,
    ),
    _op("erfinv", 1, "f", inverse_erf, "the inverse of erf", ulp=2.0),
    *(
        _op(name, arity, "f", scipy_function(name), summary, library="scipy.special")
        for name, arity, summary in SCIPY_FUNCTIONS
    ),
    _op(
        "gammainc_slope",
        2,
        "f",
        gammainc_slope,
        "the derivative of gammainc(x, y) in x",
        ulp=(1.0, 4096.0),
    ),
    _op("zeta", 2, "f", hurwitz_zeta, "the sum of (y + k) ** -x over all k >= 0", ulp=4.0),
    _op("maximum", 2, "biuf", _maximum, "the greater; a NaN wins; 0.0 above -0.0"),
    _op("minimum", 2, "biuf", _minimum, "the lesser; a NaN wins; -0.0 below 0.0"),
    _op("and", 2, "biu", np.bitwise_and, "x & y, bit by bit"),
    _op("or", 2, "biu", np.bitwise_or, "x | y, bit by bit"),
    _op("xor", 2, "biu", np.bitwise_xor, "x ^ y, bit by bit"),
    _op("not", 1, "biu", np.invert, "~x, bit by bit"),
    _op("shl", 2, "iu", np.left_shift, "x << y; 0 when y is the width or more"),
    _op("shr", 2, "iu", np.right_shift, "x >> y, keeping the sign"),
    _op("bit_length", 1, "iu", _bit_length, "how many bits hold x: 0 for 0, all if x is negative"),
    _op("eq", 2, "biufc", np.equal, "x == y", gives_bool=True),
    _op("ne", 2, "biufc", np.not_equal, "x != y", gives_bool=True),
    _op("lt", 2, "biuf", np.less, "x < y", gives_bool=True),
    _op("le", 2, "biuf", np.less_equal, "x <= y", gives_bool=True),
    _op("gt", 2, "biuf", np.greater, "x > y", gives_bool=True),
    _op("ge", 2, "biuf", np.greater_equal, "x >= y", gives_bool=True),
    _op("isnan", 1, "fc", np.isnan, "whether x, or a part of it, is a NaN", gives_bool=True),
    _op("isinf", 1, "fc", np.isinf, "whether x, or a part of it, is infinite", gives_bool=True),
    _op("real", 1, "c", np.real, "the real part"),
    _op("imag", 1, "c", np.imag, "the imaginary part"),
    Op(
        name="complex",
        arity=2,
        summary="the complex number x + i y",
        infer=_infer_complex,
        shape=_shape,
        meaning=partial(_meaning, joined),
        failure=Failure.SIZES,
        family="elementwise",
    ),
    Op(
        name="select",
        arity=3,
        summary="x where the condition holds, else y",
        infer=_infer_select,
        shape=_shape,
        meaning=partial(_meaning, np.where),
        failure=Failure.SIZES,
        family="elementwise",
    ),
    Op(
        name="cast",
        arity=1,
        summary="the elements converted to another dtype",
        infer=_infer_cast,
        shape=_shape,
        meaning=_cast_meaning,
        attributes=(("dtype", Attribute.DTYPE),),
        family="elementwise",
    ),
)
