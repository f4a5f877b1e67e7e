"""Products of stacks of matrices, and `einsum`, beside NumPy's."""

from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function
from lltheano.graph import applies
from lltheano.tensor.reducers.ops import Sum
from lltheano.tensor.reductions.contraction import Dot
from tests.lltheano.tensor.numpy_functions.test_values import check

SHAPES: list[tuple[tuple[int, ...], tuple[int, ...]]] = [
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((3,), (3, 4)),
    ((2, 3), (3, 4)),
    ((5, 2, 3), (3, 4)),
    ((5, 2, 3), (5, 3, 4)),
    ((1, 2, 3), (5, 3, 4)),
    ((2, 3), (5, 3, 4)),
    ((6, 5, 2, 3), (3,)),
    ((3,), (6, 5, 3, 2)),
    ((6, 1, 2, 3), (5, 3, 4)),
    ((6, 1, 2, 3), (6, 5, 3, 4)),
    ((6, 5, 2, 3), (1, 5, 3, 4)),
    ((1, 1, 2, 3), (4, 1, 3, 2)),
    ((1, 1, 2, 3), (1, 3, 2)),
    ((0, 2, 3), (3, 4)),
    ((5, 2, 0), (5, 0, 4)),
]


@pytest.mark.parametrize(("left", "right"), SHAPES, ids=str)
@pytest.mark.parametrize("dtype", ["float64", "int8", "complex64"])
def test_products_of_stacks(left: Any, right: Any, dtype: str, rng: np.random.Generator) -> None:
    a, b = (rng.integers(-3, 4, size=one).astype(dtype) for one in (left, right))
    check(T.matmul, np.matmul, a, b)
    check(lambda x, y: x @ y, lambda x, y: x @ y, a, b)


def test_a_stack_times_a_matrix_is_one_product() -> None:
    x, y = T.dtensor4("x"), T.dmatrix("y")
    products = [one for one in applies([x @ y]) if isinstance(one.op, Dot)]
    assert [getattr(one.outputs[0].type, "ndim", None) for one in products] == [2]


@pytest.mark.parametrize(
    ("left", "right", "message"),
    [
        ((3, 2, 2, 2), (2, 3, 2, 2), "matmul: sizes on axis 0, 3 and 2 differ"),
        ((5, 2, 3), (4, 3, 2), "matmul: batches of 5 and 4 differ"),
        ((5, 2, 3), (5, 2, 3), "matmul: inner sizes 3 and 2 differ"),
    ],
)
def test_stacks_that_do_not_fit(left: Any, right: Any, message: str) -> None:
    x, y = (T.TensorType("float64", [False] * len(one))() for one in (left, right))
    with pytest.raises(ValueError, match=message):
        function([x, y], x @ y)(np.zeros(left), np.zeros(right))
    with pytest.raises(TypeError, match="multiply by a number with"):
        T.matmul(x, 2)


def test_other_products(rng: np.random.Generator) -> None:
    stack, rows = rng.normal(size=(5, 2, 3)), rng.normal(size=(5, 3))
    check(T.inner, np.inner, stack, rows)
    check(T.inner, np.inner, rows, 2.0)
    check(T.vdot, np.vdot, rows + 1j, rows * 1j)
    check(T.kron, np.kron, rows, stack)
    if hasattr(np, "matvec"):  # NumPy 2.2
        check(T.matvec, np.matvec, stack, rows)
        check(T.vecmat, np.vecmat, rows[:, :2] + 1j, stack)
    check(T.vecdot, lambda x, y: np.sum(x * y, -1), rows, rows[0])
    check(lambda x, y: T.vecdot(x, y, axis=0), lambda x, y: np.sum(x * y, 0), rows, rows)


def test_vectors_in_space(rng: np.random.Generator) -> None:
    rows = rng.normal(size=(5, 3))
    check(T.cross, np.cross, rows, rows[0])
    check(
        lambda x, y: T.cross(x, y, 0, 1, 0),
        lambda x, y: np.cross(x, y, 0, 1, 0),
        rows.T.copy(),
        rows,
    )
    assert T.cross([1, 2], [3, 4]).eval() == -2
    x = T.dmatrix("x")
    with pytest.raises(ValueError, match="cross: vectors of 4 elements, where 3 are needed"):
        function([x], T.cross(x, x))(np.zeros((2, 4)))


@pytest.mark.parametrize("increasing", [False, True])
@pytest.mark.parametrize("columns", [None, 0, 1, 6])
def test_powers(columns: Any, increasing: bool, rng: np.random.Generator) -> None:
    for vector in (rng.normal(size=4), np.arange(5), np.zeros(0)):
        check(
            lambda x: T.vander(x, columns, increasing),
            lambda x: np.vander(x, columns, increasing),
            vector,
        )


SUBSCRIPTS: list[tuple[str, list[tuple[int, ...]]]] = [
    ("ij,jk->ik", [(2, 3), (3, 4)]),
    ("ij,jk", [(2, 3), (3, 4)]),
    ("ba,", [(2, 3), ()]),
    ("ii", [(3, 3)]),
    ("ii->i", [(3, 3)]),
    ("ii->i", [(1, 1)]),
    ("ij->ji", [(2, 3)]),
    ("ji", [(2, 3)]),
    ("ij->", [(2, 3)]),
    ("ij->j", [(2, 3)]),
    ("bij,bjk->bik", [(5, 2, 3), (5, 3, 4)]),
    ("bij,bjk->ik", [(5, 2, 3), (5, 3, 4)]),
    ("i,j->ij", [(3,), (4,)]),
    ("i,i", [(3,), (3,)]),
    ("ij,j", [(2, 3), (3,)]),
    ("...ij,...jk->...ik", [(5, 2, 3), (3, 4)]),
    ("...ij,...jk->...ik", [(6, 1, 2, 3), (5, 3, 4)]),
    ("...ij,...jk", [(6, 1, 2, 3), (5, 3, 4)]),
    ("i...->...", [(3, 4, 5)]),
    ("i...i->...", [(3, 4, 3)]),
    ("ij,ij->i", [(2, 3), (2, 3)]),
    ("ijk,jkl->il", [(2, 3, 4), (3, 4, 5)]),
    ("ij,kj,lk->il", [(2, 3), (4, 3), (5, 4)]),
    ("ij,jk->ik", [(2, 1), (3, 4)]),
    ("ij,ij", [(1, 3), (2, 3)]),
    ("ij,ij->ij", [(1, 3), (2, 1)]),
    ("iij->j", [(1, 1, 3)]),
    ("abcd,abef->cdef", [(2, 3, 4, 5), (2, 3, 2, 2)]),
    ("abcd,abef->fdcea", [(2, 3, 4, 5), (2, 3, 2, 2)]),
    ("a,a,a", [(3,), (3,), (3,)]),
    ("a,b,c->cab", [(3,), (4,), (5,)]),
    ("ij,jk->ik", [(0, 3), (3, 4)]),
    ("ij,jk->ik", [(2, 0), (0, 4)]),
    (",->", [(), ()]),
    ("ab,bc,cd,de->ae", [(2, 3), (3, 4), (4, 5), (5, 2)]),
    ("bhqd,bhkd->bhqk", [(2, 3, 4, 5), (2, 3, 6, 5)]),
    ("iiji->j", [(3, 3, 4, 3)]),
    (" ... , ... ", [(2, 3), (3,)]),
    ("Ab,bA->A", [(2, 3), (3, 2)]),
]


@pytest.mark.parametrize(("subscripts", "shapes"), SUBSCRIPTS, ids=str)
@pytest.mark.parametrize("dtype", ["float64", "int32", "bool", "complex128"])
def test_subscripts(subscripts: str, shapes: Any, dtype: str, rng: np.random.Generator) -> None:
    arrays = [rng.integers(-2, 3, size=one).astype(dtype) for one in shapes]
    leaf = T.tensor3("x", dtype=dtype)
    assert T.einsum("ijk->i", leaf).dtype == dtype
    check(lambda *x: T.einsum(subscripts, *x), lambda *x: np.einsum(subscripts, *x), *arrays)


def test_subscripts_as_lists(rng: np.random.Generator) -> None:
    a, b = rng.normal(size=(2, 3)), rng.normal(size=(3, 4))
    for rest in ([[0, 2]], [], [[2, 0]]):
        check(
            lambda x, y, r=rest: T.einsum(x, [0, 1], y, [1, 2], *r),
            lambda x, y, r=rest: np.einsum(x, [0, 1], y, [1, 2], *r),
            a, b,
        )  # fmt: skip
    check(
        lambda x, y: T.einsum(x, [..., 12], y, [12, 3], [3, ...]),
        lambda x, y: np.einsum(x, [..., 12], y, [12, 3], [3, ...]),
        a, b,
    )  # fmt: skip
    assert T.einsum("ij->j", T.imatrix("x"), dtype="float64").dtype == "float64"


def test_contractions_are_products_of_matrices() -> None:
    x, y = T.dtensor4("x"), T.dtensor4("y")
    for subscripts in ("bhqd,bhkd->bhqk", "abcd,abef->cdef", "abcd,efcd->abef"):
        used = [one.op for one in applies([T.einsum(subscripts, x, y)])]
        assert sum(isinstance(op, Dot) for op in used) == 1
        assert not any(isinstance(op, Sum) for op in used)


REFUSED: dict[str, tuple[Any, str]] = {
    "operands": (("ij,jk", 1), "is for 2 operands, got 1"),
    "axes": (("i", 2), "1 subscripts for x"),
    "unknown": (("ij->k", 2), "'k' of the result is of no operand"),
    "twice": (("ij->ii", 2), "the result has the subscript 'i' twice"),
    "letter": (("i1", 2), "'1' in 'i1' is no letter"),
    "ellipsis": (("...->", 2), "axes for an ellipsis, and the result has none"),
    "too many": (("ijk...", 2), "3 subscripts and an ellipsis for x"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_subscripts_that_say_nothing_clear(what: str) -> None:
    (subscripts, _), message = REFUSED[what]
    with pytest.raises(ValueError, match=f"einsum.*{message}"):
        T.einsum(subscripts, T.dmatrix("x"))


def test_sizes_of_merged_axes_must_agree_one_by_one() -> None:
    x, y = T.dtensor3("x"), T.dtensor3("y")
    given = np.ones((4, 2, 3)), np.ones((3, 2, 5))
    for result in (T.einsum("ijk,jkl->il", x, y), T.tensordot(x, y, 2)):
        with pytest.raises(ValueError, match="sizes 2 of axis 1 and 3 of axis 0 differ"):
            function([x, y], result)(*given)
    with pytest.raises(ValueError, match=r"size 2 of axis 1 of .* and size 3 of axis 0"):
        T.tensordot(T.zeros((4, 2, 3)), T.zeros((3, 2, 5)), 2)
