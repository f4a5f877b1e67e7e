"""The interpreter: arguments, results, regions and errors. What ops mean is in tests/ir/ops."""

from typing import Any

import numpy as np
import pytest

from lltheano_ir.builder import Builder
from lltheano_ir.interpret import evaluate, interpret
from lltheano_ir.nodes import argument, make
from lltheano_ir.ops.definition import ExecutionError
from lltheano_ir.provenance import Location
from lltheano_ir.text import parse_program
from lltheano_ir.types import INDEX, parse_type


def run(body: str, *inputs: Any) -> list[Any]:
    """The outputs and updates of a program in text."""
    outputs, updates = interpret(parse_program(f"program @f{body}"), inputs)
    return [array.tolist() for array in (*outputs, *updates)]


SUM = """(%n: i64[], %x: f64[], %row: f64[?]) {
  %0: (f64[], f64[?], f64[?,?]) = loop %n, %x, %row, carried=1
    body(%i: i64[], %acc: f64[], %row: f64[?]) {
      %0: f64[] = cast %i, dtype=f64
      %1: f64[] = add %acc, %0
      yield %1, %0, %row
    }
  output "sum" = %0#0
  output "terms" = %0#1
  output "rows" = %0#2
}"""


def test_a_loop_carries_and_stacks() -> None:
    row = np.array([7.0, 8.0])
    assert run(SUM, np.int64(3), np.float64(10), row) == [
        13.0,
        [0.0, 1.0, 2.0],
        [[7.0, 8.0]] * 3,
    ]


def test_a_loop_that_does_not_run_stacks_rows_of_the_right_size() -> None:
    outputs, _ = interpret(parse_program(f"program @f{SUM}"), [np.int64(0), 1.0, np.ones(2)])
    assert [one.shape for one in outputs] == [(), (0,), (0, 2)]
    assert outputs[0] == 1.0


def test_a_loop_cannot_run_backwards() -> None:
    with pytest.raises(ExecutionError, match="a loop cannot run -1 times"):
        run(SUM, np.int64(-1), np.float64(0), np.ones(1))


def test_rows_of_different_sizes_cannot_be_stacked() -> None:
    body = """(%n: i64[]) {
      %0: i64[?,?] = loop %n, carried=0
        body(%i: i64[]) {
          %0: i64[?] = iota %i
          yield %0
        }
      output "y" = %0
    }"""
    with pytest.raises(ExecutionError, match="rows of sizes 0 and 1 on axis 0") as caught:
        run(body, np.int64(2))
    assert caught.value.values == (0, 1)


BRANCH = """(%c: bool[], %x: i64[]) {
  %0: (i64[], i64[]) = if %c, %x
    then(%x: i64[]) { yield %x, %x }
    else(%x: i64[]) { %0: i64[] = neg %x yield %0, %x }
  output "a" = %0#0
  output "b" = %0#1
}"""


def test_if_runs_one_region() -> None:
    assert run(BRANCH, np.bool_(True), np.int64(3)) == [3, 3]
    assert run(BRANCH, np.bool_(False), np.int64(3)) == [-3, 3]


def test_fused_gives_what_its_region_gives() -> None:
    body = """(%x: f64[?], %y: f64[?]) {
      %0: (f64[?], f64[?]) = fused %x, %y
        body(%a: f64[?], %b: f64[?]) {
          %0: f64[?] = mul %a, %b
          %1: f64[?] = add %0, %b
          yield %1, %0
        }
      output "a" = %0#0
      output "b" = %0#1
    }"""
    assert run(body, np.array([2.0, 3.0]), np.array([5.0, 7.0])) == [[15.0, 28.0], [10.0, 21.0]]


def test_updates_see_old_values() -> None:
    body = """(%a: i64[] shared, %b: i64[] shared) {
      output "a" = %a
      update %a = %b
      update %b = %a
    }"""
    assert run(body, np.int64(1), np.int64(2)) == [1, 2, 1]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (np.ones((2, 1), np.float32), r"f, parameter x is f64\[\?,1\], got dtype float32"),
        (np.ones(2), r"f, parameter x is f64\[\?,1\], got shape \(2,\)"),
        (np.ones((2, 2)), "axis 1 must have size 1, got 2"),
        (np.ones((2, 1), ">f8"), "got dtype >f8"),
    ],
)
def test_arguments_must_fit(given: np.ndarray, message: str) -> None:
    with pytest.raises(ExecutionError, match=message) as caught:
        run('(%x: f64[?,1]) { output "y" = %x }', given)
    assert caught.value.kind == "argument"


def test_the_number_of_arguments() -> None:
    with pytest.raises(ExecutionError, match="f takes 1 arguments, got 2"):
        run('(%x: f64[]) { output "y" = %x }', np.float64(1), np.float64(2))


def test_results_are_fresh_and_row_major() -> None:
    x = np.arange(6.0).reshape(2, 3)
    x.flags.writeable = False
    program = parse_program(
        "program @f(%x: f64[?,?] shared) { %0: f64[?,?] = dimshuffle %x, order=[1, 0]"
        ' output "x" = %x output "again" = %x output "t" = %0 update %x = %x }'
    )
    outputs, updates = interpret(program, [x])
    arrays = (*outputs, *updates)
    for array in arrays:
        assert array.flags.c_contiguous
        assert array.flags.writeable
        assert array.flags.owndata
    assert not any(np.shares_memory(a, b) for a in arrays for b in arrays if a is not b)


def test_an_error_knows_the_value_and_the_line_even_in_a_region() -> None:
    b = Builder("f")
    x, y = (b.parameter(name, parse_type("f64[?]")) for name in "xy")
    with b.at(Location("train.py", 7, "total")):
        total = b.elementwise("add", x, y)
    b.output(total, "total")
    with pytest.raises(ExecutionError) as caught:
        interpret(b.program(), [np.ones(2), np.ones(3)])
    assert str(caught.value) == "sizes 2 and 3 differ on axis 0 (at train.py:7 (total))"
    assert caught.value.value is total
    assert (caught.value.kind, caught.value.values) == ("sizes", (2, 3))


def test_evaluate_needs_no_program() -> None:
    (found,) = evaluate([make("neg", (argument(0, INDEX),))], [np.asarray(4)])
    assert found.tolist() == -4
    assert found.dtype == np.int64


def test_too_much_memory_is_an_execution_error() -> None:
    with pytest.raises(ExecutionError) as caught:
        run('(%n: i64[]) { %0: i64[?] = iota %n output "y" = %0 }', np.int64(2**62))
    assert caught.value.kind == "memory"
