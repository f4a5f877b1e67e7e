"""Every differentiable op's gradient against central differences, at ordinary points."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano.errors import NullTypeGradError
from tests.lltheano.evaluation import ELEMENTWISE_OPS, evaluate, numeric_gradient

Functions = dict[str, Callable[[Any], Any]]

RANDOM = np.random.default_rng(3)

INSIDE_ONE = {"arcsin", "arccos", "arctanh"}
ABOVE_ONE = {"arccosh", "zeta"}
WITHOUT = {"jv": 0, "iv": 0, "gammainc": 0, "gammaincc": 0, "chi2sf": 1, "zeta": 0}
"""The operand, an order or a shape, with respect to which there is no derivative."""
DISCRETE = {"floor", "ceil", "trunc", "sgn", "int_div"}
ROUNDINGS = {"round_half_to_even", "round_half_away_from_zero"}
LOGICAL = {"eq", "neq", "lt", "le", "gt", "ge", "isnan", "isinf"}
BITS = {"and_", "or_", "xor", "invert", "left_shift", "right_shift"}

OPS = sorted(set(ELEMENTWISE_OPS) - LOGICAL - BITS)


def points(name: Any, size: Any) -> Any:
    values = RANDOM.uniform(0.2, 0.9, size=size)
    return values + 1 if name in ABOVE_ONE else values


def check(cost: Any, values: Any, wrt: Any, tolerance: float = 1e-6) -> None:
    found = evaluate(T.grad(cost, wrt), values)
    assert found.shape == np.shape(values[wrt])
    np.testing.assert_allclose(
        found, numeric_gradient(cost, values, wrt), rtol=tolerance, atol=tolerance
    )


@pytest.mark.parametrize("name", OPS)
def test_elementwise_ops(name: Any) -> None:
    op = ELEMENTWISE_OPS[name]
    arity = {"add": 3, "mul": 3}.get(name, op.arity)
    inputs = [T.dmatrix(), T.dvector(), T.dscalar()][:arity]
    values = {x: points(name, shape) for x, shape in zip(inputs, [(2, 3), (3,), ()], strict=False)}
    weights = T.constant(RANDOM.normal(size=(2, 3)))
    cost = (op(*inputs) * weights).sum()
    for place, x in enumerate(inputs):
        if WITHOUT.get(name) == place:
            with pytest.raises(NullTypeGradError, match=f"{name} has no derivative"):
                T.grad(cost, x)
        else:
            check(cost, values, x)


REDUCTIONS: Functions = {
    "sum": lambda x: x.sum(axis=1),
    "sum of all": lambda x: x.sum(),
    "mean": lambda x: x.mean(axis=0, keepdims=True),
    "prod": lambda x: x.prod(axis=1),
    "max": lambda x: x.max(axis=0),
    "min": lambda x: x.min(),
    "var": lambda x: x.var(axis=1),
    "std": lambda x: x.std(axis=1, ddof=1),
    "norm 2": lambda x: x.norm(2, axis=0),
    "norm 3": lambda x: x.norm(3),
    "logsumexp": lambda x: T.logsumexp(x, axis=1),
    "ptp": lambda x: T.ptp(x, axis=1),
}
SHAPES: Functions = {
    "transpose": lambda x: x.T,
    "dimshuffle": lambda x: x.dimshuffle(1, "x", 0),
    "reshape": lambda x: x.reshape((4, -1)),
    "flatten": lambda x: x.flatten(),
    "concatenate": lambda x: T.concatenate([x, 2 * x, T.ones((3, 1))], axis=1),
    "stack": lambda x: T.stack([x, x * x]),
    "fill": lambda x: T.fill(T.zeros((2, 3, 4)), x),
    "alloc": lambda x: T.alloc(x[0], 5, 4),
    "copy": lambda x: x.copy(),
    "specify_shape": lambda x: T.specify_shape(x, (3, 4)),
    "addbroadcast": lambda x: T.addbroadcast(x[:, :1], 1) * x,
    "tril": T.tril,
}
PARTS: Functions = {
    "row": lambda x: x[1],
    "element": lambda x: x[-1, 2],
    "slice": lambda x: x[::-2, 1:],
    "new axis": lambda x: x[:, None, 1],
    "rows": lambda x: x[[0, 2, 0]],
    "columns": lambda x: x[:, [0, 0, 3]],
    "pairs": lambda x: x[[0, 1, 1], [2, 3, 3]],
    "mixed": lambda x: x[1:, [0, 3]],
    "set part": lambda x: T.set_subtensor(x[1:, 0], x[0, 0] ** 2),
    "set rows": lambda x: T.set_subtensor(x[[0, 2]], x[1] * 2),
    "increase": lambda x: T.inc_subtensor(x[:2], x[2]),
    "increase twice": lambda x: T.inc_subtensor(x[[0, 0]], x[1:]),
    "take": lambda x: x.take([1, 1, 5]),
}
PRODUCTS: Functions = {
    "matrix matrix": lambda x: T.dot(x, x.T),
    "matrix vector": lambda x: T.dot(x, x[0]),
    "vector matrix": lambda x: T.dot(x[:, 0], x),
    "vector vector": lambda x: T.dot(x[0], x[1]),
    "tensordot": lambda x: T.tensordot(x, x, [[0], [0]]),
    "batched": lambda x: T.batched_dot(T.stack([x, x]), T.stack([x.T, 2 * x.T])),
    "outer": lambda x: T.outer(x[0], x[1]),
}
NETWORKS: Functions = {
    "softmax": T.nnet.softmax,
    "logsoftmax": T.nnet.logsoftmax,
    "log of softmax": lambda x: T.log(T.nnet.softmax(x)),
    "crossentropy": lambda x: T.nnet.categorical_crossentropy(T.nnet.softmax(x), T.arange(3)),
    "dense crossentropy": lambda x: T.nnet.categorical_crossentropy(T.nnet.softmax(x), x),
    "binary": lambda x: T.nnet.binary_crossentropy(T.nnet.sigmoid(x), 0.3),
    "sigmoid binary": lambda x: T.nnet.sigmoid_binary_crossentropy(x, 0.3),
    "relu": T.nnet.relu,
    "leaky relu": lambda x: T.nnet.relu(x, 0.1),
    "elu": T.nnet.elu,
    "softsign": T.nnet.softsign,
    "assert": lambda x: T.opt.Assert()(x, x.sum() < 1e9),
}
ALL: Functions = {**REDUCTIONS, **SHAPES, **PARTS, **PRODUCTS, **NETWORKS}


@pytest.mark.parametrize("name", ALL)
def test_functions_of_a_matrix(name: Any) -> None:
    x = T.dmatrix("x")
    value = ALL[name](x)
    values = {x: RANDOM.uniform(-1, 1, size=(3, 4))}
    if name == "dense crossentropy":
        values = {x: RANDOM.uniform(0.1, 1, size=(3, 4))}
    shape = evaluate(value, values).shape
    weights = T.constant(RANDOM.normal(size=shape))
    check((value * weights).sum(), values, x)


@pytest.mark.parametrize("name", ["sum", "prod", "max", "softmax", "logsoftmax", "rows", "relu"])
def test_second_derivatives(name: Any) -> None:
    x = T.dmatrix("x")
    first = T.grad((ALL[name](x) ** 3).sum(), x)
    weights = T.constant(RANDOM.normal(size=(3, 4)))
    check((first * weights).sum(), {x: RANDOM.uniform(-1, 1, size=(3, 4))}, x, 1e-5)
