"""The functions that fuzzed programs call, by number.

They take arrays of any dtype and rank, and what they give depends on these alone.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lltheano_ir.host import HostFunction
from lltheano_ir.ops.definition import ExecutionError

__all__ = ["EVERY_OTHER", "HOST", "PICKY", "SAME_AND_LAST"]

Arrays = Sequence[NDArray[Any]]

MOST = 6


def _every_other(arrays: Arrays) -> Arrays:
    """Every other element of the first operand, a vector of a size that only the call tells."""
    return [arrays[0].reshape(-1)[::2]]


def _same_and_last(arrays: Arrays) -> Arrays:
    """The first operand, negated bit by bit where it is of integers, and the last reversed."""
    first, last = arrays[0], arrays[-1]
    inverted = ~first if first.dtype.kind in "iu" else first
    return [inverted, np.ascontiguousarray(np.flip(last)).reshape(last.shape)]


def _picky(arrays: Arrays) -> Arrays:
    """The first operand, if it has few elements; overwrites what it was given."""
    if arrays[0].size > MOST:
        raise ExecutionError("value", f"more than {MOST} elements")
    copy = arrays[0].copy()
    arrays[0][...] = 1
    return [copy]


EVERY_OTHER, SAME_AND_LAST, PICKY = range(3)

HOST: Final = (
    HostFunction(_every_other, "every_other"),
    HostFunction(_same_and_last, "same_and_last"),
    HostFunction(_picky, "picky"),
)
