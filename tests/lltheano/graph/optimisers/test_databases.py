"""Databases of optimisers, and what is registered in those that functions ask."""

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import Mode, function
from lltheano.graph import (
    DB,
    EquilibriumDB,
    LocalGroupDB,
    OpRemove,
    OpSub,
    PatternSub,
    ProxyDB,
    Query,
    SequenceDB,
    TopoOptimizer,
    in2out,
    optdb,
)

x = T.dscalar("x")


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    yield
    for name in optdb.names:
        optdb.remove(name)


def test_a_query_takes_tags_names_and_classes() -> None:
    rules = DB()
    rules.register("sin", OpSub(T.exp, T.sin), "fast", "exact")
    rules.register("cos", OpSub(T.exp, T.cos), "fast")
    assert [str(one) for one in rules.query("+fast")] == ["exp -> sin", "exp -> cos"]
    assert [str(one) for one in rules.query("+fast", "-exact")] == ["exp -> cos"]
    assert [str(one) for one in rules.query("+OpSub", "&exact")] == ["exp -> sin"]
    assert rules.query(Query(["cos"]))[0] is rules["cos"]
    assert rules["exact"] is rules["sin"]
    assert "exact" in rules
    rules.remove_tags("sin", "exact")
    assert rules.query("+exact") == []


def test_what_a_database_refuses() -> None:
    rules = DB()
    rules.register("a", OpRemove(T.exp), "fast")
    rules.register("b", OpRemove(T.log), "fast")
    for error, call in (
        (ValueError, lambda: rules.register("a", OpRemove(T.exp))),
        (ValueError, lambda: rules.register("fast", OpRemove(T.exp))),
        (ValueError, lambda: rules.add_tags("a", "b")),
        (ValueError, lambda: rules.query("fast")),
        (ValueError, lambda: rules["fast"]),
        (KeyError, lambda: rules["slow"]),
        (KeyError, lambda: rules.remove("c")),
        (TypeError, lambda: rules.register("c", 3)),
        (TypeError, lambda: rules.query(Query(["a"]), "+b")),
        (TypeError, lambda: Query("fast")),
    ):
        with pytest.raises(error):
            call()


def test_sequences_follow_positions_and_end_at_the_cutoff() -> None:
    stages = SequenceDB()
    stages.register("late", TopoOptimizer(OpRemove(T.exp)), 5, "fast")
    stages.register("early", TopoOptimizer(OpRemove(T.log)), 1.5, "fast")
    assert [one.name for one in stages.query("+fast")] == ["early", "late"]
    assert [one.name for one in stages.query("+fast", position_cutoff=2)] == ["early"]
    assert [one.name for one in stages.query(Query(["fast"], position_cutoff=2))] == ["early"]
    extra = TopoOptimizer(OpRemove(T.sin))
    assert list(stages.query(Query(["fast"]).register((extra, 3))))[1] is extra


def test_databases_lie_inside_one_another() -> None:
    inner, outer = EquilibriumDB(), SequenceDB()
    inner.register("no_exp", OpRemove(T.exp), "fast")
    outer.register("stage", inner, 1, "fast")
    outer.register("again", ProxyDB(inner), 2, "fast")
    found = outer.query("+fast")
    assert [len(one.local_optimizers) for one in found] == [1, 1]
    assert outer.query("+fast", stage=Query(["none"]))[0].local_optimizers == []


def test_a_group_asks_in_the_order_of_positions() -> None:
    rules = LocalGroupDB()
    rules.register("second", OpSub(T.exp, T.cos), "fast")
    rules.register("first", OpSub(T.exp, T.sin), "fast", position=0)
    assert str(rules.query("+fast").transform(T.exp(x).owner)[0]) == "sin"


def value(expression: Any, mode: Any = None) -> float:
    return float(function([x], expression, mode=mode)(0.5))


def test_stages_of_optdb_rewrite_every_function() -> None:
    optdb["canonicalize"].register("to_log", OpSub(T.exp, T.log), "fast_run")
    optdb["specialize"].register("to_sin", OpSub(T.log, T.sin), "fast_run")
    assert value(T.exp(x)) == np.sin(0.5)
    assert value(T.exp(x), Mode().excluding("to_sin")) == np.log(0.5)
    assert value(T.exp(x), Mode(optimizer=Query(["fast_run"], position_cutoff=1.2))) == np.log(0.5)
    assert value(T.exp(x), "FAST_COMPILE") == np.exp(0.5)


def test_a_mode_brings_optimisers_of_its_own() -> None:
    mode = Mode().register((in2out(OpSub(T.exp, T.sin)), 2))
    assert value(T.exp(x), mode) == np.sin(0.5)
    assert value(T.exp(x), Mode(optimizer=in2out(OpSub(T.exp, T.sin)))) == np.sin(0.5)
    rules = EquilibriumDB()
    rules.register("to_sin", PatternSub((T.exp, "y"), (T.sin, "y")), "all")
    assert value(T.exp(x), Mode(optimizer=rules.query("+all"))) == np.sin(0.5)
    with pytest.raises(ValueError, match="optimiser of its own"):
        Mode(optimizer=in2out(OpRemove(T.exp))).register((in2out(OpRemove(T.log)), 1))


def test_an_optimiser_that_fails_does_what_the_flag_says() -> None:
    from lltheano.config import config

    def fail(node: Any) -> Any:
        raise RuntimeError("broken")

    rule = OpRemove(T.exp)
    rule.transform = fail  # type: ignore[method-assign]
    optdb.register("broken", TopoOptimizer(rule), 1, "fast_run")
    with pytest.warns(UserWarning, match="the optimiser broken failed"):
        assert value(T.exp(x)) == np.exp(0.5)
    with config.change_flags(on_opt_error="raise"), pytest.raises(RuntimeError, match="broken"):
        value(T.exp(x))
    with config.change_flags(on_opt_error="ignore"), warnings.catch_warnings():
        warnings.simplefilter("error")
        assert value(T.exp(x)) == np.exp(0.5)


def test_rules_that_undo_each_other_come_to_an_end() -> None:
    for name, rule in (("a", OpSub(T.exp, T.log)), ("b", OpSub(T.log, T.exp))):
        optdb["canonicalize"].register(name, rule, "fast_run")
    with pytest.warns(UserWarning, match="max_use_ratio"):
        assert value(T.exp(x)) in (np.exp(0.5), np.log(0.5))
