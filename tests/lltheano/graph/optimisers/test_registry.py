"""Rules that every function is rewritten by, once they are registered."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import Generic, Mode, function, shared
from lltheano.graph import (
    OpSub,
    Optimizer,
    local_optimizer,
    register_canonicalize,
    register_specialize,
    register_stabilize,
)
from lltheano.graph.optimisers.databases import SequenceDB
from lltheano.graph.optimisers.registry import optdb


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    assert optdb.names == []
    yield
    for name in optdb.names:
        optdb.remove(name)


def value(expression: Any, x: Any, **options: Any) -> float:
    return float(function([x], expression, on_unused_input="ignore", **options)(0.5))


def test_functions_made_after_are_rewritten_and_those_made_before_are_not() -> None:
    x = T.dscalar("x")
    y = T.exp(x)
    before = function([x], y)
    rule = register_canonicalize(OpSub(T.exp, T.sin), name="exp_to_sin")
    assert value(y, x) == np.sin(0.5)
    assert before(0.5) == np.exp(0.5)
    assert str(y) == "exp"
    assert rule.transform(y.owner)
    optdb.remove("exp_to_sin")
    assert value(y, x) == np.exp(0.5)


def test_stages_follow_each_other() -> None:
    register_specialize(OpSub(T.sin, T.cos), name="last")
    register_stabilize(OpSub(T.exp, T.sin), name="middle")
    register_canonicalize(OpSub(T.log, T.exp), name="first")
    assert optdb.names == ["first", "middle", "last"]
    x = T.dscalar("x")
    assert value(T.log(x), x) == np.cos(0.5)


def test_modes_choose_by_tags_and_names() -> None:
    register_canonicalize(OpSub(T.exp, T.sin), "mine", name="exp_to_sin")
    x = T.dscalar("x")
    for mode, wanted in (
        (Mode(), np.sin(0.5)),
        (Mode().excluding("exp_to_sin"), np.exp(0.5)),
        (Mode().excluding("canonicalize"), np.exp(0.5)),
        (Mode(optimizer=None), np.exp(0.5)),
        (Mode(optimizer=None).including("mine"), np.sin(0.5)),
    ):
        assert value(T.exp(x), x, mode=mode) == pytest.approx(wanted, rel=1e-15)


def test_updates_shared_variables_and_objects_stay_what_they_are() -> None:
    @local_optimizer([T.exp])
    def log_inside(node: Any) -> Any:
        inner = node.inputs[0].owner
        return [inner.inputs[0]] if inner is not None and inner.op == T.log else False

    assert register_canonicalize("fast_compile")(log_inside) is log_inside
    assert optdb.names == ["log_inside"]
    state, other = shared(np.array([-2.0])), shared({"a": 1})
    x, thing = T.dvector("x"), Generic()("thing")
    f = function(
        [x, thing],
        [T.exp(T.log(state)) + x, thing],
        updates=[(state, T.exp(T.log(x))), (other, thing)],
    )
    found, same = f([-3.0], {"b": 2})
    assert (found.tolist(), same) == ([-5.0], {"b": 2})
    assert state.get_value().tolist() == [-3.0]
    assert other.get_value() == {"b": 2}


def test_an_input_that_only_a_rule_makes_unneeded_is_no_mistake() -> None:
    @register_canonicalize
    @local_optimizer([T.mul])
    def nothing(node: Any) -> Any:
        return [T.zeros_like(node.inputs[0])]

    x, y = T.dscalars("x", "y")
    assert function([x, y], x * y)(3.0, 4.0) == 0.0


def test_whole_graph_optimisers_are_run_once() -> None:
    class Count(Optimizer):
        runs = 0

        def apply(self, fgraph: Any) -> Any:
            self.runs += 1
            fgraph.replace(fgraph.outputs[0], fgraph.inputs[0])

    count = Count()
    optdb.register("count", count, 3, "fast_run")
    x = T.dscalar("x")
    assert value(T.exp(x), x) == 0.5
    assert count.runs == 1


def test_what_cannot_be_registered_is_refused() -> None:
    registry = SequenceDB()
    registry.register("a", OpSub(T.exp, T.sin))
    with pytest.raises(ValueError, match="registered as 'a' already"):
        registry.register("a", OpSub(T.exp, T.sin))
    with pytest.raises(TypeError, match="is needed, got 3"):
        registry.register("b", 3)
    with pytest.raises(KeyError, match="'b'"):
        registry.remove("b")
    with pytest.raises(TypeError, match="does not take speed"):
        register_canonicalize(OpSub(T.exp, T.sin), speed=3)
