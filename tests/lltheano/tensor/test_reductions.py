from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
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


@pytest.mark.parametrize("order", [0, 1, 2, 3, np.inf, -np.inf])
def test_norms(order: Any) -> None:
    x = T.dvector("x")
    values = ARRAY[0, 0]
    np.testing.assert_allclose(evaluate(x.norm(order), {x: values}), np.linalg.norm(values, order))


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
