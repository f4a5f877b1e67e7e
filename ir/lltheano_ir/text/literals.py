"""The elements of constants as text, exactly.

An element is written with the fewest digits that read back as the same bits. What has no such
spelling (a NaN with a payload or a sign) or would fill pages is written as bytes.
"""

import math
from typing import Any

import numpy as np

from lltheano_ir.dtypes import DType
from lltheano_ir.ops.definition import Array, Literal

__all__ = ["INLINE_ELEMENTS", "element_of", "format_literal", "from_bytes"]

INLINE_ELEMENTS = 64
"""Constants of more elements are written as bytes."""

LONGEST_INTEGER = 40
"""Digits; longer numbers fit no dtype, and reading them takes quadratic time."""


def format_literal(literal: Literal) -> str:
    """The text of the elements of a constant.

    >>> format_literal(Literal.of(np.array([[0.1, -0.0]], dtype=np.float32)))
    '[[0.1, -0.0]]'
    >>> format_literal(Literal.of(np.array([], dtype=np.bool_)))
    'hex [0] ""'
    """
    array = literal.array()
    if 0 < array.size <= INLINE_ELEMENTS:
        text = _nested(array)
        if text is not None:
            return text
    sizes = ", ".join(map(str, array.shape))
    return f'hex [{sizes}] "{_little_endian(array).tobytes().hex()}"'


def _little_endian(array: Array) -> Array:
    return array.astype(array.dtype.newbyteorder("<"))


def _nested(array: Array) -> str | None:
    if array.ndim:
        parts = [_nested(part) for part in array]
        return None if None in parts else f"[{', '.join(part or '' for part in parts)}]"
    return _element(array)


def _element(array: Array) -> str | None:
    """One element, or None when no spelling gives it back."""
    kind = array.dtype.kind
    if kind == "b":
        return "true" if array else "false"
    if kind == "c":
        parts = [_element(np.real(array)), _element(np.imag(array))]
        return None if None in parts else f"({parts[0]}, {parts[1]})"
    text = str(array[()])
    if kind == "f" and element_of(text, array.dtype).tobytes() != array.tobytes():
        return None
    return text


def element_of(text: str, dtype: np.dtype[Any]) -> Array:
    """The real number, integer or truth value that `text` spells; ValueError if `dtype` lacks it.

    >>> element_of("300", np.dtype(np.int16)), element_of("-inf", np.dtype(np.float32))
    (array(300, dtype=int16), array(-inf, dtype=float32))
    """
    if dtype.kind == "b":
        if text not in ("true", "false"):
            raise ValueError(f"{text} is neither true nor false")
        return np.array(text == "true")
    if dtype.kind == "f":
        return _float(text, dtype)
    if not text.removeprefix("-").isdecimal():
        raise ValueError(f"{_short(text)} is not an integer")
    limits = np.iinfo(dtype.name)
    number = int(text) if len(text) <= LONGEST_INTEGER else limits.max + 1
    if not limits.min <= number <= limits.max:
        raise ValueError(f"{_short(text)} is not in the range of {dtype}")
    return np.array(number, dtype)


def _float(text: str, dtype: np.dtype[Any]) -> Array:
    if text in ("true", "false"):
        raise ValueError(f"{text} is not a number")
    with np.errstate(over="ignore"):
        number = np.array(float(text)).astype(dtype)
    if np.isinf(number) and "inf" not in text:
        raise ValueError(f"{_short(text)} is too large for {dtype}; write inf for infinity")
    return number


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_INTEGER else f"{text[:12]}... ({len(text)} digits)"


def from_bytes(dtype: DType, shape: tuple[int, ...], digits: str) -> Literal:
    """A literal of the bytes that `digits` spell; ValueError when they are not those of the shape.

    >>> from lltheano_ir.dtypes import parse_dtype
    >>> from_bytes(parse_dtype("i16"), (2,), "01000200").array()
    array([1, 2], dtype=int16)
    """
    if min(shape, default=0) < 0:
        raise ValueError(f"a size cannot be negative, got {min(shape)}")
    wanted = math.prod(shape) * dtype.itemsize
    if len(digits) != 2 * wanted:
        raise ValueError(f"{list(shape)} of {dtype} take {2 * wanted} digits, got {len(digits)}")
    data = np.frombuffer(bytes.fromhex(digits), dtype.numpy.newbyteorder("<"))
    if dtype.is_bool and any(byte > 1 for byte in data.tobytes()):
        raise ValueError("a byte of a bool is 00 or 01")
    return Literal.of(data.astype(dtype.numpy).reshape(shape))
