"""The algebra of sizes: it is exact, whatever overflows, and finds equal sizes equal."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from lltheano_ir.interpret import evaluate
from lltheano_ir.nodes import Value, argument, make
from lltheano_ir.passes.canonicalise import canonicalise
from lltheano_ir.program import Output, Parameter, Program
from lltheano_ir.rewrite.sizes import ARITHMETIC, SizeAlgebra
from lltheano_ir.shapes import MAX_SIZE, Shapes, integer, known_integer
from lltheano_ir.text import parse_program
from lltheano_ir.types import INDEX, parse_type

N, M = argument(0, INDEX), argument(1, INDEX)
X = argument(2, parse_type("f64[?,1,?]"))
ROWS, COLUMNS = make("dim", (X,), (0,)), make("dim", (X,), (2,))
FOURFOLD = make("mul", (ROWS, integer(4)))
LARGE = (0, 1, -1, 2, 3, 7, 2**62, 2**63 - 1, -(2**63), -5)

leaves = st.sampled_from([N, M, ROWS, COLUMNS]) | st.builds(integer, st.sampled_from(LARGE))


def applied(name: str, x: Value, y: Value) -> Value:
    return make(name, (x,) if name == "neg" else (x, y))


expressions = st.recursive(
    leaves,
    lambda inner: st.builds(applied, st.sampled_from(sorted(ARITHMETIC)), inner, inner),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    value=expressions,
    n=st.sampled_from(LARGE),
    m=st.integers(-9, 9),
    shape=st.tuples(st.integers(0, 4), st.just(1), st.integers(0, 4)),
)
def test_the_normal_form_is_equal_and_in_range(value: Value, n: int, m: int, shape: Any) -> None:
    sizes = SizeAlgebra()
    normal = sizes.normal(value)
    arguments = [np.asarray(n), np.asarray(m), np.zeros(shape)]
    wanted, found = evaluate([value, normal], arguments)
    assert wanted == found
    assert sizes.normal(normal) is normal
    low, high = sizes.range(normal)
    assert low <= int(found) <= high


@settings(max_examples=300, deadline=None, derandomize=True)
@given(value=expressions)
def test_the_rules_and_the_normal_form_do_not_undo_each_other(value: Value) -> None:
    parameters = tuple(Parameter(f"p{i}", one.type) for i, one in enumerate((N, M, X)))
    program = Program("f", parameters, (Output("y", value),))
    once = canonicalise(program)
    assert canonicalise(once) == once
    arguments = [np.asarray(5), np.asarray(-3), np.zeros((2, 1, 3))]
    assert evaluate([value], arguments) == evaluate(once.roots, arguments)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(x=expressions, y=expressions, n=st.sampled_from(LARGE), m=st.integers(-9, 9))
def test_differences_are_bounded(x: Value, y: Value, n: int, m: int) -> None:
    arguments = [np.asarray(n), np.asarray(m), np.zeros((3, 1, 2))]
    first, second = evaluate([x, y], arguments)
    low, high = SizeAlgebra().difference(x, y)
    assert low <= int(first) - int(second) <= high


COMPARISONS = ("lt", "le", "gt", "ge", "eq", "ne")


@settings(max_examples=100, deadline=None, derandomize=True)
@given(x=expressions, y=expressions)
def test_what_comparisons_are_known_to_give_they_give(x: Value, y: Value) -> None:
    """Of small expressions, that may be equal and need not be; one beside itself is among them."""
    pairs = [(x, y), (x, x), (plus(x, integer(1)), x), (ROWS, integer(0)), (ROWS, plus(COLUMNS, x))]
    values = [make(name, pair) for name in COMPARISONS for pair in pairs]
    parameters = tuple(Parameter(f"p{i}", one.type) for i, one in enumerate((N, M, X)))
    outputs = tuple(Output(f"y{number}", value) for number, value in enumerate(values))
    known = canonicalise(Program("f", parameters, outputs)).roots
    for n, shape in ((0, (0, 1, 0)), (1, (1, 1, 0)), (-1, (0, 1, 1)), (2**63 - 1, (2, 1, 2))):
        arguments = [np.asarray(n), np.asarray(0), np.zeros(shape)]
        assert evaluate(values, arguments) == evaluate(known, arguments)


def plus(*terms: Value) -> Value:
    total = terms[0]
    for term in terms[1:]:
        total = make("add", (total, term))
    return total


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (plus(N, M), plus(M, N)),
        (make("sub", (plus(N, M), N)), M),
        (make("mul", (N, M)), make("mul", (M, N))),
        (make("mul", (plus(N, integer(1)), M)), plus(M, make("mul", (M, N)))),
        (make("maximum", (ROWS, integer(0))), ROWS),
        (make("minimum", (plus(ROWS, integer(2)), ROWS)), ROWS),
        (make("maximum", (N, M)), make("maximum", (M, N))),
        (make("floordiv", (make("mul", (ROWS, integer(4))), integer(4))), ROWS),
        (make("mod", (plus(make("mul", (ROWS, integer(4))), integer(3)), integer(4))), integer(3)),
        (make("mod", (make("mod", (N, integer(5))), integer(7))), make("mod", (N, integer(5)))),
        (make("neg", (make("neg", (N,)),)), N),
        (make("dim", (make("exp", (X,)),), (2,)), COLUMNS),
    ],
)
def test_equal_sizes_are_found_equal(x: Value, y: Value) -> None:
    assert SizeAlgebra().same(x, y)


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (make("maximum", (N, integer(0))), N),
        (make("floordiv", (make("mul", (N, integer(4))), integer(4))), N),
        (make("floordiv", (make("mul", (ROWS, COLUMNS)), COLUMNS)), ROWS),
        (ROWS, COLUMNS),
        (make("maximum", (N, plus(N, integer(1)))), plus(N, integer(1))),
        # The rest may be negative, which lowers the quotient by one.
        (
            make("floordiv", (plus(FOURFOLD, make("minimum", (N, integer(3)))), integer(4))),
            ROWS,
        ),
        (
            make("mod", (plus(FOURFOLD, make("minimum", (N, integer(3)))), integer(4))),
            make("minimum", (N, integer(3))),
        ),
    ],
)
def test_what_may_differ_is_not_found_equal(x: Value, y: Value) -> None:
    assert not SizeAlgebra().same(x, y)


def test_a_long_sum_needs_neither_recursion_nor_quadratic_time() -> None:
    total = N
    for _ in range(1000):
        total = make("add", (total, ROWS))
    assert SizeAlgebra().normal(total) is SizeAlgebra().normal(
        make("add", (N, make("mul", (ROWS, integer(1000)))))
    )
    products = N
    for _ in range(500):
        products = make("add", (make("mul", (products, M)), ROWS))
    SizeAlgebra().normal(products)


def test_sizes_are_bounded() -> None:
    assert SizeAlgebra().range(ROWS) == (0, MAX_SIZE)
    small = make("cast", (argument(3, parse_type("u8[]")),), (INDEX.dtype,))
    assert SizeAlgebra().range(small) == (0, 255)


def test_shapes_of_a_deep_program_need_no_recursion() -> None:
    value = X
    for _ in range(20_000):
        value = make("neg", (value,))
    assert Shapes().sizes(value) == (ROWS, integer(1), COLUMNS)


def test_shapes_look_into_fused_regions() -> None:
    program = parse_program(
        """program @f(%x: f64[?,?], %y: f64[?], %n: i64[]) {
          %0: (f64[?], i64[?]) = fused %n, %y, %x
            body(%n: i64[], %y: f64[?], %x: f64[?,?]) {
              %0: f64[?] = reduce %x, kind=add, axes=[1]
              %1: i64[] = dim %y, axis=0
              %2: i64[] = add %1, %n
              %3: i64[?] = iota %2
              yield %0, %3
            }
          output "a" = %0#0
          output "b" = %0#1
        }"""
    )
    x, y, n = program.arguments
    rows = make("dim", (x,), (0,))
    total = make("add", (make("dim", (y,), (0,)), n))
    first, second = (one.value for one in program.outputs)
    assert Shapes().sizes(first) == (rows,)
    assert Shapes().sizes(second) == (total,)
    assert SizeAlgebra().sizes(second) == (SizeAlgebra().normal(total),)


def test_stacks_of_a_loop_are_as_long_as_the_loop() -> None:
    program = parse_program(
        """program @f(%n: i64[], %x: f64[?]) {
          %0: (f64[?], f64[?,?]) = loop %n, %x, carried=1
            body(%i: i64[], %x: f64[?]) { yield %x, %x }
          output "a" = %0#0
          output "b" = %0#1
        }"""
    )
    carried, stack = (one.value for one in program.outputs)
    assert Shapes().sizes(stack) == (program.arguments[0], make("dim", (stack,), (1,)))
    assert Shapes().sizes(carried) == (make("dim", (carried,), (0,)),)


def test_known_integers() -> None:
    assert known_integer(integer(-3)) == -3
    assert known_integer(N) is None
