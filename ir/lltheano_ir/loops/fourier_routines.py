"""The routines `fft_plan` and `fft`, whose loops are in `lltheano_ir.lowering.fourier`.

A plan is nothing but the algorithm's own, so for the interpreter, which transforms by NumPy, it is
the length alone.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from lltheano_ir.dtypes import i64
from lltheano_ir.loops.routine import Buffers, Routine, Shape
from lltheano_ir.ops.definition import Array

__all__ = ["FOURIER_ROUTINES"]


def _require_plan(outputs: Buffers, inputs: Buffers) -> None:
    (plan,), (length,) = outputs, inputs
    if plan.dtype is not i64 or length.dtype is not i64 or len(plan.sizes) != 1 or length.sizes:
        raise ValueError("fft_plan makes a vector of i64 of a length")
    if plan.strides is not None:
        raise ValueError(f"fft_plan writes row-major memory, %{plan.name} has strides")


def _plan(inputs: Sequence[Array], shapes: Sequence[Shape]) -> tuple[Array, ...]:
    plan = np.zeros(shapes[0], np.int64)
    plan[0] = inputs[0]
    return (plan,)


def _require_fft(outputs: Buffers, inputs: Buffers) -> None:
    real = outputs[0]
    if list(outputs[:2]) != list(inputs[:2]) or inputs[2].dtype is not i64:
        raise ValueError("fft transforms two matrices where they are, by a plan")
    if [len(one.sizes) for one in (*outputs, inputs[2])] != [2, 2, 1, 1]:
        raise ValueError("fft takes two matrices, a vector to work in, and a plan")
    for one in outputs:
        if one.dtype is not real.dtype or one.dtype.name not in ("f32", "f64"):
            raise ValueError(f"fft computes in f32 or f64, %{one.name} is {one.dtype}")
        if one.strides is not None:
            raise ValueError(f"fft writes row-major memory, %{one.name} has strides")


def _fft(inputs: Sequence[Array], shapes: Sequence[Shape]) -> tuple[Array, ...]:
    real, imaginary, _ = inputs
    space = np.zeros(shapes[2], real.dtype)
    if not real.size:
        return real, imaginary, space
    with np.errstate(all="ignore"):
        found = np.fft.fft(real + 1j * imaginary)
    return found.real.astype(real.dtype), found.imag.astype(real.dtype), space


FOURIER_ROUTINES: Mapping[str, Routine] = {
    "fft_plan": Routine(1, 1, _require_plan, _plan),
    "fft": Routine(3, 3, _require_fft, _fft, exact=False),
}
"""Each routine by its name."""
