"""Bad input is an exception at the earliest moment that can know it, in the user's terms.

`EARLY` is known while the graph is built or the function made, `LATE` only when it is called.
"""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lltheano import UnusedInputError, function, shared, tensor as T
from lltheano.errors import CyclicGraphError, DisconnectedInputError, MissingInputError
from lltheano.tensor.variables.variable import TensorType

NUMBER: Any = 3
HERE = r"test_bad_input\.py:\d+"

x, v, y = T.dmatrix("x"), T.dvector("v"), T.dvector("y")
i, small = T.lscalar("i"), T.bscalar("small")
state, W = shared(0, name="state"), shared(np.ones((3, 4)), name="W")

EARLY: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "a disconnected gradient": (
        lambda: T.grad(x.sum(), v),
        DisconnectedInputError,
        rf"does not depend on v \(.*{HERE}\)",
    ),
    "the gradient of a matrix": (lambda: T.grad(x, x), TypeError, "cost must be a scalar, got x"),
    "an unused input": (lambda: function([x, v], x), UnusedInputError, rf"inputs\[1\], v.*{HERE}"),
    "an input without a value": (
        lambda: function([x], x + v),
        MissingInputError,
        rf"a value for v .*{HERE}.*used by",
    ),
    "cyclic givens": (
        lambda: function([], v, givens=[(v, y * 2), (y, v)]),
        CyclicGraphError,
        rf"v \(.*{HERE}\) -> y .* -> v",
    ),
    "a given of itself that has no value": (
        lambda: function([], v * 2, givens={v: v + 1}),
        MissingInputError,
        rf"a value for v .*{HERE}.*used by add",
    ),
    "a given of another rank": (
        lambda: function([i], v.sum(), givens=[(v, i)]),
        TypeError,
        "i .* has 0 dimensions, not 1",
    ),
    "two updates of one variable": (
        lambda: function([], updates=[(state, state + 1), (state, 2)]),
        ValueError,
        rf"updates name state \(.*{HERE}\) twice",
    ),
    "an update of an input": (
        lambda: function([i], updates=[(i, i + 1)]),
        TypeError,
        r"updates: i .*is not a shared variable",
    ),
    "an update of another dtype": (
        lambda: function([], updates=[(state, state * 0.5)]),
        TypeError,
        r"new value of state .* is float64, not int64; cast it",
    ),
    "an update of another rank": (
        lambda: function([], updates=[(state, W)]),
        TypeError,
        "new value of state .* W .* has 2 dimensions, not 0",
    ),
    "an update of another pattern": (
        lambda: function([], updates=[(W, T.addbroadcast(W[:1], 0))]),
        TypeError,
        r"pattern \(True, False\), not \(False, False\)",
    ),
    "too many indices": (lambda: W[1, 2, 3], IndexError, "W .* has 2 axes, got 3 indices"),
    "a float as an index": (lambda: W[1.5], TypeError, "an index of W .*got 1.5"),
    "a step of zero": (lambda: v[::0], ValueError, "a slice of v .* has step 0"),
    "an axis too many": (lambda: x.sum(axis=5), ValueError, "x .* has 2 axes and no axis 5"),
    "a dtype that is none": (lambda: T.cast(x, "float99"), TypeError, "float99.*they have bool"),
    "bits of floats": (lambda: x & 1, TypeError, "and_: is defined on integers and bool.*got x"),
    "order of complex numbers": (
        lambda: T.sort(T.zvector("z")),
        TypeError,
        "complex numbers have no order, got z",
    ),
    "bits of uint64 and signed integers": (
        lambda: T.TensorType("uint64", (False,))("u") & i,
        TypeError,
        rf"and_: no integer dtype holds uint64 and signed.*cast one of them; got u .*{HERE}.*, i ",
    ),
    "the truth of a variable": (lambda: bool(v > 1), TypeError, "neither true nor false"),
    "a shared variable as an input": (
        lambda: function([W], W),
        TypeError,
        r"inputs\[0\]: W .*is a shared variable",
    ),
    "an output that is a number": (
        lambda: function([x], NUMBER),
        TypeError,
        "outputs must be .*int",
    ),
    "a value of another rank": (
        lambda: W.set_value(np.ones(3)),
        TypeError,
        r"set_value of W .*expected 2 axes .*shape \(3,\)",
    ),
    "a value that loses precision": (
        lambda: shared(np.ones(3, "float32"), name="f").set_value(np.ones(3)),
        TypeError,
        "set_value of f .*float64.* would lose precision as float32",
    ),
}


@pytest.mark.parametrize("case", EARLY)
def test_what_can_be_known_before_a_call_is_an_error_before_it(case: str) -> None:
    make, error, message = EARLY[case]
    before = W.get_value().tobytes(), state.get_value()
    with pytest.raises(error, match=message):
        make()
    assert (W.get_value().tobytes(), state.get_value()) == before


layer = function([x, v], T.dot(x, W) + v, updates=[(W, W * 2), (state, state + 1)], name="layer")
successor = function([small], small + 1, updates=[(state, state + 1)], name="successor")
GOOD = np.ones((2, 3)), np.ones(4)

LATE: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "another rank": (
        lambda: layer(np.ones(3), GOOD[1]),
        TypeError,
        rf"layer\(\) argument 'x' .*{HERE}\): expected 2 axes.*shape \(3,\)",
    ),
    "another dtype": (
        lambda: layer(np.ones((2, 3), "c16"), GOOD[1]),
        TypeError,
        "argument 'x' .*complex128 of shape .* would lose precision as float64",
    ),
    "sizes that do not multiply": (
        lambda: layer(np.ones((2, 5)), GOOD[1]),
        ValueError,
        rf"(?s)layer\(\): dot: inner sizes 5 and 3 differ.*{HERE}.*x: float64 of shape \(2, 5\)"
        r".*W \(shared\): float64 of shape \(3, 4\)",
    ),
    "sizes that do not add": (
        lambda: layer(GOOD[0], np.ones(1)),
        ValueError,
        rf"(?s)add: sizes on axis 1, 4 and 1 differ.*{HERE}.*v: float64 of shape \(1,\)",
    ),
    "too few": (lambda: layer(GOOD[0]), TypeError, "missing 1 required argument: 'v'"),
    "too many": (lambda: layer(*GOOD, 3), TypeError, "takes 2 positional arguments but 3"),
    "an unknown name": (
        lambda: layer(*GOOD, q=3),
        TypeError,
        "unexpected keyword argument 'q'; its parameters are x, v",
    ),
    "one twice": (lambda: layer(*GOOD, x=3), TypeError, "multiple values for argument 'x'"),
    "a string": (lambda: layer("ones", GOOD[1]), TypeError, "'x' .*expected numbers"),
    "nothing": (lambda: layer(None, GOOD[1]), TypeError, "'x' .*expected numbers"),
    "ragged lists": (lambda: layer([[1], [1, 2]], GOOD[1]), TypeError, "'x' .*expected numbers"),
    "a variable": (lambda: layer(x, GOOD[1]), TypeError, "symbolic variable x"),
    "a mask": (lambda: layer(np.ma.ones((2, 3)), GOOD[1]), TypeError, "masked arrays"),
    "an integer out of range": (
        lambda: successor(300),
        TypeError,
        rf"successor\(\) argument 'small' .*{HERE}.*300 does not fit in int8, which holds -128 to"
        " 127",
    ),
    "a NumPy integer out of range": (
        lambda: successor(np.int64(-129)),
        TypeError,
        "-129 does not fit in int8",
    ),
    "an integer that no dtype holds": (
        lambda: successor(10**30),
        TypeError,
        "10{30} does not fit in int8",
    ),
    "an integer that no dtype holds, for a float": (
        lambda: layer(2**70, GOOD[1]),
        TypeError,
        f"argument 'x' .*: {2**70} does not fit in any integer dtype; write it as a float",
    ),
    "a complex number": (lambda: successor(1 + 0j), TypeError, "would lose precision as int8"),
    "a fraction": (lambda: successor(1.5), TypeError, "1.5 of type float would lose precision"),
    "NaN": (lambda: successor(float("nan")), TypeError, "nan .*would lose precision as int8"),
    "infinity": (lambda: successor(np.inf), TypeError, "inf .*would lose precision as int8"),
}


@pytest.mark.parametrize("case", LATE)
def test_a_bad_call_names_the_argument_and_changes_nothing(case: str) -> None:
    call, error, message = LATE[case]
    before = W.get_value().tobytes(), state.get_value()
    with pytest.raises(error, match=message):
        call()
    assert (W.get_value().tobytes(), state.get_value()) == before


def test_a_downcast_that_was_allowed_is_still_no_way_to_make_a_number_of_nothing() -> None:
    f = function([i], i, allow_input_downcast=True)
    assert f(3.7) == 3
    for nothing in (float("nan"), float("inf"), 1e30, 3 + 4j):
        with pytest.raises(TypeError, match=r"argument .i. .*no value"):
            f(nothing)


def test_nan_and_infinity_are_numbers_where_floats_are_taken() -> None:
    f = function([v], v * 1)
    np.testing.assert_array_equal(f([np.nan, np.inf, -np.inf]), [np.nan, np.inf, -np.inf])


def test_unsigned_integers_take_no_negative_numbers() -> None:
    counts = TensorType("uint8", (False,))("counts")
    f = function([counts], counts)
    with pytest.raises(TypeError, match="would lose precision as uint8"):
        f([-1])
    with pytest.raises(TypeError, match="would lose precision as uint8"):
        f(np.array([1, 2]))
    np.testing.assert_array_equal(f([0, 255]), [0, 255])


def test_the_line_that_a_message_names_is_the_one_that_is_wrong() -> None:
    total = v + y
    wrong = T.dot(total, W)
    f = function([v, y], wrong)
    with pytest.raises(ValueError, match="inner sizes 2 and 3 differ") as caught:
        f([1, 2], [3, 4])
    (place,) = re.findall(rf"in .*{HERE}: (.*)", str(caught.value))
    assert place == "wrong = T.dot(total, W)"
    with pytest.raises(ValueError, match="sizes on axis 0, 2 and 3 differ") as caught:
        f([1, 2], [3, 4, 5])
    assert "total = v + y" in str(caught.value)


def test_sizes_that_no_memory_has_are_refused() -> None:
    """The compiler proves bounds of sums of sizes from the greatest size that an axis can have."""
    x = T.fmatrix("x")
    state = shared(np.zeros((1, 1), np.float32), "state")
    huge = np.empty((0, 2**60), np.float32)
    with pytest.raises(ValueError, match="size 1152921504606846976 in dimension 1"):
        function([x], x.sum())(huge)
    with pytest.raises(ValueError, match=r"state.*size 1152921504606846976 in dimension 1"):
        state.set_value(huge)
    assert state.get_value().shape == (1, 1)
