"""The reference semantics of the elementwise ops on complex numbers.

The reference is NumPy in c128; c64 is computed in c128 and rounded once. Three things are settled
here that NumPy leaves to the C library, or does not do well:

* signs and parts that C99's Annex G leaves unspecified (`_settled` patches) are those of glibc;
* `log1p`, `expm1`, `exp2`, `log2`, `log10` and `sign` follow formulas that neither cancel nor
  overflow on the way;
* sin, tan, arcsin and arctan are the hyperbolic functions of the number with its parts exchanged,
  ``sin(x + iy) = swap(sinh(y + ix))``, and ``cos(x + iy) = cosh(-y + ix)``, which are identities.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from lltheano_ir.ops.definition import Array
from lltheano_ir.records import record

__all__ = [
    "COMPLEX_REFERENCES",
    "LARGEST_POWER",
    "ComplexReference",
    "is_one",
    "joined",
    "multiply",
    "product",
]

LARGEST_POWER = 99
"""Whole exponents up to this size are taken by repeated multiplication, as NumPy does."""

_LN2 = (float.fromhex("0x1.62e42fefa39efp-1"), float.fromhex("0x1.abc9e3b39803fp-56"))
_SPLITTER = 2.0**27 + 1.0
_HALF_PI = float.fromhex("0x1.921fb54442d18p+0")


def joined(re: Any, im: Any) -> Array:
    """The complex numbers with these parts, f32 or f64, none of whose bits is changed."""
    re, im = np.broadcast_arrays(re, im)
    result = np.empty(re.shape, np.complex64 if re.dtype == np.float32 else np.complex128)
    result.real, result.imag = re, im
    return result


def multiply(x: Array, y: Array) -> Array:
    """Complex products are rounded product by product; NumPy may fuse a product with the sum."""
    if x.dtype.kind != "c":
        return np.multiply(x, y)
    (a, b), (c, d) = ((np.real(one), np.imag(one)) for one in (x, y))
    return joined(a * c - b * d, a * d + b * c)


def is_one(x: Array) -> Any:
    """Where a number is 1 with an imaginary part of +0.0."""
    return (np.real(x) == 1) & (np.imag(x) == 0) & ~np.signbit(np.imag(x))


def product(x: Array, y: Array) -> Array:
    """The step of a product over elements: a factor that `is_one` changes nothing.

    A complex multiplication by 1 would make -0.0 of 0.0, and a NaN of a part that is infinite.
    """
    if x.dtype.kind != "c":
        return np.multiply(x, y)
    return np.where(is_one(x), y, np.where(is_one(y), x, multiply(x, y)))


def _swapped(z: Array) -> Array:
    return joined(np.imag(z), np.real(z))


def _of_swapped(function: Callable[[Array], Array]) -> Callable[[Array], Array]:
    return lambda z: _swapped(function(_swapped(z)))


def _settled(result: Array, where: Any, re: Any, im: Any) -> Array:
    """`result` with the parts put in where Annex G leaves one of them open."""
    return joined(np.where(where, re, np.real(result)), np.where(where, im, np.imag(result)))


def _zero_like(y: Array) -> Array:
    """A zero with the sign of `y`; of a NaN, whose sign means nothing, +0.0."""
    return np.where(np.isnan(y), 0.0, np.copysign(0.0, y))


def _exp(z: Array) -> Array:
    x, y = np.real(z), np.imag(z)
    return _settled(np.exp(z), (x == -np.inf) & ~np.isfinite(y), 0.0, _zero_like(y))


def _exp2(z: Array) -> Array:
    """``2**x (cos(y ln 2) + i sin(y ln 2))``, the angle to twice the precision up to 2**53."""
    x, y = np.real(z), np.imag(z)
    high, low = _times_ln2(y)
    cos = np.cos(high) * np.cos(low) - np.sin(high) * np.sin(low)
    sin = np.sin(high) * np.cos(low) + np.cos(high) * np.sin(low)
    extreme = np.abs(x) > 1000.0
    first = np.exp2(np.where(extreme, 0.5 * x, x))
    second = np.where(extreme, first, 1.0)
    result = joined((first * cos) * second, np.where(y == 0, y, (first * sin) * second))
    # At infinity, and for NaN, the zeros and infinities are those of exp.
    return np.where(np.isfinite(z), result, _exp(joined(x, y * _LN2[0])))


def _times_ln2(y: Array) -> tuple[Array, Array]:
    """``y ln 2`` in two parts (Dekker); beyond 2**53 the second would be noise, and is 0."""
    high = y * _LN2[0]
    small = np.where(np.abs(y) < 2.0**53, y, 0.0)
    (a, b), (c, d) = _split(small), _split(np.asarray(_LN2[0]))
    low = ((a * c - small * _LN2[0]) + a * d + b * c) + b * d + small * _LN2[1]
    return high, low


def _split(x: Array) -> tuple[Array, Array]:
    bent = x * _SPLITTER
    high = bent - (bent - x)
    return high, x - high


def _expm1(z: Array) -> Array:
    """The real part is ``expm1(x) cos y - 2 sin(y / 2)**2``, the imaginary one that of exp."""
    x, y = np.real(z), np.imag(z)
    whole = _exp(z)
    half = np.sin(0.5 * y)
    near = np.expm1(x) * np.cos(y) - 2.0 * half * half
    re = np.where(np.isfinite(z) & (np.abs(x) < 40.0), near, np.real(whole) - 1.0)
    return joined(np.where(y == 0, np.expm1(x), re), np.imag(whole))


def _log_of_base(unit: float) -> Callable[[Array], Array]:
    def function(z: Array) -> Array:
        natural = np.log(z)
        return joined(np.real(natural) * unit, np.imag(natural) * unit)

    return function


def _log1p(z: Array) -> Array:
    """The real part is ``log1p(x (2 + x) + y**2) / 2`` where 1 + z is near the unit circle."""
    x, y = np.real(z), np.imag(z)
    size = np.hypot(1.0 + x, y)
    near = (size > 0.5) & (size < 2.0)
    small_x, small_y = np.where(near, x, 0.0), np.where(near, y, 0.0)
    bent = 0.5 * np.log1p(small_x * (2.0 + small_x) + small_y * small_y)
    return joined(np.where(near, bent, np.real(np.log(joined(1.0 + x, y)))), np.arctan2(y, 1.0 + x))


def _sinh(z: Array) -> Array:
    x, y = np.real(z), np.imag(z)
    result = _settled(np.sinh(z), (x == 0) & ~np.isfinite(y), x, np.nan)
    return _settled(result, np.isinf(x) & ~np.isfinite(y), np.inf, np.nan)


def _cosh(z: Array) -> Array:
    x, y = np.real(z), np.imag(z)
    result = _settled(np.cosh(z), (x == 0) & ~np.isfinite(y), np.nan, 0.0)
    return _settled(result, np.isnan(x) & (y == 0), np.nan, y)


def _cos(z: Array) -> Array:
    return _cosh(joined(-np.imag(z), np.real(z)))


def _tanh(z: Array) -> Array:
    x, y = np.real(z), np.imag(z)
    open_ = np.isinf(x) & ~np.isfinite(y)
    result = _settled(np.tanh(z), open_, np.copysign(1.0, x), _zero_like(y))
    return _settled(result, (x == 0) & ~np.isfinite(y), x, np.nan)


def _sqrt(z: Array) -> Array:
    return _settled(np.sqrt(z), (np.real(z) == -np.inf) & np.isnan(np.imag(z)), np.nan, np.inf)


def _arcsinh(z: Array) -> Array:
    x, y = np.real(z), np.imag(z)
    return _settled(np.arcsinh(z), np.isnan(x) & np.isinf(y), np.inf, np.nan)


def _arccos(z: Array) -> Array:
    x, y = np.real(z), np.imag(z)
    return _settled(np.arccos(z), np.isinf(x) & np.isnan(y), np.nan, -np.inf)


def _arccosh(z: Array) -> Array:
    x, y = np.real(z), np.imag(z)
    return _settled(np.arccosh(z), (x == 0) & np.isnan(y), np.nan, _HALF_PI)


def _arctanh(z: Array) -> Array:
    x, y = np.real(z), np.imag(z)
    open_ = np.isnan(x) & np.isinf(y)
    return _settled(np.arctanh(z), open_, 0.0, np.copysign(_HALF_PI, y))


def _sign(z: Array) -> Array:
    """``z / |z|``; 0 for 0. Of an infinite part the direction of its axis, NaN if both are."""
    x, y = np.real(z), np.imag(z)
    _, exponent = np.frexp(np.maximum(np.abs(x), np.abs(y)))
    small_x, small_y = np.ldexp(x, -exponent), np.ldexp(y, -exponent)
    size = np.hypot(small_x, small_y)
    nothing = size == 0
    divisor = np.where(nothing, 1.0, size)
    result = joined(
        np.where(nothing, 0.0, small_x / divisor), np.where(nothing, 0.0, small_y / divisor)
    )
    far = np.isinf(x) | np.isinf(y)
    both = np.isinf(x) & np.isinf(y)
    ahead = np.where(np.isinf(x), np.sign(x), 0.0)
    aside = np.where(np.isinf(y), np.sign(y), 0.0)
    result = _settled(result, far, ahead, aside)
    return _settled(result, both | (np.isnan(z) & ~far), np.nan, np.nan)


def _power(z: Array, w: Array) -> Array:
    """``exp(w log z)``; whole exponents up to `LARGEST_POWER` by repeated multiplication.

    To the power 0 everything is 1; 0 to a power with a positive real part is 0, and NaN otherwise.
    """
    z, w = np.broadcast_arrays(z, w)
    natural = np.log(z)
    general = _exp(multiply(w, natural))
    nothing = z == 0
    general = _settled(
        general, nothing, *(np.where(np.real(w) > 0, part, np.nan) for part in (0.0, 0.0))
    )
    whole = (
        (np.imag(w) == 0)
        & (np.real(w) == np.trunc(np.real(w)))
        & (np.abs(np.real(w)) <= LARGEST_POWER)
    )
    count = np.where(whole, np.real(w), 0.0).astype(np.int64)
    repeated = _repeated(z, np.abs(count))
    reciprocal = np.divide(joined(np.ones(z.shape), np.zeros(z.shape)), repeated)
    repeated = np.where(count < 0, reciprocal, repeated)
    return np.where(whole & ~(nothing & (count < 0)), repeated, general)


def _repeated(z: Array, count: Array) -> Array:
    """`z` multiplied with itself, by the bits of `count` from the lowest."""
    result = joined(np.ones(z.shape), np.zeros(z.shape))
    square, left = z, count
    while np.any(left):
        result = np.where(left & 1, product(result, square), result)
        left = left >> 1
        square = multiply(square, square)
    return result


@record(frozen=True)
class ComplexReference:
    """A function of c128, and the bound that compiled code keeps to its exact value.

    The bound is on the distance of the two numbers, in units in the last place of the exact one's
    modulus. `pow` keeps it times ``1 + |w log z| / 32``: an exponent magnifies a logarithm's error.
    """

    function: Callable[..., Array]
    ulp: float


COMPLEX_REFERENCES = {
    "pow": ComplexReference(_power, 3.0),
    "abs": ComplexReference(np.abs, 1.0),
    "sign": ComplexReference(_sign, 2.0),
    "sqrt": ComplexReference(_sqrt, 2.0),
    "exp": ComplexReference(_exp, 2.5),
    "exp2": ComplexReference(_exp2, 2.5),
    "expm1": ComplexReference(_expm1, 3.0),
    "log": ComplexReference(np.log, 1.0),
    "log2": ComplexReference(_log_of_base(float.fromhex("0x1.71547652b82fep+0")), 2.0),
    "log10": ComplexReference(_log_of_base(float.fromhex("0x1.bcb7b1526e50ep-2")), 2.0),
    "log1p": ComplexReference(_log1p, 2.0),
    "sin": ComplexReference(_of_swapped(_sinh), 2.5),
    "cos": ComplexReference(_cos, 2.5),
    "tan": ComplexReference(_of_swapped(_tanh), 4.0),
    "arcsin": ComplexReference(_of_swapped(_arcsinh), 3.0),
    "arccos": ComplexReference(_arccos, 3.0),
    "arctan": ComplexReference(_of_swapped(_arctanh), 3.0),
    "sinh": ComplexReference(_sinh, 2.5),
    "cosh": ComplexReference(_cosh, 2.5),
    "tanh": ComplexReference(_tanh, 4.0),
    "arcsinh": ComplexReference(_arcsinh, 3.0),
    "arccosh": ComplexReference(_arccosh, 3.0),
    "arctanh": ComplexReference(_arctanh, 3.0),
}
"""The reference on c128 of the ops that are computed in c128 for c64 too."""
