"""The order of the passes, what is recorded, and how long they take."""

import time

import numpy as np
import pytest

from lltheano_ir.builder import Builder
from lltheano_ir.decisions import Decision
from lltheano_ir.interpret import interpret
from lltheano_ir.nodes import Value, make, operands_first
from lltheano_ir.passes.pipeline import PASSES, optimise, run_passes
from lltheano_ir.program import Program
from lltheano_ir.provenance import Location
from lltheano_ir.text import format_program, parse_program
from lltheano_ir.types import INDEX, parse_type

TEXT = """program @f(%x: f64[?]) {
  %0: f64[1] = constant [1.0]
  %1: f64[?] = exp %x
  %2: f64[?] = add %0, %1
  %3: f64[?] = log %2
  output "y" = %3
}"""


def test_each_step_is_traced() -> None:
    seen: list[tuple[str, Program]] = []
    result = optimise(parse_program(TEXT), trace=lambda name, made: seen.append((name, made)))
    names = ["canonicalise", "stabilise", "canonicalise", "cse", "dce", "sink", "batch", "fuse"]
    assert [name for name, _ in seen] == names
    assert seen[-1][1] is result


def test_results_can_be_kept() -> None:
    program = parse_program(TEXT)
    ops = {value.op.name for value in inside(optimise(program, keep_results=True))}
    assert ops >= {"exp", "log"}
    assert "softplus" in {value.op.name for value in inside(optimise(program))}


def inside(program: Program) -> list[Value]:
    """The values in the fused regions of a program."""
    return [
        inner
        for value in program.values()
        for region in value.regions
        for inner in operands_first(region.results)
    ]


def test_passes_run_by_name() -> None:
    program = parse_program(TEXT)
    by_name = run_passes(program, ["canonicalise", "stabilise", "canonicalise", "fuse"])
    assert by_name == optimise(program)
    with pytest.raises(ValueError, match="no pass is called 'inline'; the passes are canonicalise"):
        run_passes(program, ["inline"])


def test_decisions_have_reasons_and_places() -> None:
    b = Builder("f")
    x = b.parameter("x", parse_type("f64[?]"))
    with b.at(Location("train.py", 3, "y")):
        y = b.elementwise("exp", x)
    b.output(y, "y")
    b.output(b.elementwise("neg", y), "z")
    decisions: list[Decision] = []
    optimise(b.program(), decisions=decisions)
    assert [str(one) for one in decisions] == [
        "fuse: neg f64[?]: refused: it is a result of the program",
        "fuse: exp f64[?]: refused: it is a result of the program [train.py:3 (y)]",
        "fuse: exp f64[?]: taken: computed in one pass with neg f64[?] [train.py:3 (y)]",
    ]


def test_locations_reach_the_regions() -> None:
    b = Builder("f")
    x = b.parameter("x", parse_type("f64[?]"))
    with b.at(Location("train.py", 3, "y")):
        y = b.elementwise("exp", x)
    b.output(y, "y")
    program = optimise(b.program())
    (exp,) = (one for one in inside(program) if one.op.name == "exp")
    assert program.locations[exp] == program.locations[program.outputs[0].value]


def chain(count: int) -> Program:
    """A program of about `count` values, of the ops that make up a training step."""
    b = Builder("chain")
    x = b.parameter("x", parse_type("f32[?,?]"), shared=True)
    n = b.parameter("n", INDEX)
    value, made = x, 0
    one = b.constant(np.ones((1, 1), np.float32))
    while made < count:
        total = b.reduce("add", b.elementwise("mul", value, x), [1])
        column = b.dimshuffle(total, [0, None])
        value = b.elementwise("div", b.elementwise("add", value, one), column)
        value = b.broadcast(b.dimshuffle(total, [0, None]), [None, b.dim(value, 1)])
        value = b.elementwise("sub", b.elementwise("tanh", value), x)
        n = b.elementwise("add", n, b.dim(value, 0))
        made += 12
    b.output(value, "y")
    b.output(n, "n")
    return b.program()


def seconds(program: Program) -> float:
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        optimise(program)
        best = min(best, time.perf_counter() - start)
    return best


def test_time_is_proportional_to_the_program() -> None:
    """Generous bounds, for a busy machine: about 0.1 ms a value where nothing else runs."""
    small, large = seconds(chain(250)), seconds(chain(2000))
    assert large < 2.0
    assert large < 30 * small


def test_every_pass_is_listed() -> None:
    names = [
        "canonicalise",
        "fold",
        "cse",
        "dce",
        "shapes",
        "stabilise",
        "cancel",
        "sink",
        "batch",
        "fuse",
    ]
    assert list(PASSES) == names


def test_several_results_of_an_op_without_regions_pass_through() -> None:
    """They print and parse, are not taken for one another, and their sizes are known."""
    text = """program @f(%x: f64[?,?], %c: bool[]) {
  %0: (f64[?,?], i64[?], i64[]) = lu %x
  %1: (f64[?,?], i64[?], i64[]) = if %c, %0#0, %0#1, %0#2
    then(%a0: f64[?,?], %a1: i64[?], %a2: i64[]) {
      %0: f64[?,?] = add %a0, %a0
      yield %0, %a1, %a2
    }
    else(%a0: f64[?,?], %a1: i64[?], %a2: i64[]) {
      yield %a0, %a1, %a2
    }
  %2: i64[] = dim %0#1, axis=0
  output "twice" = %1#0
  output "rows" = %1#1
  output "count" = %2
}
"""
    program = parse_program(text)
    assert format_program(program) == text
    found = optimise(program)
    (lu,) = {one for one in operands_first(found.roots) if one.op.name == "lu"}
    assert found.roots[2] is make("dim", (program.arguments[0],), (0,))
    array = np.array([[1.0, 2.0], [3.0, 5.0]])
    for got, want in zip(
        interpret(found, [array, True])[0], interpret(program, [array, True])[0], strict=True
    ):
        np.testing.assert_array_equal(got, want)
    assert len(lu.types) == 3
