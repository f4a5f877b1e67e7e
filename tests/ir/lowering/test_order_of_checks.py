"""An op of which several things are wrong fails of the same one in loops as in the reference."""

from itertools import product

import numpy as np
import pytest

from lltheano_ir.interpret import interpret
from lltheano_ir.loops.interpret import interpret_loops
from lltheano_ir.lowering.lower import lower
from lltheano_ir.ops.definition import ExecutionError
from lltheano_ir.text import parse_program

NUMBERS = ", ".join(f"%{name}{axis}: i64[]" for name in "abc" for axis in "01")
OPERANDS = ", ".join(f"%{name}{axis}" for name in "abc" for axis in "01")
SLICE = f"""program @f(%x: f64[?,?], {NUMBERS}) {{
  %0: f64[?,?] = slice %x, {OPERANDS}, axes=[0, 1]
  output "y" = %0
}}"""
UPDATE = f"""program @f(%x: f64[?,?], {NUMBERS}) {{
  %0: f64[?,?] = slice_update %x, %x, {OPERANDS}, axes=[0, 1], mode=set
  output "y" = %0
}}"""
GATHER = """program @f(%x: f64[?,?], %i: i64[?], %j: i64[?]) {
  %0: f64[?] = gather %x, %i, %j, axes=[0, 1]
  output "y" = %0
}"""


def kind_of_failure(run: object, *arguments: object) -> str:
    try:
        run(*arguments)  # type: ignore[operator]
    except ExecutionError as error:
        return error.kind
    return "none"


@pytest.mark.parametrize("text", [SLICE, UPDATE], ids=["slice", "slice_update"])
def test_slices_along_two_axes(text: str) -> None:
    program = parse_program(text)
    function = lower(program)
    x = np.ones((1, 1))
    kinds = set()
    for numbers in product((-1, 0, 1), repeat=6):
        inputs = [x, *map(np.asarray, numbers)]
        kind = kind_of_failure(interpret, program, inputs)
        assert kind == kind_of_failure(interpret_loops, function, inputs), numbers
        kinds.add(kind)
    assert kinds == {"none", "value", "index"} | ({"sizes"} if text is UPDATE else set())


def test_indices_of_two_axes_that_do_not_agree() -> None:
    program = parse_program(GATHER)
    function = lower(program)
    for first, second in product(([], [0], [5], [0, 0], [0, 5]), repeat=2):
        inputs = [np.ones((2, 2)), np.array(first, int), np.array(second, int)]
        kind = kind_of_failure(interpret, program, inputs)
        same = kind_of_failure(interpret_loops, function, inputs)
        assert kind == same.replace("broadcast", "sizes"), (first, second)
