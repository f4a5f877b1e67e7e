"""The older names of pooling."""

import sys
from typing import Any

from lltheano.graph import boundary
from lltheano.tensor.convolution.pooling import Pool
from lltheano.tensor.signal.pool import max_pool_2d_same_size, pool_2d
from lltheano.tensor.variables.variable import TensorVariable

__all__ = ["DownsampleFactorMax", "max_pool_2d", "max_pool_2d_same_size"]

DownsampleFactorMax = Pool


def max_pool_2d(
    input: Any,  # noqa: A002 - Theano's parameter
    ds: Any,
    ignore_border: bool | None = None,
    st: Any = None,
    padding: Any = (0, 0),
    mode: str = "max",
) -> TensorVariable:
    """Return `pool_2d` of the same parameters, under their older names."""
    return pool_2d(input, ds, ignore_border, st, padding, mode)


boundary.guard(sys.modules[__name__])
