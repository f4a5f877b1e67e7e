"""Errors of the functions of complex numbers, against mpmath.

The error of a result is its distance from the exact number, in units in the last place of the
exact number's modulus; for pow it is divided by ``1 + |w log z| / 32``, by which its bound grows. A
result that is NaN or infinite where the exact one is in range is counted as wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import mpmath
import numpy as np
from numpy.typing import NDArray

from fuzz.native import NativeProgram
from lltheano_ir.builder import Builder
from lltheano_ir.dtypes import parse_dtype
from lltheano_ir.emit.complex_math import COMPLEX_MATH
from lltheano_ir.ops.elementwise import ELEMENTWISE
from lltheano_ir.types import ValueType
from tests.accuracy.measure import Worst

Plane = NDArray[np.complexfloating[Any, Any]]

OPS = {op.name.replace("arc", "a", 1): op.name for op in ELEMENTWISE}
"""The op that each kernel computes; kernels are named as in C, ops as in NumPy."""

EXACT: dict[str, Callable[..., Any]] = {
    "abs": mpmath.fabs,
    "sign": lambda z: z / mpmath.fabs(z),
    "exp2": lambda z: mpmath.power(2, z),
    "expm1": lambda z: mpmath.exp(z) - 1,
    "log2": lambda z: mpmath.log(z) / mpmath.log(2),
    "log10": lambda z: mpmath.log(z) / mpmath.log(10),
    "log1p": lambda z: mpmath.log(1 + z),
    "pow": mpmath.power,
    **{
        name: getattr(mpmath, name)
        for name in (
            *("sqrt", "exp", "log", "sin", "cos", "tan", "asin", "acos", "atan"),
            *("sinh", "cosh", "tanh", "asinh", "acosh", "atanh"),
        )
    },
}

PERIODIC = {"exp", "exp2", "expm1", "sin", "cos", "tan", "sinh", "cosh", "tanh"}
FORMATS = {"c64": (23, -126, 2.0**128), "c128": (52, -1022, 2.0**1023 * 1.99)}
MANY_BITS, FEW_BITS = 2400, 350


@cache
def compiled(name: str, dtype: str) -> NativeProgram:
    """A program of one op on vectors, in vectors of 32 bytes."""
    builder = Builder(name)
    kind = ValueType(parse_dtype(dtype), (False,))
    operands = [builder.parameter(f"z{k}", kind) for k in range(COMPLEX_MATH[name].arity)]
    builder.output(builder.elementwise(OPS[name], *operands), "y")
    return NativeProgram(builder.program(), 32)


def points(name: str, rng: np.random.Generator, count: int) -> list[Plane]:
    """About `count` arguments: everywhere, near 1, -1, i and -i, round the unit circle, and where
    exponentials are extreme.
    """
    share = count // 6
    if name == "pow":
        return [_magnitudes(rng, -10, 10, count), _magnitudes(rng, -6, 5, count)]
    angles = rng.uniform(-np.pi, np.pi, share)
    off = np.ldexp(rng.normal(size=share), rng.integers(-52, -1, share))
    strip = rng.uniform(-760, 760, share) + 1j * rng.uniform(-50, 50, share)
    corner = rng.choice(np.array([1, -1, 1j, -1j]), share)
    found = np.concatenate(
        [
            _magnitudes(rng, -30, 8, share),
            _magnitudes(rng, -4, 3, share),
            corner + _magnitudes(rng, -50, -1, share),
            np.exp(1j * angles) * (1 + off),
            strip if rng.random() < 0.5 else strip.imag + 1j * strip.real,
            *([] if name in PERIODIC else [_magnitudes(rng, -1020, 1020, share // 2)]),
        ]
    )
    return [found]


def _magnitudes(rng: np.random.Generator, low: int, high: int, count: int) -> Plane:
    """Parts of every magnitude between two powers of two, of either sign."""
    parts = np.ldexp(rng.uniform(1, 2, (2, count)), rng.integers(low, high, (2, count)))
    signed = parts * rng.choice([-1.0, 1.0], (2, count))
    return np.asarray(signed[0] + 1j * signed[1])


def measure_complex(name: str, dtype: str, count: int, seed: int) -> Worst:
    """The function of `name` on a sample in c64 or c128."""
    numpy = parse_dtype(dtype).numpy
    with np.errstate(all="ignore"):
        given = [one.astype(numpy) for one in points(name, np.random.default_rng(seed), count)]
    # On an axis the sign of a zero decides, which mpmath does not have.
    usual = [np.isfinite(one) & (one.real != 0) & (one.imag != 0) for one in given]
    there = np.logical_and.reduce(usual)
    args = [one[there] for one in given]
    (results,) = compiled(name, dtype).run(args)[0]
    found = [_error(name, dtype, *one) for one in zip(results, *args, strict=True)]
    errors, wrong = (np.array(column) for column in zip(*found, strict=True))
    worst = Worst()
    worst.take(errors, wrong.astype(bool), [part for one in args for part in (one.real, one.imag)])
    return worst


def _error(name: str, dtype: str, got: Any, *args: Any) -> tuple[float, bool]:
    """The error of one result, and whether it is wrong in kind."""
    bits, lowest, top = FORMATS[dtype]
    whole = [complex(one) for one in args]
    far = any(not 1e-60 < abs(part) < 1e60 for one in whole for part in (one.real, one.imag))
    with mpmath.workprec(MANY_BITS if far else FEW_BITS):
        given = [mpmath.mpc(one) for one in whole]
        exact = EXACT[name](*given)
        size = mpmath.fabs(exact)
        if size >= top:
            return 0.0, False
        if not np.isfinite(got):
            return 0.0, True
        exponent = max(mpmath.frexp(size)[1] - 1, lowest) if size else lowest
        distance = mpmath.fabs(mpmath.mpc(float(got.real), float(got.imag)) - exact)
        error = distance / mpmath.mpf(2) ** (exponent - bits)
        if name == "pow":
            error /= 1 + mpmath.fabs(given[1] * mpmath.log(given[0])) / 32
        return float(error), False
