"""`T.fft` against NumPy's real transforms, and its gradients against central differences."""

from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function

NORMS: dict[Any, Any] = {
    None: ("backward", "backward"),
    "ortho": ("ortho", "ortho"),
    "no_norm": ("backward", "forward"),
}
DTYPES = {"float32": 2e-6, "float64": 1e-14}


def variable(rank: int, dtype: str = "float64") -> Any:
    return T.tensor(dtype, [False] * rank)


def pairs(z: Any) -> Any:
    return np.stack([z.real, z.imag], axis=-1)


def transformed(a: Any) -> Any:
    return np.fft.rfftn(a, axes=range(1, a.ndim))


def close(found: Any, wanted: Any, dtype: str = "float64") -> None:
    assert found.shape == wanted.shape
    assert found.dtype == dtype
    scale = max(1e-300, float(np.abs(wanted).max(initial=0)))
    np.testing.assert_allclose(found, wanted, atol=20 * DTYPES[dtype] * scale)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shapes", [[(2, n) for n in (1, 2, 3, 8, 15, 17, 100, 1021)], [(3, 4, 5)]])
def test_there_and_back(shapes: Any, dtype: str, rng: np.random.Generator) -> None:
    x, z = variable(len(shapes[0]), dtype), variable(len(shapes[0]) + 1, dtype)
    forward = function([x], T.fft.rfft(x))
    even, odd = (function([z], T.fft.irfft(z, is_odd=flag)) for flag in (False, True))
    for shape in shapes:
        a = rng.normal(size=shape).astype(dtype)
        found = forward(a)
        close(found, pairs(transformed(a.astype("float64"))), dtype)
        close((odd if shape[-1] % 2 else even)(found), a, dtype)


@pytest.mark.parametrize("norm", NORMS)
def test_norms(norm: Any, rng: np.random.Generator) -> None:
    x, z = variable(3), variable(4)
    a = rng.normal(size=(2, 3, 6))
    there, back = NORMS[norm]
    wanted = np.fft.rfftn(a, axes=(1, 2), norm=there)
    close(function([x], T.fft.rfft(x, norm))(a), pairs(wanted))
    spectrum = rng.normal(size=(2, 3, 4, 2))
    complexes = spectrum[..., 0] + 1j * spectrum[..., 1]
    for is_odd in (False, True):
        returned = np.fft.irfftn(complexes, s=(3, 6 + is_odd), axes=(1, 2), norm=back)
        close(function([z], T.fft.irfft(z, norm, is_odd))(spectrum), returned)


@pytest.mark.parametrize(("length", "norm"), [(4, None), (5, "ortho")])
def test_gradients(length: int, norm: Any, rng: np.random.Generator) -> None:
    x, z = variable(3), variable(4)
    a, b = rng.normal(size=(1, 2, length)), rng.normal(size=(1, 2, length // 2 + 1, 2))
    weights = T.constant(rng.normal(size=b.shape)), T.constant(rng.normal(size=a.shape))
    costs = (
        (T.fft.rfft(x, norm) ** 2 * weights[0]).sum(),
        (T.fft.irfft(z, norm, bool(length % 2)) ** 2 * weights[1]).sum(),
    )
    for leaf, value, cost in zip((x, z), (a, b), costs, strict=True):
        run, slope = function([leaf], cost), function([leaf], T.grad(cost, leaf))(value)
        for place in np.ndindex(value.shape):
            ends = []
            for step in (1e-5, -1e-5):
                moved = value.copy()
                moved[place] += step
                ends.append(float(run(moved)))
            assert slope[place] == pytest.approx((ends[0] - ends[1]) / 2e-5, rel=1e-5, abs=1e-6)


def test_integers_are_transformed_as_float64() -> None:
    x = T.imatrix("x")
    found = function([x], T.fft.rfft(x))([[1, 2, 3]])
    close(found, pairs(np.fft.rfft([[1.0, 2.0, 3.0]])))


def test_nothing_is_not_transformed() -> None:
    x, z = variable(2), variable(3)
    with pytest.raises(ValueError, match="rfft transforms 1 element or more along an axis, not 0"):
        function([x], T.fft.rfft(x))(np.ones((2, 0)))
    with pytest.raises(ValueError, match="irfft transforms 1 element or more along an axis, not 0"):
        function([z], T.fft.irfft(z))(np.ones((2, 1, 2)))
    assert function([x], T.fft.rfft(x))(np.ones((0, 4))).shape == (0, 3, 2)


def test_what_cannot_be_transformed_is_refused() -> None:
    x = T.dmatrix("x")
    with pytest.raises(TypeError, match=r"rfft takes a batch of real tensors, 2 axes .* got v"):
        T.fft.rfft(T.dvector("v"))
    with pytest.raises(TypeError, match=r"irfft takes a batch of real tensors, 3 axes .* got x"):
        T.fft.irfft(x)
    with pytest.raises(TypeError, match="got c"):
        T.fft.rfft(T.zmatrix("c"))
    with pytest.raises(ValueError, match="norm is None, 'ortho' or 'no_norm', got 'odd'"):
        T.fft.rfft(x, "odd")
    with pytest.raises(ValueError, match="is_odd is True or False, got 2"):
        T.fft.irfft(T.dtensor3(), is_odd=2)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="a transform takes float32 or float64 rows, got i"):
        T.fft.Fourier()(T.imatrix("i"), x)


COMPLEX: dict[str, tuple[Any, Any]] = {
    "fft": (lambda x: T.fft.fft(x, axis=0), lambda a: np.fft.fft(a, axis=0)),
    "longer": (lambda x: T.fft.fft(x, 9), lambda a: np.fft.fft(a, 9)),
    "shorter": (
        lambda x: T.fft.ifft(x, 3, norm="ortho"),
        lambda a: np.fft.ifft(a, 3, norm="ortho"),
    ),
    "forward": (lambda x: T.fft.fft(x, norm="forward"), lambda a: np.fft.fft(a, norm="forward")),
    "fftn": (T.fft.fftn, np.fft.fftn),
    "ifftn": (
        lambda x: T.fft.ifftn(x, (4, 5), (0, 1), "forward"),
        lambda a: np.fft.ifftn(a, (4, 5), (0, 1), "forward"),
    ),
}


@pytest.mark.parametrize("dtype", ["float64", "complex128", "complex64"])
@pytest.mark.parametrize("name", COMPLEX)
def test_complex_transforms_are_numpys(name: str, dtype: str, rng: np.random.Generator) -> None:
    ours, theirs = COMPLEX[name]
    x = T.matrix("x", dtype=dtype)
    parts = rng.normal(size=(2, 3, 6))
    a = (parts[0] if dtype == "float64" else parts[0] + 1j * parts[1]).astype(dtype)
    found, wanted = function([x], ours(x))(a), theirs(a.astype("complex128"))
    assert found.dtype == ("complex64" if dtype == "complex64" else "complex128")
    np.testing.assert_allclose(found, wanted, atol=1e-5 if dtype == "complex64" else 1e-13)


def test_complex_transforms_refuse_what_numpy_refuses() -> None:
    x = T.dvector("x")
    with pytest.raises(ValueError, match="norm is one of backward, ortho, forward, got 'no_norm'"):
        T.fft.fft(x, norm="no_norm")
    with pytest.raises(ValueError, match="axis"):
        T.fft.fft(x, axis=1)
    with pytest.raises(ValueError, match="there are 1 sizes for 2 axes"):
        T.fft.fftn(T.dmatrix(), (1,), (0, 1))
    with pytest.raises(TypeError, match="in float32 and float64, got h"):
        T.fft.fft(T.vector("h", dtype="float16"))
    with pytest.raises(ValueError, match="fft transforms 1 element or more along an axis, not 0"):
        function([x], T.fft.fft(x))([])


def test_the_energy_of_a_transform_has_the_gradient_that_parseval_says(
    rng: np.random.Generator,
) -> None:
    x = T.dvector("x")
    energy = (abs(T.fft.fft(x, norm="ortho")) ** 2).sum()
    a = rng.normal(size=7)
    np.testing.assert_allclose(function([x], T.grad(energy, x))(a), 2 * a, atol=1e-13)


def test_the_loops_of_a_transform_can_be_seen() -> None:
    x = variable(2)
    compiled = function([x], T.fft.rfft(x))
    text = compiled.stages["loops"]
    for head in (
        "loops @fft_plan(%plan: i64[",
        "loops @fft.f64(%real: f64[%rows, %columns] inout,",
    ):
        assert head in text
    # What is a function of the module is optimised like the entry.
    assert "vector=" in text.partition("loops @fft.f64")[2]
