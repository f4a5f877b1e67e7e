"""Sparse matrices as arguments, results, defaults and shared variables of functions."""

import copy
import pickle
import threading
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

import lltheano.sparse as S
import lltheano.tensor as T
from lltheano import In, function, scan, shared
from lltheano.ifelse import ifelse

A = sp.csr_matrix([[0.0, 2.0, 0.0], [1.0, 0.0, 3.0]])
B = sp.csr_matrix([[5.0, 0.0, 0.0], [0.0, 0.0, 0.0]])


def same(x: Any, y: Any) -> bool:
    return bool(x.shape == y.shape and (x != y).nnz == 0)


def test_arguments_are_converted_where_nothing_is_lost() -> None:
    """The format, a lesser dtype, entries that are out of order or there twice."""
    x = S.csr_matrix("x", dtype="float64")
    f = function([x], x)
    assert f(A).format == "csr"
    for one in (A.tocsc(), A.tocoo(), A.tobsr((1, 1)), A.astype("float32"), sp.csr_array(A)):
        assert same(f(one), A)
    twice = sp.csr_matrix((np.ones(3), np.array([1, 0, 1]), np.array([0, 3])), shape=(1, 2))
    before = twice.copy()
    assert f(twice).data.tolist() == [1.0, 2.0]
    assert twice.indices.tolist() == before.indices.tolist()


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        (np.eye(2), "takes a sparse matrix, of scipy.sparse, got ndarray"),
        (A.astype("float64") * 1j, "a matrix of complex128 loses precision"),
        ([[1.0]], "takes a sparse matrix, of scipy.sparse, got list"),
    ],
)
def test_other_arguments_are_refused(argument: Any, message: str) -> None:
    x = S.csr_matrix("weights", dtype="float64")
    f = function([x], x)
    with pytest.raises(TypeError, match=f"argument 'weights'.*{message}"):
        f(argument)


@pytest.mark.parametrize("place", ["indices", "indptr"])
def test_wrong_indices_are_refused(place: str) -> None:
    bad = A.copy()
    getattr(bad, place)[1] = 9
    x = S.csr_matrix("x", dtype="float64")
    state = shared(A, name="state")
    with pytest.raises(TypeError, match="argument 'x'"):
        function([x], x.sum())(bad)
    with pytest.raises((TypeError, ValueError)):
        state.set_value(bad)
    assert same(state.get_value(), A)


def test_results_belong_to_the_caller() -> None:
    state = shared(A)
    f = function([], state)
    f().data[:] = 7
    assert same(f(), A)


def test_shared_matrices_take_values_of_any_shape_and_number_of_entries() -> None:
    state = shared(A, name="state")
    assert isinstance(state, S.SparseSharedVariable)
    for value in (B, sp.eye(5, format="csr"), sp.csr_matrix((0, 3))):
        state.set_value(value)
        assert same(state.get_value(), value)
    value = state.get_value()
    with pytest.raises(TypeError, match="set_value of state"):
        state.set_value(np.eye(2))
    assert same(state.get_value(), value)
    assert state.clone().container is state.container


def test_updates_are_all_or_nothing() -> None:
    """With those of tensors; an error in the call leaves everything as it was."""
    state, count, index = shared(A, name="state"), shared(0, name="count"), T.lscalar("index")
    updates = [(state, state * 2.0), (count, count + 1)]
    f = function([index], T.constant(np.arange(3.0))[index], updates=updates)
    f(0)
    assert same(state.get_value(), A * 2)
    with pytest.raises(IndexError):
        f(5)
    assert same(state.get_value(), A * 2)
    assert int(count.get_value()) == 1


def test_a_matrix_is_seen_whole_from_every_thread() -> None:
    """Values of different numbers of entries are set and read at the same time."""
    values = [sp.eye(n, format="csr") * n for n in (1, 4, 9)]
    state, total = shared(values[0]), shared(0.0)
    wrong: list[Any] = []
    f = function([], S.sp_sum(state), updates=[(total, total + 1)])
    done = threading.Event()

    def write(start: int) -> None:
        for turn in range(60):
            state.set_value(values[(start + turn) % 3])

    def read() -> None:
        while not done.is_set():
            matrix = state.get_value()
            n = matrix.shape[0]
            if matrix.nnz != n or matrix.data.tolist() != [float(n)] * n:
                wrong.append(matrix)
            if float(f()) not in (1.0, 16.0, 81.0):
                wrong.append("sum")

    writers = [threading.Thread(target=write, args=(start,)) for start in range(2)]
    readers = [threading.Thread(target=read) for _ in range(2)]
    for one in (*writers, *readers):
        one.start()
    for one in writers:
        one.join()
    done.set()
    for one in readers:
        one.join()
    assert not wrong


def test_kept_inputs_and_defaults() -> None:
    x = S.csr_matrix("x", dtype="float64")
    assert float(function([In(x, value=A)], x.sum())()) == 6
    f = function([In(x, value=A, update=x * 2.0)], x.sum())
    assert [float(f()), float(f()), float(f(B)), float(f())] == [6, 12, 5, 10]
    assert same(f[x], B * 4)


def test_givens_copies_and_swaps() -> None:
    x, state, other = S.csr_matrix("x", dtype="float64"), shared(A, name="s"), shared(B, name="o")
    assert float(function([], x.sum(), givens={x: state})()) == 6
    assert float(function([], x.sum(), givens={x: B})()) == 5
    assert float(function([x], state.sum(), givens={state: x})(B)) == 5
    f = function([], state.sum(), updates=[(state, state + state)])
    assert float(f.copy(swap={state: other})()) == 5
    assert same(other.get_value(), B * 2)
    assert same(state.get_value(), A)
    assert f.get_shared() == [state]


def test_pickles_and_copies() -> None:
    state, x = shared(A, name="s"), S.csr_matrix("x", dtype="float64")
    f = function([x], [x + state, (x + state).sum()])
    for g in (pickle.loads(pickle.dumps(f)), copy.copy(f)):
        assert float(g(B)[1]) == 11
    for other in (pickle.loads(pickle.dumps(state)), copy.deepcopy(state)):
        assert same(other.get_value(), A)


def test_default_updates_and_leases() -> None:
    state = shared(A, name="s")
    state.default_update = state * 2.0
    assert float(function([], state.sum())()) == 6
    assert float(state.get_value().sum()) == 12
    with state.borrowed() as matrix:
        matrix.data[:] = 1
    assert float(state.get_value().sum()) == 3


def test_loops_and_branches() -> None:
    """A matrix may be used in the steps of a loop, and be what a branch gives."""
    x, condition, v = S.csr_matrix("x", dtype="float64"), T.lscalar("c"), T.dvector("v")
    powers, _ = scan(lambda before, m: S.dot(m, before), outputs_info=v, non_sequences=x, n_steps=3)
    square = sp.csr_matrix([[0.0, 0.5], [1.0, 0.0]])
    found = function([x, v], powers[-1])(square, [1.0, 2.0])
    np.testing.assert_allclose(found, square @ (square @ (square @ [1.0, 2.0])))
    chosen = function([condition, x], ifelse(condition, x, x * 2.0))
    assert same(chosen(1, A), A)
    assert same(chosen(0, A), A * 2)
    slope = T.grad(S.sp_sum(S.sqr(ifelse(condition, x, x * 3.0))), x)
    assert same(function([condition, x], slope)(0, A), A * 18)


@pytest.mark.parametrize("mode", ["FAST_COMPILE", "DebugMode", "NanGuardMode"])
def test_modes(mode: str) -> None:
    x = S.csr_matrix("x", dtype="float64")
    found, total = function([x], [x * 2.0, x.sum()], mode=mode)(A)
    assert same(found, A * 2)
    assert float(total) == 6
