"""Zeros of both signs, infinities, NaN, subnormal and huge parts: compiled as told."""

import itertools
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lltheano_ir.dtypes import DType, c64, c128
from lltheano_ir.emit.complex_math import COMPLEX_MATH
from lltheano_ir.ops.elementwise.complexes import joined
from lltheano_ir.ops.table import OPS
from lltheano_ir.types import ValueType
from tests.accuracy.complexes import OPS as OF_KERNEL, compiled

Array = NDArray[Any]

INF, NAN = np.inf, np.nan
PARTS = [0.0, 1.0, 0.5, 2.0, INF, 5e-324, 1e-310, 1e-160, 1e160, 1.7e308, 710.0, 800.0, 1e10]
SIGNED = [sign * part for part in PARTS for sign in (1.0, -1.0)] + [NAN]
NARROW = [0.0, 1.0, 0.5, 2.0, INF, 1e-45, 1e-39, 1e-20, 1e20, 3.4e38, 88.0, 100.0, 1e10]
SIGNED_NARROW = [sign * part for part in NARROW for sign in (1.0, -1.0)] + [NAN]


def plane(dtype: DType) -> Array:
    pairs = np.array(list(itertools.product(*[SIGNED if dtype is c128 else SIGNED_NARROW] * 2)))
    return joined(*pairs.astype(dtype.real.numpy).T)


@pytest.mark.parametrize("dtype", [c64, c128], ids=str)
@pytest.mark.parametrize("name", [one for one in COMPLEX_MATH if one != "pow"])
def test_every_part_is_what_the_meaning_says(name: str, dtype: DType) -> None:
    z = plane(dtype)
    found = OPS[OF_KERNEL[name]].reference
    assert found is not None
    wanted = np.asarray(found([z], [ValueType(dtype, (False,))], ()))
    (got,) = compiled(name, dtype.name).run([z])[0]
    assert got.dtype == wanted.dtype
    tolerance = {4: 3e-7, 8: 1e-14}[dtype.real.itemsize]
    least = float(np.finfo(wanted.dtype).tiny)
    for part, other in ((got.real, wanted.real), (got.imag, wanted.imag)):
        np.testing.assert_array_equal(np.isnan(part), np.isnan(other))
        there = ~np.isnan(other)
        np.testing.assert_array_equal(np.signbit(part)[there], np.signbit(other)[there])
        with np.errstate(all="ignore"):
            near = np.abs(part - other) <= tolerance * np.abs(other) + least
        # 2**z of the reference has the angle of a subnormal part rounded before it is multiplied.
        skipped = (np.abs(z.imag) < 1e-300) & (z.imag != 0) if name == "exp2" else False
        assert np.all(near | (part == other) | ~there | skipped)


def test_powers_at_the_edges() -> None:
    bases = np.array([complex(x, y) for x in (0.0, -0.0, 1, -2, INF, NAN) for y in (0.0, 1.5, INF)])
    exponents = np.array([0, 1, 2, 3, -1, 0.5, 1 + 1j, -1 + 1j, 1j, INF, NAN, 99, -99])
    z, w = (one.ravel() for one in np.meshgrid(bases, exponents.astype(complex)))
    found = OPS["pow"].reference
    assert found is not None
    wanted = found([z, w], [ValueType(c128, (False,))] * 2, ())
    assert isinstance(wanted, np.ndarray)
    (got,) = compiled("pow", "c128").run([z, w])[0]
    for part, other in ((got.real, wanted.real), (got.imag, wanted.imag)):
        np.testing.assert_array_equal(np.isnan(part), np.isnan(other))
        np.testing.assert_array_equal(np.isinf(part), np.isinf(other))
    inside = np.isfinite(wanted)
    distance = np.abs(got[inside] - wanted[inside])
    assert np.all(distance <= 1e-14 * np.abs(wanted[inside]))
