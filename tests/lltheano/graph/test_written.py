"""What counts as used, and as connected, is the graph as it was written.

Derivatives of linear functions and sizes that are known do not contain what they were written with;
a function takes it as an input all the same, and a second derivative finds that it depends on it.
"""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import clone, function, shared
from lltheano.errors import DisconnectedInputError, UnusedInputError
from lltheano.gradient import (
    Lop,
    Rop,
    disconnected_grad,
    hessian,
    hessian_vector_product,
    jacobian,
)
from lltheano.graph import ancestors
from lltheano.graph.written import ancestors_as_written, varies_as_written, written_as
from lltheano.tensor.variables.variable import TensorType

x, y = T.dmatrices("x", "y")
v, w, p = T.dvectors("v", "w", "p")
s, t = T.dscalars("s", "t")
n, m = T.lscalars("n", "m")
row, one = T.drow("row"), TensorType("float64", (True, True))("one")

DERIVATIVES: dict[str, tuple[list[Any], Callable[[], Any]]] = {
    "Rop by a matrix": ([x, y, v], lambda: Rop(T.dot(v, x), x, y)),
    "Rop by a vector": ([x, v, w], lambda: Rop(T.dot(x, w), w, v)),
    "Rop of a sum": ([v, w], lambda: Rop(v.sum(), v, w)),
    "Rop of a gradient": ([v, w], lambda: Rop(T.grad(T.dot(v, w), w), w, w)),
    "Rop of two": ([v, w, p], lambda: Rop([v + w, v - w], [v, w], [p, p])),
    "Lop": ([x, v, w], lambda: Lop(T.dot(x, w), w, v)),
    "gradient of a sum": ([s, t], lambda: T.grad(s + t, s)),
    "gradient of a product": ([s, t], lambda: T.grad(s * t, s)),
    "gradient of a dot product": ([v, w], lambda: T.grad(T.dot(v, w), v)),
    "gradient of steps": ([s, t], lambda: T.grad(T.floor(s) * t, s)),
    "gradient of a gradient": ([v, w], lambda: T.grad(T.grad(T.dot(v, w), w).sum(), w)),
    "third derivative": (
        [v, w],
        lambda: T.grad(T.grad(T.grad(T.dot(v, w), w).sum(), w).sum(), w),
    ),
    "known gradient": ([s, t], lambda: T.grad(None, s, known_grads={s * t: t})),
    "part of an expression": ([v, w, p], lambda: T.exp(Rop(v * p, p, p)) + Lop(v + 2 * w, w, v)),
    "jacobian": ([v, w], lambda: jacobian(v + w, w)),
    "jacobian of a scalar": ([v, w], lambda: jacobian(T.dot(v, w), w)),
    "hessian": ([v, w], lambda: hessian(T.dot(v, w), w)),
    "hessian times a vector": ([v, w, p], lambda: hessian_vector_product(T.dot(v, w), w, p)),
    "gradient of a maximum": ([v, s], lambda: T.grad(T.maximum(v, s).sum(), s)),
    "gradient of a part": ([v, w], lambda: T.grad(T.set_subtensor(v[:1], w[:1]).sum(), v)),
}

SIZES: dict[str, tuple[list[Any], Callable[[], Any]]] = {
    "size of a scalar": ([s], lambda: s.size),
    "size of one element": ([one], lambda: one.size),
    "size of a row": ([row], lambda: row.size),
    "shape of a scalar": ([s], lambda: s.shape),
    "shape_i": ([row], lambda: T.shape_i(row, 0)),
    "an axis of size 1": ([row], lambda: row.shape[0] * 2),
    "zeros of a known size": ([row], lambda: T.zeros((row.shape[0],))),
    "ones of a shape": ([one], lambda: T.ones(one.shape)),
    "eye of a known size": ([row], lambda: T.eye(row.shape[0])),
    "range of a known size": ([row], lambda: T.arange(row.shape[0])),
    "identity_like": ([one], lambda: T.identity_like(one)),
    "reshape as another": ([s, one], lambda: s.reshape(one.shape, ndim=2)),
    "alloc": ([s, one], lambda: T.alloc(s, *[one.shape[i] for i in range(2)])),
    "a part of a list of sizes": ([n, m], lambda: T.zeros(T.stack([n, m])[:1])),
    "an element of a list of sizes": ([n, m], lambda: T.zeros((T.stack([n, m])[1],))),
    "range of an element": ([n, m], lambda: T.arange(T.stack([n, m])[0])),
    "broadcast_to": ([s, one], lambda: T.broadcast_to(s, one.shape)),
    "tile": ([row, s], lambda: T.tile(s.dimshuffle("x", "x"), (row.shape[0], 2))),
    "repeat": ([row, one], lambda: T.repeat(row, one.shape[0], axis=0)),
    "argmax of a scalar": ([s], lambda: T.argmax(s)),
    "argmin of a scalar": ([s], lambda: T.argmin(s)),
    "specify_shape": ([s, one], lambda: T.specify_shape(s.dimshuffle("x", "x"), one.shape)),
}

CASES = DERIVATIVES | SIZES


def values(variables: Any) -> list[Any]:
    """Twos: two along each axis, one where it broadcasts."""
    return [
        np.full([1 if broad else 2 for broad in leaf.broadcastable], 2, leaf.dtype)
        for leaf in variables
    ]


@pytest.mark.parametrize("name", CASES)
def test_what_was_written_counts_as_used(name: str) -> None:
    inputs, build = CASES[name]
    result = build()
    for wanted in (result, [result, result] if not isinstance(result, list) else result):
        function(inputs, wanted)(*values(inputs))


@pytest.mark.parametrize("name", CASES)
def test_what_was_not_written_does_not(name: str) -> None:
    inputs, build = CASES[name]
    with pytest.raises(UnusedInputError, match="other"):
        function([*inputs, T.dscalar("other")], build())


@pytest.mark.parametrize("name", CASES)
def test_nor_does_it_have_to_be_given(name: str) -> None:
    """A function needs values for what is computed with alone."""
    inputs, build = CASES[name]
    result = build()
    if isinstance(result, list):
        return
    computed_from = set(ancestors([result]))
    needed = [leaf for leaf in inputs if leaf in computed_from]
    function(needed, result)(*values(needed))


def test_derivatives_of_linear_functions_are_zero() -> None:
    slope = T.grad(T.dot(v, w), w)
    given = {v: [1.0, 2.0], w: [3.0, 4.0]}
    for found in (Rop(slope, w, w), T.grad(slope.sum(), w)):
        assert found.eval(given).tolist() == [0, 0]


def test_what_does_not_vary_as_written_is_still_refused() -> None:
    held = T.grad(T.dot(v, disconnected_grad(w)), v)
    refused: tuple[Callable[[], Any], ...] = (
        lambda: T.grad(v.sum(), w),
        lambda: Rop(v, w, w),
        lambda: T.grad(T.ones_like(w).sum(), w),
        lambda: T.grad(w.size * 1.0, w),
        lambda: T.grad(s.size * 1.0, s),
        lambda: T.grad(held.sum(), w),
        lambda: T.grad(T.grad(T.dot(v, w), w).sum(), p),
    )
    for fails in refused:
        with pytest.raises(DisconnectedInputError):
            fails()


def test_copies_and_pickles_remember() -> None:
    inputs, build = DERIVATIVES["Rop by a vector"]
    result = build()
    function(inputs, clone(result, replace={x: x * 2}))
    other = T.dvector("other")
    function([x, v, other], clone(result, replace={w: other, x: x + 1}))
    again, same = pickle.loads(pickle.dumps((inputs, result)))
    function(again, same)
    function(*copy.deepcopy((inputs, result)))
    made = function(inputs, result)
    pickle.loads(pickle.dumps(made))
    copy.deepcopy(made)


def test_replacements_are_followed() -> None:
    inputs, build = DERIVATIVES["Rop by a vector"]
    result = build()
    function([x, v, p], result, givens={w: p * 2})
    with pytest.raises(UnusedInputError, match="p "):
        function([x, v, p], result, givens={T.dvector(): p})
    state = shared(np.ones(2))
    function(inputs, [], updates=[(state, result)])


def test_a_note_is_of_the_result_alone() -> None:
    before = v * 1
    assert Rop(w, w, before) is before
    assert set(ancestors_as_written([before])) == set(ancestors([before]))
    noted = written_as(T.constant(1), [v], connected=True)
    assert varies_as_written([noted * w], v)
    assert not varies_as_written([noted * w], v, constants=[noted])
    assert not varies_as_written([written_as(T.constant(1), [v])], v)
