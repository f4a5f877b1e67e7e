"""Functions that call Python round each application."""

from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function, shared
from lltheano.function import MonitorMode, detect_nan

x = T.dvector("x")


def test_values_are_seen_before_and_after() -> None:
    seen: list[Any] = []

    def before(i: int, node: Any, fn: Any) -> None:
        seen.append(("before", str(node.op), [one[0] for one in fn.outputs]))

    def after(i: int, node: Any, fn: Any) -> None:
        seen.append(("after", str(node.op), fn.inputs[0][0].tolist(), fn.outputs[0][0].tolist()))

    f = function([x], T.exp(T.sqrt(x)).sum(), mode=MonitorMode(before, after))
    assert f([0.0, 0.0]) == 2
    assert seen[:2] == [("before", "sqrt", [None]), ("after", "sqrt", [0, 0], [0, 0])]
    assert [one[1] for one in seen[::2]][:2] == ["sqrt", "exp"]
    assert len(seen) == 6


def test_what_a_function_puts_in_place_of_a_value_is_used() -> None:
    def double(i: int, node: Any, fn: Any) -> None:
        fn.outputs[0][0] = fn.outputs[0][0] * 2

    assert function([x], -x, mode=MonitorMode(post_func=double))([1.0]) == -2


def test_an_exception_reaches_the_caller_and_nothing_has_changed() -> None:
    def stop(i: int, node: Any, fn: Any) -> None:
        raise RuntimeError("stop")

    s = shared(np.zeros(2))
    step = function([x], updates=[(s, s + x)], mode=MonitorMode(stop))
    with pytest.raises(RuntimeError, match="stop"):
        step([1.0, 1.0])
    assert s.get_value().tolist() == [0, 0]
    assert function([x], x + 1, mode=MonitorMode())([1.0]) == 2


def test_a_nan_is_detected(capsys: Any) -> None:
    f = function([x], T.log(x) + 1, mode=MonitorMode(post_func=detect_nan))
    f([1.0])
    assert capsys.readouterr().out == ""
    f([-1.0])
    found = capsys.readouterr().out
    assert found.count("*** NaN detected ***") == 2
    assert "log" in found
