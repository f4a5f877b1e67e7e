"""DebugMode: compiled code is compared with the reference on every call."""

import sys
import threading
from typing import Any

import numpy as np
import pytest

from lltheano import tensor as T
from lltheano.errors import DebugModeError
from lltheano.function import In, function
from lltheano.function.debugging.debug_mode import DebugMode
from lltheano.ops import as_op
from lltheano.shared import shared
from lltheano_ir import interpret as reference

x, v = T.dscalar("x"), T.dvector("v")


@pytest.fixture
def wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reference that is wrong, which looks like compiled code that is."""

    def interpret(program: Any, inputs: Any) -> Any:
        outputs, updates = reference.interpret(program, inputs)
        return tuple(one + 1 for one in outputs), updates

    monkeypatch.setattr(sys.modules[DebugMode.__module__], "interpret", interpret)


def test_functions_do_what_they_do_in_other_modes() -> None:
    s, settings = shared(np.ones(2), "s"), shared("old", "settings")
    step = function([v], [T.exp(v).sum(), s], updates=[(s, s + v)], mode="DebugMode")
    assert [one.tolist() for one in step([0.0, 0.0])] == [2, [1, 1]]
    assert [one.tolist() for one in step(v=[1.0, 2.0])][1] == [1, 1]
    assert s.get_value().tolist() == [2, 3]
    step(s.get_value(borrow=True))
    assert s.get_value().tolist() == [4, 6]
    assert function([x], x * 2, mode=DebugMode())(3) == 6
    assert function([x], {"a": x}, mode=DebugMode())(3) == {"a": 3}
    total = T.dscalar("total")
    add = function([x, In(total, value=1.0, update=total + x)], total, mode=DebugMode())
    assert [add(2), add(0)] == [1, 3]
    swap = function([x], [settings, x], updates=[(settings, shared("new"))], mode=DebugMode())
    assert [swap(1.0), settings.get_value()] == [["old", 1], "new"]


def test_errors_are_those_of_other_modes() -> None:
    s = shared(np.ones(2), "s")
    step = function([v], v[5], updates=[(s, s + v)], mode="DebugMode")
    with pytest.raises(IndexError, match="with v: float64"):
        step([1.0, 2.0])
    assert s.get_value().tolist() == [1, 1]


@pytest.mark.usefixtures("wrong")
def test_a_disagreement_shows_variable_values_and_arguments() -> None:
    y = v * 2
    y.name = "y"
    f = function([v], y, mode=DebugMode(), name="f")
    message = r"(?s)f\(\): .* disagree on y .*compiled: .*\[2.\].*reference: .*\[3.\].*with v: "
    with pytest.raises(DebugModeError, match=message):
        f(np.ones(1))


@pytest.mark.usefixtures("wrong")
def test_arguments_that_are_converted_are_compared_too() -> None:
    f = function([v], v * 2, mode=DebugMode())
    with pytest.raises(DebugModeError):
        f([1])
    with pytest.raises(DebugModeError):
        function([x], x * 2, mode=DebugMode())(1)


def test_what_is_only_better_is_no_disagreement() -> None:
    f = function([v], T.log(1 + T.exp(v)), mode=DebugMode(check_isfinite=False))
    assert f([1000.0]) == np.inf


def test_calls_of_other_threads_are_told_apart() -> None:
    s = shared(0, "s")
    step = function([], updates=[(s, s + 1)], mode=DebugMode())
    threads = [threading.Thread(target=lambda: [step() for _ in range(20)]) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert s.get_value() == 80


def test_a_call_that_disagrees_changes_nothing() -> None:
    x, count = T.dvector("x"), [0]

    @as_op(itypes=[T.dvector], otypes=[T.dvector])
    def unsteady(value: Any) -> Any:
        count[0] += 1
        return value * 0 + count[0]

    total, state = shared(0), shared(np.zeros(3))
    item, other = shared({"a": 1}), shared({"b": 2})
    updates = [(total, total + 1), (state, state + x), (item, other)]
    step = function([x], unsteady(x), updates=updates, mode="DebugMode")
    with pytest.raises(DebugModeError):
        step(np.ones(3))
    assert total.get_value() == 0
    assert state.get_value().tolist() == [0, 0, 0]
    assert item.get_value() == {"a": 1}
