"""Places and elements that satisfy a condition, compiled, against NumPy's."""

from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function, shared
from tests.lltheano.evaluation import assert_gradient, evaluate

DTYPES = [
    *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("float16", "float32", "float64"),
]


@pytest.mark.parametrize("dtype", DTYPES)
def test_nonzero_of_every_dtype(dtype: str, rng: np.random.Generator) -> None:
    x = T.TensorType(dtype, (False, False))("x")
    values = rng.integers(0, 2, (5, 7)).astype(dtype)
    indices = evaluate(list(T.nonzero(x)), {x: values})
    for found, wanted in zip(indices, values.nonzero(), strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_nonzero_of_special_values() -> None:
    x = T.dvector("x")
    values = [0.0, -0.0, np.nan, np.inf, 5e-324, 0.0]
    assert evaluate(T.flatnonzero(x), {x: values}).tolist() == [2, 3, 4]
    np.testing.assert_array_equal(
        evaluate(x.nonzero_values(), {x: values}), [np.nan, np.inf, 5e-324]
    )


@pytest.mark.parametrize("shape", [(0,), (1,), (5,), (3, 4), (0, 3), (3, 0), (2, 3, 4)])
def test_compiled_nonzero_of_every_rank(shape: Any, rng: np.random.Generator) -> None:
    x = T.TensorType("int32", (False,) * len(shape))("x")
    f = function([x], [*x.nonzero(), T.nonzero(x, return_matrix=True), T.nonzero_values(x)])
    for density in (0, 1, 2):
        values = (rng.integers(0, 2, shape) if density == 2 else np.full(shape, density)).astype(
            "int32"
        )
        *indices, matrix, elements = f(values)
        for found, wanted in zip(indices, values.nonzero(), strict=True):
            np.testing.assert_array_equal(found, wanted)
        np.testing.assert_array_equal(matrix, np.stack(values.nonzero()))
        np.testing.assert_array_equal(elements, values[values.nonzero()])


def test_compiled_places_across_words_and_layouts(rng: np.random.Generator) -> None:
    mask = T.TensorType("bool", (False,))("mask")
    f = function([mask], T.flatnonzero(mask))
    for size in (*range(20), 1000):
        for share in (0.02, 0.5, 1.0):
            values = rng.random(2 * size) < share
            for one in (values[:size], values[::2], values[::-1]):
                np.testing.assert_array_equal(f(one), np.flatnonzero(one))


def test_a_tensor_without_axes_has_no_indices() -> None:
    with pytest.raises(ValueError, match=r"s .*has no axes.*dimshuffle"):
        T.nonzero(T.dscalar("s"))


def test_sizes_that_hang_on_elements_are_checked_like_any_other() -> None:
    x, y = T.dvector("x"), T.dvector("y")
    state = shared(np.ones(2))
    total = T.nonzero_values(x) + y
    f = function([x, y], total, updates=[(state, total)])
    np.testing.assert_array_equal(f([0.0, 3.0, 4.0], [1.0, 1.0]), [4.0, 5.0])
    with pytest.raises(ValueError, match="sizes on axis 0, 1 and 2 differ"):
        f([0.0, 3.0, 0.0], [1.0, 1.0])
    np.testing.assert_array_equal(state.get_value(), [4.0, 5.0])
    assert f([0.0], []).shape == state.get_value().shape == (0,)


def test_the_number_of_places_is_a_size() -> None:
    x = T.ivector("x")
    f = function([x], [T.flatnonzero(x).shape[0], T.flatnonzero(x).sum()])
    assert [int(one) for one in f(np.array([0, 2, 0, 1], "int32"))] == [2, 4]


def test_the_gradient_goes_to_the_elements_that_were_taken() -> None:
    x = T.dmatrix("x")
    values = {x: np.array([[0.0, 2.0], [3.0, 0.0]])}
    cost = (T.nonzero_values(x) ** 2).sum()
    np.testing.assert_allclose(evaluate(T.grad(cost, x), values), 2 * values[x])
    inside = (x[x.nonzero()] ** 3).sum()
    assert_gradient(inside, values, x)


def test_bytes_of_bool_other_than_0_and_1_count_once() -> None:
    mask = T.vector("mask", dtype="bool")
    values = np.array([0, 2, 3, 255, 1, 0, 2, 2, 2, 2, 2, 2] * 20, dtype=np.uint8).view(bool)
    places = function([mask], mask.nonzero()[0])(values)
    np.testing.assert_array_equal(places, values.nonzero()[0])


@pytest.mark.parametrize("axis", [None, 0, 1, -1])
def test_compress(axis: Any, rng: np.random.Generator) -> None:
    x, condition = T.dmatrix("x"), T.TensorType("bool", (False,))("condition")
    f = function([condition, x], T.compress(condition, x, axis))
    values = rng.normal(size=(4, 3))
    for size in (0, 2, 3):
        mask = rng.random(size) < 0.7
        np.testing.assert_array_equal(f(mask, values), np.compress(mask, values, axis))
    too_long = np.ones(13, bool)
    with pytest.raises(IndexError, match="out of range"):
        f(too_long, values)
    with pytest.raises(ValueError, match="the condition of compress is a vector, got x"):
        T.compress(x, x)


def test_the_gradient_of_compress() -> None:
    x = T.dvector("x")
    slope = T.grad((T.constant([0, 1, 1]).compress(x) ** 2).sum(), x)
    assert evaluate(slope, {x: [1.0, 2.0, 3.0]}).tolist() == [0.0, 4.0, 6.0]
