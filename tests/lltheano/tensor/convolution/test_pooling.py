"""Pooling, patches and upsampling give what loops over windows give, with gradients."""

from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function, shared
from lltheano.tensor import nnet
from lltheano.tensor.convolution.upsampling import bilinear_kernel_2D
from lltheano.tensor.signal.downsample import max_pool_2d
from lltheano.tensor.signal.pool import Pool, max_pool_2d_same_size, pool_2d, pool_3d

Array = np.ndarray[Any, Any]
MODES = ["max", "sum", "average_inc_pad", "average_exc_pad"]
FORMS: list[Any] = [
    ((2, 2), True, None, (0, 0)),
    ((2, 3), False, None, (0, 0)),
    ((3, 3), True, (2, 1), (1, 2)),
    ((3, 2), False, (1, 2), (0, 0)),
    ((2, 2), False, (3, 3), (0, 0)),
    ((1, 1), True, (2, 2), (0, 0)),
    ((9, 9), False, (9, 9), (0, 0)),
]


def pooled(x: Any, form: Any, mode: str) -> Any:
    ws, ignores, step, pad = form
    return pool_2d(x, ws, ignores, step, pad, mode)


def by_loops(x: Array, form: Any, mode: str) -> Array:
    ws, ignores, st, pad = form
    st = st or ws
    sides = ((0, 0), (0, 0), (pad[0], pad[0]), (pad[1], pad[1]))
    framed = np.pad(x, sides, constant_values=-np.inf if mode == "max" else 0)
    counts = np.pad(np.ones(x.shape), sides)
    _, _, high, wide = Pool.out_shape(framed.shape, ws, ignores, st)
    out = np.zeros((*x.shape[:2], high, wide))
    for i in range(high):
        for j in range(wide):
            where = np.s_[:, :, i * st[0] : i * st[0] + ws[0], j * st[1] : j * st[1] + ws[1]]
            window, inside = framed[where], counts[where]
            if mode == "max":
                out[:, :, i, j] = window.max(axis=(2, 3))
                continue
            divisor = {
                "sum": 1,
                "average_inc_pad": window[0, 0].size,
                "average_exc_pad": inside[0, 0].sum(),
            }[mode]
            out[:, :, i, j] = window.sum(axis=(2, 3)) / divisor
    return out


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("form", FORMS, ids=str)
def test_two_axes(form: Any, mode: str, rng: np.random.Generator) -> None:
    data = rng.normal(size=(2, 3, 7, 8))
    x = T.dtensor4("x")
    got = function([x], pooled(x, form, mode))(data)
    np.testing.assert_allclose(got, by_loops(data, form, mode), rtol=1e-12)
    small = data[:1, :2, :5, :5]
    if form[0] != (9, 9):
        T.verify_grad(lambda x: pooled(x, form, mode), [small], rng=np.random.RandomState(1))


def test_three_axes_and_others(rng: np.random.Generator) -> None:
    data = rng.normal(size=(2, 4, 6, 4))
    got = pool_3d(data, (2, 3, 2), True).eval()
    expected = data.reshape(2, 2, 2, 2, 3, 2, 2).max(axis=(2, 4, 6))
    np.testing.assert_array_equal(got, expected)
    integers = rng.integers(-9, 0, (5, 4)).astype("int32")
    top = pool_2d(integers, (2, 2), False).eval()
    assert top.dtype == "int32"
    assert top.shape == (3, 2)
    assert top[2, 0] == integers[4, :2].max()
    old = max_pool_2d(data, (2, 2), ignore_border=True).eval()
    np.testing.assert_array_equal(old, pool_2d(data, (2, 2), True).eval())


def test_every_greatest_element_gets_the_gradient() -> None:
    x = T.dmatrix("x")
    slope = T.grad(pool_2d(x, (2, 2), True).sum(), x)
    np.testing.assert_array_equal(
        slope.eval({x: [[1.0, 1.0], [0.0, 1.0]]}), [[1.0, 1.0], [0.0, 1.0]]
    )


def test_second_order(rng: np.random.Generator) -> None:
    def slope(x: Any) -> Any:
        return (T.grad((pool_2d(x, (2, 2), True) ** 3).sum(), x) ** 2).sum()

    T.verify_grad(slope, [rng.normal(size=(1, 1, 4, 4))], rng=np.random.RandomState(1))


def test_symbolic_windows() -> None:
    x, ws = T.dmatrix("x"), T.lvector("ws")
    f = function([x, ws], pool_2d(x, ws, True))
    data = np.arange(24.0).reshape(4, 6)
    np.testing.assert_array_equal(f(data, [2, 3]), [[8, 11], [20, 23]])
    np.testing.assert_array_equal(f(data, [4, 6]), [[23]])


def test_warnings_and_errors_are_theanos() -> None:
    x = T.dmatrix("x")
    with pytest.warns(UserWarning, match="ignore_border default value"):
        pool_2d(x, (2, 2))
    with pytest.warns(UserWarning, match="'ds' parameter"):
        pool_2d(x, ds=(2, 2), ignore_border=True)
    with pytest.raises(ValueError, match="both 'ws' and 'ds'"):
        pool_2d(x, (2, 2), ds=(2, 2), ignore_border=True)
    with pytest.raises(NotImplementedError, match="ignore_border=True"):
        pool_2d(x, (2, 2), False, pad=(1, 1))
    with pytest.raises(NotImplementedError, match="smaller than the window"):
        pool_2d(x, (2, 2), True, pad=(2, 2))
    with pytest.raises(NotImplementedError, match="dimension >= 2"):
        pool_2d(T.dvector(), (2, 2), True)
    with pytest.raises(ValueError, match="Pool mode"):
        pool_2d(x, (2, 2), True, mode="median")
    with pytest.raises(ValueError, match="positive"):
        pool_2d(x, (2, 2), True, stride=(0, 1))


def test_a_window_larger_than_the_image() -> None:
    x, count = T.dmatrix("x"), shared(0)
    f = function([x], pool_2d(x, (3, 3), True), updates=[(count, count + 1)])
    with pytest.raises(ValueError, match=r"nothing is left: .* 2, a window of 3"):
        f(np.ones((2, 5)))
    assert int(count.get_value()) == 0


def test_of_the_same_size(rng: np.random.Generator) -> None:
    data = rng.normal(size=(2, 5, 6))
    got = max_pool_2d_same_size(data, (2, 3)).eval()
    expected = np.zeros_like(data)
    for n in range(2):
        for i in range(0, 4, 2):
            for j in range(0, 6, 3):
                patch = data[n, i : i + 2, j : j + 3]
                expected[n, i : i + 2, j : j + 3] = patch * (patch == patch.max())
    np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("mode", ["valid", "ignore_borders", "half", "full", "wrap_centered"])
def test_patches(mode: str, rng: np.random.Generator) -> None:
    data = rng.normal(size=(2, 3, 7, 7))
    shape, step = (3, 3), (2, 2)
    got = nnet.images2neibs(data, shape, step, mode).eval()
    side = {"half": 1, "full": 2}.get(mode, 0)
    framed = np.pad(data, ((0, 0), (0, 0), (side, side), (side, side)))
    if mode == "wrap_centered":
        framed = np.pad(data, ((0, 0), (0, 0), (1, 1), (1, 1)), mode="wrap")
    rows = [
        framed[n, c, i : i + 3, j : j + 3].ravel()
        for n in range(2)
        for c in range(3)
        for i in range(0, framed.shape[2] - 2, 2)
        for j in range(0, framed.shape[3] - 2, 2)
    ]
    np.testing.assert_array_equal(got, np.array(rows))
    T.verify_grad(
        lambda x: nnet.images2neibs(x, shape, step, mode),
        [data[:1, :1]],
        rng=np.random.RandomState(1),
    )


def test_patches_and_back(rng: np.random.Generator) -> None:
    data = rng.normal(size=(2, 1, 4, 6))
    x = T.dtensor4("x")
    back = nnet.neibs2images(nnet.images2neibs(x, (2, 3)), (2, 3), x.shape)
    np.testing.assert_array_equal(back.eval({x: data}), data)
    with pytest.raises(ValueError, match="leave a rest"):
        nnet.images2neibs(x, (3, 3)).eval({x: data})
    with pytest.raises(NotImplementedError, match="the mode is one of"):
        nnet.images2neibs(x, (3, 3), mode="mirror")


def test_upsampling(rng: np.random.Generator) -> None:
    """Between samples on the line, and beyond the first and last their values.

    A sample is in the middle of its points.
    """
    data = rng.normal(size=(2, 3, 4, 5))
    got = nnet.bilinear_upsampling(data, 3).eval()
    places = np.clip((np.arange(12) - 1) / 3, 0, 3)
    rows = np.array([[np.interp(places, np.arange(4), c[:, k]) for k in range(5)] for c in data[0]])
    places = np.clip((np.arange(15) - 1) / 3, 0, 4)
    for channel in range(3):
        for row in range(12):
            expected = np.interp(places, np.arange(5), rows[channel, :, row])
            np.testing.assert_allclose(got[0, channel, row], expected, rtol=1e-10, atol=1e-12)
    data_of_two = np.array([[[[0.0, 4.0]]]])
    for ratio, expected_row in (
        (2, [0, 2, 4, 4]),
        (3, [0, 0, 4 / 3, 8 / 3, 4, 4]),
        (4, [0, 0, 1, 2, 3, 4, 4, 4]),
    ):
        row_of_two = nnet.bilinear_upsampling(data_of_two, ratio).eval()[0, 0, 0]
        np.testing.assert_allclose(row_of_two, expected_row, rtol=1e-12)
    half = nnet.frac_bilinear_upsampling(data, (3, 2)).eval()
    np.testing.assert_allclose(half, got[:, :, ::2, ::2], rtol=1e-10, atol=1e-12)
    T.verify_grad(
        lambda x: nnet.bilinear_upsampling(x, 2), [data[:1, :1]], rng=np.random.RandomState(1)
    )
    np.testing.assert_allclose(bilinear_kernel_2D(2).eval()[1], [0.5, 1, 0.5])
    with pytest.raises(ValueError, match="ratio must be"):
        nnet.bilinear_upsampling(data, 0)
    with pytest.raises(ValueError, match="together"):
        nnet.bilinear_upsampling(data, 2, (3, 2))
