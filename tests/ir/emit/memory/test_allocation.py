"""Allocations: failure, cleaning up, sharing, reuse in loops, results, views, constants, copies."""

import numpy as np
import pytest

from lltheano_ir.dtypes import bool_, f32, f64, i64
from lltheano_ir.loops.nodes import (
    Alloc,
    Buffer,
    Check,
    Commit,
    Constant,
    Contiguous,
    For,
    If,
    Let,
    Load,
    LoopFunction,
    Scalar,
    Statement,
    Store,
    View,
)
from lltheano_ir.ops.definition import Literal
from tests.ir.emit.harness import (
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

AT, N = i("i"), i("x.n0")
A, B = Scalar("a", f64), Scalar("b", f64)


def copied(source: Buffer, target: Buffer, index: str = "i") -> For:
    element = Scalar(f"{index}.element", source.dtype)
    place = (i(index),)
    return loop(index, N, Load(element, source, place), Store(target, place, element), vector=4)


def chain(*slots: int | None) -> LoopFunction:
    """Copy x through one temporary for each slot into the output."""
    x = strided("x", f64, 1)
    temporaries = [packed(f"t{number}", f64, N) for number in range(len(slots))]
    out = packed("out", f64, N)
    body: list[Statement] = []
    source = x
    for number, (target, slot) in enumerate(zip(temporaries, slots, strict=True)):
        body += [Alloc(target, slot), copied(source, target, f"i{number}")]
        source = target
    return build([x], [*body, alloc(out), copied(source, out)], [out])


def test_temporaries_go_back_and_results_do_not() -> None:
    run = compiled(chain(None, None))
    same_bits(run(np.arange(9.0))[0], np.arange(9.0))
    assert run.pool.drawn == [72, 72, 72]
    assert run.pool.live == {}


@pytest.mark.parametrize("failing", [0, 1, 2])
def test_a_failing_allocation_gives_everything_back(failing: int) -> None:
    run = compiled(chain(None, None))
    run.pool.fail_at = failing
    with pytest.raises(EntryError) as failure:
        run(np.arange(9.0))
    assert (failure.value.status, failure.value.report[0]) == (2, 72)
    assert run.pool.live == {}


def test_a_size_that_overflows_is_no_memory() -> None:
    x, k = strided("x", f64, 1), strided("k", i64, 0)
    size = i("size")
    out = packed("out", f64, size, size)
    run = compiled(build([x, k], [Load(size, k, ()), alloc(out)], [out]))
    with pytest.raises(EntryError, match="status 2"):
        run(np.arange(3.0), np.array(1 << 40))
    assert [one.shape for one in run(np.arange(3.0), np.array(0))] == [(0, 0)]


def test_slots_share_one_block_of_the_greatest_size() -> None:
    """t0 and t2 share; t2 is the greater, and its size is known where t0 is allocated."""
    x = strided("x", f64, 1)
    double = i("double")
    t0, t1, t2 = packed("t0", f64, N), packed("t1", f64, N), packed("t2", f64, double)
    out = packed("out", f64, N)
    body: list[Statement] = [
        Let(double, "add", (N, N)),
        Alloc(t0, 0),
        copied(x, t0, "i0"),
        Alloc(t1, 1),
        copied(t0, t1, "i1"),
        Alloc(t2, 0),
        copied(t1, t2, "i2"),
        alloc(out),
        copied(t2, out),
    ]
    run = compiled(build([x], body, [out]))
    same_bits(run(np.arange(9.0))[0], np.arange(9.0))
    assert run.pool.drawn == [144, 72, 72]


def test_a_slot_whose_later_size_is_unknown_gets_memory_of_its_own() -> None:
    x = strided("x", f64, 1)
    double = i("double")
    t0, t1 = packed("t0", f64, N), packed("t1", f64, double)
    out = packed("out", f64, N)
    body: list[Statement] = [
        Alloc(t0, 0),
        copied(x, t0, "i0"),
        alloc(out),
        copied(t0, out),
        Let(double, "add", (N, N)),
        Alloc(t1, 0),
        copied(x, t1, "i1"),
    ]
    run = compiled(build([x], body, [out]))
    same_bits(run(np.arange(9.0))[0], np.arange(9.0))
    assert run.pool.drawn == [72, 72, 144]
    assert run.pool.live == {}


def test_an_allocation_in_a_loop_keeps_its_block_while_the_size_stays() -> None:
    """Iteration i uses max(i, 3) elements: sizes 3 3 3 3 4 5."""
    x, out = strided("x", f64, 1), packed("out", f64, N)
    size = i("size")
    temporary = packed("t", f64, size)
    body = (
        Let(size, "maximum", (AT, n(3))),
        alloc(temporary),
        Load(A, x, (AT,)),
        Store(temporary, (n(0),), A),
        Load(B, temporary, (n(0),)),
        Store(out, (AT,), B),
    )
    run = compiled(build([x], [alloc(out), For(AT, N, body)], [out]))
    same_bits(run(np.arange(6.0))[0], np.arange(6.0))
    assert run.pool.drawn == [48, 24, 32, 40]
    assert run.pool.live == {}


def test_small_temporaries_of_fixed_size_lie_on_the_stack() -> None:
    x, t, out = strided("x", f64, 0), packed("t", f64), packed("out", f64)
    body: list[Statement] = [
        alloc(t),
        Load(A, x, ()),
        Store(t, (), A),
        Load(B, t, ()),
        alloc(out),
        Store(out, (), B),
    ]
    run = compiled(build([x], body, [out]))
    same_bits(run(np.array(2.5))[0], np.array(2.5))
    assert run.pool.drawn == [8]


def test_an_update_in_place_gives_back_the_parameters_own_pointer() -> None:
    """The accumulator: the output is the old value, the update the new one, in place."""
    state, inc = packed("state", i64), strided("inc", i64, 0)
    out = packed("out", i64)
    old, step, new = Scalar("old", i64), Scalar("step", i64), Scalar("new", i64)
    body: list[Statement] = [
        alloc(out),
        Load(old, state, ()),
        Store(out, (), old),
        Load(step, inc, ()),
        Let(new, "add", (old, step)),
        Commit(),
        Store(state, (), new),
    ]
    function = build([inc, state], body, [out], shared=[state], updates=[(state, 1)])
    run = compiled(function)
    memory = np.array(0)
    assert [int(run(np.array(step), memory)[0]) for step in (1, 300)] == [0, 1]
    assert memory == 301


@pytest.mark.parametrize("good", [True, False])
def test_a_check_reports_its_site_and_values(good: bool) -> None:
    x, y = strided("x", f64, 1), strided("y", f64, 1)
    t, same = packed("t", f64, N), Scalar("same", bool_)
    body: list[Statement] = [
        alloc(t),
        Let(same, "eq", (N, i("y.n0"))),
        Check(same, 1, (N, i("y.n0"))),
    ]
    run = compiled(build([x, y], body, [], sites=2))
    if good:
        assert run(np.zeros(4), np.zeros(4)) == []
        return
    with pytest.raises(EntryError) as failure:
        run(np.zeros(4), np.zeros(5))
    assert failure.value.status == 1
    assert failure.value.report[:3] == [1, 4, 5]


def test_views_name_part_of_another_buffer() -> None:
    """out is filled by columns, backwards, through a view with a negative stride."""
    x, out = strided("x", f64, 1), packed("out", f64, N)
    last = i("last")
    back = Buffer("back", f64, (N,), (n(-1),))
    body: list[Statement] = [
        alloc(out),
        Let(last, "sub", (N, n(1))),
        View(back, out, last),
        loop("i", N, Load(A, x, (AT,)), Store(back, (AT,), A), vector=4),
    ]
    run = compiled(build([x], body, [out]))
    same_bits(run(np.arange(9.0))[0], np.arange(9.0)[::-1])


def test_constants_lie_in_the_module_once() -> None:
    values = np.arange(6, dtype=np.float32) * 1.5
    first, second = (Buffer(name, f32, (n(6),)) for name in ("c0", "c1"))
    out = packed("out", f32, n(6))
    a, b, c = (Scalar(name, f32) for name in "abc")
    body: list[Statement] = [
        Constant(first, Literal.of(values)),
        Constant(second, Literal.of(values)),
        alloc(out),
        loop(
            "i",
            n(6),
            Load(a, first, (AT,)),
            Load(b, second, (AT,)),
            Let(c, "add", (a, b)),
            Store(out, (AT,), c),
            vector=4,
        ),
    ]
    run = compiled(build([], body, [out]))
    assert run.text.count("constant [24 x i8]") == 1
    same_bits(run()[0], values + values)


def _copy_of(source: Buffer, target: Buffer, element: Scalar) -> tuple[Statement, ...]:
    indices = (i("i"), i("j"))
    return Load(element, source, indices), Store(target, indices, element)


@pytest.mark.parametrize("conditional", [False, True])
def test_contiguous_copies_only_what_is_not_row_major(conditional: bool) -> None:
    x = strided("x", f64, 2)
    rows, columns = i("x.n0"), i("x.n1")
    plain = packed("plain", f64, rows, columns)
    out = packed("out", f64, rows, columns)
    element = Scalar("element", f64)
    copied = loop("i", rows, loop("j", columns, *_copy_of(plain, out, element)))
    statements: tuple[Statement, ...] = (Contiguous(plain, x), copied)
    if conditional:
        positive = Scalar("positive", bool_)
        statements = (Let(positive, "ge", (rows, n(0))), If(positive, statements))
    run = compiled(build([x], [alloc(out), *statements], [out]))
    data = np.arange(24.0).reshape(4, 6)
    cases = {
        "packed": (data, 1),
        "transposed": (data.T, 2),
        "stepped": (data[:, ::2], 2),
        "reversed": (data[::-1], 2),
        "one row": (data[1:2], 1),
        "one column": (data[:, 1:2], 2),
        "empty": (data[:0], 1),
    }
    for name, (view, blocks) in cases.items():
        run.pool.drawn.clear()
        same_bits(run(view)[0], np.ascontiguousarray(view))
        assert len(run.pool.drawn) == blocks, name
        assert run.pool.live == {}
