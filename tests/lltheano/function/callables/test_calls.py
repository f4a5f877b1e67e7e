"""Calls, natively bound or in Python: by position, by name, with views of what is written."""

import inspect
import itertools
import weakref
from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import In, function, shared
from lltheano.runtime.calls.callable import NativelyCalled
from tests.garbage import collect_garbage

a, b, c = T.dscalars("a", "b", "c")
digits = function([a, b, c], 100 * a + 10 * b + c)


@pytest.mark.parametrize("positional", [0, 1, 2, 3])
def test_names_may_come_in_any_order(positional: int) -> None:
    values = {"a": 1.0, "b": 2.0, "c": 3.0}
    args = [*values.values()][:positional]
    for order in itertools.permutations([*values][positional:]):
        assert digits(*args, **{name: values[name] for name in order}) == 123


def test_a_name_that_is_equal_but_not_the_same_object_serves() -> None:
    names = ["".join(["", one]) for one in "cab"]
    assert digits(**dict(zip(names, (3.0, 1.0, 2.0), strict=True))) == 123


def test_arguments_by_name_are_converted() -> None:
    assert digits(1, c=np.float32(3), b=2) == 123


@pytest.mark.parametrize(
    ("args", "kwargs", "message"),
    [
        ((1, 2), {"a": 3}, "multiple values for argument 'a'"),
        ((1,), {"b": 2, "d": 3}, "unexpected keyword argument 'd'"),
        ((1,), {"b": 2}, "missing 1 required argument: 'c'"),
        ((1, 2, 3), {"a": 1}, "multiple values for argument 'a'"),
        ((1, 2, 3, 4), {}, "3 positional arguments but 4 were given"),
    ],
)
def test_what_does_not_fit_is_refused(
    args: tuple[float, ...], kwargs: dict[str, float], message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        digits(*args, **kwargs)


def test_a_name_of_two_parameters_is_the_name_of_neither() -> None:
    twice = function([a, T.dscalar("a")], a, on_unused_input="ignore")
    assert twice(1.0, 2.0) == 1
    with pytest.raises(TypeError, match="'a'"):
        twice(1.0, a=2.0)


@pytest.mark.parametrize("by_name", [False, True])
@pytest.mark.parametrize("shown", ["all", "part"])
def test_a_view_of_what_the_call_writes_is_read_as_it_was(by_name: bool, shown: str) -> None:
    state, x = shared(np.arange(4.0), "state"), T.dvector("x")
    step = function([In(x, borrow=True)], updates=[(state, state + x[::-1])])
    view = state.get_value(borrow=True)
    view = view[:] if shown == "part" else view
    if by_name:
        step(x=view)
    else:
        step(view)
    assert state.get_value().tolist() == [3.0, 3.0, 3.0, 3.0]


def test_a_function_is_called_without_a_frame_of_python() -> None:
    """So there is nothing between the commit and the caller that a signal could interrupt."""
    assert isinstance(digits, NativelyCalled)
    assert inspect.isbuiltin(digits.__call__)


def test_a_function_tells_how_it_is_called() -> None:
    assert str(inspect.signature(digits)) == "(*args, **kwargs)"
    assert inspect.signature(type(digits)).parameters.keys() == {"description", "program"}
    assert callable(digits)


@pytest.mark.parametrize("options", [{}, {"mode": "DebugMode"}])
@pytest.mark.parametrize("outputs", [a + 1, {"sum": a + 1}], ids=["native", "general"])
def test_a_function_that_nobody_has_goes(outputs: Any, options: dict[str, Any]) -> None:
    step: Any = function([a], outputs, **options)
    step(1)
    gone = weakref.ref(step)
    del step
    collect_garbage()
    assert gone() is None
