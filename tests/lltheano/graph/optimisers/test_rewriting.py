"""The user's own rules, applied to graphs."""

from typing import Any

import pytest

import lltheano.tensor as T
from lltheano import function
from lltheano.errors import InconsistencyError, MethodNotDefined
from lltheano.graph import (
    Feature,
    FunctionGraph,
    LocalOptimizer,
    OpRemove,
    OpSub,
    Optimizer,
    TopoOptimizer,
    in2out,
    local_optimizer,
    out2in,
)


def graph(make: Any) -> Any:
    x = T.dscalar("x")
    return FunctionGraph([x], [make(x)])


@local_optimizer([T.log])
def log_of_exp(node: Any) -> Any:
    """log(exp(x)) -> x."""
    inner = node.inputs[0].owner
    return [inner.inputs[0]] if inner is not None and inner.op == T.exp else False


def test_a_rule_is_applied_wherever_it_fits_and_to_what_it_leaves() -> None:
    for order in ("in_to_out", "out_to_in"):
        found = graph(lambda x: T.log(T.exp(T.log(T.exp(x)))) + T.log(x))
        TopoOptimizer(log_of_exp, order=order).optimize(found)
        assert str(found) == "[add(x, log(x))]"
        assert function(found.inputs, found.outputs[0])(1.0) == 1.0


@local_optimizer([T.sin])
def sine(node: Any) -> Any:
    """sin(x) -> log(exp(cos(x)))."""
    return [T.log(T.exp(T.cos(node.inputs[0])))]


def test_new_applications_are_asked_about_unless_they_are_to_be_ignored() -> None:
    found = graph(T.sin)
    TopoOptimizer(sine, ignore_newtrees=True).optimize(found)
    assert str(found) == "[log(exp(cos(x)))]"
    both = in2out(sine, log_of_exp)
    assert str(both.local_opt) == "(sine, log_of_exp)"
    found = graph(T.sin)
    both.optimize(found)
    assert str(found) == "[cos(x)]"
    found = graph(T.sin)
    out2in(sine, log_of_exp, ignore_newtrees=True)(found)
    assert str(found) == "[log(exp(cos(x)))]"


def test_rules_that_do_not_end_are_stopped() -> None:
    @local_optimizer([T.exp, T.log])
    def swap(node: Any) -> Any:
        return [(T.log if node.op == T.exp else T.exp)(node.inputs[0])]

    with pytest.raises(RuntimeError, match="swap does not come to an end"):
        TopoOptimizer(swap).optimize(graph(T.exp))


def test_rules_may_track_classes_and_need_features() -> None:
    attached: list[Any] = []

    @local_optimizer([type(T.exp)], requirements=(attached.append,))
    def gone(node: Any) -> Any:
        return {node.outputs[0]: node.inputs[0]} if node.nin == 1 else None

    found = graph(lambda x: T.exp(T.sin(x)))
    TopoOptimizer(gone).optimize(found)
    assert str(found) == "[x]"
    assert attached == [found]
    with pytest.raises(ValueError, match="tracks is empty"):
        local_optimizer([])


def test_one_op_takes_the_place_of_another() -> None:
    x = T.dscalar("x")
    y = T.exp(x)
    y.tag.note = "kept"
    found: Any = FunctionGraph([x], [y], clone=False)
    TopoOptimizer(OpSub(T.exp, T.sin)).optimize(found)
    assert (str(found), found.outputs[0].tag.note) == ("[sin(x)]", "kept")
    found = graph(lambda x: T.exp(T.exp(x) * 2))
    TopoOptimizer(OpRemove(T.exp)).optimize(found)
    assert str(found) == "[mul(x, TensorConstant{2})]"
    with pytest.raises(ValueError, match="2 inputs and 1 outputs"):
        TopoOptimizer(OpRemove(T.add)).optimize(graph(lambda x: x + x))


def test_what_a_rule_raises_is_raised_or_handed_to_the_callback(
    capsys: pytest.CaptureFixture[str],
) -> None:
    @local_optimizer(None)
    def faulty(node: Any) -> Any:
        raise ZeroDivisionError("in a rule")

    with pytest.raises(ZeroDivisionError):
        TopoOptimizer(faulty).optimize(graph(T.exp))
    TopoOptimizer(faulty, failure_callback=TopoOptimizer.warn).optimize(graph(T.exp))
    shown = capsys.readouterr().err
    assert shown.startswith("faulty failed at exp(x):")
    assert "ZeroDivisionError: in a rule" in shown
    TopoOptimizer(faulty, failure_callback=TopoOptimizer.warn_ignore).optimize(graph(T.exp))
    assert capsys.readouterr().err == ""


def test_refused_replacements_are_undone(capsys: pytest.CaptureFixture[str]) -> None:
    class Nothing(Feature):
        def validate(self, fgraph: Any) -> None:
            raise InconsistencyError("never")

    found = graph(T.exp)
    found.attach_feature(Nothing())
    quiet = TopoOptimizer(OpSub(T.exp, T.sin), failure_callback=TopoOptimizer.warn_inplace)
    quiet.optimize(found)
    assert str(found) == "[exp(x)]"
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("given", "error"), [("text", TypeError), ([], ValueError), ([T.fscalar()], TypeError)]
)
def test_a_rule_that_gives_something_else_is_an_error(given: Any, error: Any) -> None:
    @local_optimizer(None)
    def wrong(node: Any) -> Any:
        return given

    with pytest.raises(error):
        TopoOptimizer(wrong).optimize(graph(T.exp))


def test_what_must_be_defined_says_so() -> None:
    with pytest.raises(ValueError, match="order must be"):
        TopoOptimizer(log_of_exp, order="sideways")
    with pytest.raises(ValueError, match="at least one rule"):
        in2out()
    with pytest.raises(MethodNotDefined):
        Optimizer().optimize(graph(T.exp))
    with pytest.raises(MethodNotDefined):
        TopoOptimizer(LocalOptimizer()).optimize(graph(T.exp))
