"""Ranges, evenly spaced numbers and grids, against NumPy."""

from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function
from lltheano.tensor.variables.variable import TensorType
from lltheano_ir.ops.definition import ExecutionError
from tests.lltheano.evaluation import evaluate

RANGES: Any = [
    (0.0, 1.0, 0.1),
    (1.0, 2.0, 0.1),
    (0.1, 1.3, 0.3),
    (1.0, 0.0, -0.3),
    (0.0, 1.0, -1.0),
    (5.0, 5.0, 1.0),
    (0.0, 1e-300, 1e300),
    (0.0, -1e-300, 1e300),
    (-1.5, 3.2, 1.0),
]


def range_of(function: Any, bounds: Any, dtype: Any) -> Any:
    return function(*bounds, dtype=dtype)


@pytest.mark.parametrize("bounds", RANGES)
@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "int32", "uint8"])
def test_ranges_of_floats_are_counted_and_computed_as_by_numpy(bounds: Any, dtype: Any) -> None:
    if dtype == "uint8" and min(bounds) < 0:
        bounds = tuple(abs(one) for one in bounds)
    wanted = range_of(np.arange, bounds, dtype)
    np.testing.assert_array_equal(evaluate(range_of(T.arange, bounds, dtype)), wanted, strict=True)
    variables: Any = T.dscalars(3)
    found = evaluate(
        range_of(T.arange, variables, dtype), dict(zip(variables, bounds, strict=True))
    )
    np.testing.assert_array_equal(found, wanted, strict=True)


@pytest.mark.parametrize("bounds", RANGES[:5])
def test_ranges_of_float32_are_counted_in_float64(bounds: Any) -> None:
    narrow = [float(np.float32(one)) for one in bounds]
    variables = T.fscalars(3)
    found = evaluate(T.arange(*variables), dict(zip(variables, narrow, strict=True)))
    np.testing.assert_array_equal(found, np.arange(*narrow, dtype="float32"), strict=True)


@pytest.mark.parametrize("bounds", [(5,), (2, 9, 3), (9, 2, -3), (3, 3), (4, 1), (-5, 5, 4)])
@pytest.mark.parametrize("dtype", ["int8", "int64", "uint16", "float16", "float64"])
def test_ranges_of_integers(bounds: Any, dtype: Any) -> None:
    if dtype == "uint16" and min(bounds) < 0:
        bounds = tuple(abs(one) for one in bounds)
    wanted = range_of(np.arange, bounds, dtype)
    np.testing.assert_array_equal(evaluate(range_of(T.arange, bounds, dtype)), wanted, strict=True)
    variables = [T.iscalar() for _ in bounds]
    found = evaluate(
        range_of(T.arange, variables, dtype), dict(zip(variables, bounds, strict=True))
    )
    np.testing.assert_array_equal(found, wanted, strict=True)


def test_dtypes_of_ranges() -> None:
    assert T.arange(3).dtype == "int64"
    assert T.arange(T.bscalar(), T.iscalar()).dtype == "int64"
    assert T.arange(T.ulscalar()).dtype == "uint64"
    assert T.arange(T.fscalar()).dtype == "float32"
    assert T.arange(T.iscalar(), T.fscalar()).dtype == "float64"


def test_wrong_ranges() -> None:
    a, b, step = T.dscalar("a"), T.lscalar("b"), T.lscalar("step")
    with pytest.raises(ValueError, match="a step other than 0"):
        T.arange(0, 3, 0)
    with pytest.raises(ValueError, match="arange: the step is 0"):
        function([b, step], T.arange(0, b, step))(3, 0)
    floats = function([a], T.arange(a))
    assert floats(2.5).tolist() == [0, 1, 2]
    for wrong in (np.inf, np.nan, 1e300):
        with pytest.raises(ValueError, match="not finite, or greater than any memory"):
            floats(wrong)
    with pytest.raises(TypeError, match="arange takes real scalars"):
        T.arange(T.zscalar("z"))


@pytest.mark.parametrize("endpoint", [True, False])
@pytest.mark.parametrize("num", [0, 1, 2, 7])
@pytest.mark.parametrize("ends", [(0.0, 1.0), (2.5, -1.25), (3.0, 3.0), (0.0, 5e-324)])
def test_linspace(ends: Any, num: int, endpoint: Any) -> None:
    wanted = np.linspace(ends[0], ends[1], num, endpoint=endpoint)
    found = evaluate(T.linspace(ends[0], ends[1], num, endpoint))
    np.testing.assert_array_equal(found, wanted, strict=True)
    a, b, n = T.dscalar("a"), T.dscalar("b"), T.iscalar("n")
    found = evaluate(T.linspace(a, b, n, endpoint), {a: ends[0], b: ends[1], n: num})
    np.testing.assert_array_equal(found, wanted, strict=True)


def test_dtypes_of_linspace() -> None:
    assert T.linspace(0, 1, 3).dtype == "float64"
    assert T.linspace(T.fscalar(), T.fscalar(), 3).dtype == "float32"
    assert T.linspace(T.iscalar(), 1, 3).dtype == "float64"
    found = evaluate(T.linspace(-2, 3, 4, dtype="int32"))
    np.testing.assert_array_equal(found, np.linspace(-2, 3, 4, dtype="int32"), strict=True)
    with pytest.raises(TypeError, match="linspace needs real scalars"):
        T.linspace(0, T.dvector("v"))
    n = T.lscalar("n")
    with pytest.raises(ExecutionError, match="linspace: the number of elements is -1"):
        evaluate(T.linspace(0, 1, n), {n: -1})


@pytest.mark.parametrize("points", [-2, 0, 1, 2, 5, 8])
def test_bartlett(points: int) -> None:
    m = T.lscalar("m")
    for found in (evaluate(T.bartlett(points)), evaluate(T.bartlett(m), {m: points})):
        np.testing.assert_array_equal(found, np.bartlett(points), strict=True)


VECTORS = [np.arange(3), np.array([4, 5]), np.arange(4)]


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("sparse", [True, False])
@pytest.mark.parametrize("indexing", ["xy", "ij"])
def test_meshgrid(count: int, indexing: Any, sparse: bool) -> None:
    variables = T.lvectors(3)[:count]
    values = dict(zip(variables, VECTORS, strict=False))
    wanted = np.meshgrid(*VECTORS[:count], indexing=indexing, sparse=sparse)
    found = T.meshgrid(*variables, indexing=indexing, sparse=sparse)
    for one, other in zip(evaluate(found, values), wanted, strict=True):
        np.testing.assert_array_equal(one, other, strict=True)


def test_grids_of_slices() -> None:
    n = T.lscalar("n")
    pairs: list[tuple[Any, Any]] = [(T.mgrid, np.mgrid), (T.ogrid, np.ogrid)]
    for ours, theirs in pairs:
        found = evaluate(ours[0:3, 1:n:2], {n: 6})
        for one, other in zip(found, theirs[0:3, 1:6:2], strict=True):
            np.testing.assert_array_equal(one, other, strict=True)
        np.testing.assert_array_equal(evaluate(ours[1:n], {n: 6}), theirs[1:6])
    mixed: Any = np.mgrid[:2, -1:1:3j]
    for one, other in zip(evaluate(list(T.mgrid[:2, -1:1:3j])), mixed, strict=True):
        np.testing.assert_array_equal(one, other, strict=True)
    with pytest.raises(TypeError, match="slices start:stop:step"):
        T.mgrid[3]
    with pytest.raises(ValueError, match="indexings xy and ij"):
        T.meshgrid([1], indexing="yx")
    with pytest.raises(ValueError, match="a grid is made of vectors"):
        T.meshgrid(T.dmatrix("m"))


def test_full_like() -> None:
    x = TensorType("float32", (False, True))("x")
    model = np.ones((2, 1), "f")
    for dtype in (None, "int8"):
        found = evaluate(T.full_like(x, 3, dtype), {x: model})
        np.testing.assert_array_equal(found, np.full_like(model, 3, dtype), strict=True)
