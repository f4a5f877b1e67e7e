"""The pass that lets threads share loops: which ones, and what it finds worth a thread."""

from dataclasses import replace

import numpy as np
import pytest

from lltheano_ir.decisions import Decision
from lltheano_ir.dtypes import i64
from lltheano_ir.loops.interpret import interpret_loops
from lltheano_ir.loops.nodes import (
    Alloc,
    Buffer,
    For,
    LoopFunction,
    Number,
    Reduce,
    Result,
    Statement,
    Store,
)
from lltheano_ir.loops.parser import parse_loops
from lltheano_ir.loops.verify import verify_loops
from lltheano_ir.loops.walk import statements_in
from lltheano_ir.schedule.threads import GRAIN_PICOSECONDS, share_among_threads

HEAD = "loops @f(%x: f64[%n, %m] strides [%s, %t] input) { alloc %y: f64[%n] alloc %z: f64[%n, %m]"


def shared(loops: str, decisions: list[Decision] | None = None) -> LoopFunction:
    function = share_among_threads(parse_loops(f"{HEAD} {loops} }}"), decisions)
    verify_loops(function)
    return function


def parallel_loops(function: LoopFunction) -> list[Statement]:
    return [
        one
        for statement in function.body
        for one in statements_in(statement)
        if isinstance(one, For | Reduce) and one.schedule.parallel is not None
    ]


def worth(statement: Statement) -> int:
    assert isinstance(statement, For | Reduce)
    assert isinstance(statement.schedule.parallel, Number)
    return int(statement.schedule.parallel.literal.array())


COPY = "for %i in %n{how} {{ load %v: f64 = %x[%i, 0] {op} store %y[%i] = {what} }}"


def test_more_iterations_are_worth_a_thread_where_they_cost_less() -> None:
    plain = COPY.format(how="", op="", what="%v")
    vectors = COPY.format(how=", vector=8, unroll=4", op="", what="%v")
    heavy = COPY.format(how=", vector=8, unroll=4", op="let %w: f64 = exp %v", what="%w")
    found = [worth(*parallel_loops(shared(one))) for one in (plain, vectors, heavy)]
    assert found[1] > 2 * found[0]
    assert found[1] > 2 * found[2]
    assert found[1] % 32 == 0
    assert found[2] % 32 == 0


def test_the_outermost_loop_is_shared_and_what_it_costs_is_computed_from_sizes() -> None:
    function = shared("for %i in %n { for %j in %m { store %z[%i, %j] = f64 1.0 } }")
    (loop,) = parallel_loops(function)
    assert isinstance(loop, For)
    assert loop.index.name == "i"
    grain = loop.schedule.parallel
    assert grain is not None
    assert not isinstance(grain, Number)
    assert any(isinstance(one, For) and one is loop for one in function.body)


def test_a_loop_in_the_steps_of_another_is_shared() -> None:
    inner = "for %i in %n { store %y[%i] = f64 1.0 }"
    function = shared(f"for %k in %m, sequential {{ {inner} }}")
    (loop,) = parallel_loops(function)
    assert isinstance(loop, For)
    assert loop.index.name == "i"


def test_a_sum_of_a_row_is_not_shared_where_the_rows_are() -> None:
    row = "reduce %r: f64 = add %v over %j in %m, blocked { load %v: f64 = %x[%i, %j] }"
    function = shared(f"for %i in %n {{ {row} store %y[%i] = %r }}")
    (loop,) = parallel_loops(function)
    assert isinstance(loop, For)


def test_a_sum_alone_is_shared() -> None:
    total = "reduce %r: f64 = add %v over %j in %m, blocked { load %v: f64 = %x[0, %j] }"
    (loop,) = parallel_loops(shared(total))
    assert isinstance(loop, Reduce)


def test_a_loop_inside_that_never_runs_takes_no_time() -> None:
    nest = "for %i in %n { for %j in -1 { store %z[%i, %j] = f64 1.0 } }"
    assert worth(*parallel_loops(shared(nest))) == GRAIN_PICOSECONDS


@pytest.mark.parametrize("extent", [3, 64])
def test_a_short_loop_of_known_extent_stays_as_it_is(extent: int) -> None:
    decisions: list[Decision] = []
    function = shared(f"for %i in {extent} {{ store %y[%i] = f64 1.0 }}", decisions)
    assert parallel_loops(function) == []
    (decision,) = decisions
    assert not decision.taken
    assert "it ends before" in decision.reason


def test_each_decision_is_noted_with_its_reason() -> None:
    decisions: list[Decision] = []
    shared("for %i in %n { store %y[0] = f64 1.0 }".replace("%y[0]", "%y[%i]"), decisions)
    assert "worth a thread" in str(decisions[0])
    row = "for %i in %n { for %j in %m { store %y[%j] = f64 1.0 } }"
    decisions.clear()
    share_among_threads(parse_loops(f"{HEAD} {row} }}"), decisions)
    assert "iterations may write one element of %y" in str(decisions[0])


ROWS = """for %i in %n {
  reduce %r: f64 = add %v over %j in %m, %k in %m, %l in %m, %o in %m, rows {
    load %v: f64 = %x[%i, %j]
  }
  store %y[%i] = %r
}"""


def grain_of(function: LoopFunction, columns: int) -> int:
    """What the pass computes in front of the only parallel loop, for so many columns."""
    (loop,) = parallel_loops(function)
    assert isinstance(loop, For)
    assert loop.schedule.parallel is not None
    told = Buffer("told", i64, ())
    body = (*function.body, Alloc(told), Store(told, (), loop.schedule.parallel))
    telling = replace(function, body=body, results=(Result("told", told),))
    (found,), _ = interpret_loops(telling, [np.empty((0, columns))])
    return int(found)


@pytest.mark.parametrize("columns", [0, 1, 2, 10, 1000, 1 << 20, 1 << 40])
def test_an_iteration_that_takes_longer_is_worth_more_of_a_thread(columns: int) -> None:
    grain = grain_of(shared(ROWS), columns)
    taken = max(columns, 1) ** 4 * 500
    assert 1 <= grain <= GRAIN_PICOSECONDS
    assert grain == 1 or GRAIN_PICOSECONDS / 4 < grain * taken < GRAIN_PICOSECONDS * 4
