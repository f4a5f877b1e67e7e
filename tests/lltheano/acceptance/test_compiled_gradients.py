"""Compiled gradients agree with the reference interpreter, which tests/lltheano/gradient holds
against finite differences: for every function there, and every elementwise op.
"""

from typing import Any

import numpy as np
import pytest

from lltheano import function, tensor as T
from tests.lltheano.evaluation import ELEMENTWISE_OPS, evaluate
from tests.lltheano.gradient.covered import CASES, NO_DERIVATIVE
from tests.lltheano.gradient.test_numeric import FLOAT_OPS, case, drawn, generator

# Differentiation subtracts nearly equal numbers; a transcendental may differ by an ulp or so.
TOLERANCE = 1e-11


def compare(outputs: list[Any], values: dict[Any, Any]) -> None:
    f = function(list(values), outputs, on_unused_input="ignore")
    for got, wanted in zip(f(*values.values()), evaluate(outputs, values), strict=True):
        assert (got.dtype, got.shape) == (wanted.dtype, wanted.shape)
        np.testing.assert_allclose(got, wanted, rtol=TOLERANCE, atol=TOLERANCE)


@pytest.mark.parametrize("name", CASES)
def test_functions_of_a_matrix(name: str) -> None:
    x, value, point, random = case(name)
    weights = T.constant(random.normal(size=evaluate(value, {x: point}).shape))
    compare([value, T.grad((value * weights).sum(), x)], {x: point})


@pytest.mark.parametrize("name", FLOAT_OPS)
def test_elementwise_ops(name: str) -> None:
    op = ELEMENTWISE_OPS[name]
    arity = 3 if op.variadic else op.arity
    inputs = [T.dmatrix(), T.dvector(), T.dscalar()][:arity]
    sizes: list[Any] = [(5, 9), (9,), ()]
    random = generator(name)
    values = {one: drawn(name, size, random) for one, size in zip(inputs, sizes, strict=False)}
    value = op(*inputs)
    wanted = [one for place, one in enumerate(inputs) if NO_DERIVATIVE.get(name) != place]
    cost = (abs(value) if value.dtype == "complex128" else value).sum()
    compare([value, *T.grad(cost, wanted)], values)
