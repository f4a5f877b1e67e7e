"""How elements move with a loop index: which are neighbours, if a stride is 1, and which never."""

from collections.abc import Callable
from itertools import pairwise, product

import pytest

from lltheano_ir.dtypes import i64
from lltheano_ir.loops.analysis.strides import accesses, linear_step
from lltheano_ir.loops.builder import number
from lltheano_ir.loops.nodes import For, Operand, Scalar
from lltheano_ir.loops.parser import parse_loops

HEAD = (
    "%x: f64[%n, %m] strides [%s, %t] input, %w: f64[%n, %m] shared, %v: f64[%n, 1] shared,"
    " %k: i64[%n] shared"
)
NEIGHBOURS: dict[str, tuple[set[str], bool]] = {
    "load %a: f64 = %w[0, %i]": (set(), False),
    "load %a: f64 = %w[%i, 0]": (set(), True),
    "load %a: f64 = %v[%i, 0]": (set(), False),
    "load %a: f64 = %x[0, %i]": ({"t"}, False),
    "load %a: f64 = %x[%i, 0]": ({"s"}, False),
    "load %a: f64 = %x[%i, 0] load %b: f64 = %x[0, %i]": ({"s", "t"}, False),
    "load %a: f64 = %w[%i, %i]": (set(), True),
    "load %a: f64 = %w[0, 0]": (set(), False),
    "let %j: i64 = add %i, 1 load %a: f64 = %w[0, %j]": (set(), False),
    "let %j: i64 = sub %n, %i load %a: f64 = %w[0, %j]": (set(), True),
    "let %j: i64 = sub %i, %n load %a: f64 = %w[0, %j]": (set(), False),
    "let %j: i64 = mul %i, 2 load %a: f64 = %w[0, %j]": (set(), True),
    "let %j: i64 = add %i, %i load %a: f64 = %w[0, %j]": (set(), True),
    "let %j: i64 = mul %i, 2 let %l: i64 = sub %j, %i load %a: f64 = %w[0, %l]": (set(), False),
    "let %j: i64 = mul %i, %n load %a: f64 = %w[0, %j]": (set(), True),
    "load %j: i64 = %k[%i] load %a: f64 = %w[0, %j]": (set(), True),
    "load %j: i64 = %k[0] load %a: f64 = %w[0, %j]": (set(), False),
    "store %w[0, %i] = f64 1.0": (set(), False),
    "store %w[%i, 0] = f64 1.0": (set(), True),
    "for %j in 3 { load %a: f64 = %w[%j, %i] }": (set(), False),
    "for %j in 3 { load %a: f64 = %w[%i, %j] }": (set(), True),
    "reduce %r: f64 = add %a over %j in 3, rows { load %a: f64 = %w[%j, %i] }": (set(), False),
}


@pytest.mark.parametrize("body", NEIGHBOURS)
def test_which_elements_are_neighbours(body: str) -> None:
    function = parse_loops(f"loops @f({HEAD}) {{ for %i in %n {{ {body} }} }}")
    (loop,) = function.body
    assert isinstance(loop, For)
    found = accesses(loop.body, loop.index)
    unit_strides, scattered = NEIGHBOURS[body]
    assert {stride.name for stride in found.unit_strides} == unit_strides
    assert found.scattered is scattered


Value = Callable[[int], int]
"""What an operand is in an iteration."""

OPERANDS: dict[str, tuple[Operand, int, list[Value]]] = {
    "the index": (Scalar("i", i64), 1, [lambda i: i]),
    "one that goes by 3": (Scalar("j", i64), 3, [lambda i: 3 * i + 7, lambda i: 3 * i - 2]),
    "a size": (Scalar("n", i64), 0, [lambda i: 5, lambda i: 11]),
    "another size": (Scalar("m", i64), 0, [lambda i: 4, lambda i: 9]),
    "a number": (number(2), 0, [lambda i: 2]),
}
OPS: dict[str, Callable[[int, int], int]] = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
}


@pytest.mark.parametrize("second", OPERANDS)
@pytest.mark.parametrize("first", OPERANDS)
@pytest.mark.parametrize("op", OPS)
def test_the_step_is_that_of_the_numbers(op: str, first: str, second: str) -> None:
    """One step, whatever the sizes are and in every iteration; None where there is none."""
    (x, x_step, x_values), (y, y_step, y_values) = OPERANDS[first], OPERANDS[second]
    rows = [
        [OPS[op](one(i), other(i)) for i in range(5)]
        for one, other in product(x_values, y_values)
        if first != second or one is other
    ]
    found = {after - before for row in rows for before, after in pairwise(row)}
    expected = found.pop() if len(found) == 1 else None
    assert linear_step(op, (x_step, y_step), (x, y)) == expected
