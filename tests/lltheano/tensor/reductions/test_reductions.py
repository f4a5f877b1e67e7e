import warnings
from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function, scalar
from lltheano.tensor.reducers.ops import All, Any as AnyOf, CAReduceDtype, Prod
from lltheano_ir.ops.definition import ExecutionError
from tests.lltheano.evaluation import evaluate

ARRAY = np.random.default_rng(1).normal(size=(3, 4, 5))
AXES = [None, 0, 1, -1, (0, 1), (1, 2), (0, 2), [0, 1, 2], ()]


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize("name", ["sum", "prod", "mean", "var", "std", "max", "min"])
def test_reductions_along_every_axis(name: Any, axis: Any, keepdims: Any) -> None:
    x = T.dtensor3("x")
    along = tuple(axis) if isinstance(axis, list) else axis
    wanted = getattr(np, name)(ARRAY, axis=along, keepdims=keepdims)
    for found in (getattr(T, name), lambda x, **o: getattr(x, name)(**o)):
        value = evaluate(found(x, axis=axis, keepdims=keepdims), {x: ARRAY})
        np.testing.assert_allclose(value, wanted, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("axis", [None, 0, (0, 2), (2, 0), (1, 2)])
@pytest.mark.parametrize("name", ["argmax", "argmin"])
def test_places_count_in_row_major_order(name: Any, axis: Any) -> None:
    x = T.dtensor3("x")
    axes = (0, 1, 2) if axis is None else tuple(np.atleast_1d(axis) % 3)
    kept = [one for one in range(3) if one not in axes]
    moved = ARRAY.transpose([*kept, *sorted(axes)]).reshape([ARRAY.shape[k] for k in kept] + [-1])
    wanted = getattr(np, name)(moved, axis=-1)
    found = evaluate(getattr(T, name)(x, axis=axis), {x: ARRAY})
    np.testing.assert_array_equal(found, wanted)


def test_places_of_ties_and_nan() -> None:
    x = T.dvector("x")
    assert evaluate(T.argmax(x), {x: [1.0, 3.0, 3.0]}) == 1
    assert evaluate(T.argmin(x), {x: [1.0, np.nan, 0.0]}) == 1
    assert evaluate(x.argmax(keepdims=True), {x: [1.0, 3.0]}).tolist() == [1]
    scalar = T.dscalar("s")
    assert evaluate(T.argmax(scalar), {}) == 0


def test_max_and_argmax() -> None:
    x = T.dmatrix("x")
    greatest, place = T.max_and_argmax(x, axis=1)
    found = evaluate([greatest, place], {x: ARRAY[0]})
    np.testing.assert_array_equal(found[0], ARRAY[0].max(1))
    np.testing.assert_array_equal(found[1], ARRAY[0].argmax(1))


def test_truth() -> None:
    x = T.imatrix("x")
    values = np.array([[0, 1, 2], [0, 0, 0]], "int32")
    np.testing.assert_array_equal(evaluate(T.any(x, axis=1), {x: values}), [True, False])
    np.testing.assert_array_equal(evaluate(x.all(axis=0), {x: values}), [False] * 3)


def test_sums_of_small_integers_do_not_overflow() -> None:
    x = T.bvector("x")
    values = np.full(100, 100, "int8")
    assert evaluate(x.sum(), {x: values}) == 10000
    assert evaluate(x.sum(dtype="int8"), {x: values}) == np.int64(10000).astype("int8")


def test_half_precision_is_accumulated_in_single() -> None:
    x = T.vector("x", dtype="float16")
    values = np.full(4000, 1, "float16")
    assert evaluate(x.sum(), {x: values}) == 4000
    assert evaluate(x.mean(), {x: values}) == 1


def test_accumulator_and_result_dtypes_can_be_named() -> None:
    x = T.fvector("x")
    values = np.array([2.0**25, 1.0, 1.0], "float32")
    assert evaluate(x.sum(acc_dtype="float64"), {x: values}) == np.float32(2**25 + 2)
    assert evaluate(x.sum(dtype="float64"), {x: values}) == 2**25 + 2


def test_nothing_sums_to_zero_and_has_no_maximum() -> None:
    x = T.dvector("x")
    assert evaluate([x.sum(), x.prod()], {x: []}) == [0, 1]
    with np.errstate(all="ignore"):
        assert np.isnan(evaluate(x.mean(), {x: []}))
    with pytest.raises(ExecutionError):
        evaluate(x.max(), {x: []})


def test_spread_with_degrees_of_freedom() -> None:
    x = T.dmatrix("x")
    values = ARRAY[0]
    np.testing.assert_allclose(evaluate(x.var(1, ddof=1), {x: values}), values.var(1, ddof=1))
    np.testing.assert_allclose(evaluate(x.std(0, corrected=True), {x: values}), values.std(0))
    np.testing.assert_allclose(evaluate(T.ptp(x, 1), {x: values}), np.ptp(values, 1))


def test_logsumexp_does_not_overflow() -> None:
    x = T.dmatrix("x")
    values = np.array([[1000.0, 1000.0], [-1000.0, 0.0]])
    found = evaluate(T.logsumexp(x, axis=1), {x: values})
    np.testing.assert_allclose(found, [1000 + np.log(2), 0])
    assert T.logsumexp(x, axis=1, keepdims=True).broadcastable == (False, True)


@pytest.mark.parametrize("axis", [3, -4, (0, 3)])
def test_axes_that_do_not_exist(axis: Any) -> None:
    with pytest.raises(ValueError, match=r"x .* has 3 axes and no axis"):
        T.dtensor3("x").sum(axis=axis)


def test_other_wrong_axes() -> None:
    x = T.dtensor3("x")
    with pytest.raises(ValueError, match="named twice"):
        x.sum(axis=(0, -3))
    with pytest.raises(TypeError, match="must be a Python int"):
        x.sum(axis=0.5)
    with pytest.raises(TypeError, match="complex numbers have no order"):
        T.zvector("z").max()
    with pytest.raises(TypeError, match="cannot be reduced to float64"):
        T.zvector("z").sum(dtype="float64")
    assert x.sum(axis=T.constant(1)).ndim == 2


DTYPES = [
    *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("float16", "float32", "float64"),
]
EXACT = ["sum", "prod", "max", "min", "any", "all", "argmax", "argmin"]
ROUNDED = ["mean", "var", "std"]


def sample(dtype: str, shape: Any) -> Any:
    """Small elements, with ties, negative ones where there are."""
    low = 0 if dtype[0] in "bu" else -3
    return np.random.default_rng(8).integers(low, 4, shape).astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_reduction_of_every_dtype(dtype: Any) -> None:
    x = T.TensorType(dtype, (False, False))("x")
    values = sample(dtype, (4, 7))
    f = function([x], [getattr(T, name)(x, axis=1) for name in (*EXACT, *ROUNDED)])
    for one in (values, values[::-1, ::2], values.T):
        for name, found in zip((*EXACT, *ROUNDED), f(one), strict=True):
            wanted = getattr(np, name)(one, axis=1)
            assert found.dtype == wanted.dtype, name
            rounding = 0 if name in EXACT else 2 * float(np.finfo(wanted.dtype).eps)
            np.testing.assert_allclose(found, wanted, rtol=rounding, atol=rounding, err_msg=name)


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("name", [*EXACT, "mean", "ptp", "median"])
def test_reductions_of_nothing(name: Any, keepdims: bool) -> None:
    """As in NumPy: a neutral element, a NaN, or an error when it runs."""
    x = T.dmatrix("x")
    options = {} if name == "ptp" else {"keepdims": keepdims}
    f = function([x], getattr(T, name)(x, axis=1, **options))
    values = np.zeros((3, 0))
    if name in ("max", "min", "argmax", "argmin", "ptp"):
        with pytest.raises(ValueError, match="no elements"):
            f(values)
    else:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            wanted = getattr(np, name)(values, axis=1, **options)
        np.testing.assert_array_equal(f(values), wanted)
    assert f(np.zeros((0, 3))).shape == ((0, 1) if options.get("keepdims") else (0,))


@pytest.mark.parametrize("name", ["sum", "prod", "mean"])
@pytest.mark.parametrize(
    ("dtype", "result", "inner"),
    [
        ("int8", "int8", None),
        ("int8", "float32", None),
        ("uint8", None, "float64"),
        ("float32", "float64", None),
        ("float32", None, "float64"),
        ("float64", "float32", "float64"),
        ("float16", None, None),
        ("bool", "int32", None),
    ],
)
def test_dtypes_of_result_and_accumulator(name: Any, dtype: Any, result: Any, inner: Any) -> None:
    x = T.TensorType(dtype, (False, False))("x")
    values = sample(dtype, (3, 5))
    reduced = getattr(T, name)(x, axis=0, dtype=result, acc_dtype=inner)
    found = function([x], reduced)(values)
    wanted = getattr(np, name)(values.astype("float64"), axis=0)
    tolerance = 2e-3 if found.dtype == np.float16 else 1e-6
    np.testing.assert_allclose(found, wanted, rtol=tolerance, atol=tolerance)
    if name != "mean":
        assert reduced.dtype == (result or getattr(np, name)(values, axis=0).dtype)


@pytest.mark.parametrize("name", ["sum", "prod", "mean"])
@pytest.mark.parametrize("axis", [0, 1, None])
def test_a_wide_accumulator_is_used(name: Any, axis: Any, rng: np.random.Generator) -> None:
    """Results are those of float64, rounded once; of integers too large for float32 as well."""
    x, k = T.fmatrix("x"), T.lmatrix("k")
    values = (rng.random((300, 200)) / 100 + 1).astype("float32")
    exact = getattr(np, name)(values, axis=axis, dtype="float64")
    found = function([x], getattr(T, name)(x, axis=axis, acc_dtype="float64"))(values)
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(found, exact.astype("float32"))
    if name == "sum":
        large = np.full((4, 4), 2**24 + 1)
        counted = function([k], T.sum(k, axis=axis, dtype="float32", acc_dtype="int64"))(large)
        np.testing.assert_array_equal(counted, large.sum(axis=axis).astype("float32"))


def test_means_and_spreads_do_not_overflow_on_the_way() -> None:
    """Sums of float16 and of their squares exceed its range; the results do not."""
    x, wide = T.TensorType("float16", (False,))("x"), T.fvector("wide")
    values = np.array([60000, 50000, -60000, 10000], "float16")
    exact = values.astype("float64")
    results = [x.mean(), T.mean(x, dtype="float16"), x.std(), T.mean(wide, dtype="float16")]
    found = function([x, wide], results)(values, values.astype("float32"))
    assert [one.dtype for one in found] == ["float16"] * 4
    wanted = [exact.mean(), exact.mean(), exact.std(), exact.mean()]
    np.testing.assert_array_equal(found, np.array(wanted, "float16"))
    large = np.full(100, 3e38, "float32")
    average = function([wide], T.mean(wide, acc_dtype="float64"))(large)
    assert average.dtype == "float32"
    np.testing.assert_array_equal(average, large[0])


def test_gradients_of_broadcast_float16_are_added_in_float32() -> None:
    x, bias = (T.TensorType("float16", (False,) * rank)() for rank in (2, 1))
    slope = T.grad((x * bias).sum(dtype="float32"), bias)
    found = function([x, bias], slope)(np.full((3000, 2), 0.1, "float16"), np.ones(2, "float16"))
    assert found.dtype == "float16"
    np.testing.assert_allclose(found, 300, rtol=1e-3)


def test_sums_of_many_small_integers_do_not_wrap_around() -> None:
    x = T.bvector("x")
    f = function([x], [T.sum(x), T.sum(x, dtype="int8"), T.mean(x)])
    total, wrapped, average = f(np.full(1000, 100, "int8"))
    assert (int(total), int(wrapped), float(average)) == (100_000, -96, 100.0)


@pytest.mark.parametrize("ddof", [0, 1, 4, 5, 6])
@pytest.mark.parametrize("name", ["var", "std"])
def test_spreads_with_few_elements(name: Any, ddof: int) -> None:
    x = T.dmatrix("x")
    values = ARRAY[:, :, 0].T
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wanted = getattr(np, name)(values, axis=0, ddof=ddof)
        found = evaluate(getattr(T, name)(x, axis=0, ddof=ddof), {x: values})
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


def test_a_corrected_variance_is_closer() -> None:
    x = T.fvector("x")
    values = (np.arange(1000) % 7 + 1e4).astype("float32")
    exact = values.astype("float64").var()
    plain, corrected = (float(function([x], T.var(x, corrected=c))(values)) for c in (False, True))
    assert abs(corrected - exact) <= abs(plain - exact)
    assert corrected == pytest.approx(exact, rel=1e-5)


@pytest.mark.parametrize("order", [0, 1, 2, 3, 0.5, -1, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", ["int32", "float32", "float64"])
def test_norms(order: Any, dtype: Any) -> None:
    x = T.TensorType(dtype, (False, False))("x")
    values = np.array([[3, -4, 1], [2, 5, -6]], dtype)
    found = evaluate([T.norm(x, order, 1), x.norm(order)], {x: values})
    np.testing.assert_allclose(found[0], np.linalg.norm(values, order, 1), rtol=1e-6)
    np.testing.assert_allclose(found[1], np.linalg.norm(values.ravel(), order), rtol=1e-6)


def test_logsumexp_of_infinities() -> None:
    x = T.dmatrix("x")
    inf = np.inf
    values = [[-inf, -inf], [inf, 1.0], [-inf, 3.0], [np.nan, inf], [1e4, 1e4]]
    found = function([x], T.logsumexp(x, axis=1))(values)
    np.testing.assert_allclose(found, [-inf, inf, 3.0, np.nan, 1e4 + np.log(2)])
    ints = T.ivector("i")
    assert evaluate(T.logsumexp(ints), {ints: [1, 1]}) == pytest.approx(1 + np.log(2))


@pytest.mark.parametrize("axis", [None, 0, 1])
def test_the_plain_logarithm_of_a_sum_of_exponentials(axis: Any) -> None:
    """Compiled code shifts it, and knows the sum of nothing."""
    x = T.dmatrix("x")
    f = function([x], T.log(T.sum(T.exp(x), axis)))
    np.testing.assert_allclose(f(ARRAY[0] + 1e3), 1e3 + np.log(np.sum(np.exp(ARRAY[0]), axis)))
    assert (f(np.zeros((2, 0) if axis == 1 else (0, 2))) == -np.inf).all()


def test_nan_in_every_reduction() -> None:
    x = T.dmatrix("x")
    values = np.array([[1.0, np.nan, 0.0], [np.nan, np.nan, 2.0], [1.0, 2.0, 2.0]])
    names = ["sum", "prod", "mean", "var", "max", "min", "any", "all", "argmax", "argmin", "median"]
    f = function([x], [getattr(T, name)(x, axis=1) for name in names])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, found in zip(names, f(values), strict=True):
            np.testing.assert_array_equal(found, getattr(np, name)(values, axis=1), err_msg=name)


@pytest.mark.parametrize("promise", [False, True])
def test_the_gradient_of_a_product_with_zeros_and_without(promise: bool) -> None:
    x = T.dmatrix("x")
    values = np.array([[2.0, 3.0, 4.0], [5.0, 0.0, 2.0], [0.0, 0.0, 3.0]])
    slope = T.grad(T.prod(x, axis=1, no_zeros_in_input=promise).sum(), x)
    with np.errstate(all="ignore"):
        found = evaluate(slope, {x: values})
    rows = 1 if promise else 3
    wanted = [[12, 8, 6], [0, 10, 0], [0, 0, 0]]
    np.testing.assert_array_equal(found[:rows], wanted[:rows])


def test_the_gradient_of_an_extremum_goes_to_every_tie() -> None:
    x = T.dvector("x")
    assert evaluate(T.grad(T.max(x), x), {x: [1.0, 3.0, 3.0]}).tolist() == [0, 1, 1]
    assert evaluate(T.grad(T.min(x), x), {x: [1.0, 3.0, 1.0]}).tolist() == [1, 0, 1]


def test_theanos_classes() -> None:
    x = T.bmatrix("x")
    made = [T.sum(x), T.all(x), T.prod(x, 0), T.max(x)]
    values = sample("int8", (3, 4))
    ops = {
        T.Sum(axis=0): values.sum(0),
        T.Sum(dtype="float32"): values.sum(dtype="float32"),
        Prod(axis=[1]): values.prod(1),
        All(axis=1): values.all(1),
        AnyOf(): values.any(),
        T.CAReduce(T.maximum, axis=-1): values.max(1),
        T.CAReduce(scalar.add, axis=0): values.sum(0, dtype="int8"),
        T.CAReduce(T.or_, axis=(0, 1)): np.bitwise_or.reduce(values.ravel()),
        CAReduceDtype(T.mul, axis=0, acc_dtype="int32"): values.prod(0),
    }
    found = function([x], [op(x) for op in ops])(values)
    for one, wanted in zip(found, ops.values(), strict=True):
        np.testing.assert_array_equal(one, wanted)
        assert one.dtype == wanted.dtype
    found_ops: list[Any] = [one.owner.op for one in made if one.owner is not None]
    assert list(map(isinstance, found_ops, (T.Sum, All, Prod, T.CAReduce))) == [True] * 4
    assert found_ops[-1].scalar_op is scalar.maximum
    assert T.Sum(0) == T.Sum(0) != T.Sum(1)
    assert len({T.Sum(0), T.Sum(0), CAReduceDtype(T.add, 0)}) == 2
    assert str(T.Sum((0, 1))) == "Sum{axis=[0, 1]}"


def test_what_cannot_be_reduced_is_refused() -> None:
    x, z = T.dmatrix("x"), T.zvector("z")
    with pytest.raises(TypeError, match=r"CAReduce combines by add, mul, .* got sub"):
        T.CAReduce(T.sub)
    with pytest.raises(ValueError, match=r"x .* has 2 axes and no axis 2"):
        T.sum(x, axis=2)
    with pytest.raises(ValueError, match=r"x .* is named twice in \(0, -2\)"):
        T.max(x, axis=(0, -2))
    with pytest.raises(TypeError, match=r"an axis of x .* must be a Python int, got 0.5"):
        T.mean(x, axis=0.5)
    with pytest.raises(TypeError, match="complex numbers have no order, got z"):
        T.max(z)
    with pytest.raises(TypeError, match=r"z .*is complex and cannot be reduced to float64"):
        T.sum(z, dtype="float64")
    with pytest.raises(TypeError, match="only bool and integers have bits, got x"):
        T.CAReduce(T.and_)(x)
