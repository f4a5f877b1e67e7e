"""Scheduling keeps every name unique and leaves alone what may not run in vectors."""

import pytest

from lltheano_ir.loops.nodes import For, LoopFunction, Reduce, Schedule
from lltheano_ir.loops.parser import parse_loops
from lltheano_ir.loops.verify import verify_loops
from lltheano_ir.loops.walk import defined_names, statements_in
from lltheano_ir.schedule import collapse_loops, vectorise
from tests.ir.targets import AVX2, of_width

NEST = """loops @f(%b0: f64[%s0, %i0] shared, %b1: f64[%s1, %i1] strides [%s2, %s3] input) {
  alloc %y: f64[%s0, %i0]
  for %j in %s0 {
    for %k in %i0 {
      load %v: f64 = %b0[%j, %k]
      store %y[%j, %k] = %v
    }
  }
  output "y" = %y
}"""


def test_new_names_are_new() -> None:
    function = collapse_loops(parse_loops(NEST))
    verify_loops(function)
    names = list(defined_names(function))
    assert len(names) == len(set(names))


def schedules(function: LoopFunction) -> list[Schedule]:
    return [
        one.schedule
        for statement in function.body
        for one in statements_in(statement)
        if isinstance(one, For | Reduce)
    ]


@pytest.mark.parametrize("vector_bytes", [16, 32, 64])
@pytest.mark.parametrize(("dtype", "itemsize"), [("i8", 1), ("f16", 2), ("f32", 4), ("f64", 8)])
def test_a_vector_holds_as_many_elements_as_a_register(
    dtype: str, itemsize: int, vector_bytes: int
) -> None:
    text = f"""loops @f(%x: {dtype}[%n] shared) {{
      alloc %y: {dtype}[%n]
      for %i in %n {{
        load %v: {dtype} = %x[%i]
        store %y[%i] = %v
      }}
    }}"""
    (schedule,) = schedules(vectorise(parse_loops(text), of_width(vector_bytes)))
    assert schedule.vector == vector_bytes // itemsize


@pytest.mark.parametrize(
    "loop",
    [
        "for %i in %n, sequential { load %v: f64 = %x[%i] }",
        "for %i in %n { if bool true { } else { } }",
        "for %i in %n { for %j in %n, sequential { } }",
        "reduce %r: f64 = add %v over %i in %n, rows { load %v: f64 = %x[%i] }",
    ],
)
def test_what_is_not_vectorised(loop: str) -> None:
    function = vectorise(parse_loops(f"loops @f(%x: f64[%n] shared) {{ {loop} }}"), AVX2)
    assert all(schedule == Schedule() for schedule in schedules(function))


def test_a_triangle_is_not_collapsed() -> None:
    text = """loops @f(%n: i64[] input) {
      alloc %y: i64[]
      for %i in 3 {
        for %j in %i {
          store %y[] = 1
        }
      }
    }"""
    assert collapse_loops(parse_loops(text)) == parse_loops(text)
