"""The tensor language on complex numbers, compiled, against NumPy."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import lltheano.tensor as T
from lltheano import function
from lltheano.tensor.variables.variable import TensorType
from tests.lltheano.evaluation import evaluate

Array = NDArray[Any]

DTYPES = ["complex64", "complex128"]
TOLERANCE = {"complex64": 1e-6, "complex128": 1e-14}
UNARY: dict[str, Callable[[Array], Any]] = {
    **{
        name: getattr(np, name)
        for name in (
            *("sqrt", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan"),
            *("arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "arcsinh", "arccosh"),
            *("arctanh", "real", "imag", "conj", "angle", "isnan", "isinf", "absolute", "square"),
        )
    },
    "sgn": np.sign,
    "inv": np.reciprocal,
    "neg": np.negative,
    "round_half_to_even": np.rint,
}
BINARY: dict[str, Callable[[Array, Array], Any]] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "true_div": np.divide,
    "pow": np.power,
    "eq": np.equal,
    "neq": np.not_equal,
}
REDUCTIONS: dict[str, Callable[..., Any]] = {
    "sum": np.sum,
    "prod": np.prod,
    "mean": np.mean,
    "var": np.var,
    "std": np.std,
    "any": np.any,
    "all": np.all,
}


def sample(dtype: str, *shape: int) -> Array:
    rng = np.random.default_rng(7)
    return (rng.normal(size=shape) * 2 + 1j * rng.normal(size=shape)).astype(dtype)


def close(got: Array, wanted: Any, tolerance: float) -> None:
    """As numbers of the plane: each within `tolerance` of its size."""
    wanted = np.asarray(wanted)
    assert (got.dtype, got.shape) == (wanted.dtype, wanted.shape)
    if wanted.dtype == bool:
        np.testing.assert_array_equal(got, wanted)
    else:
        assert np.all(np.abs(got - wanted) <= tolerance * np.abs(wanted))


@pytest.mark.parametrize("dtype", DTYPES)
def test_functions_of_one_number(dtype: str) -> None:
    z = TensorType(dtype, (False,))("z")
    values = sample(dtype, 101)
    results = function([z], [getattr(T, name)(z) for name in UNARY])(values)
    for name, got in zip(UNARY, results, strict=True):
        close(got, UNARY[name](values), 4 * TOLERANCE[dtype])


@pytest.mark.parametrize("dtype", DTYPES)
def test_functions_of_two_numbers(dtype: str) -> None:
    z, w = (TensorType(dtype, (False,))(name) for name in "zw")
    a, b = sample(dtype, 50), sample(dtype, 51)[1:]
    b[::7] = a[::7]
    for name, got in zip(BINARY, function([z, w], [getattr(T, n)(z, w) for n in BINARY])(a, b),
                         strict=True):  # fmt: skip
        close(got, BINARY[name](a, b), 8 * TOLERANCE[dtype])


@pytest.mark.parametrize("dtype", DTYPES)
def test_reductions(dtype: str) -> None:
    z = TensorType(dtype, (False, False))("z")
    values = (1 + 0.1 * sample(dtype, 6, 70)).astype(dtype)
    axes = (None, 0, 1)
    results = function([z], [getattr(T, n)(z, axis=axis) for n in REDUCTIONS for axis in axes])
    for (name, axis), got in zip(
        [(name, axis) for name in REDUCTIONS for axis in axes], results(values), strict=True
    ):
        close(got, REDUCTIONS[name](values, axis=axis), 300 * TOLERANCE[dtype])


@pytest.mark.parametrize("order", [0, 1, 2, 3, np.inf, -np.inf])
def test_norms(order: float) -> None:
    z = T.zvector("z")
    values = sample("complex128", 9)
    found = evaluate(z.norm(order), {z: values})
    np.testing.assert_allclose(found, np.linalg.norm(values, order), rtol=1e-14)


def test_products_in_every_order() -> None:
    z = T.zmatrix("z")
    values = sample("complex128", 40, 3)
    values[:, 1] = 1
    values[3, 2] = 0
    f = function([z], [z.prod(axis=0), z.prod(axis=1), z.T.prod(axis=1), z.prod()])
    wanted = (values.prod(axis=0), values.prod(axis=1), values.prod(axis=0), values.prod())
    for got, want in zip(f(values), wanted, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-13)
    assert [one.tolist() for one in f(values[:0])] == [[1, 1, 1], [], [1, 1, 1], 1]


def test_numbers_that_are_close() -> None:
    z, w = T.zvectors("z", "w")
    nan, far = complex(np.nan, 0), complex(np.inf, 1)
    a = np.array([1 + 1j, 1 + 1j, nan, far, far, 1e-9j])
    b = np.array([1 + 1j + 1e-9j, 1.1 + 1j, complex(np.nan, 2), far, np.inf, 0])
    given = {z: a, w: b}
    np.testing.assert_array_equal(evaluate(T.isclose(z, w), given), np.isclose(a, b))
    np.testing.assert_array_equal(
        evaluate(T.isclose(z, w, equal_nan=True), given), np.isclose(a, b, equal_nan=True)
    )
    assert not evaluate(T.allclose(z, w), given)
    assert evaluate(T.allclose(z, z + 1e-9j), {z: sample("complex128", 5)})


PARTS = {
    "bool": ("complex64", "bool", "float32"),
    "int8": ("complex64", "int8", "float32"),
    "int32": ("complex128", "int32", "float64"),
    "uint64": ("complex128", "uint64", "float64"),
    "float16": ("complex64", "float16", "float16"),
    "float32": ("complex64", "float32", "float32"),
    "float64": ("complex128", "float64", "float64"),
    "complex64": (None, "float32", "float32"),
    "complex128": (None, "float64", "float64"),
}


@pytest.mark.parametrize("dtype", PARTS)
def test_dtypes(dtype: str) -> None:
    whole, part, angle = PARTS[dtype]
    x = T.vector("x", dtype=dtype)
    assert (T.real(x).dtype, T.imag(x).dtype, abs(x).dtype) == (part,) * 3
    assert T.conj(x).dtype == dtype
    assert T.angle(x).dtype == angle
    if whole is None:
        with pytest.raises(TypeError, match="complex: complex numbers are not supported here"):
            T.complex(x, 1)
        with pytest.raises(TypeError, match="complex_from_polar: size and angle must be real"):
            T.complex_from_polar(1, x)
    else:
        assert T.complex(x, x).dtype == whole
        assert T.complex_from_polar(x, x).dtype == whole


def test_python_numbers_and_real_arrays_join_in() -> None:
    x = T.fvector("x")
    assert (x * 1j).dtype == "complex128"
    assert (x + T.cvector()).dtype == "complex64"
    assert (T.dvector() * T.cvector()).dtype == "complex128"
    assert (T.lvector() + T.cvector()).dtype == "complex128"
    values = np.array([1.0, -2.0], "float32")
    assert evaluate(1j * x + 2, {x: values}).tolist() == [2 + 1j, 2 - 2j]


def test_polar_numbers() -> None:
    size, turn = T.dvectors("size", "turn")
    given = {size: np.array([1.0, 2.0, 0.5]), turn: np.array([0.0, 2.0, -3.0])}
    z = T.complex_from_polar(size, turn)
    wanted = given[size] * np.exp(1j * given[turn])
    np.testing.assert_allclose(evaluate(z, given), wanted, rtol=1e-15)
    np.testing.assert_allclose(evaluate(abs(z), given), given[size], rtol=1e-15)
    np.testing.assert_allclose(evaluate(T.angle(z), given), given[turn], rtol=1e-15)


REFUSED: dict[str, tuple[Callable[[Any], Any], str]] = {
    "max": (T.max, "complex numbers have no order, got z"),
    "argmax": (T.argmax, "complex numbers have no order, got z"),
    "sort": (T.sort, "complex numbers have no order, got z"),
    "clip": (lambda z: T.clip(z, 0, 1), "clip: complex numbers are not supported"),
    "floor": (T.floor, "floor: complex numbers are not supported"),
    "//": (lambda z: z // 2, "int_div: complex numbers are not supported"),
    "%": (lambda z: z % 2, "mod: complex numbers are not supported"),
    "arctan2": (lambda z: T.arctan2(z, 1), "arctan2: complex numbers are not supported"),
    "erf": (T.erf, "erf: complex numbers are not supported"),
    "cast": (lambda z: T.cast(z, "float64"), "cannot cast z .* would drop the imaginary part"),
    "condition": (lambda z: T.switch(z, 1, 2), "switch: the condition must be real"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_meaning_is_refused(name: str) -> None:
    use, message = REFUSED[name]
    with pytest.raises(TypeError, match=message):
        use(T.zvector("z"))


def test_conjugates_cost_nothing_where_they_cancel() -> None:
    z = T.zvector("z")
    f = function([z], z.conj().conj())
    assert "neg" not in f.stages["tensor"]
