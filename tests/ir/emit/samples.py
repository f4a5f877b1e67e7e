"""Elements on which compiled code is compared with the reference."""

from typing import Any

import numpy as np

from lltheano_ir.dtypes import DType
from tests.ir.emit.harness import Array

__all__ = ["special_values"]


def special_values(dtype: DType) -> Array:
    """The edges of a dtype, and some ordinary values."""
    rng = np.random.default_rng(3)
    if dtype.is_bool:
        return np.array([False, True])
    if dtype.is_integer:
        bits = 8 * dtype.itemsize
        least = -(2 ** (bits - 1)) if dtype.is_signed else 0
        most = least + 2**bits - 1
        edges = [least, least + 1, most, most - 1, 0, 1, 2, 3, 7, 8, 100]
        small = [-1, -2, -3, -7, -100] if dtype.is_signed else [63, 64, 65]
        return np.array([*edges, *small, 31, 32, 33], dtype.numpy)
    if dtype.is_complex:
        parts = special_values(dtype.real)
        chosen = parts[rng.integers(0, len(parts), (40, 2))]
        plain = rng.normal(size=(20, 2)).astype(chosen.dtype)
        return np.concatenate([chosen, plain]).view(dtype.numpy).reshape(-1)
    limits: np.finfo[Any] = np.finfo(dtype.numpy.name)
    sizes = [float(one) for one in (limits.smallest_subnormal, limits.tiny, limits.max, limits.eps)]
    edges = [np.nan, np.inf, 0.0, *sizes, 1.0, 0.5, 1.5, 2.5]
    ordinary = [3.0, 0.1, 2.0**10 + 0.5, 7.25]
    values = np.array([*edges, *ordinary], dtype.numpy)
    return np.concatenate([values, -values])
