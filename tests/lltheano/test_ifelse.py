"""`ifelse` gives what its condition says, and computes nothing else."""

import pickle
import time
from typing import Any, ClassVar

import numpy as np
import pytest

import lltheano
import lltheano.tensor as T
from lltheano import Op, function, scan, shared
from lltheano.graph import Apply
from lltheano.ifelse import IfElse, ifelse
from lltheano.random import RandomStreams


class Counted(Op):
    """Counts its calls, by name."""

    __props__ = ("name",)
    calls: ClassVar[dict[str, int]] = {}

    def __init__(self, name: str) -> None:
        self.name = name

    def make_node(self, x: Any) -> Apply:
        return Apply(self, [x], [x.type()])

    def perform(self, node: Apply, inputs: Any, output_storage: Any) -> None:
        Counted.calls[self.name] = Counted.calls.get(self.name, 0) + 1
        output_storage[0][0] = inputs[0] * 2

    def infer_shape(self, node: Apply, shapes: Any) -> Any:
        return shapes

    def grad(self, inputs: Any, output_gradients: Any) -> Any:
        return [2 * output_gradients[0]]


def called(f: Any, *given: Any) -> tuple[Any, set[str]]:
    """What a call gives, and the names of the ops that it called."""
    Counted.calls.clear()
    value = f(*given)
    return value, set(Counted.calls)


def test_only_one_branch_is_computed_and_only_what_it_needs() -> None:
    c, x, y = T.iscalar("c"), T.dvector("x"), T.dvector("y")
    a, b, both = Counted("a")(x), Counted("b")(y), Counted("both")(x + y)
    deeper = Counted("deeper")(T.exp(a))
    f = function([c, x, y], ifelse(c, deeper + both, b * both))
    got, names = called(f, 1, [0.0], [1.0])
    np.testing.assert_allclose(got, [2 * np.exp(0.0) + 2])
    assert names == {"a", "deeper", "both"}
    got, names = called(f, 0, [0.0], [1.0])
    np.testing.assert_allclose(got, [4.0])
    assert names == {"b", "both"}


def test_what_is_needed_elsewhere_is_computed_once() -> None:
    c, x = T.iscalar("c"), T.dvector("x")
    a = Counted("a")(x)
    f = function([c, x], [ifelse(c, a, x), a.sum()])
    for condition in (0, 1):
        Counted.calls.clear()
        f(condition, [1.0])
        assert Counted.calls == {"a": 1}


def test_switch_computes_both() -> None:
    c, x, y = T.iscalar("c"), T.dvector("x"), T.dvector("y")
    a, b = Counted("a")(x), Counted("b")(y)
    _, names = called(function([c, x, y], T.switch(c, a, b)), 1, [1.0], [1.0])
    assert names == {"a", "b"}


def test_nested_branches() -> None:
    c, d, x = T.iscalar("c"), T.iscalar("d"), T.dvector("x")
    inner = ifelse(d, Counted("a")(x), Counted("b")(x + 1))
    f = function([c, d, x], ifelse(c, inner, Counted("c")(x)))
    for given, expected in (((1, 1), "a"), ((1, 0), "b"), ((0, 1), "c"), ((0, 0), "c")):
        _, names = called(f, *given, [1.0])
        assert names == {expected}


def test_a_long_chain_takes_no_longer_than_its_length() -> None:
    c, x = T.iscalar("c"), T.dvector("x")
    value: Any = x
    for number in range(30):
        value = ifelse(T.eq(c, number), value * 2, value + number)
    started = time.perf_counter()
    f = function([c, x], value)
    assert time.perf_counter() - started < 20
    Counted.calls.clear()
    assert f(3, [0.0]).shape == (1,)


def test_a_branch_that_is_not_chosen_cannot_fail() -> None:
    c, x = T.iscalar("c"), T.dvector("x")
    f = function([c, x], ifelse(c, x[5], x[0]))
    assert float(f(0, [3.0])) == 3.0
    with pytest.raises(IndexError):
        f(1, [3.0])


def test_sizes_may_differ_and_lists_are_lists() -> None:
    c, x, y = T.iscalar("c"), T.dvector("x"), T.dmatrix("y")
    vector, matrix = ifelse(c, [x, y], [x[1:], y.T])
    f = function([c, x, y], [vector, matrix, vector.shape[0]])
    for condition, shapes in ((1, [(3,), (2, 4)]), (0, [(2,), (4, 2)])):
        *arrays, size = f(condition, np.ones(3), np.ones((2, 4)))
        assert [one.shape for one in arrays] == shapes
        assert size == shapes[0][0]
    (only,) = ifelse(c, [x], [x])
    assert only.type == x.type
    assert ifelse(c, (x, y), (x, y))[1].type == y.type


def test_what_cannot_be_chosen_between() -> None:
    c, x = T.iscalar("c"), T.dvector("x")
    with pytest.raises(ValueError, match=r"variables on `then` 2, variables on `else` 1"):
        ifelse(c, [x, x], [x])
    with pytest.raises(TypeError, match=r"identical types, got x .* and"):
        ifelse(c, x, x.astype("float32"))
    with pytest.raises(TypeError, match="identical types"):
        ifelse(c, x, x.sum())
    with pytest.raises(TypeError, match="is a scalar, got x"):
        ifelse(x, x, x)


def test_patterns_become_one() -> None:
    c, row, matrix = T.iscalar("c"), T.drow("row"), T.dmatrix("matrix")
    out = ifelse(c, row, matrix)
    assert out.broadcastable == (False, False)
    f = function([c, row, matrix], out)
    assert f(1, np.ones((1, 3)), np.ones((2, 2))).shape == (1, 3)


@pytest.mark.parametrize("condition", [0, 1])
def test_gradients(condition: int, rng: np.random.Generator) -> None:
    c, x, y = T.iscalar("c"), T.dvector("x"), T.dvector("y")
    out = ifelse(c, T.sin(x) * y, x**3)
    chosen = T.sin(x) * y if condition else x**3
    point = [rng.normal(size=4), rng.normal(size=4)]

    def derived(value: Any) -> list[Any]:
        slopes = T.grad((value * T.arange(4)).sum(), [x, y], disconnected_inputs="ignore")
        second = T.grad((slopes[0] ** 2).sum(), [x, y], disconnected_inputs="ignore")
        right = lltheano.Rop(value, [x, y], [T.cos(x), T.ones_like(y)])
        return [*slopes, *second, right]

    got = function([c, x, y], derived(out))(condition, *point)
    expected = function([x, y], derived(chosen), on_unused_input="ignore")(*point)
    for one, other in zip(got, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-12)


def test_updates_random_numbers_and_scans() -> None:
    c, n = T.iscalar("c"), T.lscalar("n")
    state, draws = shared(np.zeros(3), name="state"), RandomStreams(1)
    u = draws.uniform((3,))
    f = function([c], state.sum(), updates=[(state, ifelse(c, state + u, state))])
    f(1)
    first = state.get_value()
    f(0)
    np.testing.assert_array_equal(state.get_value(), first)
    assert (first > 0).all()
    out, _ = scan(
        lambda k, x: [k + 1, ifelse(T.eq(k % 2, 0), x * 2, x + 1)],
        outputs_info=[T.constant(0, dtype="int64"), T.constant(1.0, dtype="float64")],
        n_steps=n,
    )
    assert float(function([n], out[1][-1])(4)) == ((1 * 2 + 1) * 2 + 1)


def test_it_is_an_op_like_others() -> None:
    c, x = T.iscalar("c"), T.dvector("x")
    out = ifelse(c, x + 1, x - 1, name="choice")
    assert isinstance(out.owner.op, IfElse)
    assert out.owner.op == IfElse(1, name="choice") != IfElse(1)
    assert "if{choice}" in lltheano.printing.debugprint(out, file="str")
    twice = lltheano.clone(out, {x: 2 * x})
    f = pickle.loads(pickle.dumps(function([c, x], [out, twice])))
    one, other = f(1, [1.0])
    assert (one.tolist(), other.tolist()) == ([2.0], [3.0])
    assert f.trust_input is False


def test_the_decision_is_told() -> None:
    """The listing of the loops has the work inside of the branch."""
    c, x = T.iscalar("c"), T.dvector("x")
    f = function([c, x], ifelse(c, T.tanh(x), x))
    text = f.stages["tensor"]
    assert text.index("= if ") < text.index("tanh")
