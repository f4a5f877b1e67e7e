"""Python objects go through functions beside tensors."""

from typing import Any

import numpy as np
import pytest

from lltheano import tensor as T
from lltheano.errors import MissingInputError
from lltheano.function import In, Out, function
from lltheano.function.programs.program import CompiledProgram
from lltheano.graph import Generic
from lltheano.runtime.receipt import Receipt
from lltheano.shared import shared

x = T.dscalar("x")
item = Generic()("item")


def test_an_object_can_be_kept_replaced_and_returned() -> None:
    settings, steps = shared({"rate": 1}, name="settings"), shared(0.0)
    update = function(
        [item, x], [settings, steps, item], updates=[(settings, item), (steps, steps + x)]
    )
    assert update({"rate": 2}, 0.5) == [{"rate": 1}, 0, {"rate": 2}]
    assert settings.get_value() == {"rate": 2}
    assert steps.get_value() == 0.5


def test_what_a_function_returns_is_the_callers() -> None:
    settings = shared([1])
    function([], settings)().append(2)
    assert settings.get_value() == [1]
    function([], Out(settings, borrow=True))().append(2)
    assert settings.get_value() == [1, 2]


def test_objects_can_be_swapped_given_and_kept() -> None:
    a, b = shared(["a"]), shared(["b"])
    assert function([], updates=[(a, b), (b, a)])() == []
    assert (a.get_value(), b.get_value()) == (["b"], ["a"])
    assert function([item], a, givens={a: item})("other") == "other"
    assert function([], a, givens={a: {"new": 1}})() == {"new": 1}
    remember = function([item, In(last := Generic()("last"), value=0, update=item)], last)
    assert [remember("one"), remember("two")] == [0, "one"]
    assert remember["last"] == "two"


def test_a_call_that_fails_replaces_no_object() -> None:
    settings, v = shared("old"), T.dvector("v")
    step = function([item, v], v[3], updates=[(settings, item)])
    with pytest.raises(IndexError):
        step("new", np.zeros(2))
    assert settings.get_value() == "old"
    step("new", np.zeros(4))
    assert settings.get_value() == "new"


def test_an_object_without_a_value_is_missing() -> None:
    with pytest.raises(MissingInputError, match=r"value for item \(Generic\(\)"):
        function([], item)


def test_an_object_is_no_new_value_for_a_tensor() -> None:
    with pytest.raises(TypeError, match=r"item .*is Generic\(\), not TensorType"):
        function([item], updates=[(shared(0), item)])


def test_an_interrupt_after_the_commit_leaves_objects_and_tensors_at_one_state(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings, steps = shared("old", name="settings"), shared(0.0, name="steps")
    step = function([item, x], updates=[(settings, item), (steps, steps + x)])
    call = CompiledProgram.call

    def interrupted(program: CompiledProgram, arguments: Any, receipt: Receipt) -> Any:
        call(program, arguments, receipt)
        raise KeyboardInterrupt

    monkeypatch.setattr(CompiledProgram, "call", interrupted)
    with pytest.raises(KeyboardInterrupt):
        step("new", 1.0)
    assert (settings.get_value(), steps.get_value()) == ("new", 1)
    monkeypatch.undo()
    step("newer", 1.0)
    assert (settings.get_value(), steps.get_value()) == ("newer", 2)


def test_an_interrupt_before_the_commit_leaves_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    settings, steps = shared("old", name="settings"), shared(0.0, name="steps")
    step = function([item, x], updates=[(settings, item), (steps, steps + x)])

    def interrupted(program: CompiledProgram, arguments: Any, receipt: Receipt) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(CompiledProgram, "call", interrupted)
    with pytest.raises(KeyboardInterrupt):
        step("new", 1.0)
    monkeypatch.undo()
    assert (settings.get_value(), steps.get_value()) == ("old", 0)
    settings.set_value("mine")
    step("newer", 1.0)
    assert (settings.get_value(), steps.get_value()) == ("newer", 1)
