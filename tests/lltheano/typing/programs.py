"""Programs as users write them, for mypy and pyright: `assert_type` says what each must find.

What is wrong in a program is marked as such; a mark that a checker does not need is an error itself
(`warn_unused_ignores`, `reportUnnecessaryTypeIgnoreComment`). `test_programs` runs what is right.
"""

from typing import Any, assert_type

import numpy as np
from numpy.typing import NDArray

import lltheano.tensor as T
from lltheano import Function, In, Out, config, function, shared
from lltheano.shared import GenericSharedVariable, ScalarSharedVariable, TensorSharedVariable
from lltheano.tensor import TensorVariable

__all__ = ["PROGRAMS"]


def accumulator() -> None:
    state = shared(0)
    inc = T.iscalar("inc")
    step = function([inc], state, updates=[(state, state + inc)])
    assert_type(state, ScalarSharedVariable)
    assert_type(inc, TensorVariable)
    assert_type(step, Function[NDArray[Any]])
    assert_type(step(1), NDArray[Any])
    assert_type(state.get_value(), NDArray[Any])


def kinds_of_shared_variables() -> None:
    assert_type(shared(np.zeros(3)), TensorSharedVariable)
    assert_type(shared(np.float32(1)), ScalarSharedVariable)
    assert_type(shared(0.5, name="rate"), ScalarSharedVariable)
    assert_type(shared(2j), ScalarSharedVariable)
    assert_type(shared({"epoch": 1}), GenericSharedVariable)
    assert_type(shared(np.zeros((1, 3)), broadcastable=(True, False)).get_value(), NDArray[Any])


def logistic_regression() -> None:
    x, y = T.dmatrix("x"), T.dvector("y")
    w, b = shared(np.zeros(3), name="w"), shared(0.0, name="b")
    p = 1 / (1 + T.exp(-T.dot(x, w) - b))
    cost = (-y * T.log(p) - (1 - y) * T.log(1 - p)).mean() + 0.01 * (w**2).sum()
    assert_type(cost, TensorVariable)
    slope = T.grad(cost, w)
    assert_type(slope, TensorVariable)
    gw, gb = T.grad(cost, [w, b])
    assert_type(gw, TensorVariable)
    assert_type(T.grad(cost, (w, b)), tuple[TensorVariable, ...])
    train = function([x, y], [p, cost], updates=[(w, w - 0.1 * gw), (b, b - 0.1 * gb)])
    assert_type(train, Function[list[NDArray[Any]]])
    predictions, loss = train(np.ones((2, 3)), [0.0, 1.0])
    assert_type(predictions, NDArray[Any])
    assert_type(loss, NDArray[Any])


def outputs_of_every_form() -> None:
    a, b = T.dscalars("a", "b")
    assert_type(a, TensorVariable)
    assert_type(T.dmatrices("a", "b"), list[TensorVariable])
    assert_type(function([a, In(b, value=1.0)], a * b)(2.0), NDArray[Any])
    assert_type(function([a], (a, a + 1))(2.0), list[NDArray[Any]])
    assert_type(function([a], [Out(a, borrow=True)])(2.0), list[Any])
    assert_type(function([a], {"double": 2 * a})(2.0), dict[str, Any])
    assert_type(function([a], on_unused_input="ignore")(2.0), list[Any])
    assert_type(function([a], a, "FAST_RUN", name="same", profile=False)(2.0), NDArray[Any])
    any_function: Function = function([a], a)
    assert_type(any_function(1.0), Any)


def expressions() -> None:
    x, i = T.matrix("x", dtype="float32"), T.lvector("i")
    assert_type(x.T @ x, TensorVariable)
    assert_type(x[i, 0], TensorVariable)
    assert_type(x.sum(axis=0, keepdims=True), TensorVariable)
    assert_type(T.switch(x > 0, x, 0), TensorVariable)
    assert_type(T.maximum(x, [1.0, 2.0]) + np.ones(2), TensorVariable)
    assert_type(T.concatenate([x, x], axis=1).shape[0], TensorVariable)
    assert_type(T.set_subtensor(x[0], 0), TensorVariable)
    assert_type(T.clip(x, 0, 1), TensorVariable)
    assert_type(T.nnet.softmax(x), TensorVariable)
    assert_type(T.jacobian(T.tanh(i.sum() * x[0]), x), TensorVariable)


def configuration() -> None:
    assert_type(config.floatX, str)
    assert_type(config.profile, bool)
    with config.change_flags(floatX="float32"):
        assert_type(T.vector().dtype, str)


def mistakes() -> None:
    """Never called: what both checkers must refuse."""
    x = T.dmatrix("x")
    T.exp("a", 3, foo=1)  # type: ignore[call-arg, arg-type]  # pyright: ignore[reportCallIssue, reportArgumentType]
    T.exp(x, x)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    T.maximum(x)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    T.switch(x > 0, x)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    function([x], x, donate=True)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    T.dmatrix("x").sum().evaluate()  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    shared(0).get_value(borrowed=True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


PROGRAMS = (
    accumulator,
    kinds_of_shared_variables,
    logistic_regression,
    outputs_of_every_form,
    expressions,
    configuration,
)
