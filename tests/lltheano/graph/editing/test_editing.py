"""Graphs that can be edited, and their features."""

from typing import Any

import pytest

import lltheano.tensor as T
from lltheano import function
from lltheano.errors import (
    AlreadyThere,
    CyclicGraphError,
    InconsistencyError,
    MissingInputError,
)
from lltheano.graph import (
    Bookkeeper,
    Feature,
    FunctionGraph,
    History,
    NodeFinder,
    PrintListener,
    ReplacementDidntRemovedError,
    ReplaceValidate,
    Validator,
)


def graph(**options: Any) -> tuple[Any, list[Any]]:
    """The graph of exp(x) * y + exp(x), and its applications: exp, mul, add."""
    x, y = T.dscalars("x", "y")
    shared = T.exp(x)
    found = FunctionGraph([x, y], [shared * y + shared], **options)
    return found, found.toposort()


def test_a_graph_is_a_copy_unless_it_takes_the_applications_over() -> None:
    x = T.dscalar("x")
    y = T.exp(x)
    copy, own = FunctionGraph([x], [y]), FunctionGraph([x], [y], clone=False)
    assert copy.inputs[0] is not x
    assert own.inputs[0] is x
    copy.replace(copy.outputs[0], T.log(copy.inputs[0]))
    assert y.owner is not None
    assert (str(copy), str(own), str(y.owner)) == ("[log(x)]", "[exp(x)]", "exp(x)")


def test_it_knows_what_uses_what() -> None:
    found, (exp, mul, add) = graph()
    assert found.apply_nodes == {exp, mul, add}
    assert sorted(found.clients(exp.out), key=str) == [(add, 1), (mul, 0)]
    assert found.clients(add.out) == [("output", 0)]
    assert exp in found
    assert T.dscalar() not in found
    assert len(found.variables) == 5
    found.check_integrity()


def test_replacing_changes_every_use_and_prunes_what_is_not_needed() -> None:
    found, (exp, mul, add) = graph()
    x, y = found.inputs
    found.replace(exp.out, T.sin(x))
    assert str(found) == "[add(mul(*1 -> sin(x), y), *1)]"
    assert exp not in found
    found.replace(mul.out, y)
    assert mul not in found
    found.replace(add.out, y)
    assert str(found) == "[y]"
    assert found.apply_nodes == set()
    found.check_integrity()


def test_a_replacement_may_be_computed_from_what_it_replaces() -> None:
    found, (exp, *_) = graph()
    found.replace(exp.out, T.sqrt(exp.out))
    assert str(found) == "[add(mul(*1 -> sqrt(exp(x)), y), *1)]"
    found.check_integrity()


def test_what_is_impossible_is_refused_and_nothing_changes() -> None:
    found, (exp, mul, _) = graph()
    before = str(found)
    with pytest.raises(TypeError, match="the types differ"):
        found.replace(exp.out, T.fscalar("z"))
    with pytest.raises(MissingInputError, match="the graph needs z"):
        found.replace(exp.out, T.exp(T.dscalar("z")))
    with pytest.raises(CyclicGraphError, match="cannot be replaced by mul"):
        found.replace(exp.out, mul.out)
    with pytest.raises(ValueError, match="must be a leaf"):
        FunctionGraph([mul.out], [mul.out], clone=False)
    assert str(found) == before
    found.check_integrity()


def test_new_inputs_make_room_for_new_leaves() -> None:
    found, (exp, *_) = graph()
    z = T.dscalar("z")
    found.add_input(z)
    found.replace(exp.out, z * 2)
    f = function(found.inputs, found.outputs[0], on_unused_input="ignore")
    assert f(0.0, 3.0, 5.0) == 10.0 * 3.0 + 10.0


def test_replace_all_and_outputs() -> None:
    x, y = T.dscalars("x", "y")
    found: Any = FunctionGraph([x, y], [x + y, x * y, x])
    found.replace_all([(found.outputs[0], found.outputs[1]), (found.outputs[2], found.inputs[1])])
    assert str(found) == "[*1 -> mul(y, y), *1, y]"
    found.check_integrity()


class Named(NodeFinder):
    """A feature that says how it is copied."""

    def clone(self) -> "Named":
        return Named()


def test_a_copy_is_independent_and_carries_features() -> None:
    found, (exp, *_) = graph(features=[Named()])
    copy, copies = found.clone_get_equiv()
    assert copies[exp] in copy
    copy.replace(copies[exp.out], T.log(copy.inputs[0]))
    assert "exp" in str(found)
    assert [str(one) for one in copy.get_nodes(T.log)] == ["log(x)"]
    found.disown()
    assert (found.inputs, found.apply_nodes) == ([], set())


def test_integrity_is_checked() -> None:
    found, (exp, *_) = graph()
    found.apply_nodes.discard(exp)
    with pytest.raises(InconsistencyError, match="applications"):
        found.check_integrity()


class Log(Feature):
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def on_attach(self, fgraph: Any) -> None:
        self.events.append("attach")

    def on_detach(self, fgraph: Any) -> None:
        self.events.append("detach")

    def on_import(self, fgraph: Any, node: Any, reason: Any) -> None:
        self.events.append(f"import {node.op} for {reason}")

    def on_prune(self, fgraph: Any, node: Any, reason: Any) -> None:
        self.events.append(f"prune {node.op} for {reason}")

    def on_change_input(
        self, fgraph: Any, node: Any, i: int, r: Any, new_r: Any, reason: Any = None
    ) -> None:
        self.events.append(f"change {i} to {new_r} for {reason}")


def test_features_are_told_of_everything_while_they_are_attached() -> None:
    log = Log()
    x = T.dscalar("x")
    found: Any = FunctionGraph([x], [T.exp(x)])
    found.attach_feature(log)
    found.attach_feature(log)
    found.replace(found.outputs[0], T.log(found.inputs[0]), reason="R")
    found.remove_feature(log)
    found.replace(found.outputs[0], T.sin(found.inputs[0]))
    assert log.events == [
        "attach",
        "import log for R",
        "prune exp for R",
        "change 0 to log for R",
        "detach",
    ]


def test_features_may_order_applications() -> None:
    class Backwards(Feature):
        def orderings(self, fgraph: Any) -> Any:
            first, second = sorted(fgraph.apply_nodes, key=lambda one: str(one.op))
            return {first: [second]}

    x = T.dscalar("x")
    found = FunctionGraph([x], [T.exp(x), T.sin(x)], features=[Backwards()])
    assert [str(one.op) for one in found.toposort()] == ["sin", "exp"]


def test_a_bookkeeper_hears_of_what_was_there_before() -> None:
    class Book(Bookkeeper, Log):
        pass

    book = Book()
    x = T.dscalar("x")
    found = FunctionGraph([x], [T.exp(x)])
    found.attach_feature(book)
    found.remove_feature(book)
    assert book.events == ["import exp for on_attach", "prune exp for Bookkeeper.detach"]


def test_history_returns_to_a_checkpoint() -> None:
    found, (exp, mul, _) = graph(features=[History()])
    start, before = found.checkpoint(), str(found)
    found.replace(exp.out, T.sin(found.inputs[0]))
    middle, between = found.checkpoint(), str(found)
    found.replace(mul.out, found.inputs[1])
    found.revert(middle)
    assert str(found) == between
    found.revert(start)
    assert str(found) == before
    found.check_integrity()


class NoSine(Feature):
    """Finds graphs with a sine inconsistent."""

    def validate(self, fgraph: Any) -> None:
        if any(node.op == T.sin for node in fgraph.apply_nodes):
            raise InconsistencyError("a sine")


def test_replacements_that_a_feature_refuses_are_undone() -> None:
    found, (exp, mul, _) = graph(features=[ReplaceValidate(), NoSine()])
    x, y = found.inputs
    before = str(found)
    with pytest.raises(InconsistencyError, match="a sine"):
        found.replace_all_validate([(mul.out, y), (exp.out, T.sin(x))])
    with pytest.raises(TypeError):
        found.replace_all_validate([(mul.out, y), (exp.out, T.fscalar())])
    assert (str(found), found.consistent()) == (before, True)
    found.replace_validate(mul.out, y)
    assert str(found) == "[add(y, exp(x))]"
    found.check_integrity()


def test_replacements_that_were_to_remove_something_are_undone_if_they_do_not() -> None:
    found, (exp, mul, _) = graph(features=[ReplaceValidate()])
    before = str(found)
    with pytest.raises(ReplacementDidntRemovedError, match=r"exp .* is still needed"):
        found.replace_all_validate_remove([(mul.out, found.inputs[1])], [exp.out])
    assert str(found) == before
    found.replace_all_validate_remove([(exp.out, found.inputs[0])], [exp.out])
    assert str(found) == "[add(mul(x, y), x)]"


def test_methods_that_are_there_already_are_kept() -> None:
    found, _ = graph(features=[History()])
    own = found.revert
    found.attach_feature(History())
    found.attach_feature(ReplaceValidate())
    assert found.revert is own
    with pytest.raises(AlreadyThere):
        History().on_attach(found)
    finder = NodeFinder()
    found.attach_feature(finder)
    assert [str(one) for one in found.get_nodes(T.exp)] == ["exp(x)"]
    found.remove_feature(finder)
    assert not hasattr(found, "get_nodes")


def test_an_inconsistent_graph_says_so() -> None:
    found, (exp, *_) = graph(features=[Validator(), NoSine()])
    assert found.consistent()
    found.replace(exp.out, T.sin(found.inputs[0]))
    assert not found.consistent()
    with pytest.raises(InconsistencyError):
        found.validate()


def test_changes_can_be_watched(capsys: pytest.CaptureFixture[str]) -> None:
    listener = PrintListener()
    found, (exp, *_) = graph(features=[listener])
    found.replace(exp.out, found.inputs[0], reason="why")
    shown = capsys.readouterr().out.splitlines()
    assert shown[0] == "-- attaching"
    assert "-- pruning exp(x), why" in shown
    listener.active = False
    found.remove_feature(listener)
    assert capsys.readouterr().out == ""
