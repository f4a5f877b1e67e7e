"""Double-double steps lose nothing, checked with rational arithmetic."""

import ctypes
from collections.abc import Callable
from fractions import Fraction

import llvmlite.binding as llvm
import numpy as np
import pytest
from llvmlite import ir

from lltheano_ir.emit.math.doubled import Pair, fast_two_sum, quotient, two_product, two_sum
from lltheano_ir.emit.math.lanes import LONG_POLYNOMIAL, Real, horner
from tests.accuracy.native import optimised, target_machine

Step = Callable[[Real, Real], Pair]
DOUBLE = ir.DoubleType()


def run(step: Step, points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Both parts of the step's result at each point."""
    module = ir.Module("step")
    pointer = ir.PointerType()
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), [pointer, DOUBLE, DOUBLE]), "run")
    builder = ir.IRBuilder(function.append_basic_block())
    place, a, b = function.args
    pair = step(Real(builder, a), Real(builder, b))
    builder.store(pair.high.value, place)
    second = builder.gep(place, [ir.Constant(ir.IntType(64), 1)], source_etype=DOUBLE)
    builder.store(pair.low.value, second)
    builder.ret_void()
    engine = llvm.create_mcjit_compiler(optimised(module), target_machine())
    engine.finalize_object()
    signature = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_double, ctypes.c_double)
    native = signature(engine.get_function_address("run"))
    parts = np.empty(2)
    found = []
    for x, y in points:
        native(parts.ctypes.data, x, y)
        found.append((float(parts[0]), float(parts[1])))
    return found


def points() -> list[tuple[float, float]]:
    rng = np.random.default_rng(8)
    x, y = (np.ldexp(rng.uniform(-1, 1, 200), rng.integers(-60, 60, 200)) for _ in range(2))
    return [(float(a), float(b)) for a, b in zip(x, y, strict=True)]


@pytest.mark.parametrize(
    ("step", "exact"),
    [(two_sum, lambda x, y: x + y), (two_product, lambda x, y: x * y)],
)
def test_sum_and_product_are_exact(
    step: Step, exact: Callable[[Fraction, Fraction], Fraction]
) -> None:
    for (x, y), (high, low) in zip(points(), run(step, points()), strict=True):
        assert Fraction(high) + Fraction(low) == exact(Fraction(x), Fraction(y))


def test_the_fast_sum_is_exact_with_the_larger_first() -> None:
    ordered = [(x, y) if abs(x) >= abs(y) else (y, x) for x, y in points()]
    for (x, y), (high, low) in zip(ordered, run(fast_two_sum, ordered), strict=True):
        assert Fraction(high) + Fraction(low) == Fraction(x) + Fraction(y)


def divide(x: Real, y: Real) -> Pair:
    return quotient(Pair(x, x.constant(0.0)), Pair(y, y.constant(0.0)))


def multiply_thirds(x: Real, y: Real) -> Pair:
    return divide(x, x.constant(3.0)) * divide(y, y.constant(3.0))


def add_thirds(x: Real, y: Real) -> Pair:
    return divide(abs(x), x.constant(3.0)) + divide(abs(y), y.constant(3.0))


@pytest.mark.parametrize(
    ("step", "exact"),
    [
        (divide, lambda x, y: x / y),
        (multiply_thirds, lambda x, y: x * y / 9),
        (add_thirds, lambda x, y: (abs(x) + abs(y)) / 3),
    ],
)
def test_pairs_carry_twice_the_precision(
    step: Step, exact: Callable[[Fraction, Fraction], Fraction]
) -> None:
    for (x, y), (high, low) in zip(points(), run(step, points()), strict=True):
        wanted = exact(Fraction(x), Fraction(y))
        assert abs(Fraction(high) + Fraction(low) - wanted) <= abs(wanted) * Fraction(1, 2**102)


@pytest.mark.parametrize("count", [1, 2, LONG_POLYNOMIAL - 1, LONG_POLYNOMIAL, 12])
def test_a_polynomial_is_itself_however_it_is_split(count: int) -> None:
    coefficients = [float(k + 1) for k in range(count)]

    def step(x: Real, y: Real) -> Pair:
        return Pair(horner(x, coefficients), y)

    assert run(step, [(3.0, 0.0)])[0][0] == sum((k + 1) * 3**k for k in range(count))
