"""Reductions: the fixed order bit for bit, extrema and positions as NumPy has them, all lengths."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from lltheano_ir.dtypes import ALL_DTYPES, DType, bool_, c64, c128, f16, f32, f64, i8, i64
from lltheano_ir.emit import emit_module
from lltheano_ir.loops.nodes import (
    Check,
    For,
    Let,
    Load,
    LoopFunction,
    Order,
    Reduce,
    Reduction,
    Scalar,
    Schedule,
    Statement,
    Store,
)
from lltheano_ir.ops.summation import (
    BLOCK_STEPS,
    fold_last_axis,
    fold_leading_axes,
    lanes,
)
from lltheano_ir.ops.table import op_named
from lltheano_ir.types import ValueType
from tests.ir.emit.harness import (
    Array,
    EntryError,
    alloc,
    build,
    compiled,
    i,
    packed,
    same_bits,
    strided,
)
from tests.ir.emit.kernels import gathering, reduction
from tests.ir.targets import AVX2

AT, J = i("i"), i("j")
FLOATS = (f16, f32, f64, c64, c128)


def lengths(dtype: DType) -> list[int]:
    row = lanes(dtype)
    block = row * BLOCK_STEPS
    near = [base + step for base in (row, block, 2 * block) for step in (-1, 0, 1)]
    return [0, 1, 2, *near, 3 * block, 5 * block + row + 3, 7 * block + 1, 13 * block, 16 * block]


def sample(dtype: DType, size: int, seed: int = 0) -> Array:
    rng = np.random.default_rng(seed)
    if dtype.is_bool:
        return rng.integers(0, 2, size).astype(bool)
    if dtype.is_integer:
        raw = rng.integers(0, 256, size * dtype.itemsize, dtype=np.uint8)
        return raw.view(dtype.numpy)
    values = rng.normal(size=size) + (1j * rng.normal(size=size) if dtype.is_complex else 0)
    return values.astype(dtype.numpy)


@pytest.mark.parametrize(
    ("kind", "dtype"),
    [(kind, one) for kind in ("add", "mul") for one in FLOATS],
    ids=str,
)
def test_blocked_order_bit_for_bit(kind: str, dtype: DType) -> None:
    run = compiled(reduction(kind, dtype))
    for length in lengths(dtype):
        x = sample(dtype, length)
        if kind == "mul":
            x = (1 + x / 100).astype(dtype.numpy)
        for view in (x, np.repeat(x, 2)[::2], x[::-1]):
            same_bits(run(view)[0], fold_last_axis(kind, view))


@pytest.mark.parametrize("vector", [1, 4, 8])
def test_heavy_bodies_keep_the_order(vector: int) -> None:
    run = compiled(reduction("add", f32, op="exp", vector=vector))
    other = compiled(reduction("add", f32, op="exp", vector=1))
    for length in (0, 1, 5, 31, 32, 33, 100, 2047, 2048, 2049, 10000):
        x = sample(f32, length)
        same_bits(run(x)[0], other(x)[0])
        same_bits(run(x[::-1])[0], other(x[::-1])[0])
        np.testing.assert_allclose(run(x)[0], np.exp(x.astype(float)).sum(), rtol=1e-6)


def test_signed_zeros_of_sums() -> None:
    run = compiled(reduction("add", f64))
    for length in (1, 7, 16, 100):
        same_bits(run(np.full(length, -0.0))[0], np.array(-0.0))
    same_bits(run(np.array([]))[0], np.array(0.0))


KINDS = {"add": "iu", "mul": "iu", "and": "biu", "or": "biu", "max": "biuf", "min": "biuf"}
ANY_ORDER = [
    (kind, dtype)
    for kind, kinds in {**KINDS, "argmax": "biuf", "argmin": "biuf"}.items()
    for dtype in ALL_DTYPES
    if dtype.numpy.kind in kinds
]


@pytest.mark.parametrize(("kind", "dtype"), ANY_ORDER, ids=str)
@pytest.mark.parametrize("vector", [1, 8])
def test_any_order(kind: str, dtype: DType, vector: int) -> None:
    op = op_named("argreduce" if kind.startswith("arg") else "reduce")
    attributes = (kind[3:], 0) if kind.startswith("arg") else (kind, (0,))
    types = [ValueType(dtype, (False,))]
    run = compiled(reduction(kind, dtype, vector=vector))
    for length in (1, 2, 7, 8, 15, 16, 17, 60, 64, 100, 257):
        x = sample(dtype, length, seed=length)
        for view in (x, np.repeat(x, 2)[::2]):
            same_bits(run(view)[0], *op.results([x], types, attributes))


@pytest.mark.parametrize("dtype", [f16, f32, f64], ids=str)
@pytest.mark.parametrize("kind", ["max", "min", "argmax", "argmin"])
@pytest.mark.parametrize("vector", [1, 8])
def test_extrema_of_special_values(kind: str, dtype: DType, vector: int) -> None:
    """Lanes keep apart what decides between zeros, and whether there was a NaN in either half."""
    op = op_named("argreduce" if kind.startswith("arg") else "reduce")
    attributes = (kind[3:], 0) if kind.startswith("arg") else (kind, (0,))
    run = compiled(reduction(kind, dtype, vector=vector))
    values = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0])
    rng = np.random.default_rng(1)
    for length in (1, 2, 5, 16, 17, 33, 100):
        for known in (values, values[1:], values[3:], values[3:5], values[2:3], values[:1]):
            x = rng.choice(known, length).astype(dtype.numpy)
            same_bits(run(x)[0], *op.results([x], [ValueType(dtype, (False,))], attributes))
    for place in range(33):
        x = np.zeros(33, dtype.numpy)
        x[place] = np.nan
        same_bits(run(x)[0], *op.results([x], [ValueType(dtype, (False,))], attributes))


@pytest.mark.parametrize(
    ("kind", "dtype", "want"),
    [
        ("add", f32, 0.0),
        ("mul", f32, 1.0),
        ("max", f32, -np.inf),
        ("min", f64, np.inf),
        ("max", i8, -128),
        ("min", i8, 127),
        ("and", bool_, True),
        ("or", bool_, False),
        ("and", i8, -1),
        ("argmax", f32, 0),
        ("add", c64, 0),
    ],
    ids=str,
)
def test_of_no_elements(kind: str, dtype: DType, want: Any) -> None:
    got = compiled(reduction(kind, dtype))(np.zeros(0, dtype.numpy))[0]
    same_bits(got, np.asarray(want, np.int64 if kind == "argmax" else dtype.numpy))


ROW_COUNTS = (0, 1, 2, 127, 128, 129, 255, 256, 257, 384, 640, 1000, 1793)
"""Round the borders of blocks, with all sorts of trees over them."""


def columns_of_rows(kinds: Sequence[str], dtype: DType, vector: int) -> LoopFunction:
    """Each column of a matrix reduced over its rows, column by column or in vectors of them."""
    x = strided("x", dtype, 2)
    a = Scalar("a", dtype)
    targets = [Scalar(f"r{kind}", i64 if kind.startswith("arg") else dtype) for kind in kinds]
    outputs = [packed(f"out.{one.name}", one.dtype, i("x.n1")) for one in targets]
    reduce = Reduce(
        tuple(Reduction(one, kind, a) for kind, one in zip(kinds, targets, strict=True)),
        (AT,),
        (i("x.n0"),),
        (Load(a, x, (AT, J)),),
        Order.ROWS,
    )
    stores = [Store(out, (J,), one) for out, one in zip(outputs, targets, strict=True)]
    nest = For(J, i("x.n1"), (reduce, *stores), schedule=Schedule(vector, 2))
    return build([x], [*map(alloc, outputs), nest], outputs)


@pytest.mark.parametrize("vector", [1, 4, 16])
@pytest.mark.parametrize(
    ("kind", "dtype"), [(kind, one) for kind in ("add", "mul") for one in FLOATS], ids=str
)
def test_order_of_rows_bit_for_bit(kind: str, dtype: DType, vector: int) -> None:
    run = compiled(columns_of_rows([kind], dtype, vector))
    for count in ROW_COUNTS:
        x = sample(dtype, count * 37).reshape(count, 37)
        if kind == "mul":
            x = (1 + x / 100).astype(dtype.numpy)
        for view in (x, np.asfortranarray(x), x[::-1, ::2]):
            same_bits(run(view)[0], fold_leading_axes(kind, view, (0,)))


@pytest.mark.parametrize("vector", [1, 8])
def test_rows_reduced_in_several_ways_at_once(vector: int) -> None:
    """Sums and products go in blocks; extrema and their positions go on from block to block."""
    run = compiled(columns_of_rows(["argmin", "add", "max", "mul"], f32, vector))
    for count in (1, 128, 129, 700):
        x = (1 + sample(f32, count * 19).reshape(count, 19) / 100).astype(np.float32)
        x[-1, 3] = x[count // 2, 5] = np.nan
        x[:, 7] = 1.0
        got = run(x)
        same_bits(got[0], x.argmin(axis=0))
        same_bits(got[1], fold_leading_axes("add", x, (0,)))
        same_bits(got[2], np.max(x, axis=0))
        same_bits(got[3], fold_leading_axes("mul", x, (0,)))


@pytest.mark.parametrize("axes", [2, 3])
def test_order_of_rows_over_several_axes(axes: int) -> None:
    x, out = strided("x", f32, axes), packed("out", f32)
    a, r = Scalar("a", f32), Scalar("r", f32)
    indices = tuple(i(f"i{axis}") for axis in range(axes))
    reduce = Reduce((Reduction(r, "add", a),), indices, x.sizes, (Load(a, x, indices),), Order.ROWS)
    run = compiled(build([x], [alloc(out), reduce, Store(out, (), r)], [out]))
    for shape in (
        (0, 3, 2),
        (3, 0, 2),
        (1, 1, 1),
        (7, 11, 5),
        (43, 3, 1),
        (2, 200, 3),
        (300, 2, 9),
    ):
        data = sample(f32, int(np.prod(shape[:axes]))).reshape(shape[:axes])
        same_bits(run(data)[0], fold_leading_axes("add", data, tuple(range(axes))))


def test_rows_of_blocked_sums() -> None:
    """Each row in blocked order, and the rows in theirs: each tree has memory of its own."""
    x, out = strided("x", f32, 2), packed("out", f32)
    a, row, r = Scalar("a", f32), Scalar("row", f32), Scalar("r", f32)
    inner = Reduce(
        (Reduction(row, "add", a),),
        (J,),
        (i("x.n1"),),
        (Load(a, x, (AT, J)),),
        Order.BLOCKED,
        Schedule(8, 4),
    )
    reduce = Reduce((Reduction(r, "add", row),), (AT,), (i("x.n0"),), (inner,), Order.ROWS)
    run = compiled(build([x], [alloc(out), reduce, Store(out, (), r)], [out]))
    for shape in ((3, 7), (300, 5), (300, 5000), (1000, 33)):
        data = sample(f32, shape[0] * shape[1]).reshape(shape)
        same_bits(run(data)[0], fold_leading_axes("add", fold_last_axis("add", data), (0,)))


def test_sums_that_follow_each_other_share_the_memory_of_their_trees() -> None:
    def stack_arrays(count: int) -> int:
        x = strided("x", f64, 1)
        outputs = [packed(f"out{n}", f64) for n in range(count)]
        body: list[Statement] = []
        for n, out in enumerate(outputs):
            a, r, index = Scalar(f"a{n}", f64), Scalar(f"r{n}", f64), i(f"i{n}")
            load = Load(a, x, (index,))
            body += [
                alloc(out),
                Reduce((Reduction(r, "add", a),), (index,), (i("x.n0"),), (load,), Order.ROWS),
                Store(out, (), r),
            ]
        text = emit_module(build([x], body, outputs), AVX2)
        return text.count(f"[{8 * 56} x i8]")

    assert stack_arrays(5) == stack_arrays(1)


def test_several_reductions_in_one_pass() -> None:
    """Sums of two dtypes, which have different rows of lanes, an extremum and its position."""
    x = strided("x", f32, 1)
    a, wide = Scalar("a", f32), Scalar("wide", f64)
    kinds: list[tuple[str, Scalar, Scalar]] = [
        ("add", a, Scalar("s32", f32)),
        ("add", wide, Scalar("s64", f64)),
        ("max", a, Scalar("m", f32)),
        ("argmax", a, Scalar("k", i64)),
    ]
    outputs = [packed(f"out.{target.name}", target.dtype) for _, _, target in kinds]
    reduce = Reduce(
        tuple(Reduction(target, kind, value) for kind, value, target in kinds),
        (AT,),
        (i("x.n0"),),
        (Load(a, x, (AT,)), Let(wide, "cast", (a,))),
        Order.BLOCKED,
        Schedule(8, 2),
    )
    stores = [Store(out, (), target) for out, (_, _, target) in zip(outputs, kinds, strict=True)]
    run = compiled(build([x], [*map(alloc, outputs), reduce, *stores], outputs))
    data = sample(f32, 5000)
    got = run(data)
    same_bits(got[0], fold_last_axis("add", data))
    same_bits(got[1], fold_last_axis("add", data.astype(float)))
    same_bits(got[2], np.asarray(data.max()))
    same_bits(got[3], np.asarray(data.argmax()))


def test_rows_reduced_inside_a_loop() -> None:
    """The sum and the position of the maximum of each row."""
    x = strided("x", f64, 2)
    total, place = packed("total", f64, i("x.n0")), packed("place", i64, i("x.n0"))
    a, s, k = Scalar("a", f64), Scalar("s", f64), Scalar("k", i64)
    reduce = Reduce(
        (Reduction(s, "add", a), Reduction(k, "argmax", a)),
        (J,),
        (i("x.n1"),),
        (Load(a, x, (AT, J)),),
        Order.BLOCKED,
        Schedule(4, 4),
    )
    body = (reduce, Store(total, (AT,), s), Store(place, (AT,), k))
    nest = For(AT, i("x.n0"), body)
    run = compiled(build([x], [alloc(total), alloc(place), nest], [total, place]))
    data = sample(f64, 7 * 1100).reshape(7, 1100)
    for view in (data, data[:, :10], data[::-1], data.T):
        got = run(view)
        same_bits(got[0], fold_last_axis("add", view))
        same_bits(got[1], view.argmax(axis=1))


@pytest.mark.parametrize("kind", ["max", "argmax"])
def test_columns_reduced_side_by_side(kind: str) -> None:
    x = strided("x", f32, 2)
    out = packed("out", i64 if kind == "argmax" else f32, i("x.n1"))
    a, r = Scalar("a", f32), Scalar("r", out.dtype)
    reduce = Reduce(
        (Reduction(r, kind, a),), (AT,), (i("x.n0"),), (Load(a, x, (AT, J)),), Order.ROWS
    )
    nest = For(J, i("x.n1"), (reduce, Store(out, (J,), r)), schedule=Schedule(8, 2))
    run = compiled(build([x], [alloc(out), nest], [out]))
    data = sample(f32, 30 * 37).reshape(30, 37)
    data[4, 5] = data[20, 5] = np.nan
    function: Callable[..., Array] = np.argmax if kind == "argmax" else np.max
    same_bits(run(data)[0], function(data, axis=0))


@pytest.mark.parametrize("kind", ["add", "mul", "max", "argmax"])
@pytest.mark.parametrize("dtype", [f16, f32, f64], ids=str)
def test_gathered_elements_bit_for_bit(kind: str, dtype: DType) -> None:
    run, alone = (compiled(gathering(kind, dtype, vector)) for vector in (4, 1))
    for length in lengths(dtype)[1:]:
        x, y = sample(dtype, 10 * length).reshape(length, 10), sample(dtype, length, seed=1)
        k = np.random.default_rng(2).integers(0, 10, length)
        chosen = x[np.arange(length), k] - y
        by_kind = fold_last_axis(kind, chosen) if kind in ("add", "mul") else None
        want = by_kind if by_kind is not None else np.asarray(getattr(chosen, kind)())
        for data, own in ((x, y), (np.asfortranarray(x), np.repeat(y, 2)[::2])):
            same_bits(run(data, k, own)[0], want)
            same_bits(alone(data, k, own)[0], want)


def test_a_bad_index_of_a_gathering_sum_is_reported() -> None:
    run = compiled(gathering("add", f64, 4))
    k = np.zeros(50, np.int64)
    k[[22, 31]] = 12, 1 << 40
    with pytest.raises(EntryError) as failure:
        run(np.zeros((50, 10)), k, np.zeros(50))
    assert failure.value.report[:2] == [0, 12]


def test_a_check_inside_a_reduction() -> None:
    x, out = strided("x", f64, 1), packed("out", f64)
    a, r, root, good = (
        Scalar("a", f64),
        Scalar("r", f64),
        Scalar("root", f64),
        Scalar("good", bool_),
    )
    body = (
        Load(a, x, (AT,)),
        Let(root, "sqrt", (a,)),
        Let(good, "eq", (root, root)),
        Check(good, 0, (AT,)),
    )
    reduce = Reduce(
        (Reduction(r, "add", root),), (AT,), (i("x.n0"),), body, Order.BLOCKED, Schedule(4)
    )
    run = compiled(build([x], [alloc(out), reduce, Store(out, (), r)], [out], sites=1))
    data = np.arange(40.0)
    same_bits(run(data)[0], fold_last_axis("add", np.sqrt(data)))
    data[[21, 30]] = -1.0
    with pytest.raises(EntryError) as failure:
        run(data)
    assert failure.value.report[:2] == [0, 21]


@pytest.mark.parametrize("kind", ["or", "and"])
def test_what_is_known_before_the_end_is_not_looked_for_further(kind: str) -> None:
    run = compiled(reduction(kind, bool_, vector=32))
    deciding = kind == "or"
    for place in (0, 31, 2047, 2048, 5000, 99999):
        x = np.full(100_000, not deciding)
        before = run.pool.polls
        assert run(x)[0] == (not deciding)
        whole = run.pool.polls - before
        x[place] = deciding
        assert run(x)[0] == deciding
        asked = run.pool.polls - before - whole
        assert asked == whole if place == 99999 else asked < 2 < whole
