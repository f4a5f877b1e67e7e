"""Copies of functions: other shared variables, no updates, some of the outputs; their makers."""

import copy
from typing import Any

import pytest

from lltheano import tensor as T
from lltheano.function import Function, In, function
from lltheano.function.callables.watchers import watching
from lltheano.function.modes.mode import FAST_RUN
from lltheano.shared import SharedVariable, shared

inc = T.iscalar("inc")


@pytest.fixture
def state() -> Any:
    return shared(0, name="state")


@pytest.fixture
def accumulator(state: Any) -> Function:
    return function([inc], state, updates=[(state, state + inc)], name="accumulator")


def test_a_copy_shares_what_is_not_swapped(state: Any, accumulator: Function) -> None:
    other = accumulator.copy()
    assert [accumulator(10), other(1), accumulator(0)] == [0, 10, 11]
    assert other.name == "accumulator"
    assert copy.copy(accumulator)(0) == 11
    assert accumulator.copy(name="again", share_memory=True, profile=True).name == "again"


def test_a_copy_uses_the_variables_that_are_swapped_in(state: Any, accumulator: Function) -> None:
    mine = shared(100, name="mine")
    other = accumulator.copy(swap={state: mine})
    assert [other(5), accumulator(1), other(0)] == [100, 0, 105]
    assert (state.get_value(), mine.get_value()) == (1, 105)
    assert other.get_shared() == [mine]
    again = other.copy(swap={mine: state})
    assert again(1) == 1
    assert (state.get_value(), mine.get_value()) == (2, 105)


def test_variables_can_be_exchanged() -> None:
    a, b = shared(1.0, "a"), shared(10.0, "b")
    f = function([], [a, b], updates=[(a, a + b)])
    g = f.copy(swap={a: b, b: a})
    assert g() == [10, 1]
    assert (a.get_value(), b.get_value()) == (1, 11)


def test_default_updates_are_swapped_too() -> None:
    count, other = shared(0, "count"), shared(50, "other")
    count.default_update = count + 1
    step = function([], count).copy(swap={count: other})
    assert [step(), step()] == [50, 51]
    assert count.get_value() == 0


def test_a_copy_can_do_without_updates(state: Any, accumulator: Function) -> None:
    accumulator(10)
    look = accumulator.copy(delete_updates=True)
    assert [look(9000), look(0)] == [10, 10]
    assert state.get_value() == 10
    assert accumulator(1) == 10
    assert look(0) == 11
    assert look.copy()(3) == 11


def test_kept_values_go_on_separately() -> None:
    total, x = T.dscalars("total", "x")
    add = function([x, In(total, value=10.0, update=total + x)], total)
    add(1)
    other = add.copy()
    assert [add(5), other(0), other(0), add(0)] == [11, 11, 11, 16]
    assert add.copy(delete_updates=True)(3) == 16


def test_objects_are_swapped_and_replaced() -> None:
    a, b, s = shared(["a"]), shared(["b"]), shared(0.0)
    step = function([], a, updates=[(a, b), (s, s + 1)])
    other = shared(["other"])
    assert step.copy(swap={a: other})() == ["other"]
    assert (a.get_value(), other.get_value(), s.get_value()) == (["a"], ["b"], 1)


@pytest.mark.parametrize(
    ("new", "error", "message"),
    [
        (3, TypeError, "place of state .* must be a shared variable; got int"),
        (shared(0.5, "half"), TypeError, "half .* cannot take the place of state .*types differ"),
    ],
)
def test_what_cannot_be_swapped_in(
    state: Any, accumulator: Function, new: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        accumulator.copy(swap={state: new})
    assert accumulator(1) == 0


def test_only_what_is_used_can_be_swapped(accumulator: Function) -> None:
    with pytest.raises(ValueError, match=r"does not use mine .*; it uses state"):
        accumulator.copy(swap={shared(0, "mine"): shared(1)})


def test_one_variable_cannot_be_updated_twice() -> None:
    a, b = shared(1.0, "a"), shared(2.0, "b")
    both = function([], updates=[(a, a + 1), (b, b + 1)])
    with pytest.raises(ValueError, match=r"b .* is updated twice"):
        both.copy(swap={a: b})


def test_the_maker_shows_mode_and_graph(state: Any) -> None:
    f = function([inc], T.exp(state + inc), updates=[(state, state + 1)], mode=FAST_RUN)
    graph = f.maker.fgraph
    assert f.maker.mode is FAST_RUN
    assert [one.name for one in graph.inputs] == ["inc", "state"]
    assert isinstance(graph.inputs[1], SharedVariable)
    assert [one.type for one in graph.outputs] == [T.dscalar, T.lscalar]
    order = graph.toposort()
    assert set(order) == graph.apply_nodes
    assert [str(one.op) for one in order] == ["add", "exp", "add"]
    assert {*graph.inputs, *graph.outputs} <= graph.variables
    assert graph.update_mapping == {1: 1}
    assert f.maker.fgraph is graph
    assert f.maker.inputs[0].variable is inc
    assert len(f.maker.outputs) == 1


def test_programs_may_ask_for_trust_and_for_the_bare_function(accumulator: Function) -> None:
    accumulator.trust_input = True
    with pytest.raises(TypeError, match="argument 'inc'"):
        accumulator([1, 2])
    assert accumulator.fn(3) == 0


def test_each_function_is_announced(accumulator: Function) -> None:
    made: list[Function] = []
    with watching(made.append):
        other = accumulator.copy()
    accumulator.copy()
    assert made == [other]


def test_shared_variables_are_listed(state: Any, accumulator: Function) -> None:
    found: list[SharedVariable] = accumulator.get_shared()
    assert found == [state]
    settings, new = shared("old", "settings"), shared("new", "new")
    replace = function([], updates=[(settings, new), (state, state + 1)])
    assert set(replace.get_shared()) == {settings, new, state}
    assert "updating settings, state" in repr(replace)


def test_a_call_can_ask_for_some_of_the_outputs(state: Any) -> None:
    x = T.dscalar("x")
    f = function([x, inc], [x + 1, x + 2, x + 3], updates=[(state, state + inc)])
    assert f(1.0, 1, output_subset=[2, 0]) == [4, 2]
    assert f(1.0, inc=1, output_subset=[]) == []
    assert f(1.0, 1, output_subset=None) == [2, 3, 4]
    assert state.get_value() == 3
    total = T.dscalar("total")
    g = function([x, In(total, value=0.0, update=total + x)], {"a": total, "b": x})
    assert g(2.0, output_subset=["b"]) == {"b": 2}
    assert g(1.0, output_subset=["a"]) == {"a": 2}
    assert g(0.0) == {"a": 3, "b": 0}
    with pytest.raises(ValueError, match=r"there is no output 3; there are 0, 1, 2"):
        f(1.0, 1, output_subset=[3])
    with pytest.raises(ValueError, match=r"there is no output 'c'; there are 'a', 'b'"):
        g(1.0, output_subset=["c"])
