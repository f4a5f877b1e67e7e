"""Ops that are compositions: a function of the language builds one op of a class by name."""

import copy
import pickle
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function, grad
from lltheano.graph import Constant, clone_graph, clone_replace
from lltheano.tensor.convolution import abstract, neighbours, pooling, window_sums
from lltheano.tensor.inner_graphs.composed import ComposedOp
from lltheano.tensor.nnet import blocksparse
from lltheano.tensor.signal.pool import pool_2d
from tests.lltheano.evaluation import evaluate
from tests.lltheano.gradient.test_coverage import every_op_class

X = np.array([[3.0, 1.0, 2.0], [5.0, 5.0, -1.0]])

FILTER = np.array([[2.0, 1.0]])
CONVOLUTIONS: dict[int, dict[type[ComposedOp], Any]] = {
    axes: {
        getattr(abstract, f"AbstractConv{axes}d"): [[5.0, 5.0], [15.0, 3.0]],
        getattr(abstract, f"AbstractConv{axes}d_gradInputs"): [
            [3.0, 7.0, 4.0, 4.0],
            [5.0, 15.0, 9.0, -2.0],
        ],
        getattr(abstract, f"AbstractConv{axes}d_gradWeights"): [[7.0, 14.0]],
    }
    for axes in (2, 3)
}


def convolution(kind: type[Any], axes: int, x: Any) -> Any:
    """A convolution of `x` with FILTER, or a gradient of one, as a matrix."""
    order = ["x"] * axes
    images = x.dimshuffle(*order, 0, 1)
    filters = T.constant(FILTER).dimshuffle(*order, 0, 1)
    ones = (1,) * (axes - 2)
    if kind.__name__.endswith("gradInputs"):
        return kind()(filters, images, (*ones, 2, 4))
    if kind.__name__.endswith("gradWeights"):
        return kind()(images, T.ones_like(images)[..., :2], (*ones, 1, 2))
    return kind()(images, filters)


CASES: dict[str, tuple[Callable[[Any], Any], type[ComposedOp], Any]] = {
    "arange": (lambda x: T.arange(x.shape[1]), T.ARange, np.arange(3)),
    "arange of floats": (lambda x: T.arange(0.5, x[0, 0], 1.0), T.ARange, np.arange(0.5, 3, 1)),
    "argmax": (lambda x: T.argmax(x, 1), T.Argmax, X.argmax(1)),
    "argmax of all": (T.argmax, T.Argmax, X.argmax()),
    "argsort": (lambda x: T.argsort(x, 0), T.ArgSortOp, X.argsort(0, kind="stable")),
    "bartlett": (lambda x: T.bartlett(x.shape[0] + 3), T.Bartlett, np.bartlett(5)),
    "choose": (
        lambda x: T.choose([0, 1, 0], [x[0], x[1]]),
        T.Choose,
        np.choose([0, 1, 0], [X[0], X[1]]),
    ),
    "choose in a table": (lambda x: T.choose([1, 1, 0], x), T.Choose, np.choose([1, 1, 0], X)),
    "choose one": (lambda x: T.choose([0, 0, 0], [x[1]]), T.Choose, X[1]),
    "diff": (lambda x: T.diff(x, 1, 0), T.DiffOp, np.diff(X, 1, 0)),
    "eye": (lambda x: T.eye(x.shape[0], 3, 1), T.Eye, np.eye(2, 3, 1)),
    "fill_diagonal": (
        lambda x: T.fill_diagonal(x, x[0, 0]),
        T.FillDiagonal,
        [[3, 1, 2], [5, 3, -1]],
    ),
    "fill_diagonal_offset": (
        lambda x: T.fill_diagonal_offset(x, 7.0, x.shape[0] - 1),
        T.FillDiagonalOffset,
        [[3, 7, 2], [5, 5, 7]],
    ),
    "max_and_argmax": (lambda x: T.max_and_argmax(x, 0)[0], T.MaxAndArgmax, X.max(0)),
    "max_and_argmax: where": (lambda x: T.max_and_argmax(x, 0)[1], T.MaxAndArgmax, X.argmax(0)),
    "ravel_multi_index": (
        lambda x: T.ravel_multi_index((T.arange(2), T.arange(2)), x.shape),
        T.RavelMultiIndex,
        [0, 4],
    ),
    "repeat": (lambda x: T.repeat(x, x.shape[0], 1), T.RepeatOp, X.repeat(2, 1)),
    "repeat of each": (lambda x: T.repeat(x, [2, 0, 1], 1), T.RepeatOp, X.repeat([2, 0, 1], 1)),
    "repeat of all": (lambda x: T.repeat(x, 2), T.RepeatOp, X.repeat(2)),
    "sort": (lambda x: T.sort(x, 0), T.SortOp, np.sort(X, 0)),
    "sort of all": (lambda x: T.sort(x, None), T.SortOp, np.sort(X, None)),
    "topk": (lambda x: T.topk(x, 2, axis=1), T.TopKOp, np.sort(X, 1)[:, 1:]),
    "argtopk": (lambda x: T.argtopk(x, 1, axis=1), T.TopKOp, [[0], [1]]),
    "topk_and_argtopk": (lambda x: T.topk_and_argtopk(x, 1, 1)[0], T.TopKOp, [[3], [5]]),
    "tri": (lambda x: T.tri(x.shape[0], 3), T.Tri, np.tri(2, 3)),
    "pool_2d": (lambda x: pool_2d(x, (2, 1), True), pooling.Pool, X.max(0, keepdims=True)),
    "images2neibs": (
        lambda x: T.nnet.images2neibs(x.dimshuffle("x", "x", 0, 1), (1, 3)),
        neighbours.Images2Neibs,
        X,
    ),
    **{
        f"conv{axes}d: {kind.__name__}": (
            partial(convolution, kind, axes),
            kind,
            np.reshape(wanted, (*[1] * axes, *np.shape(wanted))),
        )
        for axes in (2, 3)
        for kind, wanted in CONVOLUTIONS[axes].items()
    },
    "SparseBlockGemv": (
        lambda x: blocksparse.SparseBlockGemv()(
            x[:, :1].dimshuffle(0, "x", 1),
            [[[[1.0], [1.0]]]],
            x[:, :2].dimshuffle(0, "x", 1),
            [[0], [0]],
            [[0], [0]],
        ),
        blocksparse.SparseBlockGemv,
        [[[7]], [[15]]],
    ),
    "SparseBlockOuter": (
        lambda x: blocksparse.SparseBlockOuter()(
            [[[[0.0]]]],
            x[:, :1].dimshuffle(0, "x", 1),
            x[:, :1].dimshuffle(0, "x", 1),
            [[0], [0]],
            [[0], [0]],
        ),
        blocksparse.SparseBlockOuter,
        [[[[34]]]],
    ),
    "over_windows": (
        lambda x: window_sums.OverWindows("sum")(x, 2, 0, 1, 2),
        window_sums.OverWindows,
        [[4, 3], [10, 4]],
    ),
    "unravel_index": (lambda x: T.unravel_index(4, x.shape)[0], T.UnravelIndex, 1),
}
"""What builds an op of which class, and the value at `X`."""


def ours() -> set[type]:
    """The classes of the tensor language; those of matrices are tested in tests of theirs."""
    composed = {kind for kind in every_op_class() if issubclass(kind, ComposedOp)}
    own = {kind for kind in composed if "tensor" in kind.__module__}
    return {kind for kind in own if "linalg" not in kind.__module__}


def test_every_class_has_a_case() -> None:
    assert {kind for _, kind, _ in CASES.values()} == ours()


@pytest.mark.parametrize("name", CASES)
def test_a_function_builds_one_op_of_its_class_with_the_value_of_numpy(name: str) -> None:
    make, kind, wanted = CASES[name]
    x = T.dmatrix("x")
    y = make(x)
    assert type(y.owner.op) is kind
    np.testing.assert_array_equal(function([x], y)(X), wanted)
    np.testing.assert_array_equal(evaluate(y, {x: X}), wanted)


@pytest.mark.parametrize("name", CASES)
def test_equal_ops_are_equal_in_every_copy(name: str) -> None:
    make, _, wanted = CASES[name]
    x = T.dmatrix("x")
    y, again = make(x), make(T.dmatrix())
    op = y.owner.op
    assert op == again.owner.op
    assert hash(op) == hash(again.owner.op)
    assert pickle.loads(pickle.dumps(op)) == copy.deepcopy(op) == op
    assert str(op).startswith(type(op).__name__)
    (inside,), (outside,) = clone_graph([x], [y])
    np.testing.assert_array_equal(function([inside], outside)(X), wanted)
    x_again, y_again = pickle.loads(pickle.dumps([x, y]))
    np.testing.assert_array_equal(function([x_again], y_again)(X), wanted)


@pytest.mark.parametrize("name", CASES)
def test_an_application_can_be_made_again_from_its_own_inputs(name: str) -> None:
    make, _, wanted = CASES[name]
    x = T.dmatrix("x")
    y = make(x)
    node = y.owner
    again = node.op.make_node(*node.inputs)
    assert [one.type for one in again.outputs] == [one.type for one in node.outputs]
    np.testing.assert_array_equal(function([x], again.outputs[y.index])(X), wanted)
    # With leaves in the place of the inputs nothing more is known of these than their types.
    leaves = [one if isinstance(one, Constant) else one.type() for one in node.inputs]
    given = [one for one in leaves if not isinstance(one, Constant)]
    values = function([x], [one for one in node.inputs if not isinstance(one, Constant)])(X)
    fresh = node.op.make_node(*leaves).outputs[y.index]
    np.testing.assert_array_equal(function(given, fresh)(*values), wanted)


@pytest.mark.parametrize(
    "name", [one for one in CASES if CASES[one][0](T.dmatrix()).dtype == "float64"]
)
def test_gradients_are_those_of_the_composition(name: str) -> None:
    make, _, _ = CASES[name]
    x = T.dmatrix("x")
    y = make(x)
    (node, place) = y.owner, y.index
    leaves, results = node.op.inner_graph(node)
    table = {one: other for one, other in zip(leaves, node.inputs, strict=True) if one is not other}
    written_out = T.as_tensor_variable(results[place])

    def slope(result: Any) -> Any:
        cost = (T.sin(result) * result).sum()
        return grad(cost, x, disconnected_inputs="ignore")

    (plain,) = clone_replace([written_out], table)
    found = function([x], [slope(y), slope(plain)], on_unused_input="ignore")(X)
    np.testing.assert_array_equal(found[0], found[1])
    assert slope(y).type == x.type


def test_a_failure_names_the_line_that_applied_the_op() -> None:
    n = T.lscalar("n")
    compiled = function([n], T.topk(T.arange(3), n))
    with pytest.raises(
        ValueError, match=r"topk: k is 5 .*size 3[\s\S]*test_composed.py:\d+: .*T.topk"
    ):
        compiled(5)


def test_the_ops_are_called_as_theanos() -> None:
    assert T.ARange("float32")(0, 5, 2).eval().dtype == "float32"
    assert T.Eye("int8")(2, 2, 0).dtype == "int8"
    assert T.Eye().dtype == "float64"
    assert T.RepeatOp(axis=0)([[1, 2]], 2).eval().tolist() == [[1, 2], [1, 2]]
    assert T.DiffOp(n=1, axis=0)([1, 4]).eval().tolist() == [3]
    assert T.SortOp("quicksort")([3, 1], 0).eval().tolist() == [1, 3]
    assert T.MaxAndArgmax([0])(T.dmatrix())[1].owner.op.axis == (0,)
    values, indices = T.TopKOp(axis=0)([1, 3, 2], 1)
    assert [values.eval().tolist(), indices.eval().tolist()] == [[3], [1]]
    with pytest.raises(ValueError, match="neither values nor indices"):
        T.TopKOp(return_values=False, return_indices=False)
