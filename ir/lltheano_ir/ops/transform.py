"""The discrete Fourier transform, on real and imaginary parts apart.

Inverse and real transforms, other axes and scalings are compositions: exchanging real and imaginary
parts before and after makes the transform an inverse one, for instance.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lltheano_ir.ops.definition import (
    Array,
    Attributes,
    ExecutionError,
    Failure,
    Op,
    ShapeArithmetic,
    TypeRuleError,
)
from lltheano_ir.types import ValueType

__all__ = ["TRANSFORMS"]

Types = Sequence[ValueType]


def _infer_fft(types: Types, attributes: Attributes) -> tuple[ValueType, ...]:
    real, imaginary = types
    alike = real.dtype is imaginary.dtype and real.rank == imaginary.rank == 2
    if not alike or real.dtype.name not in ("f32", "f64"):
        raise TypeRuleError(f"fft takes two matrices of f32 or f64, got {real} and {imaginary}")
    result = ValueType(real.dtype, (False, False))
    return result, result


def _fft_shape(
    shapes: ShapeArithmetic, operands: Sequence[Any], types: Types, attributes: Attributes
) -> tuple[Any, ...]:
    sizes = tuple(shapes.size(operands[0], axis) for axis in range(2))
    return sizes, sizes


def _fft_reference(
    arrays: Sequence[Array], types: Types, attributes: Attributes
) -> tuple[Array, ...]:
    real, imaginary = arrays
    for axis, (one, other) in enumerate(zip(real.shape, imaginary.shape, strict=True)):
        if one != other:
            message = f"fft: sizes {one} and {other} differ on axis {axis}"
            raise ExecutionError("sizes", message, (one, other))
    if not real.size:
        return real.copy(), imaginary.copy()
    with np.errstate(all="ignore"):
        transformed = np.fft.fft(real + 1j * imaginary)
    return transformed.real.astype(real.dtype), transformed.imag.astype(real.dtype)


TRANSFORMS = (
    Op(
        name="fft",
        arity=2,
        summary="real and imaginary parts of the discrete Fourier transform of each row",
        infer=_infer_fft,
        shape=_fft_shape,
        reference=_fft_reference,
        failure=Failure.SIZES,
        family="transform",
        long_from=1 << 12,
    ),
)
