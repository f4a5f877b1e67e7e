"""Optimisers of edited graphs: by pattern, by merging, in groups, to a fixed point."""

from typing import Any

import pytest

import lltheano.tensor as T
from lltheano.errors import InconsistencyError
from lltheano.graph import (
    Apply,
    DestroyHandler,
    EquilibriumOptimizer,
    FunctionGraph,
    LocalOptGroup,
    MergeOptimizer,
    NoOutputFromInplace,
    Op,
    OpKeyOptimizer,
    OpRemove,
    OpSub,
    PatternSub,
    SeqOptimizer,
    Supervisor,
    TopoOptimizer,
    check_stack_trace,
    local_optimizer,
    pre_greedy_local_optimizer,
)

a, b = T.dscalars("a", "b")


def after(optimiser: Any, *outputs: Any) -> str:
    graph = FunctionGraph([a, b], list(outputs))
    optimiser.optimize(graph)
    graph.check_integrity()
    return str(graph)


def pattern(*patterns: Any, **options: Any) -> Any:
    return TopoOptimizer(PatternSub(*patterns, **options))


@pytest.mark.parametrize(
    ("rule", "before", "wanted"),
    [
        (((T.exp, "x"), (T.log, "x")), T.exp(a), "[log(a)]"),
        (((T.sub, "x", "x"), (T.exp, "x")), a - b, "[sub(a, b)]"),
        (((T.sub, "x", "x"), (T.exp, "x")), a - a, "[exp(a)]"),
        (((T.mul, "x", 2), (T.add, "x", "x")), a * 2, "[add(a, a)]"),
        (((T.mul, "x", 2), (T.add, "x", "x")), a * 3, "[mul(a, TensorConstant{3})]"),
        (((T.exp, (T.log, "x")), "x"), T.exp(T.log(a)), "[a]"),
    ],
)
def test_patterns_are_found_and_replaced(rule: Any, before: Any, wanted: Any) -> None:
    assert after(pattern(*rule), before) == wanted


def test_a_pattern_begins_with_an_op() -> None:
    with pytest.raises(TypeError, match="must begin with an op"):
        PatternSub("x", "x")


def test_what_is_used_outside_of_a_pattern_stays_unless_that_is_allowed() -> None:
    inner = T.log(a)
    rule = (T.exp, (T.log, "x")), "x"
    assert after(pattern(*rule), T.exp(inner), inner) == "[exp(*1 -> log(a)), *1]"
    assert after(pattern(*rule, allow_multiple_clients=True), T.exp(inner), inner) == "[a, log(a)]"


def test_a_constraint_decides() -> None:
    def named_b(one: Any) -> bool:
        return bool(one.name == "b")

    rule = (T.exp, {"pattern": "x", "constraint": named_b}), (T.log, "x")
    assert after(pattern(*rule), T.exp(a), T.exp(b)) == "[exp(a), log(b)]"


def test_merging_unites_equal_applications_and_constants() -> None:
    left, right = T.exp(a * T.constant(2.5)), T.exp(a * T.constant(2.5))
    graph = FunctionGraph([a], [left + right])
    MergeOptimizer().optimize(graph)
    assert len(graph.apply_nodes) == 3
    assert after(MergeOptimizer(), T.exp(a), T.exp(b)) == "[exp(a), exp(b)]"


def test_groups_and_sequences() -> None:
    rules = OpSub(T.exp, T.log), OpSub(T.log, T.sin)
    assert after(TopoOptimizer(LocalOptGroup(*rules)), T.exp(a)) == "[sin(a)]"
    assert after(SeqOptimizer(*map(TopoOptimizer, rules)), T.exp(a)) == "[sin(a)]"
    assert after(SeqOptimizer(*map(TopoOptimizer, rules[::-1])), T.exp(a)) == "[log(a)]"
    assert after(EquilibriumOptimizer(rules[::-1]), T.exp(T.exp(a))) == "[sin(sin(a))]"
    assert after(OpKeyOptimizer(OpRemove(T.exp)), T.log(T.exp(T.exp(a)))) == "[log(a)]"


def test_rules_reach_what_is_in_no_graph_yet() -> None:
    found = pre_greedy_local_optimizer([OpRemove(T.exp), OpSub(T.log, T.sin)], T.log(T.exp(a)))
    assert str(found.owner) == "sin(a)"


class Overwrite(Op):
    __props__ = ()
    destroy_map = {0: [0]}  # noqa: RUF012 - Theano's programs write it so

    def make_node(self, *inputs: Any) -> Apply:
        return Apply(self, list(inputs), [inputs[0].type()])


def test_what_overwrites_comes_after_all_readers_or_is_refused() -> None:
    overwrite = Overwrite()
    handler = DestroyHandler()
    graph = FunctionGraph([a], [overwrite(a), T.exp(a)], features=[handler])
    assert [node.op for node in graph.toposort()] == [T.exp, overwrite]
    handler.validate(graph)
    for outputs in ([overwrite(a) + a], [overwrite(a), overwrite(a)], [overwrite(T.constant(1.5))]):
        broken = FunctionGraph([a], outputs)
        with pytest.raises(InconsistencyError):
            handler.validate(broken)
    with pytest.raises(InconsistencyError, match="must not be overwritten"):
        Supervisor(graph.inputs).validate(graph)
    with pytest.raises(InconsistencyError, match="overwrites an operand for the output"):
        NoOutputFromInplace().validate(graph)
    NoOutputFromInplace(1).validate(graph)


def test_an_optimiser_in_place_is_undone_where_it_would_break_the_graph() -> None:
    @local_optimizer([T.exp], inplace=True)
    def in_place(node: Any) -> Any:
        return [Overwrite()(node.inputs[0])]

    def forget(*arguments: Any) -> None:
        """Go on."""

    optimiser = TopoOptimizer(in_place, failure_callback=forget)
    assert after(optimiser, T.exp(a)) == "[Overwrite(a)]"
    assert after(optimiser, T.exp(a) + a) == "[add(exp(a), a)]"


def test_variables_know_their_clients_in_a_graph_and_their_lines() -> None:
    graph = FunctionGraph([a], [T.exp(a)])
    (leaf,) = graph.inputs
    assert leaf.clients == [(graph.outputs[0].owner, 0)]
    assert graph.outputs[0].clients == [("output", 0)]
    assert graph.outputs[0].fgraph is graph
    with pytest.raises(AttributeError, match="not part of a FunctionGraph"):
        _ = a.clients
    assert check_stack_trace(graph, "all")
    graph.outputs[0].source = None
    graph.outputs[0].tag._stack = ()
    with pytest.raises(ValueError, match="does not know the line"):
        check_stack_trace(graph)
    assert not check_stack_trace(graph, bug_print="ignore")
