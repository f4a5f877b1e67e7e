"""`rebuild_collect_shared` and `clone`: graphs with replacements made, for programs that build on
them.
"""

import pytest

from lltheano import tensor as T
from lltheano.function import Out, function
from lltheano.function.rebuild import rebuild_collect_shared
from lltheano.graph.clone import clone
from lltheano.shared import shared
from lltheano.shared.updates import OrderedUpdates

x, y = T.dscalars("x", "y")


def test_outputs_keep_their_form() -> None:
    assert rebuild_collect_shared(None)[1] is None
    assert rebuild_collect_shared(x)[1] is x
    outputs = rebuild_collect_shared([x, Out(y, borrow=True)])[1]
    assert outputs[0] is x
    assert (outputs[1].variable, outputs[1].borrow) == (y, True)


def test_default_updates_are_collected_with_replacements_made() -> None:
    count = shared(0.0, "count")
    count.default_update = count + x
    inputs, out, (clones, updates, pairs, found) = rebuild_collect_shared(
        count * 2, [y], replace={x: y}
    )
    assert (inputs, found, list(updates)) == ([y], [count], [count])
    assert pairs == list(updates.items())
    assert clones[x] is y
    step = function(inputs, out, updates=pairs, no_default_updates=True)
    assert [step(3.0), step(0.0)] == [0, 6]
    assert rebuild_collect_shared(count, no_default_updates=True)[2][1] == {}


def test_inputs_can_be_copied() -> None:
    (copy,), out, _ = rebuild_collect_shared(x + 1, [x], copy_inputs_over=False)
    assert copy is not x
    assert out.eval({copy: 2.0}) == 3


def test_a_clone_replaces_all_at_once() -> None:
    a, b = clone([x - y, x * y], {x: y, y: x})
    assert a.eval({x: 1.0, y: 5.0}) == 4
    assert b.owner.inputs == [y, x]
    assert clone(x + y) is not None


def test_a_clone_checks_types_when_strict() -> None:
    with pytest.raises(TypeError, match=r"cannot replace x .*: the types differ"):
        clone(x + 1, {x: T.fscalar()})
    assert clone(x + 1, {x: T.fscalar("f")}, strict=False).dtype == "float32"
    with pytest.raises(TypeError, match="replaces variables by variables; got int"):
        clone(x + 1, {x: 1})  # type: ignore[arg-type]


def test_leaves_can_be_copied_too() -> None:
    s = shared(1.0, "s")
    with pytest.warns(FutureWarning, match="share_inputs"):
        copy = clone(s + x, copy_inputs=False)
    other, mine = copy.owner.inputs
    assert other is not s
    assert mine is not x
    s.set_value(5.0)
    assert copy.eval({mine: 1.0}) == 6


def test_updates_are_ordered_and_refuse_contradictions() -> None:
    a, b = shared(0.0, "a"), shared(0.0, "b")
    updates = OrderedUpdates([(b, b + 1), (a, b)])
    assert list(updates) == [b, a]
    updates.update({a: b})
    with pytest.raises(KeyError, match=r"a .* has two new values"):
        updates.update({a: a + 1})
    with pytest.raises(KeyError, match="two new values"):
        _ = {a: a + 1} + updates  # type: ignore[operator]
    with pytest.raises(TypeError, match=r"are shared variables; got x .*TensorVariable"):
        updates[x] = y  # type: ignore[index]
    with pytest.raises(TypeError, match="got 'a', of type str"):
        OrderedUpdates(a=1)
    joined = OrderedUpdates({a: x}) + {b: x}
    assert isinstance(joined, OrderedUpdates)
    assert list(joined) == [a, b]
