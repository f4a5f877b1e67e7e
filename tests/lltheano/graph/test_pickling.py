"""Graphs in pickles and deep copies: the same graph, however deep, with all that hangs on it."""

import copy
import pickle
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from lltheano import tensor as T
from lltheano.graph import Generic, is_same_graph
from lltheano.graph.pickling import WrittenTogether
from lltheano.graph.walk import applies, inputs
from lltheano.shared import shared


def python_pickler(one: Any) -> Any:
    return pickle.loads(pickle._dumps(one))  # type: ignore[attr-defined]


def native_pickler(one: Any) -> Any:
    return pickle.loads(pickle.dumps(one))


@pytest.fixture(params=[native_pickler, python_pickler, copy.deepcopy])
def again(request: Any) -> Callable[[Any], Any]:
    way: Callable[[Any], Any] = request.param
    return way


def test_names_lines_types_and_notes_are_kept(again: Any) -> None:
    x = T.dvector("x")
    y: Any = T.exp(x)
    y.name = "y"
    x.tag.role, y.tag.me, y.tag.array = "input", y, np.ones(2)
    z = again(y)
    leaf = z.owner.inputs[0]
    assert (z.name, z.type, z.source, z.index) == ("y", y.type, y.source, 0)
    assert (leaf.name, leaf.type, leaf.source, leaf.owner) == ("x", x.type, x.source, None)
    assert z.tag.me is z
    assert z.tag.array.tolist() == [1, 1]
    assert leaf.tag.role == "input"
    assert z.owner.outputs[0] is z
    assert z.owner.source == y.owner.source
    assert leaf is not x


def test_what_is_shared_stays_shared(again: Any) -> None:
    x = T.dscalar("x")
    y = x * 2
    a, b, c, d = again([x, y, (y + x), (y + x).owner])
    assert b.owner.inputs[0] is a
    assert c.owner.inputs == [b, a]
    assert d.inputs == [b, a]
    assert d is not c.owner


def test_a_graph_of_thousands_of_ops_does_not_exhaust_the_stack() -> None:
    y: Any = T.dscalar("x")
    for _ in range(3000):
        y = T.exp(y * 0.5)
    for way in (native_pickler, copy.deepcopy):
        z = way(y)
        assert len(applies([z])) == 6000
    assert len(pickle.dumps([y, y])) < 1.01 * len(pickle.dumps(y))


def test_graphs_with_all_their_layers_named_stay_small() -> None:
    layers: list[Any] = [T.dscalar("x")]
    for _ in range(50):
        layers.append(T.tanh(layers[-1]))
    together = native_pickler(WrittenTogether([layers], layers))[0]
    assert all(one.owner.inputs[0] is before for before, one in pairwise(together))
    assert len(pickle.dumps(WrittenTogether([layers], layers))) < len(pickle.dumps(layers))


def test_constants_stay_read_only_and_equal(again: Any) -> None:
    c = again(T.constant(np.arange(3.0)))
    assert c.data.tolist() == [0, 1, 2]
    assert not c.data.flags.writeable
    assert c.signature() == T.constant(np.arange(3.0)).signature()
    item = again(Generic().make_constant({"a": 1}))
    assert item.data == {"a": 1}


def test_shared_variables_keep_value_storage_and_default_update(again: Any) -> None:
    s = shared(np.arange(2.0), "s", strict=True, broadcastable=(False,))
    s.default_update = s + 1
    settings = shared({"a": [1]}, "settings")
    t, u, twin, kept = again([s, s * 2, s.clone(), settings])
    assert t is not s
    assert u.owner.inputs[0] is t
    assert t.default_update.owner.inputs[0] is t
    t.set_value(np.array([5.0, 6.0]))
    assert twin.get_value().tolist() == [5, 6]
    assert s.get_value().tolist() == [0, 1]
    with pytest.raises(TypeError, match=r"s .*: expected an array of dtype float64"):
        t.set_value([1.0])
    kept.get_value(borrow=True)["a"].append(2)
    assert settings.get_value() == {"a": [1]}
    assert "'s'" in t.container.backing.label


def test_types_are_equal_after(again: Any) -> None:
    for one in (T.TensorType("float32", (True, False), "mine"), Generic()):
        assert again(one) == one
        assert repr(again(one)) == repr(one)


def test_an_object_that_cannot_be_pickled_leaves_later_pickles_alone() -> None:
    x = T.dscalar("x")
    y = x + 1
    x.tag.bad = lambda: None
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(y)
    del x.tag.bad
    assert is_same_graph(native_pickler(y), native_pickler(y)) is False
    assert next(iter(inputs([native_pickler(y)]))).name == "x"
