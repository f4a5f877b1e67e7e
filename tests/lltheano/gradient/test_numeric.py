"""Every differentiable op and function: gradient, right product and second derivatives against
central differences, at ordinary points.
"""

import zlib
from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano.config import config
from lltheano.errors import NullTypeGradError
from lltheano.gradient import Rop, grad
from tests.lltheano.evaluation import ELEMENTWISE_OPS, assert_gradient, evaluate, evaluator
from tests.lltheano.gradient.covered import (
    BITS,
    BREAKS,
    CASES,
    DOMAINS,
    NO_DERIVATIVE,
    ONE_DERIVATIVE,
    STEPS,
)

FLOAT_OPS = sorted(set(ELEMENTWISE_OPS) - BITS)
SHAPES = [(2, 3), (3,), ()]
COARSE = {
    "sum: wide": "differences of float32 numbers are too coarse",
    "cast": "differences of float32 numbers are too coarse",
}


def generator(name: str) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(name.encode()))


def drawn(name: str, shape: Any, random: np.random.Generator) -> Any:
    """Points where an elementwise op is smooth: apart from 0, both signs unless it has a domain."""
    low, high = DOMAINS.get(name, (0.2, 1.4))
    values = random.uniform(low, high, size=shape)
    return values if name in DOMAINS else values * random.choice([-1, 1], size=shape)


def check(cost: Any, values: Any, wrt: Any, tolerance: float = 2e-6) -> None:
    assert_gradient(cost, values, wrt, curvature=tolerance)


def elementwise(name: str) -> tuple[list[Any], Any, dict[Any, Any], np.random.Generator]:
    op, random = ELEMENTWISE_OPS[name], generator(name)
    inputs = [T.dmatrix(), T.dvector(), T.dscalar()][: 3 if op.variadic else op.arity]
    values = {x: drawn(name, shape, random) for x, shape in zip(inputs, SHAPES, strict=False)}
    result = op(*inputs)
    if name == "complex":
        result = result.real + 2 * result.imag
    return inputs, result, values, random


@pytest.mark.parametrize("name", FLOAT_OPS)
def test_elementwise_ops(name: str) -> None:
    inputs, result, values, random = elementwise(name)
    cost = (result * T.constant(random.normal(size=(2, 3)))).sum()
    for place, x in enumerate(inputs):
        if NO_DERIVATIVE.get(name) == place:
            with pytest.raises(NullTypeGradError, match=f"{name} has no derivative"):
                grad(cost, x)
        elif name in STEPS:
            assert not evaluate(grad(cost, x, disconnected_inputs="ignore"), values).any()
        else:
            check(cost, values, x)


@pytest.mark.parametrize("name", sorted(set(FLOAT_OPS) - STEPS))
def test_second_derivatives_of_elementwise_ops(name: str) -> None:
    inputs, result, values, random = elementwise(name)
    without = (NO_DERIVATIVE.get(name), ONE_DERIVATIVE.get(name))
    (last,) = [x for place, x in enumerate(inputs) if place not in without][-1:]
    first = grad(result.sum(), last)
    weights = T.constant(random.normal(size=np.shape(values[last])))
    for x in inputs:
        if NO_DERIVATIVE.get(name) != inputs.index(x):
            check((first * weights).sum(), values, x, 1e-5)


SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, -2.0, 1e308, -1e308, 5e-324, np.inf, -np.inf, np.nan]


@pytest.mark.parametrize("name", sorted(set(FLOAT_OPS) - STEPS - {"complex"}))
def test_where_the_value_is_a_number_the_slope_is_one(name: str) -> None:
    """At zeros, infinities, the ends of the range and all pairs of them; else it is in a table."""
    op = ELEMENTWISE_OPS[name]
    inputs = [T.dvector() for _ in range(2 if op.variadic else op.arity)]
    points = [axis.ravel() for axis in np.meshgrid(*[SPECIAL] * len(inputs))]
    result = op(*inputs)
    chosen = [place for place in range(len(inputs)) if NO_DERIVATIVE.get(name) != place]
    wrt = [inputs[place] for place in chosen]
    slopes = grad(result.sum(), wrt, disconnected_inputs="ignore")
    with np.errstate(all="ignore"):
        value, *found = evaluator([result, *slopes], inputs)(*points)
    for place, slope in zip(chosen, found, strict=True):
        broken = np.isnan(slope) & ~np.isnan(value)
        where = [tuple(axis[broken][:3]) for axis in points]
        assert not broken.any() or (name, place) in BREAKS, where


def case(name: str) -> tuple[Any, Any, Any, np.random.Generator]:
    """The leaf, the result, the point, and more random numbers; no two elements are equal."""
    x, random = T.dmatrix("x"), generator(name)
    magnitudes = random.permutation(np.linspace(0.2, 1.4, 12))
    point = (magnitudes * random.choice([-1, 1], size=12)).reshape(3, 4)
    return x, CASES[name](x), point, random


@pytest.mark.parametrize("name", CASES)
def test_functions_of_a_matrix(name: str) -> None:
    x, result, point, random = case(name)
    weights = T.constant(random.normal(size=evaluate(result, {x: point}).shape))
    tolerance = 1e-2 if name in COARSE else 2e-6
    step = 1e-3 if name in COARSE else 1e-6
    cost = (result * weights).sum()
    assert_gradient(cost, {x: point}, x, step=step, curvature=tolerance)


@pytest.mark.parametrize("name", sorted(set(CASES) - {"map_index", "map_index: sums"}))
def test_functions_and_gradients_have_test_values(name: str) -> None:
    """Also what ops build for themselves; the index of a mapping alone has no one value."""
    x = T.dmatrix("x")
    x.tag.test_value = np.linspace(0.2, 1.4, 12).reshape(3, 4)
    with config.change_flags(compute_test_value="raise"):
        result = CASES[name](x)
        if name not in NO_DERIVATIVE:
            result = grad(result.sum(), x)
    shape = evaluate(result, {x: x.tag.test_value}).shape
    assert result.tag.test_value.shape == shape


@pytest.mark.parametrize("name", sorted(set(CASES) - set(COARSE)))
def test_right_products_and_second_derivatives(name: str) -> None:
    """The product with a tangent is the slope along it; the gradient of the gradient likewise."""
    x, result, point, random = case(name)
    tangent, t = random.normal(size=(3, 4)), T.dmatrix("t")
    weights = T.constant(random.normal(size=evaluate(result, {x: point}).shape))
    first = grad((result**2 * weights).sum(), x)
    at = evaluator([result, first], [x])
    (result_above, first_above), (result_below, first_below) = (
        at(point + step * tangent) for step in (1e-6, -1e-6)
    )
    product = Rop(result, x, t)
    found = evaluate(product, {x: point, t: tangent})
    np.testing.assert_allclose(found, (result_above - result_below) / 2e-6, rtol=1e-5, atol=1e-5)
    second = grad((first * t).sum(), x, consider_constant=[t])
    found = evaluate(second, {x: point, t: tangent})
    np.testing.assert_allclose(found, (first_above - first_below) / 2e-6, rtol=1e-4, atol=1e-4)
