"""NumPy's functions and operators on variables build graphs with NumPy's values, or are refused."""

import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.fft
import pytest
from numpy.testing.overrides import (
    get_overridable_numpy_array_functions,
    get_overridable_numpy_ufuncs,
)

import lltheano.tensor as T
from lltheano import shared
from lltheano.graph import Variable
from lltheano.tensor.numpy_protocol.functions import FUNCTIONS
from lltheano.tensor.numpy_protocol.refusals import HINTS
from lltheano.tensor.numpy_protocol.ufuncs import UFUNCS
from tests.lltheano.evaluation import evaluate, variable_for

FLOATS = [
    name for name in UFUNCS if np.dtype("float64").char in {t[0] for t in getattr(np, name).types}
]
ORDINARY = np.array([0.25, 0.5, 0.75])
STACKED = {"matmul", "matvec", "vecdot", "vecmat"}
ELEMENTWISE = [name for name in UFUNCS if name not in STACKED]

M = np.arange(12.0).reshape(3, 4) / 7 - 0.6
S = np.array([[4.0, 1, 0], [1, 5, 2], [0, 2, 6]])
COUNTS = np.array([[1, 0, 2, 2], [3, 1, 0, 2], [0, 0, 1, 4]])
N = np.where((M > 0.7) & (M < 0.9), np.nan, M)
V = np.array([1.0, 3.0, 4.0])

Call = Callable[..., Any]
CALLS: dict[str, list[tuple[Call, Any]]] = {
    **{
        name: [
            (lambda f, x: f(x), M),
            (lambda f, x: f(x, axis=1), M),
            (lambda f, x: f(x, 0, keepdims=True), M),
        ]
        for name in (
            "all",
            "amax",
            "amin",
            "any",
            "max",
            "mean",
            "min",
            "prod",
            "ptp",
            "std",
            "sum",
        )
    },
    **{
        name: [(lambda f, x: f(x), N), (lambda f, x: f(x, axis=1, keepdims=True), N[:, :1] + M)]
        for name in (
            *("nanmax", "nanmean", "nanmedian", "nanmin", "nanprod", "nanstd", "nansum", "nanvar"),
            "median",
        )
    },
    **{
        name: [(lambda f, x: f(x, 0.3), N), (lambda f, x: f(x, [20, 60], axis=0), N[:2])]
        for name in ("nanpercentile", "percentile")
    },
    **{
        name: [(lambda f, x: f(x, 0.3), N), (lambda f, x: f(x, [0.2, 0.6], method="hazen"), M)]
        for name in ("nanquantile", "quantile")
    },
    **{
        name: [(lambda f, x: f(x), M), (lambda f, x: f(x, axis=1), M)]
        for name in ("argmax", "argmin", "cumprod", "cumsum", "nancumprod", "nancumsum", "sort")
    },
    **{
        name: [(lambda f, x: f(x), M), (lambda f, x: f(x, 1), M)]
        for name in ("argsort", "diff", "diag", "diagflat", "diagonal", "rot90", "tril", "triu")
    },
    **{
        name: [(lambda f, x: f(x), M)]
        for name in (
            *("angle", "atleast_1d", "atleast_2d", "atleast_3d", "copy", "ediff1d", "empty_like"),
            *("flipud", "fliplr", "flip", "fix", "i0", "imag", "iscomplex", "iscomplexobj"),
            *("isneginf", "isposinf", "isreal", "isrealobj", "matrix_transpose", "nan_to_num"),
            *("ndim", "ones_like", "ravel", "real", "shape", "size", "sinc", "transpose", "trace"),
            *("trapezoid", "zeros_like", "unique", "argwhere", "nonzero", "flatnonzero"),
            *("count_nonzero", "unique_values", "fft.fft", "fft.ifft", "fft.fftn", "fft.ifftn"),
            *("fft.fft2", "fft.ifft2", "fft.rfft", "fft.fftshift", "fft.ifftshift", "linalg.norm"),
            *("linalg.svdvals", "linalg.matrix_norm", "linalg.vector_norm"),
            *("linalg.matrix_transpose", "linalg.diagonal", "linalg.trace", "linalg.pinv"),
        )
    },
    **{
        name: [(lambda f, x: f(x), S)]
        for name in (
            *("linalg.cholesky", "linalg.det", "linalg.inv", "linalg.eigvalsh", "linalg.slogdet"),
            *("linalg.eigvals",),
        )
    },
    **{
        name: [(lambda f, x: f([x, x + 1]), M), (lambda f, x: f((x[0], x[1])), M)]
        for name in ("column_stack", "concatenate", "dstack", "hstack", "stack", "vstack")
    },
    **{name: [(lambda f, x: f(x), V)] for name in ("cumulative_prod", "cumulative_sum")},
    "allclose": [(lambda f, x: f(x, x * (1 + 1e-9)), M)],
    "append": [(lambda f, x: f(x, x), M), (lambda f, x: f(x, x, axis=0), M)],
    "around": [(lambda f, x: f(x, 1), M)],
    "array_split": [(lambda f, x: f(x, 2), M), (lambda f, x: f(x, [1, 3], axis=1), M)],
    "astype": [(lambda f, x: f(x, "float32"), M)],
    "average": [
        (lambda f, x: f(x), M),
        (lambda f, x: f(x, axis=1, weights=[1.0, 2, 3, 4]), M),
        (lambda f, x: f(x, weights=x * x), M),
    ],
    "bincount": [(lambda f, x: f(x), COUNTS[0]), (lambda f, x: f(x, minlength=9), COUNTS[0])],
    "broadcast_arrays": [(lambda f, x: f(x, x[0]), M)],
    "broadcast_to": [(lambda f, x: f(x, (2, 3, 4)), M)],
    "choose": [(lambda f, x: f(x, [10, 20, 30, 40, 50]), COUNTS)],
    "clip": [
        (lambda f, x: f(x, 0, 0.5), M),
        (lambda f, x: f(x, None, 0.5), M),
        (lambda f, x: f(x, min=0), M),
    ],
    "convolve": [
        (lambda f, x: f(x[0], x[1]), M),
        (lambda f, x: f(x[:, 0], v=x[0], mode="same"), M),
    ],
    "compress": [(lambda f, x: f([True, False, True], x, axis=0), M)],
    "cov": [(lambda f, x: f(x), M), (lambda f, x: f(x, rowvar=False, ddof=0), M)],
    "cross": [(lambda f, x: f(x, [1.0, 2, 3]), S), (lambda f, x: f(x, x + 1, axis=0), S)],
    "dot": [(lambda f, x: f(S, x), M), (lambda f, x: f(x, 2.0), M)],
    "dsplit": [(lambda f, x: f(x[None], 2), M)],
    "einsum": [
        (lambda f, x: f("ij,kj->ik", x, x), M),
        (lambda f, x: f(x, [0, 1], [1, 0], optimize=True), M),
    ],
    "expand_dims": [(lambda f, x: f(x, 1), M), (lambda f, x: f(x, (0, -1)), M)],
    "extract": [(lambda f, x: f(x > 0, x), M)],
    "full_like": [(lambda f, x: f(x, 2), M), (lambda f, x: f(x, 2, shape=(2, 2)), M)],
    "hsplit": [(lambda f, x: f(x, 2), M)],
    "inner": [(lambda f, x: f(x, x), M)],
    "interp": [(lambda f, x: f(x, [-1.0, 0, 1], [3.0, 1, 2]), M)],
    "isclose": [(lambda f, x: f(x, x + 1e-9), M)],
    "isin": [(lambda f, x: f(x, [0, 4]), COUNTS)],
    "kron": [(lambda f, x: f(x, S), M)],
    "linspace": [(lambda f, x: f(x[0, 0], x[1, 1], 5), M)],
    "logspace": [(lambda f, x: f(x[0, 0], x[1, 1], 5), M)],
    "meshgrid": [(lambda f, x: f(x[0], x[1]), M), (lambda f, x: f(x[0], V, indexing="ij"), M)],
    "moveaxis": [(lambda f, x: f(x, 0, -1), M)],
    "nanargmax": [(lambda f, x: f(x, axis=1), N[:2])],
    "nanargmin": [(lambda f, x: f(x), N)],
    "outer": [(lambda f, x: f(x, V), M)],
    "pad": [(lambda f, x: f(x, 1), M), (lambda f, x: f(x, ((1, 0), (0, 2)), "edge"), M)],
    "ravel_multi_index": [(lambda f, x: f((x, x), (5, 6)), COUNTS)],
    "repeat": [(lambda f, x: f(x, 2, axis=1), M)],
    "reshape": [(lambda f, x: f(x, (2, -1)), M), (lambda f, x: f(x, -1, order="C"), M)],
    "roll": [(lambda f, x: f(x, 1), M), (lambda f, x: f(x, -1, axis=1), M)],
    "rollaxis": [(lambda f, x: f(x, 1), M)],
    "round": [(lambda f, x: f(x), M), (lambda f, x: f(x * 100, decimals=-1), M)],
    "searchsorted": [(lambda f, x: f([0.0, 0.5], x, side="right"), M)],
    "select": [(lambda f, x: f([x < 0, x < 0.5], [x, x * 2], 9.0), M)],
    "split": [(lambda f, x: f(x, 3), M), (lambda f, x: f(x, [1], axis=1), M)],
    "squeeze": [(lambda f, x: f(x[:, None], axis=1), M)],
    "swapaxes": [(lambda f, x: f(x, 0, 1), M)],
    "take": [(lambda f, x: f(x, [2, 0], axis=1), M), (lambda f, x: f(x, 5, mode="wrap"), M)],
    "take_along_axis": [(lambda f, x: f(x, np.argsort(M, 1), 1), M)],
    "tensordot": [(lambda f, x: f(x, x, axes=2), M), (lambda f, x: f(x, x, ([0], [0])), M)],
    "tile": [(lambda f, x: f(x, (2, 1)), M)],
    "unravel_index": [(lambda f, x: f(x, (3, 4)), COUNTS)],
    "vander": [(lambda f, x: f(x), V), (lambda f, x: f(x, 2, increasing=True), V)],
    "var": [(lambda f, x: f(x), M), (lambda f, x: f(x, axis=1, ddof=1), M)],
    "vdot": [(lambda f, x: f(x, x), M)],
    "vsplit": [(lambda f, x: f(x, 3), M)],
    "where": [(lambda f, x: f(x > 0, x, 0), M), (lambda f, x: f(x > 0), M)],
    "linalg.cond": [(lambda f, x: f(x), S), (lambda f, x: f(x, -2), S)],
    "linalg.matrix_rank": [(lambda f, x: f(x), S), (lambda f, x: f(x, tol=1e-9), S)],
    "linalg.cross": [(lambda f, x: f(x, x[::-1]), S)],
    "linalg.eig": [(lambda f, x: f(x)[0], S)],
    "linalg.eigh": [(lambda f, x: f(x)[0], S)],
    "linalg.matmul": [(lambda f, x: f(x, x.T), M)],
    "linalg.matrix_power": [(lambda f, x: f(x, 3), S)],
    "linalg.multi_dot": [(lambda f, x: f([x, x.T, x]), M)],
    "linalg.outer": [(lambda f, x: f(x, x), V)],
    "linalg.qr": [(lambda f, x: abs(f(x)[1]), S)],
    "linalg.solve": [(lambda f, x: f(x, V), S), (lambda f, x: f(S, x), M)],
    "linalg.svd": [(lambda f, x: f(x)[1], M), (lambda f, x: f(x, compute_uv=False), M)],
    "linalg.tensordot": [(lambda f, x: f(x, x), M)],
    "linalg.tensorinv": [(lambda f, x: f(x, ind=1), S)],
    "linalg.tensorsolve": [(lambda f, x: f(x, V), S)],
    "linalg.vecdot": [(lambda f, x: f(x, x), M)],
}
"""Calls of each function that is served, with the array that the variable stands for."""


def name_of(function: Any) -> str:
    return f"{function.__module__}.{function.__name__}".removeprefix("numpy.")


MAKERS = {
    *("arange", "array", "asanyarray", "asarray", "ascontiguousarray", "asfortranarray", "empty"),
    *("eye", "frombuffer", "fromfile", "fromfunction", "fromiter", "fromstring", "full"),
    *("genfromtxt", "identity", "loadtxt", "ones", "require", "tri", "zeros"),
}
"""Functions that ask the argument `like` only."""

DATES = {"busday_count", "busday_offset", "datetime_as_string", "is_busday"}

DISPATCHED = {
    name: one
    for one in get_overridable_numpy_array_functions()
    if one.__module__ in ("numpy", "numpy.linalg", "numpy.fft")
    and (name := name_of(one)) not in MAKERS | DATES
}
"""NumPy's functions that ask a variable what to do."""


def assert_same(found: Any, wanted: Any, given: dict[Any, Any]) -> None:
    if isinstance(wanted, tuple | list) and not isinstance(found, Variable):
        assert len(found) == len(wanted)
        for one, other in zip(found, wanted, strict=True):
            assert_same(one, other, given)
        return
    if isinstance(found, Variable):
        needed = given if any(leaf is found for leaf in given) or found.owner else {}
        found = evaluate(found, needed)
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-13)
    assert np.shape(found) == np.shape(wanted)


@pytest.mark.parametrize("name", sorted(DISPATCHED))
def test_a_function_builds_numpys_value_or_is_refused_with_what_to_use(name: str) -> None:
    function = DISPATCHED[name]
    if name in FUNCTIONS:
        assert name in CALLS, "add a call, so that its value is compared"
        for call, array in CALLS[name]:
            x = variable_for(array)
            made = call(function, x)
            if name == "empty_like":
                assert made.type == x.type
                continue
            assert_same(made, call(function, array), {x: array})
        return
    message = rf"np\.{name} of a variable builds no graph: "
    if name in ("poly", "roots"):
        message = "dispatcher"  # NumPy's own error: it does not ask the variable
    with pytest.raises(TypeError, match=message):
        call_somehow(function)


LISTS = {"arrays", "choicelist", "condlist", "sample"}


def call_somehow(function: Any) -> None:
    """Call a function with variables for all arguments that it must have."""
    x = T.dmatrix("x")
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:  # one in C, of an older NumPy
        function(x, x)
        return
    kinds = inspect.Parameter
    given: list[Any] = [
        [x, x] if one.name in LISTS else x
        for one in parameters
        if one.kind in (kinds.POSITIONAL_ONLY, kinds.POSITIONAL_OR_KEYWORD)
        and one.default is kinds.empty
    ]
    given += [x] * any(one.kind is kinds.VAR_POSITIONAL for one in parameters)
    function(*given)


def test_every_hint_is_of_a_function_that_is_not_served_and_names_what_there_is() -> None:
    served = {*UFUNCS, *(name for name in FUNCTIONS if name != "squeeze")}
    assert sorted(set(HINTS) & served) == []
    for hint in HINTS.values():
        for name in hint.replace("(", " ").replace(",", " ").split():
            if name.startswith("T.") and name[2:].isidentifier() and name != "T.cov":
                assert hasattr(T, name[2:]), name


@pytest.mark.parametrize(
    "ufunc", [one for one in get_overridable_numpy_ufuncs() if hasattr(np, one.__name__)], ids=str
)
def test_a_ufunc_is_served_or_refused(ufunc: Any) -> None:
    x = T.dvector("x")
    if ufunc.__name__ in UFUNCS:
        return
    with pytest.raises(TypeError, match=rf"np\.{ufunc.__name__} of a variable"):
        ufunc(*[x] * ufunc.nin)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_an_elementwise_function_of_numpys_is_that_of_the_tensor_language(name: str) -> None:
    ufunc: Any = getattr(np, name)
    dtype = "float64" if name in FLOATS else "int64"
    values = (ORDINARY + (name == "arccosh")) if name in FLOATS else np.array([1, 2, 3])
    x, y = T.vectors("x", "y", dtype=dtype)
    given = {x: values, y: values[::-1].copy()}
    second = y if name in ("equal", "not_equal") else given[y]
    wanted = ufunc(*[values, values[::-1]][: ufunc.nin])
    if name == "conjugate":
        assert ufunc(x).dtype == "float64"
    made = ufunc(*[x, second][: ufunc.nin])
    used = given if second is y else {x: values}
    assert_same(made, wanted, used)


@pytest.mark.parametrize("name", sorted(one for one in STACKED if hasattr(np, one)))
def test_a_function_of_stacks_of_matrices(name: str) -> None:
    shapes = {"matmul": ((5, 2, 3), (3, 4)), "matvec": ((5, 2, 3), (3,))}
    left, right = shapes.get(name, ((5, 2), (2,)) if name == "vecdot" else ((2,), (5, 2, 3)))
    a, b = (np.arange(math.prod(one), dtype=float).reshape(one) for one in (left, right))
    x = variable_for(a)
    ufunc = getattr(np, name)
    assert_same(ufunc(x, b), ufunc(a, b), {x: a})


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_variables_have_methods_of_the_names_of_functions(name: str) -> None:
    method = getattr(T.dvector("x"), name, None)
    op = getattr(T, name, None)
    if method is not None and UFUNCS[name]() is op and getattr(np, name).nin == 1:
        assert method().owner.op is op


def test_arrays_and_numbers_of_numpys_leave_operators_to_the_variable() -> None:
    state = shared(ORDINARY, name="state")
    for x in (T.dvector("x"), state):
        given = {x: ORDINARY}
        for found, wanted in [
            (np.ones(3) + x, 1 + ORDINARY),
            (np.float64(2) * x, 2 * ORDINARY),
            (np.ones(3) - x, 1 - ORDINARY),
            (np.ones(3) / x, 1 / ORDINARY),
            (np.ones(3) // x, 1 // ORDINARY),
            (np.ones(3) % x, 1 % ORDINARY),
            (np.full(3, 0.5) < x, ORDINARY > 0.5),
            (np.full(3, 0.5) >= x, ORDINARY <= 0.5),
            (np.arange(3) ** x, np.arange(3) ** ORDINARY),
            (np.eye(3) @ x, ORDINARY),
            (np.float32(2) ** x, 2**ORDINARY),
        ]:
            np.testing.assert_allclose(evaluate(found, given), wanted, rtol=1e-14)
    i = T.lvector("i")
    values = np.array([1, 2, 3])
    for found, wanted in [
        (np.array([3, 3, 3]) & i, 3 & values),
        (np.array([4, 4, 4]) | i, 4 | values),
        (np.array([1, 1, 1]) ^ i, 1 ^ values),
        (np.int64(7) & i, 7 & values),
    ]:
        np.testing.assert_array_equal(evaluate(found, {i: values}), wanted)


def test_an_array_that_a_variable_is_added_to_is_not_written() -> None:
    x = T.dvector("x")
    start = np.zeros(3)
    total: Any = start
    total += x
    assert evaluate(total, {x: ORDINARY}).tolist() == ORDINARY.tolist()
    assert start.tolist() == [0, 0, 0]


def test_methods_of_ufuncs() -> None:
    x: Any = T.dmatrix("x")
    for found, wanted in [
        (np.add.reduce(x), np.add.reduce(M)),
        (np.add.reduce(x, axis=1, keepdims=True), np.add.reduce(M, axis=1, keepdims=True)),
        (np.multiply.reduce(x, axis=None), np.multiply.reduce(M, axis=None)),
        (np.maximum.reduce(x), np.maximum.reduce(M)),
        (np.logical_or.reduce(x > 0.9), np.logical_or.reduce(M > 0.9)),
        (np.add.accumulate(x), np.add.accumulate(M)),
        (np.multiply.accumulate(x, axis=1), np.multiply.accumulate(M, axis=1)),
        (np.subtract.outer(x, V), np.subtract.outer(M, V)),
    ]:
        assert_same(found, wanted, {x: M})


REFUSED: dict[str, tuple[Call, str]] = {
    "at": (lambda x: np.add.at(x, 0, 1), r"np.add.at of a variable: .*T.inc_subtensor"),
    "reduceat": (lambda x: np.add.reduceat(x, [0, 1]), "np.add.reduceat of a variable"),
    "reduce": (np.hypot.reduce, "np.hypot.reduce of a variable: .*T.sum"),
    "accumulate": (np.maximum.accumulate, "np.maximum.accumulate"),
    "out": (lambda x: np.exp(x, out=np.empty(3)), "it takes no out= here; the result is a new"),
    "out of a variable": (lambda x: np.add(np.ones(3), 1, out=x), "it takes no out= here"),
    "where": (lambda x: np.exp(x, where=np.array([True] * 3)), "where= here; choose with T.switch"),
    "dtype": (lambda x: np.add(x, 1, dtype="float32"), r"dtype= here; convert .* \.astype"),
    "out of a function": (lambda x: np.sum(x, out=np.empty(())), "np.sum of a variable: .*out="),
    "where of a function": (lambda x: np.sum(x, where=x > 0), "where= here"),
    "initial": (lambda x: np.max(x, initial=3), "np.max of a variable: it takes no initial="),
    "keyword": (lambda x: np.std(x, dtype="float32"), "np.std of a variable: it takes no dtype="),
    "squeeze": (np.squeeze, "np.squeeze of a variable .*name the axes"),
    "asarray": (np.asarray, "has no value yet, so NumPy cannot make an array of it"),
    "array": (np.array, "NumPy cannot make an array"),
    "array of two": (lambda x: np.array([x, x]), r"T.stack\(\[x, y\]\) for np.array"),
    "nested": (lambda x: np.array([[x, 1], [2, x]]), "NumPy cannot make an array"),
    "object": (lambda x: np.array([x, x], dtype=object), "NumPy cannot make an array"),
    "method": (lambda x: np.ones(3).dot(x), "NumPy cannot make an array"),
    "index": (lambda x: np.ones(3)[x], "NumPy cannot make an array|no Python int"),
    "zeros of a shape": (lambda x: np.zeros((x.shape[0], 3)), r"T.zeros\(\(n, m\)\)"),
    "math": (lambda x: math.exp(x[0]), "Use the function of T for that of math"),
    "range": (lambda x: range(x.shape[0]), r"For range\(n\) there is T.arange\(n\)"),
    "equal": (lambda x: np.equal(x, 3), r"T.eq\(x, y\)"),
    "reciprocal": (lambda x: np.reciprocal(x.astype("int64")), r"use T.inv\(x\)"),
    "positive": (lambda x: np.positive(x > 0), "bool has no sign"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_build_a_graph_says_what_to_use(what: str) -> None:
    call, message = REFUSED[what]
    with pytest.raises(TypeError, match=message):
        call(T.dvector("x"))


def test_division_by_its_older_name() -> None:
    x = T.dvector("x")
    assert evaluate([x.__div__(2), x.__rdiv__(2)], {x: np.array([4.0])}) == [[2.0], [0.5]]
