"""Products with sparse matrices in machine code: the reference's bits, and its errors."""

from functools import lru_cache
from typing import Any

import numpy as np
import pytest

from lltheano_ir.dtypes import ALL_DTYPES, DType, bool_
from lltheano_ir.interpret import interpret
from lltheano_ir.ops.definition import ExecutionError
from lltheano_ir.ops.elementwise.complexes import joined
from lltheano_ir.text import parse_program
from tests.ir.agreement import agreed, agreed_failure
from tests.ir.emit.harness import Array, Compiled, EntryError, compiled, same_bits
from tests.ir.loop_pipeline import PIPELINES
from tests.ir.targets import of_width

NUMBERS = [one for one in ALL_DTYPES if one is not bool_]
LENGTHS = (0, 1, 5, 0, 127, 129, 0, 400)
"""Entries of each line: none, few, and those of several blocks of a sum."""

CSR = """program @f(%d: {dtype}[?], %b: {dtype}{other}, %i: {index}[?], %p: {index}[?]) {{
  %0: {dtype}{other} = csr_dot %d, %b, %i, %p
  output "y" = %0
}}"""
CSC = """program @f(%d: {dtype}[?], %b: {dtype}{other}, %i: {index}[?], %p: {index}[?],
    %n: i64[]) {{
  %0: {dtype}{other} = csc_dot %d, %b, %i, %p, %n
  output "y" = %0
}}"""
SAMPLED = """program @f(%x: {dtype}{other}, %y: {dtype}{other}, %i: {index}[?], %p: {index}[?]) {{
  %0: {dtype}[?] = csr_sampled_dot %x, %y, %i, %p
  output "y" = %0
}}"""


def elements(rng: np.random.Generator, dtype: DType, *shape: int) -> Array:
    """Numbers of all sizes, and where there are such NaN, infinities, zeros of both signs."""
    numpy: Any = dtype.numpy
    kind = numpy.kind
    if kind in "iu":
        info = np.iinfo(numpy)
        return rng.integers(info.min, info.max, shape, numpy, endpoint=True)
    values = rng.normal(size=shape) * 10.0 ** rng.integers(-4, 4, shape)
    special = rng.choice([np.nan, np.inf, -0.0, 0.0], shape)
    values = np.where(rng.uniform(size=shape) < 0.02, special, values)
    if kind == "c":
        return joined(*(one.astype(dtype.real.numpy) for one in (values, values[::-1])))
    return values.astype(dtype.numpy)


def structure(rng: np.random.Generator, below: int, index: str = "i32") -> tuple[Array, Array]:
    """Entries in any order, some twice."""
    starts = np.cumsum((0, *LENGTHS))
    indices = rng.integers(0, below, starts[-1])
    dtype = np.int32 if index == "i32" else np.int64
    return indices.astype(dtype), starts.astype(dtype)


def check(text: str, *arrays: Any, width: int = 32) -> None:
    """Native code from every pipeline gives the reference's bits."""
    inputs = [np.asarray(one) for one in arrays]
    (wanted,), _ = interpret(parse_program(text), inputs)
    for pipeline in PIPELINES:
        (found,) = native(text, pipeline, width)(*inputs)
        same_bits(found, wanted)


@lru_cache(maxsize=12)
def native(text: str, pipeline: str, width: int) -> Compiled:
    """A program in machine code, once for all sizes."""
    return compiled(PIPELINES[pipeline](parse_program(text), of_width(width)), width)


OTHERS: dict[str, tuple[tuple[int, ...], ...]] = {"[?]": ((),), "[?,?]": ((3,), (41,))}
"""The sizes of the other operand's axes but the first."""


@pytest.mark.parametrize("dtype", NUMBERS, ids=str)
@pytest.mark.parametrize("shown", OTHERS)
def test_rows(dtype: DType, shown: str, rng: np.random.Generator) -> None:
    indices, indptr = structure(rng, 50)
    for other in OTHERS[shown]:
        data, dense = elements(rng, dtype, indices.size), elements(rng, dtype, 50, *other)
        check(CSR.format(dtype=dtype, other=shown, index="i32"), data, dense, indices, indptr)


@pytest.mark.parametrize("dtype", NUMBERS, ids=str)
@pytest.mark.parametrize("shown", OTHERS)
def test_columns(dtype: DType, shown: str, rng: np.random.Generator) -> None:
    indices, indptr = structure(rng, 9, "i64")
    text = CSC.format(dtype=dtype, other=shown, index="i64")
    for other in OTHERS[shown]:
        data = elements(rng, dtype, indices.size)
        dense = elements(rng, dtype, len(LENGTHS), *other)
        check(text, data, dense, indices, indptr, 9)


@pytest.mark.parametrize("dtype", NUMBERS, ids=str)
def test_places(dtype: DType, rng: np.random.Generator) -> None:
    indices, indptr = structure(rng, 9)
    x, y = elements(rng, dtype, len(LENGTHS), 37), elements(rng, dtype, 9, 37)
    text = SAMPLED.format(dtype=dtype, other="[?,?]", index="i32")
    check(text, x, y, indices, indptr, width=16)


@pytest.mark.parametrize("width", [16, 64])
def test_all_numbers_of_columns(width: int, rng: np.random.Generator) -> None:
    """Which are taken in blocks."""
    indices, indptr = structure(rng, 8)
    names = {"dtype": "f64", "other": "[?,?]", "index": "i32"}
    for columns in (0, 1, 2, 4, 8, 16, 31, 32, 33, 77):
        data, dense = rng.normal(size=indices.size), rng.normal(size=(8, columns))
        check(CSR.format(**names), data, dense, indices, indptr, width=width)
        check(CSC.format(**names), data, dense, indices, indptr, 8, width=width)


def test_any_layout(rng: np.random.Generator) -> None:
    """Of the dense operand, and of the entries."""
    indices, indptr = structure(rng, 20)
    data, dense = rng.normal(size=2 * indices.size)[::-2], rng.normal(size=(6, 40))[::-1, ::2].T
    text = CSR.format(dtype="f64", other="[?,?]", index="i32")
    check(text, data, dense, indices[::-1].copy()[::-1], indptr)


FAULTS = {
    "an index that is too great": ([0, 3], [0, 1, 2], 3, "index"),
    "an index below 0": ([0, -1], [0, 1, 2], 3, "index"),
    "pointers that fall": ([0, 1], [0, 3, 2], 3, "value"),
    "pointers that end early": ([0, 1], [0, 1, 1], 3, "value"),
    "pointers that begin late": ([0, 1], [1, 1, 2], 3, "value"),
    "pointers beyond all entries": ([0, 1], [0, 5000000, 2], 3, "value"),
    "no pointers": ([], [], 3, "sizes"),
    "more entries than indices": ([0], [0, 1, 1], 3, "sizes"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_structure_is_checked_before_it_is_followed(name: str) -> None:
    """By the interpreters and by machine code alike."""
    indices, indptr, size, kind = FAULTS[name]
    count = 0 if name == "no pointers" else 2
    text = CSR.format(dtype="f64", other="[?]", index="i64")
    arrays = (
        np.ones(count),
        np.ones(size),
        np.array(indices, np.int64),
        np.array(indptr, np.int64),
    )
    assert agreed_failure(text, *arrays).kind == kind
    program = parse_program(text)
    with pytest.raises(ExecutionError):
        interpret(program, arrays)
    for pipeline in PIPELINES.values():
        module = pipeline(program, of_width(32))
        with pytest.raises(EntryError) as caught:
            compiled(module, 32)(*arrays)
        assert module.sites[caught.value.report[0]].kind == kind


def test_rows_and_columns_must_fit() -> None:
    names = {"dtype": "f64", "other": "[?,?]", "index": "i64"}
    indices, indptr = np.array([0, 1]), np.array([0, 1, 2])
    three, two = np.ones((3, 2)), np.ones((2, 2))
    error = agreed_failure(CSC.format(**names), np.ones(2), three, indices, indptr, 5)
    assert "columns and rows" in str(error)
    error = agreed_failure(CSC.format(**names), np.ones(2), two, indices, indptr, -5)
    assert error.kind == "value"
    error = agreed_failure(SAMPLED.format(**names), three, three, indices, indptr)
    assert "rows of the structure" in str(error)
    error = agreed_failure(SAMPLED.format(**names), two, np.ones((3, 4)), indices, indptr)
    assert "columns of x" in str(error)


def test_state_is_updated_by_a_product() -> None:
    """The product's operand is the state that it replaces: it is not written over meanwhile."""
    text = """program @f(%w: f64[?] shared, %i: i64[?], %p: i64[?], %d: f64[?]) {
      %0: f64[?] = csr_dot %d, %w, %i, %p
      update %w = %0
    }"""
    w, i, p = np.array([1.0, 10.0, 100.0]), np.array([1, 2, 0]), np.array([0, 1, 2, 3])
    assert agreed(text, w, i, p, np.ones(3))[0].tolist() == [10.0, 100.0, 1.0]
