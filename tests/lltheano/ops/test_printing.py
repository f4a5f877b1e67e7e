"""`Print`: what is printed, how often, and in which order."""

from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import as_op, function, shared
from lltheano.errors import DebugModeError
from lltheano.function.debugging.debug_mode import DebugMode
from lltheano.ops import Print


def test_it_prints_and_passes_the_value_on(capsys: pytest.CaptureFixture[str]) -> None:
    x = T.dvector("x")
    f = function([x], Print("x is", attrs=("__str__", "shape", "min"))(x) * 2)
    assert f([1.0, 2.0]).tolist() == [2.0, 4.0]
    shown = capsys.readouterr().out.splitlines()
    assert shown == ["x is __str__ = [1. 2.]", "x is shape = (2,)", "x is min = 1.0"]


class Seen:
    """Collects messages."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def __call__(self, op: Print, value: Any) -> None:
        self.messages.append(op.message)

    def taken(self) -> list[str]:
        found, self.messages = self.messages, []
        return found


def test_it_prints_once_for_each_application_in_their_order() -> None:
    seen, x = Seen(), T.dvector("x")
    a = Print("a", global_fn=seen)(x)
    b = Print("b", global_fn=seen)(a + 1)
    again = Print("a", global_fn=seen)(x)
    Print("unused", global_fn=seen)(x)
    f = function([x], [b, again, a, b])
    f([1.0])
    assert seen.taken() in (["a", "b", "a"], ["a", "a", "b"])


def test_it_prints_though_only_the_size_is_needed_or_the_value_is_multiplied_by_zero() -> None:
    seen = Seen()
    x, n = T.dvector("x"), T.lvector("n")
    shown = [Print("x", global_fn=seen)(x).shape, Print("n", global_fn=seen)(n) * 0]
    f = function([x, n], shown)
    assert [one.tolist() for one in f([1.0, 2.0], [3])] == [[2], [0]]
    assert sorted(seen.taken()) == ["n", "x"]


def test_the_gradient_passes_through() -> None:
    seen, x = Seen(), T.dvector("x")
    y = (Print("x", global_fn=seen)(x) ** 2).sum()
    f = function([x], [T.grad(y, x), T.Rop(y, x, x)])
    assert [one.tolist() for one in f([3.0])] == [[6.0], 18.0]


def test_it_prints_in_the_loop_of_a_jacobian() -> None:
    seen, x = Seen(), T.dvector("x")
    y = Print("y", global_fn=seen)(x**2)
    f = function([x], T.jacobian(y, x))
    assert f([1.0, 2.0]).tolist() == [[2.0, 0.0], [0.0, 4.0]]


def test_it_prints_in_every_step_of_a_loop_between_what_stands_before_and_after() -> None:
    seen, shown = Seen(), []
    x, i = T.dvector("x"), T.lscalar("i")

    def note(op: Print, value: Any) -> None:
        seen(op, value)
        shown.append(float(value.sum()))

    first = Print("before", global_fn=note)(x)
    (rows,) = T.map_index(i, [Print("row", global_fn=note)(first[i] * 2)], x.shape[0])
    f = function([x], Print("after", global_fn=note)(rows))
    assert f([1.0, 2.0, 3.0]).tolist() == [2.0, 4.0, 6.0]
    assert seen.taken() == ["before", "row", "row", "row", "after"]
    assert shown == [6.0, 2.0, 4.0, 6.0, 12.0]


def test_what_it_calls_may_fail_and_nothing_has_changed() -> None:
    def fail(op: Print, value: Any) -> None:
        raise OSError("no paper")

    state = shared(np.zeros(2))
    f = function([], Print("s", global_fn=fail)(state), updates=[(state, state + 1)])
    with pytest.raises(OSError, match="no paper"):
        f()
    assert state.get_value().tolist() == [0.0, 0.0]


def test_debug_mode_prints_once_and_still_compares() -> None:
    seen, x = Seen(), T.dvector("x")
    y = Print("b", global_fn=seen)(Print("a", global_fn=seen)(x) * 2)
    f = function([x], y.sum(), mode=DebugMode())
    for _ in range(2):
        assert f([1.0, 2.0]) == 6.0
        assert seen.taken() == ["a", "b"]


def test_debug_mode_finds_an_op_that_gives_something_else_each_time() -> None:
    rising = iter(range(100))
    op = as_op([T.dscalar], [T.dscalar])(lambda x: x + next(rising))
    x = T.dscalar("x")
    with pytest.raises(DebugModeError):
        function([x], op(x), mode=DebugMode())(1.0)


def test_attributes_are_a_tuple() -> None:
    wrong: Any = "shape"
    with pytest.raises(TypeError, match=r"such as \('shape',\)"):
        Print("x", attrs=wrong)
    assert Print("a") == Print("a") != Print("b")
