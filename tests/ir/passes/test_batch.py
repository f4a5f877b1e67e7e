"""Products of rows leave loops as products of sequences; what fails, and what does not, stays.

Operands are small whole numbers, whose products and sums are exact in any order.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lltheano_ir.decisions import Decision
from lltheano_ir.interpret import interpret
from lltheano_ir.nodes import Value, operands_first
from lltheano_ir.ops.definition import ExecutionError
from lltheano_ir.passes.batch import batch
from lltheano_ir.text import parse_program
from lltheano_ir.verify import verify
from tests.ir.agreement import agreed

Array = NDArray[Any]

FORWARDS = """program @f(%n: i64[], %x: f64[?,?,?], %w: f64[?,?], %h: f64[?,?]) {
  %0: (f64[?,?], f64[?,?,?]) = loop %n, %h, %x, %w, carried=1
    body(%i: i64[], %h: f64[?,?], %x: f64[?,?,?], %w: f64[?,?]) {
      %0: f64[?,?] = index %x, %i, axis=0
      %1: f64[?,?] = dot %0, %w
      %2: f64[?,?] = sub %1, %h
      yield %2, %1
    }
  output "last" = %0#0
  output "all" = %0#1
}"""

TRANSPOSED = FORWARDS.replace("dot %0, %w", "dot %0, %t").replace(
    "%1: f64[?,?] = dot", "%t: f64[?,?] = dimshuffle %w, order=[1, 0] %1: f64[?,?] = dot"
)

BACKWARDS = FORWARDS.replace(
    "  %0: (f64",
    """  %rows: i64[] = dim %x, axis=0
  %one: i64[] = constant 1
  %back: i64[] = constant -1
  %last: i64[] = sub %rows, %one
  %r: f64[?,?,?] = slice %x, %last, %rows, %back, axes=[0]
  %0: (f64""",
).replace("loop %n, %h, %x", "loop %rows, %h, %r")

VECTORS = """program @f(%n: i64[], %x: f64[?,?], %w: f64[?,?], %h: f64[?]) {
  %0: (f64[?], f64[?,?]) = loop %n, %h, %x, %w, carried=1
    body(%i: i64[], %h: f64[?], %x: f64[?,?], %w: f64[?,?]) {
      %0: f64[?] = index %x, %i, axis=0
      %1: f64[?] = dot %0, %w
      %2: f64[?] = sub %1, %h
      yield %2, %1
    }
  output "last" = %0#0
  output "all" = %0#1
}"""

EXCHANGED = VECTORS.replace("dot %0, %w", "dot %w, %0")

SUMS = """program @f(%n: i64[], %x: f64[?,?,?], %g: f64[?,?,?], %s: f64[?,?]) {
  %0: (f64[?,?], f64[?,?], f64[?,?,?]) = loop %n, %s, %s, %x, %g, carried=2
    body(%i: i64[], %s: f64[?,?], %k: f64[?,?], %x: f64[?,?,?], %g: f64[?,?,?]) {
      %0: f64[?,?] = index %x, %i, axis=0
      %1: f64[?,?] = dimshuffle %0, order=[1, 0]
      %2: f64[?,?] = index %g, %i, axis=0
      %3: f64[?,?] = add %2, %2
      %4: f64[?,?] = dot %1, %3
      %5: f64[?,?] = add %s, %4
      %6: f64[?,?] = neg %k
      yield %5, %6, %3
    }
  output "sum" = %0#0
  output "kept" = %0#1
  output "all" = %0#2
}"""


def whole(rng: np.random.Generator, *shape: int) -> Array:
    return rng.integers(-4, 5, shape).astype(np.float64)


def dots_inside(roots: Sequence[Value]) -> Iterator[Value]:
    """The products in the bodies of loops that run more than once."""
    for value in operands_first(roots):
        for region in value.regions if len(value.types) > 1 else ():
            yield from (one for one in operands_first(region.results) if one.op.name == "dot")


CASES: list[tuple[str, str, list[tuple[int, ...]]]] = [
    ("matrices", FORWARDS, [(5, 2, 3), (3, 4), (2, 4)]),
    ("a transposed matrix", TRANSPOSED, [(5, 2, 3), (4, 3), (2, 4)]),
    ("backwards", BACKWARDS, [(5, 2, 3), (3, 4), (2, 4)]),
    ("vectors", VECTORS, [(5, 3), (3, 4), (4,)]),
    ("vectors on the right", EXCHANGED, [(5, 3), (4, 3), (4,)]),
    ("sums", SUMS, [(5, 2, 3), (5, 2, 4), (3, 4)]),
]


@pytest.mark.parametrize(("text", "shapes"), [one[1:] for one in CASES], ids=[c[0] for c in CASES])
@pytest.mark.parametrize("count", [0, 1, 4, 5, 6])
def test_products_leave_the_loop_and_mean_the_same(
    text: str, shapes: list[tuple[int, ...]], count: int, rng: np.random.Generator
) -> None:
    program = parse_program(text)
    after = verify(batch(program))
    assert list(dots_inside(program.roots))
    assert not list(dots_inside(after.roots))
    assert batch(after) == after
    inputs = [np.int64(count), *(whole(rng, *shape) for shape in shapes)]
    if count > 5 and text is not BACKWARDS:
        with pytest.raises(ExecutionError) as before:
            interpret(program, inputs)
        with pytest.raises(ExecutionError) as found:
            interpret(after, inputs)
        assert str(found.value) == str(before.value)
        return
    for want, got in zip(interpret(program, inputs)[0], interpret(after, inputs)[0], strict=True):
        np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("text", [FORWARDS, SUMS], ids=["ahead", "after"])
def test_only_a_step_finds_sizes_that_do_not_fit(text: str, rng: np.random.Generator) -> None:
    program = parse_program(text)
    after = batch(program)
    wrong = [whole(rng, 5, 2, 3), whole(rng, 5, 7, 4), whole(rng, 3, 4)]
    if text is FORWARDS:
        wrong[1:] = [whole(rng, 7, 4), whole(rng, 2, 4)]
    interpret(after, [np.int64(0), *wrong])
    with pytest.raises(ExecutionError, match=r"differ in dot|inner sizes 3 and 7 differ") as error:
        interpret(after, [np.int64(2), *wrong])
    assert error.value.kind == "sizes"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("%6: f64[?,?] = neg %k", "%6: f64[?,?] = sub %s, %k"),
        ("%6: f64[?,?] = neg %k", "%6: f64[?,?] = sub %5, %k"),
        ("yield %5, %6, %3", "yield %5, %5, %3"),
        ("yield %5, %6, %3", "yield %5, %s, %3"),
    ],
)
def test_a_sum_that_steps_need_stays_in_the_loop(old: str, new: str) -> None:
    program = parse_program(SUMS.replace(old, new))
    assert batch(program) == program


def test_of_no_products_the_first_value_keeps_its_bits() -> None:
    program = batch(parse_program(SUMS))
    first = np.full((3, 4), -0.0)
    total = interpret(program, [np.int64(0), np.ones((5, 2, 3)), np.ones((5, 2, 4)), first])[0][0]
    assert np.signbit(total).all()


def test_loops_that_may_stop_early_are_left_alone_and_it_is_said() -> None:
    text = FORWARDS.replace("loop", "while").replace(
        "yield %2, %1", "%go: bool[] = constant true yield %2, %1, %go"
    )
    program = parse_program(text)
    decisions: list[Decision] = []
    assert batch(program, decisions) == program
    assert [str(one) for one in decisions] == [
        "batch: dot f64[?,?]: refused: the loop may stop before the sequence ends"
    ]


def test_forwards_and_backwards_share_one_product() -> None:
    """As a loop and its gradient do."""
    head, tail = BACKWARDS.split("  output", 1)
    body = FORWARDS[FORWARDS.index("    body") : FORWARDS.index("  output")]
    both = (
        f"{head}  %1: (f64[?,?], f64[?,?,?]) = loop %rows, %h, %x, %w, carried=1\n{body}"
        f'  output "forwards" = %1#1\n  output{tail}'
    )
    after = batch(parse_program(both))
    assert sum(one.op.name == "dot" for one in operands_first(after.roots)) == 1


ONE_MATRIX = """program @f(%x: f64[?,?,?], %w: f64[1,?,?], %start: i64[], %n: i64[], %step: i64[]) {
  %one: i64[] = constant 1
  %0: f64[?,?,?] = slice %x, %start, %one, %n, %n, %step, %one, axes=[0, 2]
  %1: f64[?,?,?] = dot %0, %w
  output "y" = %1
}"""


@pytest.mark.parametrize(("start", "step"), [(0, 1), (2, -1), (0, 2)])
@pytest.mark.parametrize("rows", [0, 2])
def test_batches_times_one_matrix_are_one_product_if_they_lie_evenly(
    start: int, step: int, rows: int, rng: np.random.Generator
) -> None:
    x, w = whole(rng, 6, rows, 4), whole(rng, 1, 2, 3)
    (y,) = agreed(ONE_MATRIX, x, w, np.int64(start), np.int64(2), np.int64(step))
    np.testing.assert_array_equal(y, x[[start, start + step], :, 1:3] @ w)
