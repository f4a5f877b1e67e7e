"""Each entry of the scalar table against the op table's reference, in one lane and in many."""

from functools import cache
from typing import Any

import numpy as np
import pytest

from lltheano_ir.dtypes import ALL_DTYPES, DType, bool_, f16, i64
from lltheano_ir.emit.scalars.ops import TABLE
from lltheano_ir.loops.nodes import Let, Load, Scalar, Statement, Store
from lltheano_ir.ops.definition import TypeRuleError
from lltheano_ir.ops.elementwise import ELEMENTWISE
from lltheano_ir.ops.table import op_named
from lltheano_ir.types import ValueType
from tests.ir.emit.harness import (
    Array,
    alloc,
    build,
    compiled,
    i,
    loop,
    n,
    packed,
    same_bits,
    strided,
)
from tests.ir.emit.samples import special_values

OPS = {op.name: op for op in ELEMENTWISE if op.name not in ("select", "cast")}
LANES = 8


def result_dtype(name: str, dtype: DType) -> DType:
    rule = OPS[name].infer
    assert rule is not None
    found = rule([ValueType(dtype, (False,))] * OPS[name].arity, ())
    assert isinstance(found, ValueType)
    return found.dtype


def is_defined(name: str, dtype: DType) -> bool:
    try:
        result_dtype(name, dtype)
    except TypeRuleError:
        return False
    return True


CASES = [(name, dtype) for name in OPS for dtype in ALL_DTYPES if is_defined(name, dtype)]


def operands(dtype: DType, arity: int) -> tuple[Array, ...]:
    """Every pair of special values."""
    values = special_values(dtype)
    if arity == 1:
        return (np.tile(values, 2),)
    x, y = np.meshgrid(values, values)
    return x.reshape(-1).copy(), y.reshape(-1).copy()


@cache
def results(dtype: DType, arity: int, vector: int) -> dict[str, Array]:
    """The results of all ops of an arity on a dtype, from one compiled function."""
    names = [name for name, one in CASES if one is dtype and OPS[name].arity == arity]
    inputs = [strided(f"x{number}", dtype, 1, [i("n")]) for number in range(arity)]
    scalars = tuple(Scalar(f"v{number}", dtype) for number in range(arity))
    outputs = []
    body: list[Statement] = [
        Load(one, buffer, (i("i"),)) for one, buffer in zip(scalars, inputs, strict=True)
    ]
    for name in names:
        result = result_dtype(name, dtype)
        target = Scalar(f"r.{name}", result)
        outputs.append(packed(name, result, i("n")))
        body += [Let(target, name, scalars), Store(outputs[-1], (i("i"),), target)]
    function = build(
        inputs, [*map(alloc, outputs), loop("i", i("n"), *body, vector=vector)], outputs
    )
    return dict(zip(names, compiled(function)(*operands(dtype, arity)), strict=True))


@pytest.mark.parametrize(("name", "dtype"), CASES, ids=str)
def test_means_what_the_op_table_says(name: str, dtype: DType) -> None:
    op = op_named(name)
    got = results(dtype, op.arity, LANES)[name]
    types = [ValueType(dtype, (False,))] * op.arity
    arrays = operands(dtype, op.arity)
    (want,) = op.results(arrays, types, ())
    if op.is_exact(dtype):
        same_bits(got, want)
        return
    tolerance: Any = {2: 2e-3, 4: 2e-6, 8: 1e-14}[dtype.real.itemsize]
    if name == "pow" and dtype.is_complex:
        got, want, tolerance = in_range(got, want, arrays, tolerance)
    assert_near(got, want, tolerance)


def in_range(
    got: Array, want: Array, arrays: tuple[Array, ...], tolerance: float
) -> tuple[Array, Array, Array]:
    """Leave out powers that overflow: the rounding of w log z is in the reference, which decides
    which parts do.
    """
    z, w = (array.astype(complex) for array in arrays)
    with np.errstate(all="ignore"):
        exponent = np.abs(w * np.log(z))
    there = ~(np.isfinite(z) & np.isfinite(w)) | np.isfinite(want)
    wide = tolerance + 1e-15 * np.nan_to_num(np.minimum(exponent, 1e15))
    return got[there], want[there], wide[there]


def assert_near(got: Array, want: Array, tolerance: Any) -> None:
    """Infinities and NaN in the same parts; numbers to within `tolerance` of their size."""
    assert (got.dtype, got.shape) == (want.dtype, want.shape)
    least = float(np.finfo(want.dtype).tiny)
    with np.errstate(all="ignore"):
        size = np.abs(want)
        for part, other in ((got.real, want.real), (got.imag, want.imag)):
            settled = ~np.isfinite(other)
            np.testing.assert_array_equal(part[settled], other[settled])
            room = tolerance * np.where(np.isfinite(size), size, np.abs(other)) + least
            assert np.all((np.abs(part - other) <= room) | settled)


@pytest.mark.parametrize(("name", "dtype"), CASES, ids=str)
def test_lanes_do_not_change_bits(name: str, dtype: DType) -> None:
    arity = OPS[name].arity
    one, many = (results(dtype, arity, vector)[name] for vector in (1, LANES))
    same_bits(one, many)


@pytest.mark.parametrize("dtype", ALL_DTYPES, ids=str)
def test_numbers_keep_their_bits(dtype: DType) -> None:
    values = special_values(dtype)
    out = packed("out", dtype, n(values.size))
    stores = [Store(out, (n(place),), n(value, dtype)) for place, value in enumerate(values)]
    same_bits(compiled(build([], [alloc(out), *stores], [out]))()[0], values)


def test_every_exact_op_has_an_emitter() -> None:
    kinds = {"b": bool_, "i": i64, "u": ALL_DTYPES[5], "f": f16, "c": ALL_DTYPES[-1]}
    missing = []
    for op in OPS.values():
        for kind, dtype in kinds.items():
            try:
                result_dtype(op.name, dtype)
            except TypeError:
                continue
            if (op.name, kind) not in TABLE:
                missing.append((op.name, kind))
    assert missing == []
