"""Loops in loops, branches in loops, carried and stacked values: nothing is done again that need
not be, and nothing changes in what they give or how they fail.
"""

from typing import Any

import numpy as np
import pytest

from lltheano_ir.interpret import interpret
from lltheano_ir.passes.pipeline import optimise
from lltheano_ir.text import parse_program
from tests.ir.agreement import agreed, agreed_failure
from tests.ir.emit.harness import EntryError, compiled
from tests.ir.loop_pipeline import scheduled
from tests.ir.lowering.nested_loops import repeated_work

JACOBIAN = """program @jacobian(%x: f64[?,?], %W: f64[?,?]) {
  %0: i64[] = dim %W, axis=1
  %1: f64[1] = constant [0.0]
  %2: f64[?] = broadcast %1, %0, axes=[0]
  %3: f64[?,?] = dot %x, %W
  %4: f64[?,?] = tanh %3
  %5: f64[?,?] = dimshuffle %W, order=[1, 0]
  %6: f64[?,?,?] = loop %0, %2, %4, %5, carried=0
    body(%i: i64[], %zeros: f64[?], %y: f64[?,?], %Wt: f64[?,?]) {
      %0: f64[1] = constant [1.0]
      %1: i64[] = constant 0
      %2: bool[] = lt %i, %1
      %3: i64[] = dim %zeros, axis=0
      %4: i64[] = add %i, %3
      %5: i64[] = select %2, %4, %i
      %6: i64[] = constant 1
      %7: f64[?] = slice_update %zeros, %0, %5, %6, %6, axes=[0], mode=add
      %8: f64[1,?] = dimshuffle %7, order=[new, 0]
      %9: i64[] = dim %y, axis=1
      %10: bool[] = eq %3, %9
      %11: f64[1,?] = assert %8, %10, kind=sizes, message="differ"
      %12: i64[] = dim %y, axis=0
      %13: f64[?,?] = broadcast %11, %12, axes=[0]
      %14: f64[?,?] = mul %y, %y
      %15: f64[1,1] = constant [[1.0]]
      %16: f64[?,?] = sub %15, %14
      %17: f64[?,?] = mul %13, %16
      %18: f64[?,?] = dot %17, %Wt
      yield %18
    }
  output "jacobian" = %6
}"""

RECURRENT = """program @recurrent(%n: i64[], %h: f64[?], %w: f64[?,?]) {
  %0: (f64[?], f64[?,?]) = loop %n, %h, %w, carried=1
    body(%i: i64[], %h: f64[?], %w: f64[?,?]) {
      %0: f64[?] = dot %h, %w
      %1: f64[?] = add %0, %h
      yield %1, %1
    }
  output "last" = %0#0
  output "all" = %0#1
}"""

PRODUCT = """program @product(%n: i64[], %m: f64[?,?]) {
  %0: (f64[?,?], f64[?,?,?]) = loop %n, %m, %m, carried=1
    body(%i: i64[], %a: f64[?,?], %m: f64[?,?]) {
      %0: f64[?,?] = dot %a, %m
      yield %0, %0
    }
  output "power" = %0#0
  output "all" = %0#1
}"""

POWER = """program @power(%n: i64[], %m: f64[?,?]) {
  %0: f64[?,?] = loop %n, %m, %m, carried=1
    body(%i: i64[], %a: f64[?,?], %m: f64[?,?]) {
      %0: f64[?,?] = dot %a, %m
      yield %0
    }
  output "power" = %0
}"""

EXCHANGE = """program @exchange(%n: i64[], %a: f64[?], %b: f64[?]) {
  %0: (f64[?], f64[?], f64[?,?]) = loop %n, %a, %b, carried=2
    body(%i: i64[], %p: f64[?], %q: f64[?]) {
      yield %q, %p, %p
    }
  output "a" = %0#0
  output "b" = %0#1
  output "all" = %0#2
}"""

FIBONACCI = """program @fibonacci(%n: i64[], %a: f64[?], %b: f64[?]) {
  %0: (f64[?], f64[?]) = loop %n, %a, %b, carried=2
    body(%i: i64[], %p: f64[?], %q: f64[?]) {
      %0: f64[?] = add %p, %q
      yield %q, %0
    }
  output "a" = %0#0
  output "b" = %0#1
}"""

ROTATION = """program @rotation(%n: i64[], %a: f64[?], %b: f64[?], %c: f64[?]) {
  %0: (f64[?], f64[?], f64[?], f64[?]) = loop %n, %a, %b, %c, %a, carried=4
    body(%i: i64[], %p: f64[?], %q: f64[?], %r: f64[?], %s: f64[?]) {
      %0: f64[?] = sub %p, %r
      yield %q, %r, %0, %s
    }
  output "a" = %0#0
  output "b" = %0#1
  output "c" = %0#2
  output "d" = %0#3
}"""

TWICE = """program @twice(%n: i64[], %a: f64[?], %b: f64[?]) {
  %0: (f64[?], f64[?]) = loop %n, %a, %b, carried=2
    body(%i: i64[], %p: f64[?], %q: f64[?]) {
      %0: f64[?] = add %p, %p
      yield %0, %0
    }
  output "a" = %0#0
  output "b" = %0#1
}"""

SCALARS = """program @scalars(%n: i64[], %x: f64[], %k: i64[], %v: f64[?]) {
  %0: (f64[], i64[], f64[?]) = loop %n, %x, %k, %v, carried=2
    body(%i: i64[], %x: f64[], %k: i64[], %v: f64[?]) {
      %0: i64[] = add %k, %i
      %1: f64[] = cast %k, dtype=f64
      %2: f64[] = reduce %v, kind=add, axes=[0]
      %3: f64[] = mul %x, %1
      %4: f64[] = add %3, %2
      yield %4, %0, %x
    }
  output "x" = %0#0
  output "k" = %0#1
  output "all" = %0#2
}"""

INCREMENT = """program @increment(%n: i64[], %a: f64[?,?], %v: f64[?]) {
  %0: f64[?,?] = loop %n, %a, %v, carried=1
    body(%i: i64[], %a: f64[?,?], %v: f64[?]) {
      %1: i64[] = constant 1
      %2: f64[1,?] = dimshuffle %v, order=[new, 0]
      %0: f64[?,?] = slice_update %a, %2, %i, %1, %1, axes=[0], mode=add
      yield %0
    }
  output "a" = %0
}"""

BRANCH = """program @branch(%n: i64[], %a: f64[?], %b: f64[?]) {
  %0: (f64[?], f64[?,?]) = loop %n, %a, %b, carried=1
    body(%i: i64[], %h: f64[?], %b: f64[?]) {
      %two: i64[] = constant 2
      %zero: i64[] = constant 0
      %0: i64[] = mod %i, %two
      %1: bool[] = eq %0, %zero
      %2: f64[?] = if %1, %h, %b
        then(%h: f64[?], %b: f64[?]) {
          %0: f64[?] = add %h, %b
          %1: f64[?] = sort %0
          yield %1
        }
        else(%h: f64[?], %b: f64[?]) {
          %0: f64[?] = sub %h, %b
          yield %0
        }
      yield %2, %2
    }
  output "last" = %0#0
  output "all" = %0#1
}"""

INNER = """program @inner(%n: i64[], %m: i64[], %x: f64[?,?], %h: f64[?]) {
  %0: (f64[?], f64[?,?]) = loop %n, %h, %m, %x, carried=1
    body(%i: i64[], %h: f64[?], %m: i64[], %x: f64[?,?]) {
      %0: (f64[?], f64[?,?]) = loop %m, %h, %x, carried=1
        body(%j: i64[], %g: f64[?], %x: f64[?,?]) {
          %0: f64[?] = dot %x, %g
          yield %0, %g
        }
      %1: f64[?] = reduce %0#1, kind=add, axes=[0]
      yield %0#0, %1
    }
  output "last" = %0#0
  output "all" = %0#1
}"""

STACKED_INSIDE = """program @stacked_inside(%n: i64[], %m: i64[], %w: f64[?,?], %h: f64[?]) {
  %0: (f64[?], f64[?,?,?]) = loop %n, %h, %m, %w, carried=1
    body(%i: i64[], %h: f64[?], %m: i64[], %w: f64[?,?]) {
      %0: (f64[?], f64[?,?]) = loop %m, %h, %w, carried=1
        body(%j: i64[], %g: f64[?], %w: f64[?,?]) {
          %0: f64[?] = dot %w, %g
          yield %0, %0
        }
      %1: f64[?] = neg %0#0
      yield %1, %0#1
    }
  output "last" = %0#0
  output "all" = %0#1
}"""

TRIANGLE = """program @triangle(%n: i64[], %h: f64[?]) {
  %0: f64[?] = loop %n, %h, carried=1
    body(%i: i64[], %h: f64[?]) {
      %0: f64[?] = loop %i, %h, carried=1
        body(%j: i64[], %g: f64[?]) {
          %0: f64[?] = add %g, %g
          yield %0
        }
      yield %0
    }
  output "last" = %0
}"""

SIZED = """program @sized(%n: i64[], %k: i64[]) {
  %0: i64[?,?] = loop %n, %k, carried=0
    body(%i: i64[], %k: i64[]) {
      %0: i64[?] = iota %k
      %1: i64[?] = sort %0
      %2: i64[1] = dimshuffle %i, order=[new]
      %3: i64[?] = add %1, %2
      yield %3
    }
  output "all" = %0
}"""

GATHERED = """program @gathered(%n: i64[], %x: f64[?,?], %k: i64[?]) {
  %0: f64[?,?] = loop %n, %x, %k, carried=0
    body(%i: i64[], %x: f64[?,?], %k: i64[?]) {
      %0: i64[] = index %k, %i, axis=0
      %1: f64[?] = index %x, %0, axis=0
      yield %1
    }
  output "all" = %0
}"""

SHAPE_ONLY = """program @shape_only(%n: i64[], %x: f64[?,?]) {
  %0: i64[?] = loop %n, %x, carried=0
    body(%i: i64[], %x: f64[?,?]) {
      %0: f64[?,?] = dimshuffle %x, order=[1, 0]
      %1: f64[?,?] = dot %x, %0
      %2: f64[?,?] = tanh %1
      %3: i64[] = dim %2, axis=0
      %4: i64[] = add %3, %i
      yield %4
    }
  output "all" = %0
}"""

rows, square = np.arange(12.0).reshape(4, 3), np.array([[0.5, 1.0], [-1.0, 0.25]])
COUNTS = [np.int64(count) for count in (0, 1, 2, 7)]
CASES: dict[str, tuple[str, list[tuple[Any, ...]]]] = {
    "jacobian": (JACOBIAN, [(np.ones((5, 4)), rows), (np.ones((5, 4)), np.ones((4, 0)))]),
    "recurrent": (RECURRENT, [(n, np.arange(2.0), square) for n in COUNTS]),
    "matrices, stacked": (PRODUCT, [(n, square) for n in COUNTS]),
    "matrices": (POWER, [(n, square) for n in COUNTS]),
    "a, b = b, a": (EXCHANGE, [(n, np.arange(3.0), -np.arange(3.0)) for n in COUNTS]),
    "a, b = b, a + b": (FIBONACCI, [(n, np.zeros(3), np.ones(3)) for n in COUNTS]),
    "three in turn": (ROTATION, [(n, rows[0], rows[1], rows[2]) for n in COUNTS]),
    "one value for two": (TWICE, [(n, rows[0], rows[1]) for n in COUNTS]),
    "scalars": (SCALARS, [(n, np.float64(2), np.int64(3), rows[1]) for n in COUNTS]),
    "rows incremented": (INCREMENT, [(n, np.zeros((7, 3)), rows[1]) for n in COUNTS]),
    "a branch inside": (BRANCH, [(n, rows[0], rows[1][::-1].copy()) for n in COUNTS]),
    "a loop inside": (
        INNER,
        [(n, m, square, np.ones(2)) for n in COUNTS[:3] for m in COUNTS[:3]],
    ),
    "a stack inside": (
        STACKED_INSIDE,
        [(n, m, square, np.arange(2.0)) for n in COUNTS[:3] for m in COUNTS[:3]],
    ),
    "a loop as long as the index": (TRIANGLE, [(n, rows[1]) for n in COUNTS]),
    "a size from an element": (SIZED, [(n, np.int64(k)) for n in COUNTS for k in (0, 3)]),
    "rows named by elements": (
        GATHERED,
        [(n, rows, np.array([3, 0, -1, 2, 1, 1, 0])) for n in COUNTS],
    ),
    "only the shape": (SHAPE_ONLY, [(n, rows) for n in COUNTS]),
}

COPIES = {
    "a, b = b, a": 1,  # what is carried on is stacked, too
    "one value for two": 1,  # which may not be one piece of memory
    "rows named by elements": 1,  # from a matrix into a stack
    # A loop inside one starts from a copy of what is carried outside, and leaves a copy there, if
    # it is stacked another; the row is counted for both loops.
    "a loop inside": 4,
    "a loop as long as the index": 2,
    "a stack inside": 1,
}
"""How many copies an iteration has to make."""

ALLOCATIONS = {"a stack inside": 1}
"""How often a name is given its own memory again, after an inner loop has lent it a row."""

CHECKS = {"rows incremented": 1}
"""How many invariant checks stand behind others in an iteration, which may be the first to fail."""


@pytest.mark.parametrize("name", CASES)
def test_results_are_those_of_the_reference(name: str) -> None:
    text, inputs = CASES[name]
    for arrays in inputs:
        agreed(text, *arrays)


@pytest.mark.parametrize("name", CASES)
def test_native_code_gives_them(name: str) -> None:
    text, inputs = CASES[name]
    program = optimise(parse_program(text))
    run = compiled(scheduled(program))
    for arrays in inputs:
        outputs, _ = interpret(program, [np.asarray(array) for array in arrays])
        for result, expected in zip(run(*map(np.asarray, arrays)), outputs, strict=True):
            assert result.shape == expected.shape
            np.testing.assert_allclose(result, expected, rtol=1e-13)


@pytest.mark.parametrize("name", CASES)
def test_nothing_is_done_again(name: str) -> None:
    work = repeated_work(scheduled(optimise(parse_program(CASES[name][0]))).entry)
    found = {kind: sum(one.startswith(kind) for one in work) for kind in ("alloc", "for", "check")}
    wanted = {
        "alloc": ALLOCATIONS.get(name, 0),
        "for": COPIES.get(name, 0),
        "check": CHECKS.get(name, 0),
    }
    assert found == wanted, "\n".join(work)


FAILING: dict[str, tuple[str, tuple[Any, ...], tuple[Any, ...], str]] = {
    "sizes of a sum": (
        FIBONACCI,
        (np.int64(0), np.zeros(2), np.ones(3)),
        (np.int64(4), np.zeros(2), np.ones(3)),
        "broadcast",
    ),
    "an index before sizes": (
        INCREMENT,
        (np.int64(0), np.zeros((2, 3)), np.ones(4)),
        (np.int64(3), np.zeros((0, 3)), np.ones(4)),
        "index",
    ),
    "sizes before an index": (
        INCREMENT,
        (np.int64(2), np.zeros((2, 3)), np.ones(3)),
        (np.int64(9), np.zeros((2, 3)), np.ones(4)),
        "sizes",
    ),
    "an index of the last iteration": (
        INCREMENT,
        (np.int64(2), np.zeros((2, 3)), np.ones(3)),
        (np.int64(3), np.zeros((2, 3)), np.ones(3)),
        "index",
    ),
}


@pytest.mark.parametrize("name", FAILING)
def test_a_loop_fails_as_its_iterations_do(name: str) -> None:
    """What is hoisted fails only if the loop runs, and only where nothing before it does."""
    text, passing, failing, kind = FAILING[name]
    agreed(text, *passing)
    assert agreed_failure(text, *failing).kind == kind
    run = compiled(scheduled(optimise(parse_program(text))))
    run(*map(np.asarray, passing))
    with pytest.raises(EntryError):
        run(*map(np.asarray, failing))
