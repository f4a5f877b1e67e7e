"""Arrays of every dtype and layout are taken as arguments and as values of shared variables."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lltheano import In, function, shared, tensor as T
from lltheano.tensor.variables.variable import TensorType

Array = NDArray[Any]
DTYPES = [
    "bool",
    *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)),
    *("float16", "float32", "float64", "complex64", "complex128"),
]
SHAPE = (6, 7)


class _Subclass(np.ndarray[Any, Any]):
    pass


def layouts(dtype: str) -> Iterator[tuple[str, Array]]:
    """The same small whole numbers, or parts of them, in memory of all sorts."""
    rng = np.random.default_rng(1)
    base = rng.integers(0, 2 if dtype == "bool" else 50, SHAPE).astype(dtype)
    if dtype.startswith("complex"):
        base += 1j * rng.integers(-50, 50, SHAPE)
    yield "rows", base
    yield "columns", np.asfortranarray(base)
    yield "backwards", base[::-1, ::-1]
    yield "steps", base[::2, ::3]
    yield "transposed and backwards", base.T[::-1]
    yield "repeated rows", np.broadcast_to(base[:1], SHAPE)
    yield "one number", np.broadcast_to(base[0, 0], SHAPE)
    yield "no rows", base[:0]
    yield "no columns", base[:, :0]
    yield "one element", base[:1, :1]
    yield "huge strides", np.lib.stride_tricks.as_strided(base, (1, 7), (2**40, base.itemsize))
    read_only = base.copy()
    read_only.setflags(write=False)
    yield "read-only", read_only
    raw = np.zeros(base.nbytes + 1, "uint8")
    misaligned = raw[1:].view(dtype).reshape(SHAPE)
    misaligned[...] = base
    yield "misaligned", misaligned
    yield "byte-swapped", base.astype(base.dtype.newbyteorder())
    yield "byte-swapped backwards", base.astype(base.dtype.newbyteorder())[::-1, ::2]
    records = np.zeros(SHAPE, [("pad", "u1"), ("value", dtype)])
    records["value"] = base
    yield "a field of records", records["value"]
    yield "a subclass", base.view(_Subclass)


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_layout_gives_right_answers_and_is_left_alone(dtype: str) -> None:
    x = TensorType(dtype, (False, False))("x")
    state = shared(np.zeros((2, 2), dtype), name="state")
    total = T.any(x) if dtype == "bool" else x.sum()
    f = function([x], [T.eq(x, x[:, :]), total, x, x.T, x.flatten()], updates=[(state, x[::-1])])
    for name, array in layouts(dtype):
        before, plain = array.tobytes(), np.ascontiguousarray(array).astype(dtype)
        equal, total_, same, transposed, flat = f(array)
        assert equal.all(), name
        assert total_ == (plain.any() if dtype == "bool" else plain.sum()), name
        for got, wanted in [
            (same, plain),
            (transposed, plain.T),
            (flat, plain.ravel()),
            (state.get_value(), plain[::-1]),
        ]:
            assert got.dtype == np.dtype(dtype), name
            assert type(got) is np.ndarray, name
            np.testing.assert_array_equal(got, wanted, err_msg=name)
        state.set_value(array)
        np.testing.assert_array_equal(state.get_value(), plain, err_msg=name)
        np.testing.assert_array_equal(shared(array).get_value(), plain, err_msg=name)
        assert array.tobytes() == before, name


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
def test_parts_of_complex_numbers_in_every_layout(dtype: str) -> None:
    z = TensorType(dtype, (False, False))("z")
    f = function([z], [z.real, z.imag, z.conj(), T.complex(z.imag, z.real), abs(z) ** 2, z * z])
    for name, array in layouts(dtype):
        plain = np.ascontiguousarray(array).astype(dtype)
        real, imag, conj, swapped, size, square = f(array)
        np.testing.assert_array_equal(real, plain.real, err_msg=name)
        np.testing.assert_array_equal(imag, plain.imag, err_msg=name)
        np.testing.assert_array_equal(conj, plain.conj(), err_msg=name)
        np.testing.assert_array_equal(swapped, plain.imag + 1j * plain.real, err_msg=name)
        np.testing.assert_allclose(size, (plain * plain.conj()).real, rtol=1e-6, err_msg=name)
        np.testing.assert_array_equal(square, plain * plain, err_msg=name)


def test_an_offered_array_that_cannot_be_written_is_not_written() -> None:
    x = T.dmatrix("x")
    f = function([In(x, mutable=True)], x * 2 + 1)
    for name, array in layouts("float64"):
        if not array.flags.writeable:
            before = array.tobytes()
            np.testing.assert_array_equal(f(array), array * 2 + 1, err_msg=name)
            assert array.tobytes() == before


def test_one_function_serves_all_sizes_of_vector_remainders() -> None:
    x, y = T.fmatrices("x", "y")
    f = function([x, y], [x * y + 1, (x - y).max(axis=1), T.argmax(x, axis=1), x.sum(axis=0)])
    address = f.entry.address
    rng = np.random.default_rng(2)
    for rows in (0, 1, 2, 7, 8, 9, 33):
        for columns in (*range(1, 20), 31, 32, 33, 63, 64, 65, 127, 129):
            a, b = rng.integers(-9, 9, (2, rows, columns)).astype("float32")
            product, high, place, total = f(a, b)
            np.testing.assert_array_equal(product, a * b + 1)
            np.testing.assert_array_equal(high, (a - b).max(axis=1))
            np.testing.assert_array_equal(place, a.argmax(axis=1))
            np.testing.assert_array_equal(total, a.sum(axis=0))
    assert f.entry.address == address
