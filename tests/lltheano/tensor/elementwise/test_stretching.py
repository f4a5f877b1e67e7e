"""Sizes that turn out to be 1 when the function runs, where NumPy repeats them: values written to
parts, index arrays, choices, allocated values; and what is written in another dtype.
"""

from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function
from lltheano.tensor.variables.promotion import DTYPES, is_complex
from lltheano.tensor.variables.variable import TensorType
from tests.lltheano.evaluation import evaluate, numeric_gradient

X = np.arange(12.0).reshape(3, 4)
PARTS: dict[str, Any] = {
    "slices": np.s_[:, :2],
    "steps backwards": np.s_[::-1, 1:3],
    "all": np.s_[:],
    "a row": np.s_[1],
    "rows": np.s_[[0, 2]],
    "a row twice": np.s_[[0, 0]],
    "columns": np.s_[:, [0, 3]],
    "rows of a slice": np.s_[[0, 2], 1:3],
    "elements": np.s_[[0, 2, 1], [1, 1, 0]],
    "a mask": X > 4,
    "rows by a mask": np.array([True, False, True]),
    "a new axis": np.s_[:, None],
}


def shapes(part: Any) -> list[tuple[int, ...]]:
    """The shape of the part, and all that come of it by sizes of 1."""
    choices = [sorted({1, size}) for size in part.shape]
    return [tuple(one) for one in np.stack(np.meshgrid(*choices), -1).reshape(-1, part.ndim)]


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("adds", [False, True])
@pytest.mark.parametrize("name", PARTS)
def test_values_of_size_one(
    name: str, adds: bool, compiled: bool, rng: np.random.Generator
) -> None:
    x, where = T.dmatrix("x"), PARTS[name]
    write = T.inc_subtensor if adds else T.set_subtensor
    y = TensorType("float64", (False,) * X[where].ndim)("y")
    result = write(x[where], y)
    cost = (result**2).sum()
    slope = T.grad(cost, y)
    run = function([x, y], [result, slope]) if compiled else None
    for shape in shapes(X[where]):
        value = rng.normal(size=shape)
        wanted = X.copy()
        if adds:
            np.add.at(wanted, where, value)
        else:
            wanted[where] = value
        found, on_value = run(X, value) if run else evaluate([result, slope], {x: X, y: value})
        np.testing.assert_array_equal(found, wanted)
        assert on_value.shape == shape
        if not compiled:
            numeric = numeric_gradient(cost, {x: X, y: value}, y)
            np.testing.assert_allclose(on_value, numeric, rtol=1e-6, atol=1e-6)


def test_other_forms_of_parts(rng: np.random.Generator) -> None:
    x, y, column = T.dmatrix("x"), T.dmatrix("y"), rng.normal(size=(2, 1))
    reshaped = T.set_subtensor(x[:2].reshape((4, 2)), y)
    wanted = X.copy()
    wanted[:2] = np.broadcast_to(column[:1], (4, 2)).reshape(2, 4)
    np.testing.assert_array_equal(evaluate(reshaped, {x: X, y: column[:1]}), wanted)
    turned = T.inc_subtensor(x[:, :2].T, y)
    wanted = X.copy()
    wanted[:, :2] += column.T
    np.testing.assert_array_equal(evaluate(turned, {x: X, y: column}), wanted)
    once = T.inc_subtensor(x[[0, 0]], y, ignore_duplicates=True)
    wanted = X.copy()
    wanted[0] += 5
    np.testing.assert_array_equal(evaluate(once, {x: X, y: [[5.0]]}), wanted)


@pytest.mark.parametrize("shape", [(2, 2), (3, 3), (0, 4), (3, 0)])
def test_other_sizes_are_refused(shape: Any) -> None:
    x, y = T.dmatrix("x"), T.dmatrix("y")
    for part in (x[:], x[[0, 1, 2]], x[::-1, 0:4]):
        run = function([x, y], T.set_subtensor(part, y))
        with pytest.raises(ValueError, match="what is written to a part: sizes on axis"):
            run(X, np.ones(shape))


@pytest.mark.parametrize("compiled", [False, True])
def test_index_arrays_of_size_one_and_none(compiled: bool, rng: np.random.Generator) -> None:
    x, i, j = T.dmatrix("x"), T.lvector("i"), T.lvector("j")
    part, changed = x[i, j], T.inc_subtensor(x[i, j], 1.0)
    slope = T.grad((part**3).sum(), x)
    run = function([x, i, j], [part, changed, slope]) if compiled else None
    for rows, columns in (
        ([1], [0, 3, 3]),
        ([0, 2], [1]),
        ([2], [2]),
        ([], [1]),
        ([1], []),
        ([], []),
    ):
        places = np.array(rows, "int64"), np.array(columns, "int64")
        given = dict(zip((x, i, j), (X, *places), strict=True))
        found = run(X, *places) if run else evaluate([part, changed, slope], given)
        wanted, on_x = X.copy(), np.zeros_like(X)
        np.add.at(wanted, places, 1.0)
        np.add.at(on_x, places, 3 * X[places] ** 2)
        for one, other in zip(found, (X[places], wanted, on_x), strict=True):
            np.testing.assert_array_equal(one, other)
    refused = function([x, i, j], part)
    for rows, columns in ([0, 1], [0, 1, 2]), ([], [0, 1]):
        with pytest.raises(ValueError, match="the indices: sizes on axis 0"):
            refused(X, np.array(rows, "int64"), np.array(columns, "int64"))


def test_index_arrays_of_two_axes(rng: np.random.Generator) -> None:
    x, i, j = T.dmatrix("x"), T.lmatrix("i"), T.lmatrix("j")
    run = function([x, i, j], x[i, j])
    for rows, columns in (((3, 1), (1, 2)), ((1, 1), (3, 2)), ((1, 0), (1, 1)), ((3, 2), (1, 1))):
        given = rng.integers(0, 3, rows), rng.integers(0, 4, columns)
        np.testing.assert_array_equal(run(X, *given), X[given])


def test_two_masks_of_which_one_selects_nothing() -> None:
    x = T.dmatrix("x")
    run = function([x], x[x[:, 0] > 2, x[0, :] > 2])
    assert run([[0, 0, 9], [0, 0, 0]]).shape == (0,)
    assert run([[0, 9, 9], [3, 4, 5]]).tolist() == [4, 5]
    assert run([[3, 0, 9], [4, 0, 7]])[...].tolist() == [3, 7]


@pytest.mark.parametrize("compiled", [False, True])
def test_choices_of_size_one(compiled: bool) -> None:
    a, x, y, table = T.lmatrix("a"), T.dmatrix("x"), T.dmatrix("y"), T.dtensor3("table")
    chosen, looked_up = T.choose(a, [x, y]), T.choose(a, table)
    slopes = T.grad((chosen**2).sum(), [x, y])
    run = function([a, x, y], [chosen, *slopes]) if compiled else None
    for numbers in ([[0], [1], [0]], [[0, 1, 1, 0]], [[1]]):
        for first, second in ((X, X[:1]), (X[:, :1], X), (X[:1], X[:, :1])):
            given = {a: numbers, x: first, y: second}
            found = run(*given.values()) if run else evaluate([chosen, *slopes], given)
            np.testing.assert_array_equal(found[0], np.choose(numbers, [first, second]))
            assert [one.shape for one in found[1:]] == [first.shape, second.shape]
            if not compiled:
                for leaf, one in zip((x, y), found[1:], strict=True):
                    numeric = numeric_gradient((chosen**2).sum(), given, leaf)
                    np.testing.assert_allclose(one, numeric, rtol=1e-6, atol=1e-5)
        for wide in (np.stack([X, 2 * X]), np.stack([X[:1], 2 * X[:1]])):
            found = evaluate(looked_up, {a: numbers, table: wide})
            np.testing.assert_array_equal(found, np.choose(numbers, wide))


def test_allocated_values_of_size_one() -> None:
    x = T.dmatrix("x")
    wide = T.alloc(x, 3, 4)
    for value in (X, X[:1], X[:, :1], X[:1, :1]):
        np.testing.assert_array_equal(evaluate(wide, {x: value}), np.broadcast_to(value, (3, 4)))
        slope = evaluate(T.grad((wide**2).sum(), x), {x: value})
        np.testing.assert_allclose(slope, 2 * value * (12 / value.size))
    with pytest.raises(ValueError, match="alloc of a value: sizes on axis 0, 2 and 3, differ"):
        function([x], wide)(X[:2])


@pytest.mark.parametrize("target", DTYPES)
@pytest.mark.parametrize("source", DTYPES)
def test_what_is_written_is_converted(source: str, target: str) -> None:
    x, y = (TensorType(one, (False,))() for one in (target, source))
    if is_complex(source) and not is_complex(target):
        with pytest.raises(TypeError, match="would drop the imaginary part"):
            T.set_subtensor(x[:2], y)
        return
    values = np.array([1, 3]).astype(source)
    for part, where in ((x[:2], np.s_[:2]), (x[[2, 0]], np.s_[[2, 0]])):
        result = T.set_subtensor(part, y)
        assert result.dtype == target
        wanted = np.zeros(3, target)
        wanted[where] = values.astype(target)
        np.testing.assert_array_equal(evaluate(result, {x: np.zeros(3, target), y: values}), wanted)
        more = T.inc_subtensor(part, y)
        np.testing.assert_array_equal(evaluate(more, {x: np.zeros(3, target), y: values}), wanted)


def test_fractions_are_dropped_and_what_does_not_fit_is_limited() -> None:
    x, i = T.bvector("x"), T.lvector("i")
    assert evaluate(T.set_subtensor(x[:], 2.7), {x: [0, 0]}).tolist() == [2, 2]
    assert evaluate(T.set_subtensor(x[:], i), {x: [0, 0], i: [5, 261]}).tolist() == [5, 5]
    assert evaluate(T.pad(x, 1, constant_values=1.5), {x: [7]}).tolist() == [1, 7, 1]


def test_the_gradient_stops_at_what_becomes_an_integer() -> None:
    x, y = T.dvector("x"), T.lvector("y")
    cost = (T.set_subtensor(y[:1], x[:1]) * 1.5).sum() + (x * 2).sum()
    assert evaluate(T.grad(cost, x), {x: [1.0, 2.0], y: [1, 2]}).tolist() == [2, 2]
    narrow = T.fvector("narrow")
    slope = T.grad((T.set_subtensor(narrow[:1], x[:1]) * 3).sum(), x)
    assert slope.dtype == "float64"
    assert evaluate(slope, {x: [1.0, 2.0], narrow: np.ones(2, "float32")}).tolist() == [3, 0]
