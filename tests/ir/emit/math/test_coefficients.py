"""The tables in the kernels are what ``tests.accuracy.minimax`` finds."""

from collections.abc import Sequence

import numpy as np
import pytest

from lltheano_ir.emit.math import erf, exp, hyperbolic, inverse, log, power, trig
from lltheano_ir.emit.math.lanes import F32
from tests.accuracy.minimax import FITS, fit

STORED: dict[str, Sequence[float]] = {
    "exp.f32": exp.TABLES[F32].series,
    "log.f32": log.TABLES[F32].series,
    "short_log.f64": power.SHORT_LOG_SERIES,
    "sin.f32": trig.TABLES[F32].sin_series,
    "cos.f32": trig.TABLES[F32].cos_series,
    "erfcx.f64": erf.ERFCX_SERIES,
    "tanh.f32": hyperbolic.TANH_SERIES,
    "atan.f32": inverse.TABLES[F32].atan_series,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", list(STORED))
def test_the_fit_gives_the_stored_numbers(name: str) -> None:
    coefficients, error_bits = fit(FITS[name])
    np.testing.assert_array_equal(coefficients, STORED[name])
    assert error_bits < -25
