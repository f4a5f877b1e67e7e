"""Promise 4 through `function`: exact ops give NumPy's bits, special values and all.

What NumPy leaves open is fixed by the op table: casts to integers saturate and make 0 of NaN, and
of two zeros the positive one is the greater.
"""

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lltheano import function, tensor as T
from lltheano.tensor.variables.variable import TensorType

Array = NDArray[Any]
INTEGERS = [f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)]
FLOATS = ["float16", "float32", "float64"]

ARITHMETIC: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "+": (lambda x, y: x + y, np.add),
    "-": (lambda x, y: x - y, np.subtract),
    "*": (lambda x, y: x * y, np.multiply),
    "//": (lambda x, y: x // y, np.floor_divide),
    "%": (lambda x, y: x % y, np.mod),
    "/": (lambda x, y: x / y, np.true_divide),
    "abs": (lambda x, y: abs(x), lambda x, y: np.abs(x)),
    "neg": (lambda x, y: -x, lambda x, y: np.negative(x)),
    "sgn": (lambda x, y: T.sgn(x), lambda x, y: np.sign(x)),
    "sqr": (lambda x, y: T.sqr(x), lambda x, y: np.square(x)),
    "==": (T.eq, np.equal),
    "!=": (T.neq, np.not_equal),
    "<": (lambda x, y: x < y, np.less),
    "<=": (lambda x, y: x <= y, np.less_equal),
    ">": (lambda x, y: x > y, np.greater),
    ">=": (lambda x, y: x >= y, np.greater_equal),
}
BITS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "&": (lambda x, y: x & y, np.bitwise_and),
    "|": (lambda x, y: x | y, np.bitwise_or),
    "^": (lambda x, y: x ^ y, np.bitwise_xor),
    "~": (lambda x, y: ~x, lambda x, y: np.invert(x)),
    "<<": (lambda x, y: x << y, np.left_shift),
    ">>": (lambda x, y: x >> y, np.right_shift),
    "maximum": (T.maximum, np.maximum),
    "minimum": (T.minimum, np.minimum),
}
ROUNDINGS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "floor": (lambda x, y: T.floor(x), lambda x, y: np.floor(x)),
    "ceil": (lambda x, y: T.ceil(x), lambda x, y: np.ceil(x)),
    "trunc": (lambda x, y: T.trunc(x), lambda x, y: np.trunc(x)),
    "rint": (lambda x, y: T.round_half_to_even(x), lambda x, y: np.rint(x)),
    "sqrt": (lambda x, y: T.sqrt(x), lambda x, y: np.sqrt(x)),
    "isnan": (lambda x, y: T.isnan(x), lambda x, y: np.isnan(x)),
    "isinf": (lambda x, y: T.isinf(x), lambda x, y: np.isinf(x)),
}


WHOLE: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    **{name: ARITHMETIC[name] for name in ("+", "-", "/", "neg", "==", "!=")},
    "rint": ROUNDINGS["rint"],
    "isnan": ROUNDINGS["isnan"],
    "isinf": ROUNDINGS["isinf"],
    "real": (lambda x, y: x.real, lambda x, y: np.real(x)),
    "imag": (lambda x, y: x.imag, lambda x, y: np.imag(x)),
    "conj": (lambda x, y: x.conj(), lambda x, y: np.conj(x)),
}
"""The ops that are exact on complex numbers; NumPy may fuse the products of `*`."""


def special_values(dtype: str) -> Array:
    if np.dtype(dtype).kind in "iu":
        limits = np.iinfo(dtype)
        near = [limits.min, limits.min + 1, limits.max // 2, limits.max - 1, limits.max]
        small = [0, 1, 2, 3, 7] + ([-1, -2, -3, -7] if limits.min else [])
        return np.array(near + small, dtype)
    float_ = np.finfo(dtype)
    positive = [0, float_.smallest_subnormal, float_.tiny, 1e-3, 0.5, 1, 1.5, 2.5, 3.7, 7, 100.25]
    values = np.array([*positive, float_.max, np.inf, np.nan], dtype)
    return np.concatenate([values, -values])


def same_bits(got: Array, wanted: Any) -> None:
    wanted = np.asarray(wanted)
    assert (got.dtype, got.shape) == (wanted.dtype, wanted.shape)
    if got.dtype.kind == "f":
        got, wanted = np.ascontiguousarray(got), np.ascontiguousarray(wanted)
        nan = np.isnan(wanted)
        np.testing.assert_array_equal(np.isnan(got), nan)
        unsigned = f"u{got.dtype.itemsize}"
        got, wanted = got[~nan].view(unsigned), wanted[~nan].view(unsigned)
    np.testing.assert_array_equal(got, wanted)


@pytest.mark.parametrize("dtype", [*INTEGERS, *FLOATS])
def test_exact_ops_give_numpys_bits_for_all_pairs_of_special_values(dtype: str) -> None:
    values = special_values(dtype)
    a, b = (one.ravel() for one in np.meshgrid(values, values))
    ops = ARITHMETIC | (BITS if dtype in INTEGERS else ROUNDINGS)
    x, y = (TensorType(dtype, (False,))(name) for name in "xy")
    f = function([x, y], [symbolic(x, y) for symbolic, _ in ops.values()])
    with np.errstate(all="ignore"):
        for name, got in zip(ops, f(a, b), strict=True):
            try:
                same_bits(got, ops[name][1](a, b))
            except AssertionError as error:
                raise AssertionError(f"{name} of {dtype}: {error}") from None


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
def test_exact_ops_give_numpys_bits_for_complex_numbers_of_special_values(dtype: str) -> None:
    parts = special_values({"complex64": "float32", "complex128": "float64"}[dtype])
    rng = np.random.default_rng(8)
    a, b = rng.choice(parts, (2, 3000, 2)).view(dtype)[..., 0]
    x, y = (TensorType(dtype, (False,))(name) for name in "xy")
    f = function([x, y], [symbolic(x, y) for symbolic, _ in WHOLE.values()])
    with np.errstate(all="ignore"):
        for name, got in zip(WHOLE, f(a, b), strict=True):
            wanted = np.asarray(WHOLE[name][1](a, b))
            assert got.dtype == wanted.dtype, name
            try:
                same_bits(np.real(got), np.real(wanted))
                same_bits(np.imag(got), np.imag(wanted))
            except AssertionError as error:
                raise AssertionError(f"{name} of {dtype}: {error}") from None


@pytest.mark.parametrize("dtype", ["bool", *INTEGERS, *FLOATS])
def test_casts_of_numbers_that_fit_give_numpys_bits(dtype: str) -> None:
    values = np.array([0, 1]) if dtype == "bool" else special_values(dtype)
    array = values.astype(dtype)
    targets = ["bool", *INTEGERS, *FLOATS, "complex64", "complex128"]
    x = TensorType(dtype, (False,))("x")
    results = function([x], [T.cast(x, target) for target in targets])(array)
    with np.errstate(all="ignore"):
        for target, got in zip(targets, results, strict=True):
            wanted = array.astype(target)
            if np.dtype(dtype).kind == "f" and target in INTEGERS:
                limits = np.iinfo(target)
                whole = np.trunc(array.astype("float64"))
                fits = (whole >= limits.min) & (whole < float(limits.max) + 1)
                above, below = got[whole > limits.max], got[whole < limits.min]
                assert (above == limits.max).all()
                assert (below == limits.min).all()
                assert (got[np.isnan(array)] == 0).all()
                got, wanted = got[fits], wanted[fits]
            if got.dtype.kind == "c":
                np.testing.assert_array_equal(got, wanted)
            else:
                same_bits(got, wanted)


def test_extrema_pass_nan_on_and_put_zeros_in_order() -> None:
    x, y = T.fvectors("x", "y")
    f = function([x, y], [T.maximum(x, y), T.minimum(x, y)])
    high, low = f(
        np.array([0.0, -0.0, np.nan, 1, np.inf], "f4"), np.array([-0.0, 0.0, 1, np.nan, 2], "f4")
    )
    same_bits(high, np.array([0.0, 0.0, np.nan, np.nan, np.inf], "f4"))
    same_bits(low, np.array([-0.0, -0.0, np.nan, np.nan, 2], "f4"))


def axis_subsets(rank: int) -> list[tuple[int, ...] | None]:
    axes = range(rank)
    return [None, *itertools.chain(*(itertools.combinations(axes, n) for n in range(rank + 1)))]


REDUCTIONS: list[tuple[Callable[..., Any], Callable[..., Any]]] = [
    (T.sum, np.sum),
    (T.prod, np.prod),
    (T.max, np.max),
    (T.min, np.min),
    (T.all, np.all),
    (T.any, np.any),
]


@pytest.mark.parametrize("dtype", ["int8", "int64", "uint32", "float32", "float64"])
def test_reductions_over_every_set_of_axes(dtype: str) -> None:
    """Of small whole numbers, whose sums and products are exact in any order."""
    x = TensorType(dtype, (False,) * 3)("x")
    cases = list(itertools.product(REDUCTIONS, axis_subsets(3), (False, True)))
    f = function([x], [ops[0](x, axis=axes, keepdims=keep) for ops, axes, keep in cases])
    rng = np.random.default_rng(5)
    for shape in [(2, 3, 4), (1, 5, 1), (9, 2, 11)]:
        array = rng.integers(0, 3, shape).astype(dtype)
        for (ops, axes, keep), got in zip(cases, f(array), strict=True):
            same_bits(got, ops[1](array, axis=axes, keepdims=keep))


def test_ties_and_nan_in_the_search_for_extrema() -> None:
    x = T.dmatrix("x")
    wanted: list[Callable[[Array], Any]] = [
        lambda a: a.argmax(1),
        lambda a: a.argmin(1),
        lambda a: a.argmax(),
        lambda a: a.argmin(0),
        lambda a: a.argmax(0),
    ]
    f = function([x], [one(x) for one in _searches()])
    rng = np.random.default_rng(6)
    choices = [0.0, -0.0, 1.0, -1.0, np.nan, np.inf, -np.inf]
    for _ in range(80):
        shape = tuple(rng.integers(1, 30, 2))
        array = rng.choice(choices, shape, p=[0.3, 0.3, 0.12, 0.12, 0.02, 0.07, 0.07])
        for number, (got, one) in enumerate(zip(f(array), wanted, strict=True)):
            np.testing.assert_array_equal(got, one(array), err_msg=f"{number}: {array}")


def _searches() -> list[Callable[[Any], Any]]:
    return [
        lambda x: T.argmax(x, axis=1),
        lambda x: T.argmin(x, axis=1),
        T.argmax,
        lambda x: T.argmin(x, axis=0),
        lambda x: T.argmax(x, axis=0),
    ]


NEUTRAL: list[Callable[..., Any]] = [np.sum, np.prod, np.all, np.any]
SEARCHES: list[tuple[Callable[..., Any], Callable[..., Any]]] = [
    (T.max, np.max),
    (T.argmin, np.argmin),
]


@pytest.mark.parametrize("axis", [None, 0, 1])
def test_reductions_of_nothing(axis: int | None) -> None:
    x = T.dmatrix("x")
    neutral = function([x], [T.sum(x, axis), T.prod(x, axis), T.all(x, axis), T.any(x, axis)])
    for shape in [(0, 3), (3, 0), (0, 0)]:
        array = np.zeros(shape)
        for got, op in zip(neutral(array), NEUTRAL, strict=True):
            same_bits(got, op(array, axis))
        for search, numpy in SEARCHES:
            f = function([x], search(x, axis))
            try:
                wanted = numpy(array, axis)
            except ValueError:
                with pytest.raises(ValueError, match="no elements"):
                    f(array)
            else:
                same_bits(f(array), wanted)
