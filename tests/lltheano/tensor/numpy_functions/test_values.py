"""Functions that NumPy names have its values, for all axes, ranks, sizes and special numbers."""

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function, grad
from lltheano.tensor.numpy_functions.quantiles import METHODS
from tests.lltheano.evaluation import evaluate, variable_for

Function = Callable[..., Any]
INF, NAN = math.inf, math.nan
NUMPY: Any = np
"""NumPy, whose stubs would have every call be one that they know."""
SPECIAL = np.array([-2.5, -1.0, -0.5, -0.0, 0.0, 0.25, 1.0, 1.5, 3.0, INF, -INF, NAN])


def check(symbolic: Function, numpys: Function, *given: Any, rtol: float = 1e-12) -> None:
    """A graph, interpreted and compiled, has NumPy's values and shape."""
    arrays = [np.asarray(one) for one in given]
    leaves = [variable_for(one) for one in arrays]
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wanted = numpys(*arrays)
        made = symbolic(*leaves)
        several = isinstance(wanted, tuple | list)
        results = list(made) if several else [made]
        interpreted = evaluate(results, dict(zip(leaves, arrays, strict=True)))
        compiled = function(leaves, results, on_unused_input="ignore")(*arrays)
    for one, other, value in zip(
        interpreted, compiled, wanted if several else [wanted], strict=True
    ):
        for found in (one, other):
            assert found.shape == np.shape(value)
            np.testing.assert_allclose(found, value, rtol=rtol, atol=1e-12)


@pytest.mark.parametrize(
    "name",
    [
        *("logaddexp", "logaddexp2", "hypot", "fmax", "fmin", "fmod", "float_power", "heaviside"),
        *("logical_and", "logical_or", "logical_xor"),
    ],
)
def test_functions_of_all_pairs_of_special_numbers(name: str) -> None:
    left = SPECIAL[:, None] * np.ones((1, SPECIAL.size))
    check(getattr(T, name), getattr(np, name), left, SPECIAL)


@pytest.mark.parametrize("dtype", ["int8", "int64", "uint8"])
def test_the_remainder_of_integers_has_the_sign_of_the_dividend(dtype: str) -> None:
    numbers = np.arange(-4, 5).astype(dtype)
    left = numbers[:, None] * np.ones((1, 9), dtype)
    check(T.fmod, np.fmod, left, numbers)
    x, y = T.vectors("x", "y", dtype=dtype)
    assert T.fmod(x, y).dtype == dtype


@pytest.mark.parametrize("name", ["logical_not", "isfinite", "isposinf", "isneginf", "nan_to_num"])
def test_functions_of_special_numbers(name: str) -> None:
    check(getattr(T, name), getattr(np, name), SPECIAL)
    check(getattr(T, name), getattr(np, name), np.array([0, 3, -1]))


def test_stable_sums_of_exponentials_far_out() -> None:
    x, y = T.dscalars("x", "y")
    result = T.logaddexp(x, y)
    slopes = function([x, y], [result, *grad(result, [x, y])])
    for a, b, wanted in [
        (1e4, -1e4, (1e4, 1, 0)),
        (-1e4, 1e4, (1e4, 0, 1)),
        (1e4, 1e4, (1e4 + math.log(2), 0.5, 0.5)),
        (-1e4, -1e4, (-1e4 + math.log(2), 0.5, 0.5)),
        (-INF, 3.0, (3.0, 0, 1)),
        (-INF, -INF, (-INF, 0.5, 0.5)),
    ]:
        np.testing.assert_allclose([float(one) for one in slopes(a, b)], wanted, rtol=1e-14)


def holes(rng: np.random.Generator) -> Any:
    array = rng.normal(size=(4, 5, 3))
    array[0, 1, 2] = array[2] = array[1, :, 0] = NAN
    return array


@pytest.mark.parametrize("axis", [None, 0, 1, -1, (0, 2), (0, 1, 2)], ids=str)
@pytest.mark.parametrize(
    "name",
    ["nansum", "nanprod", "nanmax", "nanmin", "nanmean", "nanvar", "nanstd", "nanmedian"],
)
def test_reductions_without_nan(name: str, axis: Any, rng: np.random.Generator) -> None:
    for keepdims in (False, True):
        check(
            lambda x, keep=keepdims: getattr(T, name)(x, axis=axis, keepdims=keep),
            lambda x, keep=keepdims: getattr(np, name)(x, axis=axis, keepdims=keep),
            holes(rng),
        )


NUMBERS = ("nansum", "nanprod", "nanmean")
REAL_NUMBERS = (*NUMBERS, "nanvar", "nanmax")


@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        *((name, dtype) for name in REAL_NUMBERS for dtype in ("float32", "float16", "int8")),
        *((name, dtype) for name in NUMBERS for dtype in ("bool", "complex64")),
    ],
)
def test_reductions_without_nan_of_other_dtypes(name: str, dtype: str) -> None:
    values = np.array([[1, 0, 1], [1, 1, 1]]).astype(dtype)
    x = T.matrix("x", dtype=dtype)
    plain = getattr(T, name.removeprefix("nan"))
    assert getattr(T, name)(x, axis=0).dtype == plain(x, axis=0).dtype
    check(
        lambda x: getattr(T, name)(x, axis=1),
        lambda x: getattr(np, name)(x, axis=1),
        values,
        rtol=1e-3,
    )


@pytest.mark.parametrize("axis", [None, 0, 2])
@pytest.mark.parametrize("name", ["nancumsum", "nancumprod"])
def test_running_totals_without_nan(name: str, axis: Any, rng: np.random.Generator) -> None:
    check(lambda x: getattr(T, name)(x, axis), lambda x: getattr(np, name)(x, axis), holes(rng))


def test_places_of_extrema_without_nan() -> None:
    values = np.array([[1, NAN, 3], [NAN, 2, NAN]])
    for name in ("nanargmax", "nanargmin"):
        check(lambda x, n=name: getattr(T, n)(x, 1), lambda x, n=name: getattr(np, n)(x, 1), values)
        with pytest.raises(ValueError, match=f"{name}: all elements are NaN"):
            getattr(T, name)(T.constant([NAN, NAN])).eval()


def test_nan_has_no_gradient_and_hides_none() -> None:
    x = T.dmatrix("x")
    point = np.array([[1.0, NAN, 3.0], [NAN, NAN, NAN], [1.0, 2.0, 4.0]])
    for name in ("nansum", "nanmean", "nanvar", "nanmax", "nanmin", "nanprod"):
        result = getattr(T, name)(x, axis=1)
        slope = evaluate(grad(T.nansum(result), x), {x: point})
        assert not slope[np.isnan(point)].any(), name
        assert np.isfinite(slope).all(), name


QS: list[Any] = [0.0, 0.1, 0.25, 1 / 3, 0.5, 0.9, 1.0, [0.0, 0.2, 1.0], [[0.1, 0.2], [0.3, 0.4]]]


@pytest.mark.parametrize("method", METHODS)
def test_quantiles_by_every_method(method: str, rng: np.random.Generator) -> None:
    data, counts = rng.normal(size=(4, 7, 3)), rng.integers(0, 9, size=(4, 7))
    leaf, whole, torn = variable_for(data), variable_for(counts), variable_for(holes(rng))
    absent = holes(rng)
    given = {leaf: data, whole: counts, torn: absent}
    made, wanted = [], []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for q in QS:
            for axis in (None, 1, (0, 2)):
                made.append(T.quantile(leaf, q, axis, method, keepdims=axis == 1))
                wanted.append(NUMPY.quantile(data, q, axis, method=method, keepdims=axis == 1))
            made += [T.quantile(whole, q, 1, method), T.quantile(torn, q, 1, method)]
            wanted += [
                NUMPY.quantile(counts, q, 1, method=method),
                NUMPY.quantile(absent, q, 1, method=method),
            ]
            made.append(T.nanquantile(torn, q, 1, method))
            wanted.append(NUMPY.nanquantile(absent, q, 1, method=method))
    for found, value in zip(evaluate(made, given), wanted, strict=True):
        assert found.shape == np.shape(value)
        np.testing.assert_allclose(found, value, rtol=1e-12, atol=1e-14)


def test_percentiles_and_what_quantiles_refuse() -> None:
    x = T.dvector("x")
    values = np.array([3.0, 1.0, 2.0, 10.0])
    check(lambda x: T.percentile(x, [25, 75]), lambda x: np.percentile(x, [25, 75]), values)
    check(T.quantile, np.quantile, values, 0.3)
    with pytest.raises(ValueError, match=r"quantile has methods inverted_cdf, .*, got 'middle'"):
        T.quantile(x, 0.5, method="middle")
    with pytest.raises(ValueError, match="percentile: q must lie from 0 to 100"):
        T.percentile(x, 101)
    q = T.dscalar("q")
    with pytest.raises(ValueError, match="q must lie from 0 to 1"):
        function([x, q], T.quantile(x, q))(values, 1.5)
    with pytest.raises(ValueError, match="quantile of no elements"):
        function([x], T.quantile(x, 0.5))([])
    with pytest.raises(TypeError, match="complex numbers have no order"):
        T.quantile(T.zvector("z"), 0.5)


PLACES, VALUES = np.array([0.0, 1, 1, 2.5, 4]), np.array([1.0, 3, -1, 2, 7])
POINTS = np.array([-1, 0, 0.5, 1, 1.7, 2.5, 4, 5, NAN, INF, -INF])


@pytest.mark.parametrize(
    ("places", "values", "options"),
    [
        (PLACES, VALUES, {}),
        (PLACES, VALUES, {"left": -9.0, "right": 99.0}),
        (PLACES[:1], VALUES[:1], {}),
        (PLACES, VALUES + 1j, {}),
        (np.array([0, 1, INF]), np.array([1.0, 1, 1]), {}),
        (np.array([0.0, 1, 2]), np.array([1.0, INF, 2]), {}),
    ],
    ids=str,
)
def test_piecewise_linear_functions(places: Any, values: Any, options: Any) -> None:
    check(
        lambda *given: T.interp(*given, **options), lambda *given: NUMPY.interp(*given, **options),
        POINTS, places, values,
    )  # fmt: skip


def test_piecewise_linear_functions_that_repeat_themselves() -> None:
    check(
        lambda x, xp, fp: T.interp(x, xp, fp, period=3),
        lambda x, xp, fp: NUMPY.interp(x, xp, fp, period=3),
        POINTS[:8], np.array([2.0, 0.5, 1]), VALUES[:3],
    )  # fmt: skip
    with pytest.raises(ValueError, match="interp: 2 places for 3 values"):
        T.interp(0.5, T.constant([1.0, 2.0]), T.constant([1.0, 2.0, 3.0])).eval()
    with pytest.raises(ValueError, match="interp takes points as two vectors"):
        T.interp(0.5, T.dmatrix("p"), [1.0])


def test_areas(rng: np.random.Generator) -> None:
    data, places = rng.normal(size=(4, 7, 3)), rng.normal(size=7)
    check(T.trapezoid, np.trapezoid, data)
    check(lambda y: T.trapezoid(y, dx=0.5, axis=0), lambda y: np.trapezoid(y, dx=0.5, axis=0), data)
    check(
        lambda y, x: T.trapezoid(y, x, axis=1), lambda y, x: np.trapezoid(y, x, axis=1),
        data, places,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        (name, shape)
        for name in ("hstack", "vstack", "dstack", "column_stack")
        for shape in ((), (3,), (2, 3), (2, 3, 4), (0, 3))
        if (name, shape) != ("column_stack", ())  # NumPy's columns are of vectors
    ],
    ids=str,
)
def test_stacks(name: str, shape: Any, rng: np.random.Generator) -> None:
    both = rng.normal(size=shape), rng.normal(size=shape)
    stacked = getattr(np, name)
    check(lambda x, y: getattr(T, name)([x, y]), lambda x, y: stacked([x, y]), *both)
    with pytest.raises(TypeError, match=f"{name} takes a list of tensors"):
        getattr(T, name)(T.dmatrix("x"))


@pytest.mark.parametrize("name", ["atleast_1d", "atleast_2d", "atleast_3d"])
def test_more_axes(name: str, rng: np.random.Generator) -> None:
    for shape in [(), (3,), (2, 3), (2, 3, 4), (1, 2, 3, 4)]:
        check(getattr(T, name), getattr(np, name), rng.normal(size=shape))
    check(getattr(T, name), getattr(np, name), 1.0, rng.normal(size=(2, 3)))


def test_one_shape_for_several(rng: np.random.Generator) -> None:
    check(T.broadcast_arrays, np.broadcast_arrays, rng.normal(size=(4, 1)), rng.normal(size=3))
    check(T.append, np.append, rng.normal(size=(2, 2)), 3.0)
    with pytest.raises(ValueError, match="broadcast_arrays: sizes on axis 0 differ"):
        T.broadcast_arrays(T.zeros(3), T.zeros(4))


@pytest.mark.parametrize("k", range(-4, 5))
def test_turns(k: int, rng: np.random.Generator) -> None:
    data = rng.normal(size=(2, 3, 4))
    check(lambda x: T.rot90(x, k), lambda x: np.rot90(x, k), data)
    check(lambda x: T.rot90(x, k, (2, 0)), lambda x: np.rot90(x, k, (2, 0)), data)


def test_members() -> None:
    numbers = np.arange(12).reshape(3, 4)
    for among in ([1, 5, 30], [], [[1, 2], [2, 1]]):
        given = np.array(among, dtype=np.int64)
        check(T.isin, np.isin, numbers, given)
        check(
            lambda x, y: T.isin(x, y, invert=True), lambda x, y: np.isin(x, y, invert=True),
            numbers, given,
        )  # fmt: skip
    check(T.isin, np.isin, SPECIAL, np.array([1, NAN, INF]))
    check(lambda x: T.count_nonzero(x, 1), lambda x: np.count_nonzero(x, 1), numbers % 3)


def test_picks_along_an_axis(rng: np.random.Generator) -> None:
    data = rng.normal(size=(4, 7, 3))
    for one in (data, data[:1]):
        for index in (np.argsort(one, 1), np.argmax(one, 1, keepdims=True)):
            check(
                lambda x, i: T.take_along_axis(x, i, 1), lambda x, i: np.take_along_axis(x, i, 1),
                one, index,
            )  # fmt: skip


@pytest.mark.parametrize("size", [0, 5, 6])
def test_sections(size: int) -> None:
    data = np.arange(size * 2.0).reshape(size, 2)
    for where in (1, 2, 4, [1, 3], [0, 9], [-2]):
        check(lambda x, w=where: T.array_split(x, w), lambda x, w=where: np.array_split(x, w), data)
    check(lambda x: T.hsplit(x, 2), lambda x: np.hsplit(x, 2), data)
    check(lambda x: T.vsplit(x, [1]), lambda x: np.vsplit(x, [1]), data)
    with pytest.raises(ValueError, match="vsplit: size 5 of axis 0 is no multiple of 2"):
        T.vsplit(T.constant(np.zeros((5, 2))), 2)[0].eval()


def test_parts_replaced_and_increased() -> None:
    x = T.dvector("x")
    given = {x: np.array([1.0, 2.0, 3.0])}
    assert evaluate(x[1:].set(0), given).tolist() == [1, 0, 0]
    assert evaluate(x[[0, 0]].inc(5), given).tolist() == [11, 2, 3]
    with pytest.raises(TypeError, match="take an indexing expression such as"):
        x.set(1)


def test_matrices_of_a_stack_are_transposed(rng: np.random.Generator) -> None:
    check(lambda x: x.mT, lambda x: x.mT, rng.normal(size=(2, 3, 4)))
    with pytest.raises(ValueError, match=r"mT: .*needs at least 2 axes, got x"):
        T.dvector("x").mT  # noqa: B018 - the property is what is tested
