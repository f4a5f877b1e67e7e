"""Every derivative has the type of its variable: on rows, columns and matrices of one element, for
every op and function, in reverse, forward and twice.
"""

from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import Op
from lltheano.gradient import Rop, grad
from lltheano.graph import Apply, NullType
from lltheano.tensor.variables.promotion import is_discrete
from lltheano.tensor.variables.variable import TensorType
from lltheano_ir.ops.definition import ExecutionError
from tests.lltheano.evaluation import ELEMENTWISE_OPS, evaluate, numeric_gradient
from tests.lltheano.gradient.covered import BITS, CASES, DOMAINS, NO_DERIVATIVE, ONE_DERIVATIVE

PATTERNS = {"row": (True, False), "col": (False, True), "one": (True, True)}
SIZES = {"row": (1, 4), "col": (3, 1), "one": (1, 1), "matrix": (3, 4)}
COARSE = {"sum: wide", "cast"}
UNDETERMINED = {("qr: wide, complete", "col"), ("qr: first columns", "row")}
"""Matrices of too few columns for all of Q to have a derivative."""
NOT_DEFINED = (TypeError, ValueError, IndexError, ExecutionError)


def result_at(name: str, pattern: str, point: Any) -> tuple[Any, Any, Any]:
    """Leaf, result and value of a case; no result where the case is for more rows or columns."""
    x = TensorType("float64", PATTERNS[pattern])("x")
    try:
        result = CASES[name](x)
        return x, result, evaluate(result, {x: point})
    except NOT_DEFINED:
        return x, None, None


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("name", CASES)
def test_functions(name: str, pattern: str, rng: np.random.Generator) -> None:
    point = rng.permutation(np.linspace(0.2, 1.4, 12))[: np.prod(SIZES[pattern])]
    point = point.reshape(SIZES[pattern])
    x, result, value = result_at(name, pattern, point)
    if result is None or (name, pattern) in UNDETERMINED:
        return
    weights, t = rng.normal(size=value.shape), x.type("t")
    cost = (result * T.patternbroadcast(weights, result.broadcastable)).sum()
    slope = grad(cost, x, disconnected_inputs="ignore")
    product = Rop(result, x, t, disconnected_outputs="ignore")
    second = grad((slope * slope * t).sum(), x, disconnected_inputs="ignore", consider_constant=[t])
    assert slope.type == second.type == x.type
    assert product.type == result.type
    found, along, _ = evaluate([slope, product, second], {x: point, t: 0.5 * np.ones_like(point)})
    assert along.shape == value.shape
    if name not in COARSE:
        wanted = numeric_gradient(cost, {x: point}, x)
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-5)
        np.testing.assert_allclose((along * weights).sum(), wanted.sum() / 2, rtol=1e-4, atol=1e-4)


def test_most_cases_are_functions_of_rows_or_columns(rng: np.random.Generator) -> None:
    applicable = [
        name
        for name in CASES
        if any(
            result_at(name, one, rng.uniform(0.2, 1.4, SIZES[one]))[1] is not None
            for one in PATTERNS
        )
    ]
    assert len(applicable) > 0.7 * len(CASES)


@pytest.mark.parametrize("name", sorted(set(ELEMENTWISE_OPS) - BITS))
def test_elementwise_ops(name: str, rng: np.random.Generator) -> None:
    """Operands of all patterns together."""
    op = ELEMENTWISE_OPS[name]
    low, high = DOMAINS.get(name, (0.2, 1.4))
    for turn in range(4):
        kinds = [*PATTERNS, "matrix"][turn:] + [*PATTERNS, "matrix"][:turn]
        kinds = kinds[: 3 if op.variadic else op.arity]
        operands = [TensorType("float64", PATTERNS.get(one, (False, False)))() for one in kinds]
        result = op(*operands)
        if is_discrete(result.dtype):
            continue
        values = {
            x: rng.uniform(low, high, SIZES[one]) for x, one in zip(operands, kinds, strict=True)
        }
        cost = result.real.sum()
        for place, x in enumerate(operands):
            slope = grad(cost, x, disconnected_inputs="ignore", null_gradients="return")
            if isinstance(slope.type, NullType):
                assert NO_DERIVATIVE[name] == place
                continue
            assert slope.type == x.type
            found = evaluate(slope, values)
            np.testing.assert_allclose(
                found, numeric_gradient(cost, values, x), rtol=1e-4, atol=1e-5
            )
            assert Rop(result, x, x.type(), disconnected_outputs="ignore").type == result.type
            if ONE_DERIVATIVE.get(name) != place:
                for y in operands:
                    second = grad(
                        slope.sum(), y, disconnected_inputs="ignore", null_gradients="return"
                    )
                    assert isinstance(second.type, NullType) or second.type == y.type


class Doubled(Op):
    """A user's op whose gradient forgets the pattern of its operand."""

    __props__ = ()

    def make_node(self, x: Any) -> Apply:
        return Apply(self, [x], [x.type()])

    def perform(self, node: Apply, inputs: Any, output_storage: Any) -> None:
        output_storage[0][0] = 2 * inputs[0]

    def grad(self, inputs: Any, output_gradients: Any) -> Any:
        return [T.unbroadcast(2 * output_gradients[0], 0)]


def test_an_op_may_forget_the_pattern() -> None:
    x = T.drow("x")
    slope = grad(Doubled()(x).sum(), x)
    assert slope.type == x.type
    assert slope.eval({x: [[1.0, 2.0]]}).tolist() == [[2.0, 2.0]]
