"""Elements repeated, moved round and added at the edges, against NumPy."""

import itertools
from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function
from lltheano.tensor.variables.variable import TensorType
from lltheano_ir.ops.definition import ExecutionError
from tests.lltheano.evaluation import evaluate

ARRAY = np.arange(24.0).reshape(2, 3, 4)
EMPTY = np.zeros((2, 0, 3))


def tensor(array: Any, name: str = "x") -> Any:
    return TensorType(array.dtype, [False] * array.ndim)(name)


@pytest.mark.parametrize("array", [ARRAY, EMPTY, ARRAY[0, 0], np.array(3.0)], ids=np.shape)
@pytest.mark.parametrize("reps", [0, 1, 3, (2,), (2, 1), (1, 2, 3), (2, 1, 1, 2)], ids=repr)
def test_tile(array: Any, reps: Any) -> None:
    x = tensor(array)
    np.testing.assert_array_equal(evaluate(T.tile(x, reps), {x: array}), np.tile(array, reps))
    n = T.lscalar("n")
    symbolic = [n + one for one in reps] if isinstance(reps, tuple) else n + reps
    found = evaluate(T.tile(x, symbolic), {x: array, n: 0})
    np.testing.assert_array_equal(found, np.tile(array, reps))


def test_tile_by_a_vector() -> None:
    x, v = T.dmatrix("x"), T.ivector("v")
    found = evaluate(T.tile(x, v, ndim=3), {x: ARRAY[0], v: [2, 1, 3]})
    np.testing.assert_array_equal(found, np.tile(ARRAY[0], (2, 1, 3)))
    assert T.tile(x, (2, 2), ndim=4).ndim == 4
    assert T.tile(T.drow("r"), (1, 2)).broadcastable == (True, False)


def test_wrong_tiles() -> None:
    x = T.dmatrix("x")
    with pytest.raises(ValueError, match="ndim is too small"):
        T.tile(x, (1, 2, 3), ndim=2)
    with pytest.raises(TypeError, match="a size must be an integer"):
        T.tile(x, 1.5)
    with pytest.raises(ValueError, match=r"length of v .* is not known yet"):
        T.tile(x, T.ivector("v"))
    n = T.lscalar("n")
    with pytest.raises(ValueError, match="size"):
        function([x, n], T.tile(x, n))(ARRAY[0], -1)


@pytest.mark.parametrize("axis", [None, 0, 1, -1])
@pytest.mark.parametrize("array", [ARRAY, ARRAY[::-1, :, ::2], EMPTY], ids=np.shape)
def test_repeat(array: Any, axis: Any) -> None:
    x, n, v = tensor(array), T.iscalar("n"), T.lvector("v")
    for times in (0, 1, 3):
        wanted = array.repeat(times, axis)
        np.testing.assert_array_equal(evaluate(x.repeat(times, axis), {x: array}), wanted)
        found = evaluate(T.repeat(x, n, axis), {x: array, n: times})
        np.testing.assert_array_equal(found, wanted)
    count = array.size if axis is None else array.shape[axis]
    for several in (np.arange(count) % 3, np.zeros(count, int)):
        found = evaluate(T.repeat(x, v, axis), {x: array, v: several})
        np.testing.assert_array_equal(found, array.repeat(several, axis))


def test_repeat_by_one_number_in_a_list() -> None:
    x = T.dvector("x")
    assert evaluate(T.repeat(x, [2]), {x: [1.0, 2.0]}).tolist() == [1, 1, 2, 2]


def test_wrong_repetitions() -> None:
    x, v = T.dvector("x"), T.lvector("v")
    repeated = function([x, v], T.repeat(x, v))
    assert repeated([1, 2], [2, 1]).tolist() == [1, 1, 2]
    with pytest.raises(ValueError, match="there are 3 numbers of repetitions for 2 parts"):
        repeated([1, 2], [1, 1, 1])
    with pytest.raises(ValueError, match="is negative"):
        repeated([1, 2], [3, -1])
    with pytest.raises(TypeError, match="an integer or a vector of integers"):
        T.repeat(x, 0.5)
    with pytest.raises(ValueError, match="has 1 axes and no axis 1"):
        T.repeat(x, 2, axis=1)


@pytest.mark.parametrize("shift", [0, 1, -1, 3, -7, 100])
@pytest.mark.parametrize("axis", [None, 0, 1, -1])
def test_roll(shift: int, axis: Any) -> None:
    for array in (ARRAY, ARRAY[..., ::-1], EMPTY):
        x, s = tensor(array), T.bscalar("s")
        wanted = np.roll(array, shift, axis)
        np.testing.assert_array_equal(evaluate(T.roll(x, shift, axis), {x: array}), wanted)
        found = evaluate(T.roll(x, s, axis), {x: array, s: shift})
        np.testing.assert_array_equal(found, wanted)


def test_roll_along_several_axes() -> None:
    x = T.dtensor3("x")
    found = evaluate(T.roll(x, [1, -2], axis=[0, 2]), {x: ARRAY})
    np.testing.assert_array_equal(found, np.roll(ARRAY, [1, -2], axis=[0, 2]))
    assert T.roll(T.drow("r"), 3, axis=0).broadcastable == (True, False)
    with pytest.raises(ValueError, match="3 shifts for 2 axes"):
        T.roll(x, [1, 2, 3], axis=[0, 1])
    with pytest.raises(TypeError, match="shifts that are integers"):
        T.roll(x, 0.5)


@pytest.mark.parametrize("shape", [(5, 1, 3), (2, 4), (1, 4)])
def test_broadcast_to(shape: Any) -> None:
    n = T.lscalar("n")
    column, wide = np.array([[1.0], [2.0]])[: shape[0], : shape[1]], np.arange(shape[-1] * 1.0)
    for array in (wide, np.array(2.0), column if shape == (2, 4) else wide):
        x = TensorType("float64", [size == 1 for size in array.shape])("x")
        sizes = [n + (size - 1) for size in shape]
        for given in (shape, sizes):
            found = evaluate(T.broadcast_to(x, given), {x: array, n: 1})
            np.testing.assert_array_equal(found, np.broadcast_to(array, shape))


def test_wrong_broadcasts() -> None:
    x = T.dvector("x")
    with pytest.raises(ValueError, match=r"axis 0 .* has size 3 where 4 is wanted"):
        T.broadcast_to(np.zeros(3), (2, 4))
    with pytest.raises(ValueError, match="needs 2 sizes, got 1"):
        T.broadcast_to(T.dmatrix("m"), (4,))
    with pytest.raises(ExecutionError, match="sizes on axis 1, 3 and 4, differ"):
        evaluate(T.broadcast_to(x, (2, 4)), {x: [1.0, 2.0, 3.0]})
    assert evaluate(T.broadcast_to(x, (2, 4)), {x: [1.0]}).tolist() == [[1.0] * 4] * 2


@pytest.mark.parametrize("mode", ["constant", "edge", "reflect", "symmetric", "wrap"])
@pytest.mark.parametrize("widths", [0, 2, (1, 9), ((0, 1), (7, 2), (3, 0))], ids=repr)
def test_pad(mode: Any, widths: Any) -> None:
    x = T.dtensor3("x")
    found = evaluate(T.pad(x, widths, mode), {x: ARRAY})
    np.testing.assert_array_equal(found, np.pad(ARRAY, widths, mode))


def test_pad_by_symbolic_widths() -> None:
    x, n = T.dvector("x"), T.lscalar("n")
    result = T.pad(x, (n, 2 * n), constant_values=5)
    found = evaluate(result, {x: [1.0], n: 2})
    np.testing.assert_array_equal(found, np.pad([1.0], (2, 4), constant_values=5))
    with pytest.raises(ExecutionError, match="a width is -1, which is negative"):
        evaluate(result, {x: [1.0], n: -1})


def test_wrong_pads() -> None:
    x = T.dmatrix("x")
    with pytest.raises(ValueError, match="pad has modes constant, edge"):
        T.pad(x, 1, "mean")
    with pytest.raises(ValueError, match="needs a number, a pair, or 2 pairs"):
        T.pad(x, ((1, 1), (1, 1), (1, 1)))
    with pytest.raises(ExecutionError, match="axis 0 has no elements to continue"):
        evaluate(T.pad(x, 1, "edge"), {x: np.zeros((0, 2))})


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint64", "float16", "complex64"])
def test_every_dtype_is_repeated(dtype: Any) -> None:
    array = np.array([[0, 1], [2, 3]]).astype(dtype)
    x = tensor(array)
    results = [T.tile(x, 2), T.repeat(x, 2, axis=0), T.roll(x, 1), T.pad(x, 1, "wrap")]
    wanted = [np.tile(array, 2), array.repeat(2, 0), np.roll(array, 1), np.pad(array, 1, "wrap")]
    for found, one in zip(evaluate(results, {x: array}), wanted, strict=True):
        np.testing.assert_array_equal(found, one, strict=True)


def test_compiled_code_agrees() -> None:
    x, n = T.fmatrix("x"), T.lscalar("n")
    results = [T.tile(x, (n, 2)), T.repeat(x, n, 1), T.roll(x, n), T.pad(x, n, "reflect")]
    compiled = function([x, n], results)
    for array in (ARRAY[0].astype("f")[::-1, ::2], ARRAY[0].astype("f").T):
        wanted = [
            np.tile(array, (3, 2)),
            array.repeat(3, 1),
            np.roll(array, 3),
            np.pad(array, 3, "reflect"),
        ]
        for found, one in itertools.zip_longest(compiled(array, 3), wanted):
            np.testing.assert_array_equal(found, one, strict=True)
