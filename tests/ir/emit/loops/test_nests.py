"""Loops: every size round the chunk, every stride, what is hoisted, nests, branches, index
arithmetic."""

import time

import numpy as np
import pytest

from lltheano_ir.dtypes import ALL_DTYPES, DType, bool_, f32, f64, i32, i64
from lltheano_ir.loops.nodes import (
    Buffer,
    Check,
    For,
    If,
    Let,
    Load,
    LoopFunction,
    Order,
    Reduce,
    Reduction,
    Scalar,
    Statement,
    Store,
    View,
)
from tests.ir.emit.harness import (
    Array,
    EntryError,
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

AT, J = i("i"), i("j")
SIZES = (0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 100)


def ramp(dtype: DType, *shape: int) -> Array:
    return (np.arange(np.prod(shape, dtype=int)) % 100).reshape(shape).astype(dtype.numpy)


def views(x: Array) -> list[Array]:
    """The same elements in memory packed, stepped, reversed and off their natural alignment."""
    stepped = np.repeat(x, 2, axis=-1)[..., ::2]
    backwards = np.ascontiguousarray(x[..., ::-1])[..., ::-1]
    memory = np.empty(x.nbytes + 1, np.uint8)
    odd = memory[1:].view(x.dtype).reshape(x.shape)
    odd[...] = x
    return [x, stepped, backwards, odd]


def negated(dtype: DType, vector: int, unroll: int) -> LoopFunction:
    x, out = strided("x", dtype, 1, alignment=1), packed("out", dtype, i("x.n0"))
    a, b = Scalar("a", dtype), Scalar("b", dtype)
    op = "not" if dtype.is_bool else "neg"
    body: list[Statement] = [Load(a, x, (AT,)), Let(b, op, (a,)), Store(out, (AT,), b)]
    nest = loop("i", i("x.n0"), *body, vector=vector, unroll=unroll)
    return build([x], [alloc(out), nest], [out])


@pytest.mark.parametrize("dtype", ALL_DTYPES, ids=str)
@pytest.mark.parametrize(("vector", "unroll"), [(1, 1), (4, 1), (8, 4)])
def test_every_dtype_size_and_stride(dtype: DType, vector: int, unroll: int) -> None:
    run = compiled(negated(dtype, vector, unroll))
    for size in SIZES:
        x = ramp(dtype, size)
        want = ~x if dtype.is_bool else np.negative(x)
        for view in views(x):
            same_bits(run(view)[0], want)


@pytest.mark.parametrize("vector", [1, 4])
def test_heavy_bodies_take_strided_inputs_in_vectors(vector: int) -> None:
    x, out = strided("x", f32, 1, alignment=1), packed("out", f32, i("x.n0"))
    a, b = Scalar("a", f32), Scalar("b", f32)
    body: list[Statement] = [Load(a, x, (AT,)), Let(b, "exp", (a,)), Store(out, (AT,), b)]
    run = compiled(build([x], [alloc(out), loop("i", i("x.n0"), *body, vector=vector)], [out]))
    data = np.linspace(-3, 3, 101, dtype=np.float32)
    results = [run(view)[0] for view in views(data)]
    for result in results:
        same_bits(result, results[0])
    np.testing.assert_allclose(results[0], np.exp(data), rtol=1e-6)


def test_mixed_widths_in_one_loop() -> None:
    x, y = strided("x", f32, 1, [i("n")]), strided("y", f64, 1, [i("n")])
    k = strided("k", i32, 1, [i("n")])
    out, flag = packed("out", f64, i("n")), packed("flag", bool_, i("n"))
    a, b, c = Scalar("a", f32), Scalar("b", f64), Scalar("c", i32)
    wide, count, total = (Scalar(name, f64) for name in ("wide", "count", "total"))
    less = Scalar("less", bool_)
    body: list[Statement] = [
        Load(a, x, (AT,)),
        Load(b, y, (AT,)),
        Load(c, k, (AT,)),
        Let(wide, "cast", (a,)),
        Let(count, "cast", (c,)),
        Let(total, "mul", (wide, count)),
        Let(less, "lt", (total, b)),
        Store(out, (AT,), total),
        Store(flag, (AT,), less),
    ]
    nest = loop("i", i("n"), *body, vector=8, unroll=2)
    run = compiled(build([x, y, k], [alloc(out), alloc(flag), nest], [out, flag]))
    for size in SIZES:
        first, second, third = ramp(f32, size) / 7, ramp(f64, size) * 9, ramp(i32, size) - 20
        want = first.astype(np.float64) * third
        got = run(first.astype(np.float32), second, third)
        want = first.astype(np.float32).astype(np.float64) * third
        same_bits(got[0], want)
        same_bits(got[1], want < second)


def test_index_arithmetic_in_lanes() -> None:
    """out[i] = x[n - 1 - i] + x[i // 2] + i * i, with linear and with data-like indices."""
    x, out = strided("x", i64, 1), packed("out", i64, i("x.n0"))
    size = i("x.n0")
    names = ("last", "back", "half", "a", "b", "square", "s", "t")
    last, back, half, a, b, square, s, t = (Scalar(name, i64) for name in names)
    body: list[Statement] = [
        Let(last, "sub", (size, n(1))),
        Let(back, "sub", (last, AT)),
        Let(half, "floordiv", (AT, n(2))),
        Load(a, x, (back,)),
        Load(b, x, (half,)),
        Let(square, "mul", (AT, AT)),
        Let(s, "add", (a, b)),
        Let(t, "add", (s, square)),
        Store(out, (AT,), t),
    ]
    run = compiled(build([x], [alloc(out), loop("i", size, *body, vector=4, unroll=2)], [out]))
    for count in SIZES:
        data = ramp(i64, count)
        index = np.arange(count)
        same_bits(run(data)[0], data[::-1] + data[index // 2] + index * index)


def test_shifted_and_interleaved_accesses() -> None:
    """out[2 i] = x[i + 3]; out[2 i + 1] = x[i]: a linear index with a step, in loads and stores."""
    x, out = strided("x", f64, 1), packed("out", f64, i("m"))
    size, count = i("x.n0"), Scalar("count", i64)
    twice, odd, ahead = (Scalar(name, i64) for name in ("twice", "odd", "ahead"))
    a, b = Scalar("a", f64), Scalar("b", f64)
    body: list[Statement] = [
        Let(twice, "mul", (AT, n(2))),
        Let(odd, "add", (twice, n(1))),
        Let(ahead, "add", (n(3), AT)),
        Load(a, x, (ahead,)),
        Load(b, x, (AT,)),
        Store(out, (twice,), a),
        Store(out, (odd,), b),
    ]
    statements: list[Statement] = [
        Let(count, "sub", (size, n(3))),
        Let(i("m"), "mul", (count, n(2))),
        alloc(out),
        loop("i", count, *body, vector=4),
    ]
    run = compiled(build([x], statements, [out]))
    for count_now in SIZES:
        data = ramp(f64, count_now + 3)
        want = np.stack([data[3:], data[:-3]], axis=1).reshape(-1)
        same_bits(run(data)[0], want)


@pytest.mark.parametrize("vector", [1, 4])
def test_rows_columns_and_broadcasting(vector: int) -> None:
    """out[i, j] = x[i, j] * row[0, j] + column[i, 0], x in any layout."""
    x = strided("x", f32, 2, [i("n"), i("m")], alignment=1)
    row, column = strided("row", f32, 2, [n(1), i("m")]), strided("col", f32, 2, [i("n"), n(1)])
    out = packed("out", f32, i("n"), i("m"))
    a, b, c, d, e = (Scalar(name, f32) for name in "abcde")
    inner = loop(
        "j",
        i("m"),
        Load(a, x, (AT, J)),
        Load(b, row, (n(0), J)),
        Load(c, column, (AT, n(0))),
        Let(d, "mul", (a, b)),
        Let(e, "add", (d, c)),
        Store(out, (AT, J), e),
        vector=vector,
        unroll=2,
    )
    run = compiled(build([x, row, column], [alloc(out), For(AT, i("n"), (inner,))], [out]))
    for shape in ((0, 5), (3, 0), (1, 1), (3, 7), (5, 33)):
        data, rows, columns = ramp(f32, *shape), ramp(f32, 1, shape[1]), ramp(f32, shape[0], 1)
        want = data * rows + columns
        for view in (*views(data), np.asfortranarray(data), np.ascontiguousarray(data[::-1])[::-1]):
            same_bits(run(view, rows, columns)[0], want)


def test_transposed_inputs_are_vectors_along_their_own_rows() -> None:
    x, out = strided("x", f64, 2), packed("out", f64, i("x.n1"), i("x.n0"))
    a = Scalar("a", f64)
    inner = loop("j", i("x.n0"), Load(a, x, (J, AT)), Store(out, (AT, J), a), vector=4)
    run = compiled(build([x], [alloc(out), For(AT, i("x.n1"), (inner,))], [out]))
    for data in (ramp(f64, 6, 9), np.asfortranarray(ramp(f64, 6, 9))):
        same_bits(run(data)[0], np.ascontiguousarray(data.T))


@pytest.mark.parametrize("vector", [1, 4])
def test_a_loop_over_columns_with_a_sum_over_rows_inside(vector: int) -> None:
    x, out = strided("x", f64, 2, alignment=1), packed("out", f64, i("x.n1"))
    a, total = Scalar("a", f64), Scalar("total", f64)
    reduce = Reduce(
        (Reduction(total, "add", a),), (AT,), (i("x.n0"),), (Load(a, x, (AT, J)),), Order.ROWS
    )
    nest = loop("j", i("x.n1"), reduce, Store(out, (J,), total), vector=vector, unroll=2)
    run = compiled(build([x], [alloc(out), nest], [out]))
    rng = np.random.default_rng(0)
    for shape in ((0, 5), (1, 3), (7, 0), (50, 21)):
        data = rng.normal(size=shape)
        want = np.zeros(shape[1])
        for row in data:
            want = want + row
        for view in views(data):
            same_bits(run(view)[0], want)


def test_branches_inside_vector_loops() -> None:
    x, out = strided("x", f64, 1), packed("out", f64, i("x.n0"))
    flag = strided("flag", bool_, 0)
    a, b, on = Scalar("a", f64), Scalar("b", f64), Scalar("on", bool_)
    body: list[Statement] = [
        Load(on, flag, ()),
        Load(a, x, (AT,)),
        If(
            on,
            (Let(b, "add", (a, a)), Store(out, (AT,), b)),
            (Store(out, (AT,), a),),
        ),
    ]
    nest = loop("i", i("x.n0"), *body, vector=4)
    run = compiled(build([x, flag], [alloc(out), nest], [out]))
    data = ramp(f64, 21)
    same_bits(run(data, np.array(True))[0], data + data)
    same_bits(run(data, np.array(False))[0], data)


def test_branches_on_elements_run_one_by_one() -> None:
    x, out = strided("x", f64, 1), packed("out", f64, i("x.n0"))
    a, positive = Scalar("a", f64), Scalar("positive", bool_)
    body: list[Statement] = [
        Load(a, x, (AT,)),
        Let(positive, "gt", (a, n(5.0, f64))),
        If(positive, (Store(out, (AT,), a),), (Store(out, (AT,), n(-1.0, f64)),)),
    ]
    run = compiled(build([x], [alloc(out), loop("i", i("x.n0"), *body)], [out]))
    data = ramp(f64, 21)
    same_bits(run(data)[0], np.where(data > 5, data, -1.0))


@pytest.mark.parametrize("vector", [1, 4])
def test_gather_with_a_check_reports_the_first_bad_index(vector: int) -> None:
    x, k = strided("x", f64, 1), strided("k", i64, 1)
    out = packed("out", f64, i("k.n0"))
    index, a, inside = Scalar("index", i64), Scalar("a", f64), Scalar("inside", bool_)
    body: list[Statement] = [
        Load(index, k, (AT,)),
        Let(inside, "lt", (index, i("x.n0"))),
        Check(inside, 0, (index, i("x.n0"))),
        Load(a, x, (index,)),
        Store(out, (AT,), a),
    ]
    nest = loop("i", i("k.n0"), *body, vector=vector)
    run = compiled(build([x, k], [alloc(out), nest], [out], sites=1))
    data = ramp(f64, 40)
    chosen = np.random.default_rng(0).integers(0, 40, 37)
    same_bits(run(data, chosen)[0], data[chosen])
    chosen[[6, 9]] = [44, 50]
    with pytest.raises(EntryError) as failure:
        run(data, chosen)
    assert failure.value.status == 1
    assert failure.value.report[:3] == [0, 44, 40]


def test_a_load_behind_a_check_is_not_moved_before_it() -> None:
    """The index is the same in all iterations, and out of range: reading it early would fault."""
    x, k = strided("x", f64, 1), strided("k", i64, 0)
    out = packed("out", f64, i("x.n0"))
    index, a, inside = Scalar("index", i64), Scalar("a", f64), Scalar("inside", bool_)
    body: list[Statement] = [
        Load(index, k, ()),
        Let(inside, "lt", (index, i("x.n0"))),
        Check(inside, 0, (index,)),
        Load(a, x, (index,)),
        Store(out, (AT,), a),
    ]
    nest = loop("i", i("x.n0"), *body, vector=4)
    run = compiled(build([x, k], [alloc(out), nest], [out], sites=1))
    same_bits(run(ramp(f64, 9), np.array(3))[0], np.full(9, 3.0))
    with pytest.raises(EntryError, match="status 1"):
        run(ramp(f64, 9), np.array(1 << 45))


def test_memory_that_the_loop_writes_is_read_anew() -> None:
    """x[0] changes in the first iteration, so that its load must stay inside the loop."""
    x, out = packed("x", f64, i("n")), packed("out", f64, i("n"))
    a, b = Scalar("a", f64), Scalar("b", f64)
    body = (
        Load(a, x, (n(0),)),
        Let(b, "add", (a, n(1.0, f64))),
        Store(x, (n(0),), b),
        Store(out, (AT,), a),
    )
    nest = For(AT, i("n"), body, sequential=True)
    run = compiled(build([x], [alloc(out), nest], [out], shared=[x], updates=[(x, 0)]))
    data = np.zeros(5)
    same_bits(run(data)[0], np.arange(5.0))
    assert data[0] == 5.0


def test_loads_of_buffers_that_the_body_makes_stay_in_the_loop() -> None:
    """A view of an invariant element: the load does not vary, but its buffer is made inside."""
    x, out = strided("x", f64, 1), packed("out", f64, i("n"))
    last, a = Buffer("last", f64, (n(1),), (n(1),)), Scalar("a", f64)
    body = (View(last, x, n(2)), Load(a, last, (n(0),)), Store(out, (AT,), a))
    nest = For(AT, i("n"), body, sequential=True)
    run = compiled(build([x], [Let(i("n"), "add", (i("x.n0"), n(1))), alloc(out), nest], [out]))
    same_bits(run(np.arange(4.0))[0], np.full(5, 2.0))


def test_writes_through_a_view_that_the_body_makes_are_seen() -> None:
    """x[1] is read anew: a view of x, made in the body, writes to it."""
    x, out = packed("x", f64, i("n")), packed("out", f64, i("n"))
    tail = Buffer("tail", f64, (n(1),), (n(1),))
    a, b = Scalar("a", f64), Scalar("b", f64)
    body = (
        View(tail, x, n(1)),
        Load(a, x, (n(1),)),
        Let(b, "add", (a, n(1.0, f64))),
        Store(tail, (n(0),), b),
        Store(out, (AT,), a),
    )
    nest = For(AT, i("n"), body, sequential=True)
    run = compiled(build([x], [alloc(out), nest], [out], shared=[x], updates=[(x, 0)]))
    same_bits(run(np.zeros(4))[0], np.arange(4.0))


def test_a_nest_without_iterations_inside_takes_no_time() -> None:
    x, out = strided("x", f64, 2), packed("out", f64, i("x.n0"), i("x.n1"))
    a, row = Scalar("a", f64), Scalar("row", i64)
    inner = loop("j", i("x.n1"), Load(a, x, (row, J)), Store(out, (AT, J), a), vector=4)
    body = (Let(row, "floordiv", (AT, n(2))), inner)
    run = compiled(build([x], [alloc(out), For(AT, i("x.n0"), body)], [out]))
    started = time.process_time()
    assert run(np.empty((1 << 34, 0)))[0].shape == (1 << 34, 0)
    assert time.process_time() - started < 1
    data = ramp(f64, 5, 7)
    same_bits(run(data)[0], data[np.arange(5) // 2])
