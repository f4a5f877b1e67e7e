"""The sign of a value follows from what its ops declare, through views, choices and assumptions."""

import numpy as np
import pytest

from lltheano_ir.nodes import Value, argument, make
from lltheano_ir.ops.traits import Sign
from lltheano_ir.rewrite.patterns import constant
from lltheano_ir.shapes import integer
from lltheano_ir.signs import sign_of
from lltheano_ir.types import parse_type

X, Y = (argument(place, parse_type("f64[?]")) for place in range(2))
Z = argument(2, parse_type("c128[?]"))
N = argument(3, parse_type("i64[?]"))


def exp(x: Value) -> Value:
    return make("exp", (x,))


@pytest.mark.parametrize(
    ("value", "sign"),
    [
        pytest.param(X, Sign.ANY, id="argument"),
        pytest.param(exp(X), Sign.POSITIVE, id="exponential"),
        pytest.param(exp(Z), Sign.ANY, id="of complex numbers"),
        pytest.param(make("mul", (X, X)), Sign.NOT_NEGATIVE, id="square"),
        pytest.param(make("mul", (X, Y)), Sign.ANY, id="product"),
        pytest.param(make("add", (exp(X), make("abs", (Y,)))), Sign.POSITIVE, id="sum"),
        pytest.param(make("sub", (exp(X), exp(Y))), Sign.ANY, id="difference"),
        pytest.param(make("div", (exp(X), make("abs", (Y,)))), Sign.ANY, id="divided by zero"),
        pytest.param(make("reduce", (exp(X),), ("add", (0,))), Sign.POSITIVE, id="total"),
        pytest.param(make("reduce", (exp(X),), ("sup", (0,))), Sign.ANY, id="supremum of none"),
        pytest.param(make("dimshuffle", (exp(X),), ((0, None),)), Sign.POSITIVE, id="view"),
        pytest.param(make("index", (exp(X), integer(0)), (0,)), Sign.POSITIVE, id="element"),
        pytest.param(make("argsort", (X,)), Sign.NOT_NEGATIVE, id="indices"),
        pytest.param(make("iota", (integer(-3),)), Sign.NOT_NEGATIVE, id="counted"),
        pytest.param(make("mul", (N, N)), Sign.ANY, id="integers wrap round"),
        pytest.param(make("select", (make("lt", (X, Y)), exp(X), Y)), Sign.ANY, id="choice"),
        pytest.param(constant(np.array([1.0, 2.0])), Sign.POSITIVE, id="positive numbers"),
        pytest.param(constant(np.array([0.0, 2.0])), Sign.NOT_NEGATIVE, id="numbers"),
        pytest.param(constant(np.array([1.0, np.inf])), Sign.ANY, id="an infinity"),
        pytest.param(constant(np.array([])), Sign.ANY, id="no numbers"),
    ],
)
def test_signs(value: Value, sign: Sign) -> None:
    assert sign_of(value) is sign


def test_what_is_assumed_of_a_value_holds_for_what_is_made_of_it() -> None:
    product = make("mul", (X, Y))
    assert sign_of(product, {X: Sign.POSITIVE, Y: Sign.POSITIVE}) is Sign.POSITIVE
    assert sign_of(product, {X: Sign.POSITIVE}) is Sign.ANY
    assert sign_of(X, {X: Sign.NOT_NEGATIVE}) is Sign.NOT_NEGATIVE


def test_shared_operands_are_looked_at_once() -> None:
    """Each sum has the one before it twice: a walk of all ways would never end."""
    total = exp(X)
    for _ in range(100):
        total = make("add", (total, total))
    assert sign_of(total) is Sign.POSITIVE


def test_of_very_long_formulas_nothing_is_known() -> None:
    total = exp(X)
    for _ in range(1000):
        total = make("abs", (total,))
    assert sign_of(total) is Sign.ANY
