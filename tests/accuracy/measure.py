"""Errors in units in the last place, over all f32 numbers or over samples of f64.

The unit of an exact result y is the distance of the floating-point numbers in y's binade, or of the
subnormal ones. Infinity counts as the first number beyond the greatest, so a result that overflows
too early or too late has a finite error. NaN for a number, a number for NaN and a wrong sign, of
zeros too, are no errors in units: they are counted as wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np

from tests.accuracy.native import compiled
from tests.accuracy.reference import REFERENCES, Array, arguments

CHUNK = 1 << 14
SAMPLE = 1 << 17
LANES = {"f32": 8, "f64": 4}
MPMATH_BITS = 160


@dataclass
class Worst:
    """The greatest error so far, where it is, the points seen and the wrong ones among them."""

    ulp: float = 0.0
    at: str = ""
    count: int = 0
    wrong: int = 0
    first_wrong: str = ""

    def take(self, errors: Array, wrong: Any, args: list[Array]) -> None:
        """Add a chunk."""
        self.count += errors.size
        if wrong.any():
            if not self.wrong:
                self.first_wrong = _spelled(args, int(np.argmax(wrong)))
            self.wrong += int(np.count_nonzero(wrong))
        where = int(np.argmax(errors))
        if errors[where] > self.ulp:
            self.ulp, self.at = float(errors[where]), _spelled(args, where)


def _spelled(args: list[Array], where: int) -> str:
    return ", ".join(float(a[where]).hex() for a in args)


def _errors(got: Array, exact: Array, mantissa_bits: int, top: int) -> tuple[Array, Any]:
    """Errors in units, and where the result is wrong in kind; `exact` has the wider type."""
    wide = exact.dtype.type
    infinity, smallest = wide(2.0) ** wide(top), wide(2.0) ** wide(2 - top)
    wrong = np.isnan(got) != np.isnan(exact)
    wrong |= (np.signbit(got) != np.signbit(exact)) & ~np.isnan(exact)
    exact = np.clip(exact, -infinity, infinity)
    value = np.clip(got.astype(wide), -infinity, infinity)
    unit = np.maximum(_binade(exact), smallest) * wide(2.0) ** wide(-mantissa_bits)
    errors = np.abs(value - exact) / unit
    return np.nan_to_num(errors, nan=0.0), wrong


def _binade(x: Array) -> Any:
    """The power of two not above ``abs(x)``."""
    if x.dtype == np.float64:
        return (x.view(np.uint64) & np.uint64(0x7FF0000000000000)).view(np.float64)
    return np.ldexp(np.ones_like(x), np.frexp(x)[1] - 1)


def _f32_chunks(stride: int) -> Iterator[Array]:
    """Every `stride`-th of the 2**32 numbers, NaNs among them."""
    for start in range(0, 2**32, CHUNK * stride):
        stop = min(start + CHUNK * stride, 2**32)
        yield np.arange(start, stop, stride, dtype=np.uint64).astype(np.uint32).view(np.float32)


def measure_f32(name: str, stride: int) -> Worst:
    """The f32 kernel of one argument on every `stride`-th number."""
    kernel, worst = compiled(name, "f32", LANES["f32"]), Worst()
    with np.errstate(all="ignore"):
        for x in _f32_chunks(stride):
            exact = REFERENCES[name].numpy(x.astype(np.float64))
            worst.take(*_errors(kernel(x), exact, 23, 128), [x])
    return worst


def measure_f32_pairs(name: str, count: int, seed: int) -> Worst:
    """The f32 kernel of two arguments on a sample."""
    kernel, worst = compiled(name, "f32", LANES["f32"]), Worst()
    rng = np.random.default_rng(seed)
    with np.errstate(all="ignore"):
        while worst.count < count:
            bits = [rng.integers(0, 2**32, SAMPLE, dtype=np.uint32) for _ in range(2)]
            first, second = arguments(name, rng, SAMPLE)
            near = [first**0.125 if name == "pow" else first, second]
            for args in ([b.view(np.float32) for b in bits], [a.astype(np.float32) for a in near]):
                exact = REFERENCES[name].numpy(*(a.astype(np.float64) for a in args))
                worst.take(*_errors(kernel(*args), exact, 23, 128), args)
    return worst


def measure_f64(name: str, count: int, seed: int) -> Worst:
    """The f64 kernel on a sample, against NumPy in x87 extended precision."""
    kernel, worst = compiled(name, "f64", LANES["f64"]), Worst()
    rng = np.random.default_rng(seed)
    with np.errstate(all="ignore"):
        while worst.count < count:
            args = arguments(name, rng, min(count, SAMPLE))
            exact = REFERENCES[name].numpy(*(a.astype(np.longdouble) for a in args))
            worst.take(*_errors(kernel(*args), exact, 52, 1024), args)
    return worst


def measure_f64_exactly(name: str, count: int, seed: int) -> Worst:
    """The f64 kernel on a sample, against mpmath."""
    args = arguments(name, np.random.default_rng(seed), count)
    with np.errstate(all="ignore"):
        got = compiled(name, "f64", LANES["f64"])(*args)
    worst = Worst()
    with mpmath.workprec(MPMATH_BITS):
        errors = [
            error_in_units(_value(name, [float(x) for x in point]), float(y))
            for y, *point in zip(got, *args, strict=True)
        ]
    worst.take(np.array(errors), np.zeros(len(errors), bool), args)
    return worst


def error_in_units(exact: Any, got: float) -> float:
    """The error of one f64 result beside the exact one."""
    top = mpmath.mpf(2) ** 1024
    exact = max(min(exact, top), -top)
    if np.isnan(got):
        return float("inf")
    value = max(min(mpmath.mpf(got), top), -top)
    exponent = max(mpmath.frexp(exact)[1] - 1, -1022) if exact else -1022
    return float(abs(value - exact) / mpmath.mpf(2) ** (exponent - 52))


def _value(name: str, point: list[float]) -> Any:
    """The exact value, with the poles of the logarithms and of atanh as infinities."""
    (first, *rest) = [mpmath.mpf(x) for x in point]
    if (name in {"log", "log2", "log10"} and first == 0) or (name == "log1p" and first == -1):
        return -mpmath.inf
    if name == "atanh" and abs(first) == 1:
        return first * mpmath.inf
    return REFERENCES[name].exact(first, *rest)
