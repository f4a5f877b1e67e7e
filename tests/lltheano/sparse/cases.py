"""Functions of sparse matrices beside what SciPy and NumPy make of the same matrices."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import scipy.sparse as sp

import lltheano.sparse as S
import lltheano.tensor as T
from lltheano.sparse.structured import __all__ as STRUCTURED

Array = np.ndarray[Any, Any]

FACTORS = np.array([[0.5, -1.0, 2.0, 3.0]] * 3) * np.array([[1.0], [2.0], [-1.0]])
"""A dense matrix of the shape of the matrices here, 3 by 4."""
BY_COLUMN = np.array([2.0, -1.0, 0.5, 3.0])
BY_ROW = np.array([1.5, -2.0, 4.0])
RIGHT = np.arange(8.0).reshape(4, 2) - 3
LEFT = np.arange(6.0).reshape(2, 3) - 2

Case = tuple[Callable[[Any, Any], Any], Callable[[Array, Array], Any]]


def structured(function: Callable[[Array], Array]) -> Callable[[Array, Array], Array]:
    """A function of the elements that are not 0."""

    def apply(a: Array, b: Array) -> Array:
        values = function(a[a != 0])
        result = np.zeros(a.shape, values.dtype)
        result[a != 0] = values
        return result

    return apply


def at_places(rows: list[int], columns: list[int], values: Array) -> Array:
    """A matrix of 3 by 4 with values added at places."""
    result = np.zeros((3, 4), values.dtype)
    np.add.at(result, (rows, columns), values)
    return result


def _sdg(x: Any, y: Any) -> Any:
    """The entries' gradient of x times a matrix of 4 by 2, by the op of the format of x."""
    op = S.sdg_csc if x.format == "csc" else S.sdg_csr
    other = T.dot(FACTORS.T, np.ones((3, 2))).astype(x.dtype)
    slope = S.dot(y, np.ones((4, 2), x.dtype))
    return op(*S.csm_properties(x)[1:3], other, slope)


CASES: dict[str, Case] = {
    "itself": (lambda x, y: x, lambda a, b: a),
    "transpose": (lambda x, y: x.T, lambda a, b: a.T),
    "dense_from_sparse": (lambda x, y: S.dense_from_sparse(x), lambda a, b: a),
    "csr_from_dense": (lambda x, y: S.csr_from_dense(x.toarray() * 2), lambda a, b: a * 2),
    "csc_from_dense": (lambda x, y: S.csc_from_dense(x.toarray() * 2), lambda a, b: a * 2),
    "ensure_sorted_indices": (lambda x, y: S.ensure_sorted_indices(x), lambda a, b: a),
    "clean": (lambda x, y: S.clean(x * y), lambda a, b: a * b),
    "remove0": (lambda x, y: S.remove0(x), lambda a, b: a),
    "neg": (lambda x, y: -x, lambda a, b: -a),
    "add_s_s": (lambda x, y: x + y, lambda a, b: a + b),
    "add_s_s_data": (lambda x, y: x + S.sqr(x), lambda a, b: a + a * a),
    "add_s_d": (lambda x, y: x + FACTORS.astype(x.dtype), lambda a, b: a + FACTORS),
    "add d s": (lambda x, y: FACTORS.astype(x.dtype) + x, lambda a, b: a + FACTORS),
    "sub_s_s": (lambda x, y: x - y, lambda a, b: a - b),
    "sub_s_d": (lambda x, y: x - FACTORS.astype(x.dtype), lambda a, b: a - FACTORS),
    "sub d s": (lambda x, y: FACTORS.astype(x.dtype) - x, lambda a, b: FACTORS - a),
    "mul_s_s": (lambda x, y: x * y, lambda a, b: a * b),
    "mul of one structure": (lambda x, y: x * x, lambda a, b: a * a),
    "mul_s_d": (lambda x, y: x * FACTORS.astype(x.dtype), lambda a, b: a * FACTORS),
    "mul by a number": (lambda x, y: 3 * x, lambda a, b: 3 * a),
    "mul_s_v": (lambda x, y: S.mul_s_v(x, BY_COLUMN.astype(x.dtype)), lambda a, b: a * BY_COLUMN),
    "structured_add_s_v": (
        lambda x, y: S.structured_add_s_v(x, BY_COLUMN.astype(x.dtype)),
        lambda a, b: np.where(a != 0, a + BY_COLUMN, 0),
    ),
    "col_scale": (
        lambda x, y: S.col_scale(x, BY_COLUMN.astype(x.dtype)),
        lambda a, b: a * BY_COLUMN,
    ),
    "row_scale": (
        lambda x, y: S.row_scale(x, BY_ROW.astype(x.dtype)),
        lambda a, b: a * BY_ROW[:, None],
    ),
    "sp_sum": (lambda x, y: x.sum(), lambda a, b: a.sum()),
    "sp_sum of columns": (lambda x, y: x.sum(axis=0), lambda a, b: a.sum(0)),
    "sp_sum of rows": (lambda x, y: x.sum(axis=1), lambda a, b: a.sum(1)),
    "diag": (lambda x, y: S.diag(x[:, :3]), lambda a, b: a[:, :3].diagonal()),
    "square_diagonal": (
        lambda x, y: S.square_diagonal(x.sum(axis=0)),
        lambda a, b: np.diag(a.sum(0)),
    ),
    "hstack": (lambda x, y: S.hstack([x, y, x]), lambda a, b: np.hstack([a, b, a])),
    "vstack": (lambda x, y: S.vstack([x, y], format="csr"), lambda a, b: np.vstack([a, b])),
    "construct_sparse_from_list": (
        lambda x, y: S.construct_sparse_from_list(x.toarray(), y.toarray()[:2], [2, 2]),
        lambda a, b: np.vstack([0 * a[:2], b[:2].sum(0)]),
    ),
    "element": (lambda x, y: x[1, 2], lambda a, b: a[1, 2]),
    "last element": (lambda x, y: x[-1, -1], lambda a, b: a[-1, -1]),
    "row": (lambda x, y: x[1], lambda a, b: a[1:2]),
    "last row": (lambda x, y: x[-1], lambda a, b: a[-1:]),
    "part": (lambda x, y: x[1:, :3], lambda a, b: a[1:, :3]),
    "part backwards": (lambda x, y: x[::-1, ::2], lambda a, b: a[::-1, ::2]),
    "rows": (lambda x, y: x[[2, 0, 2]], lambda a, b: a[[2, 0, 2]]),
    "elements": (lambda x, y: x[[0, 2, -1], [1, 1, 3]], lambda a, b: a[[0, 2, -1], [1, 1, 3]]),
    "structured_dot s d": (
        lambda x, y: S.structured_dot(x, RIGHT.astype(x.dtype)),
        lambda a, b: a @ RIGHT,
    ),
    "structured_dot d s": (
        lambda x, y: S.structured_dot(LEFT.astype(x.dtype), x),
        lambda a, b: LEFT @ a,
    ),
    "structured_dot s v": (
        lambda x, y: S.structured_dot(x, BY_COLUMN.astype(x.dtype)),
        lambda a, b: a @ BY_COLUMN,
    ),
    "structured_dot v s": (
        lambda x, y: S.structured_dot(BY_ROW.astype(x.dtype), x),
        lambda a, b: BY_ROW @ a,
    ),
    "structured_dot s s": (lambda x, y: S.structured_dot(x, y.T), lambda a, b: a @ b.T),
    "structured_dot of one": (lambda x, y: x.dot(x.T), lambda a, b: a @ a.T),
    "dot s d": (lambda x, y: S.dot(x, RIGHT.astype(x.dtype)), lambda a, b: a @ RIGHT),
    "dot d s": (lambda x, y: S.dot(LEFT.astype(x.dtype), x), lambda a, b: LEFT @ a),
    "dot s s": (lambda x, y: S.dot(x.T, y), lambda a, b: a.T @ b),
    "true_dot s s": (lambda x, y: S.true_dot(x.T, y), lambda a, b: a.T @ b),
    "true_dot s d": (lambda x, y: S.true_dot(x, RIGHT.astype(x.dtype)), lambda a, b: a @ RIGHT),
    "true_dot d s": (lambda x, y: S.true_dot(LEFT.astype(x.dtype), x), lambda a, b: LEFT @ a),
    "matmul": (lambda x, y: LEFT.astype(x.dtype) @ x @ RIGHT, lambda a, b: LEFT @ a @ RIGHT),
    "usmm": (
        lambda x, y: S.usmm(2.0, x, RIGHT.astype(x.dtype), RIGHT.astype(x.dtype)[:3]),
        lambda a, b: 2 * a @ RIGHT + RIGHT[:3],
    ),
    "sampling_dot": (
        lambda x, y: S.sampling_dot(y.toarray(), np.ones((4, 4), x.dtype) + FACTORS[:1].T, x),
        lambda a, b: (b @ (np.ones((4, 4)) + FACTORS[:1].T).T) * a,
    ),
    "sqr": (lambda x, y: S.sqr(x), lambda a, b: a * a),
    "structured_exp": (lambda x, y: S.structured_exp(x), structured(np.exp)),
    "structured_pow": (lambda x, y: S.structured_pow(x, 3), lambda a, b: a**3),
    "structured_add": (
        lambda x, y: S.structured_add(x, 2),
        structured(lambda one: one + 2),
    ),
    "structured_sigmoid": (
        lambda x, y: S.structured_sigmoid(x),
        structured(lambda one: 1 / (1 + np.exp(-one))),
    ),
    "structured_maximum": (
        lambda x, y: S.structured_maximum(x, 0.25),
        structured(lambda one: np.maximum(one, 0.25)),
    ),
    "structured_minimum": (
        lambda x, y: S.structured_minimum(x, 0.25),
        structured(lambda one: np.minimum(one, 0.25)),
    ),
    "cast": (lambda x, y: S.cast(x, "float64"), lambda a, b: a.astype("float64")),
    "get_item_list_grad": (
        lambda x, y: S.get_item_list_grad(x, [2, 0, 2], S.vstack([y])),
        lambda a, b: np.array([b[1], 0 * b[0], b[0] + b[2]]),
    ),
    "get_item_2lists_grad": (
        lambda x, y: S.get_item_2lists_grad(x, [2, 0, 2], [1, 3, 1], y.sum(axis=1)),
        lambda a, b: at_places([2, 0, 2], [1, 3, 1], b.sum(1)),
    ),
    "sdg of the format": (
        lambda x, y: S.CSM(x.format)(_sdg(x, y), *S.csm_properties(x)[1:]),
        lambda a, b: ((b @ np.ones((4, 2))) @ (FACTORS.T @ np.ones((3, 2))).T) * (a != 0),
    ),
    "csm_grad": (
        lambda x, y: S.csm_grad()(*S.csm_properties(x), *S.csm_properties(2 * x)).sum(),
        lambda a, b: 2 * a.sum(),
    ),
    "structured_dot_grad": (
        lambda x, y: S.structured_dot_grad(x, FACTORS.T.astype(x.dtype), y.toarray()[:, :3]),
        lambda a, b: (b[:, :3] @ FACTORS) * (a != 0),
    ),
    "sp_ones_like": (lambda x, y: S.sp_ones_like(x), lambda a, b: (a != 0).astype(float)),
    "sp_zeros_like": (lambda x, y: S.sp_zeros_like(x), lambda a, b: 0 * a),
    "entries in a graph": (lambda x, y: S.csm_data(x).sum() * x, lambda a, b: a.sum() * a),
    "shape": (lambda x, y: x.shape[1] * x, lambda a, b: 4 * a),
    **{
        name: (
            partial(lambda name, x, y: getattr(S, name)(x), name),
            structured(getattr(np, {"sgn": "sign"}.get(name, name))),
        )
        for name in (
            *("arctan", "arcsinh", "ceil", "conj", "deg2rad", "expm1", "floor", "log1p", "rad2deg"),
            *("rint", "sgn", "sin", "sinh", "tan", "tanh", "trunc"),
        )
    },
}
"""For each name: of sparse `x` and `y`, and of the same as dense arrays. `x` has elements above -1.
"""

OF_ENTRIES = set(CASES) & set(STRUCTURED)
"""What is done to each entry by itself, which is the same in any format."""

BY_FORMAT = [(name, "csr") for name in CASES] + [
    (name, "csc") for name in CASES if name not in OF_ENTRIES
]

COMPARISONS = {
    "eq": np.equal,
    "neq": np.not_equal,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
}

STEPS = {"ceil", "floor", "rint", "sgn", "trunc"}
CONSTANT = {"sp_ones_like", "sp_zeros_like"}


def matrix(rng: np.random.Generator, shape: tuple[int, int], density: float, dtype: str) -> Array:
    """Elements between -1 and 1, most of them 0."""
    elements = rng.uniform(-0.9, 1, shape) * (rng.uniform(size=shape) < density)
    if np.dtype(dtype).kind in "iu":
        elements = np.rint(elements * 4)
    return np.asarray(elements, dtype)


def as_format(a: Array, format_: str) -> Any:
    """An array as a SciPy matrix."""
    return sp.csr_matrix(a) if format_ == "csr" else sp.csc_matrix(a)


def dense(x: Any) -> Array:
    """A result as an array."""
    return np.asarray(x.toarray() if sp.issparse(x) else x)


def variables(format_: str, dtype: str) -> tuple[Any, Any]:
    """Two sparse variables."""
    return S.matrix(format_, "x", dtype), S.matrix(format_, "y", dtype)


def total(x: Any) -> Any:
    """A sum of the elements with weights that differ."""
    x = x.toarray() if isinstance(x, S.SparseVariable) else x
    return (x * T.cos(T.arange(x.size)).reshape(x.shape, ndim=x.ndim)).sum() if x.ndim else x
