"""Compiled sorts against NumPy's stable ones: every dtype, short and long rows, hard values."""

import re
from typing import Any

import numpy as np
import pytest
from llvmlite.ir import IntType

from lltheano_ir.builder import Builder
from lltheano_ir.dtypes import ALL_DTYPES, DType, f64
from lltheano_ir.emit.calls.ranks import few
from lltheano_ir.loops.nodes import LoopFunction
from lltheano_ir.lowering.lower import lower
from lltheano_ir.target import cross_target
from lltheano_ir.types import ValueType
from tests.ir.emit.harness import Array, Compiled, assembly_of, compiled

REAL = [dtype for dtype in ALL_DTYPES if not dtype.is_complex]
SIZES = (0, 1, 2, 3, 16, 17, 300)


def sorting(dtype: DType) -> LoopFunction:
    """A function of a matrix that gives its rows sorted and their places."""
    builder = Builder("f")
    x = builder.parameter("x", ValueType(dtype, (False, False)))
    builder.output(builder.sort(x), "sorted")
    builder.output(builder.argsort(x), "places")
    return lower(builder.program()).entry


def sorter(dtype: DType, vector_bytes: int = 32) -> Compiled:
    """The function compiled."""
    return compiled(sorting(dtype), vector_bytes)


def samples(rng: np.random.Generator, dtype: DType, rows: int, size: int) -> list[Array]:
    """Elements of the whole range, few different ones, hard ones, and ordered ones."""
    shape = (rows, size)
    numpy: Any = dtype.numpy
    if dtype.is_bool:
        return [rng.integers(0, 2, shape).astype(bool)]
    if dtype.is_integer:
        ends = np.iinfo(numpy)
        whole = rng.integers(ends.min, ends.max, shape, dtype=numpy, endpoint=True)
        return [whole, whole % numpy.type(3), np.sort(whole), np.sort(whole)[:, ::-1]]
    bits: Any = np.dtype(f"u{dtype.itemsize}")
    ends = np.iinfo(bits)
    anything = rng.integers(0, ends.max, shape, dtype=bits, endpoint=True).view(numpy)
    hard = [0.0, -0.0, np.nan, -np.nan, np.inf, -np.inf, 1.5, np.finfo(numpy).smallest_subnormal]
    ties = rng.choice(np.array(hard, numpy), shape)
    normal = rng.normal(size=shape).astype(numpy)
    return [anything, ties, normal, np.sort(normal), np.sort(normal)[:, ::-1]]


def raw(array: Array) -> Array:
    """The bits: the order of 0.0 and -0.0, and of NaNs, counts."""
    return np.ascontiguousarray(array).view(np.dtype(f"u{array.itemsize}"))


@pytest.mark.parametrize("vector_bytes", [16, 32, 64])
@pytest.mark.parametrize("dtype", REAL, ids=str)
def test_rows_are_sorted_stably(dtype: Any, vector_bytes: int, rng: np.random.Generator) -> None:
    run = sorter(dtype, vector_bytes)
    most = few(IntType(8 * dtype.itemsize), vector_bytes)
    for size in (*SIZES, most - 1, most, most + 1):
        for array in samples(rng, dtype, 3, size):
            found, places = run(array)
            np.testing.assert_array_equal(raw(found), raw(np.sort(array, axis=1, kind="stable")))
            np.testing.assert_array_equal(places, np.argsort(array, axis=1, kind="stable"))
            assert places.dtype == np.int64
    assert run.pool.live == {}


@pytest.mark.parametrize(
    ("target", "comparison"),
    [
        (
            cross_target("x86_64-unknown-linux-gnu", "x86-64-v3", ("+avx", "+avx2")),
            r"vpcmpgtq.*ymm",
        ),
        (cross_target("x86_64-unknown-linux-gnu", "znver4", ("+avx512f",)), r"vpcmp\w*q.*zmm"),
        (cross_target("aarch64-unknown-linux-gnu"), r"cmg[te]\s+v\d+\.2d"),
    ],
    ids=["avx2", "avx512", "arm"],
)
def test_ranks_are_counted_in_vectors(target: Any, comparison: str) -> None:
    assembly = assembly_of(sorting(f64), target)
    assert len(re.findall(comparison, assembly)) >= 3


def test_no_rows() -> None:
    found, places = sorter(REAL[-1])(np.zeros((0, 5)))
    assert found.shape == places.shape == (0, 5)


def test_memory_that_cannot_be_had_is_reported() -> None:
    run = sorter(REAL[-1])
    run(np.zeros((2, 50)))
    for number in range(len(run.pool.drawn)):
        run.pool.drawn.clear()
        run.pool.fail_at = number
        with pytest.raises(Exception, match="status 2"):
            run(np.zeros((2, 50)))
    assert run.pool.live == {}
