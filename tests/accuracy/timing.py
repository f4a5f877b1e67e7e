"""Time the math kernels beside NumPy's: ``python -m tests.accuracy.timing [NAMES]``.

Nanoseconds an element in the first-level cache, least of many interleaved calls, on one thread.
Numbers of one run may be compared with each other; on a busy machine with nothing else.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np

from lltheano_ir.emit.math import MATH
from tests.accuracy.native import NUMPY, Array, compiled
from tests.accuracy.reference import REFERENCES

COUNT = 2048
REPEATS = 1000
LANES = {"f32": 8, "f64": 4}
ALIGNMENT = 64


def aligned(values: Array) -> Array:
    """A copy at an address that a vector store does not split."""
    room = np.empty(values.nbytes + ALIGNMENT, np.uint8)
    start = -room.ctypes.data % ALIGNMENT
    copy: Array = room[start : start + values.nbytes].view(values.dtype)
    copy[:] = values
    return copy


def arguments(name: str, dtype: str) -> list[Array]:
    """Ordinary arguments: within the domain, with results far from overflow."""
    rng = np.random.default_rng(3)
    reference = REFERENCES[name]
    low, high = max(reference.low, -8.0), min(reference.high, 8.0)
    return [
        aligned(rng.uniform(low, high, COUNT).astype(NUMPY[dtype])) for _ in range(MATH[name].arity)
    ]


def least_times(calls: list[Callable[[], object]]) -> list[float]:
    """Nanoseconds an element of each call, taken in turns."""
    best = [float("inf")] * len(calls)
    for _ in range(REPEATS):
        for k, call in enumerate(calls):
            start = time.perf_counter_ns()
            call()
            best[k] = min(best[k], time.perf_counter_ns() - start)
    return [b / COUNT for b in best]


def row(name: str, dtype: str) -> str:
    """One line of the table."""
    args = arguments(name, dtype)
    result = aligned(np.empty_like(args[0]))
    ours = compiled(name, dtype, LANES[dtype]).prepared(result, *args)
    mine, theirs = least_times([ours, lambda: REFERENCES[name].numpy(*args)])
    return f"| {name} | {dtype} | {mine:.2f} | {theirs:.2f} | {theirs / mine:.1f} |"


def main(names: list[str]) -> None:
    """Print the table."""
    print("| function | dtype | ours, ns | NumPy, ns | NumPy / ours |\n|---|---|---|---|---|")
    with np.errstate(all="ignore"):
        for name in names or MATH:
            for dtype in NUMPY:
                print(row(name, dtype), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
