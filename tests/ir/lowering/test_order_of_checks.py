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


JOIN = """program @f(%x: f64[?,?], %y: f64[?,?], %z: f64[?,?]) {
  %0: f64[?,?] = concatenate %x, %y, %z, axis=1
  output "y" = %0
}"""


@pytest.mark.parametrize("rows", list(product((1, 2), repeat=3)), ids=str)
def test_what_is_joined_has_one_size_along_the_other_axis(rows: tuple[int, ...]) -> None:
    program = parse_program(JOIN)
    inputs = [np.ones((count, 2)) for count in rows]
    kind = "none" if len(set(rows)) == 1 else "sizes"
    assert kind_of_failure(interpret, program, inputs) == kind
    assert kind_of_failure(interpret_loops, lower(program), inputs) == kind


AGREEMENT = """program @f(%x: f64[?], %y: f64[?], %z: f64[?]) {
  %0: f64[?] = add %x, %y
  %1: bool[?] = isnan %0
  %2: f64[?] = select %1, %y, %z
  output "y" = %2
}"""


@pytest.mark.parametrize("sizes", list(product((1, 2), repeat=3)), ids=str)
def test_sizes_of_all_operands_agree(sizes: tuple[int, ...]) -> None:
    program = parse_program(AGREEMENT)
    inputs = [np.ones(size) for size in sizes]
    kind = "none" if len(set(sizes)) == 1 else "sizes"
    assert kind_of_failure(interpret, program, inputs) == kind
    found = kind_of_failure(interpret_loops, lower(program), inputs)
    assert found.replace("broadcast", "sizes") == kind


EXTREMUM = """program @f(%x: f64[?,?]) {
  %0: f64[?] = reduce %x, kind=max, axes=[1]
  output "y" = %0
}"""


@pytest.mark.parametrize("shape", [(2, 0), (0, 0), (0, 2), (2, 1)], ids=str)
def test_there_is_no_greatest_of_no_elements(shape: tuple[int, int]) -> None:
    program = parse_program(EXTREMUM)
    inputs = [np.ones(shape)]
    kind = kind_of_failure(interpret, program, inputs)
    assert kind == ("value" if shape[1] == 0 else "none")
    assert kind_of_failure(interpret_loops, lower(program), inputs) == kind


RESHAPE = """program @f(%x: f64[?], %n: i64[], %m: i64[]) {
  %0: f64[?,?] = reshape %x, %n, %m, pattern=[?, ?]
  output "y" = %0
}"""


@pytest.mark.parametrize(
    ("count", "rows", "columns"), [(0, 1 << 32, 1 << 32), (4, 1 << 33, (1 << 31) + 1), (6, 2, 2)]
)
def test_numbers_of_elements_that_wrap_around_are_not_equal(
    count: int, rows: int, columns: int
) -> None:
    program = parse_program(RESHAPE)
    inputs = [np.ones(count), np.asarray(rows), np.asarray(columns)]
    assert kind_of_failure(interpret, program, inputs) == "sizes"
    assert kind_of_failure(interpret_loops, lower(program), inputs) == "sizes"
