"""Gradients of the matrix functions against central differences, in compiled code."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function
from lltheano.errors import MethodNotDefined
from lltheano.graph import Apply
from lltheano.tensor import linalg
from lltheano.tensor.inner_graphs.composed import ComposedOp

SIZE = 4


def general(rng: np.random.Generator, *shape: int) -> Any:
    return rng.normal(size=shape or (SIZE, SIZE))


def regular(rng: np.random.Generator) -> Any:
    """A tensor that is a matrix far from a singular one: 6 by 2 by 3."""
    return definite(rng, 6).reshape(6, 2, 3)


def definite(rng: np.random.Generator, size: int = SIZE) -> Any:
    wide = general(rng, size, size + 1)
    return wide @ wide.T + np.eye(size)


def weighted(*results: Any) -> Any:
    """A scalar that depends on every element in its own way, but not on signs of vectors."""
    total = 0
    for result in results:
        places = T.arange(result.size).reshape(result.shape).astype("float64")
        total = total + (T.sin(places + 1) * result).sum()
    return total


def check(build: Callable[..., Any], *values: Any, tolerance: float = 2e-5) -> None:
    inputs = [T.tensor("float64", [False] * value.ndim) for value in values]
    cost = build(*inputs)
    run = function(inputs, cost)
    slopes = function(inputs, T.grad(cost, inputs))(*values)
    for number, (value, slope) in enumerate(zip(values, slopes, strict=True)):
        wanted = np.zeros_like(value)
        for place in np.ndindex(value.shape):
            ends = []
            for step in (1e-5, -1e-5):
                moved = [np.array(one) for one in values]
                moved[number][place] += step
                ends.append(float(run(*moved)))
            wanted[place] = (ends[0] - ends[1]) / 2e-5
        scale = max(1.0, np.abs(wanted).max())
        np.testing.assert_allclose(slope, wanted, rtol=tolerance, atol=tolerance * scale)


UNARY: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "matrix_inverse": (lambda x: weighted(linalg.matrix_inverse(x)), general),
    "det": (linalg.det, general),
    "slogdet": (lambda x: linalg.slogdet(x)[1], general),
    "pinv": (lambda x: weighted(linalg.pinv(x)), lambda rng: general(rng, 5, 3)),
    "wide pinv": (lambda x: weighted(linalg.pinv(x)), lambda rng: general(rng, 3, 5)),
    "cholesky": (lambda x: weighted(linalg.cholesky(x)), definite),
    "upper cholesky": (lambda x: weighted(linalg.Cholesky(lower=False)(x)), definite),
    "qr": (lambda x: weighted(*linalg.qr(x)), general),
    "tall qr": (lambda x: weighted(*linalg.qr(x)), lambda rng: general(rng, 6, 3)),
    "r": (lambda x: weighted(linalg.qr(x, "r")), lambda rng: general(rng, 5, 4)),
    "singular values": (
        lambda x: weighted(linalg.svd(x, compute_uv=False)),
        lambda rng: general(rng, 5, 3),
    ),
    "svd": (
        lambda x: weighted(*[part**2 for part in linalg.svd(x, full_matrices=False)]),
        lambda rng: general(rng, 5, 3),
    ),
    "wide svd": (
        lambda x: weighted(*[part**2 for part in linalg.svd(x, full_matrices=False)]),
        lambda rng: general(rng, 3, 5),
    ),
    "eigenvalues": (lambda x: weighted(linalg.eigvalsh(x)), definite),
    "upper eigenvalues": (lambda x: weighted(linalg.eigvalsh(x, None, False)), definite),
    "eigh": (lambda x: weighted(*[part**2 for part in linalg.eigh(x)]), definite),
    "upper eigh": (lambda x: weighted(*[part**2 for part in linalg.eigh(x, "U")]), definite),
    "expm": (lambda x: weighted(linalg.expm(x)), general),
    "large expm": (lambda x: T.log(weighted(linalg.expm(x)) ** 2), lambda rng: 6 * general(rng)),
    "matrix_power": (lambda x: weighted(linalg.matrix_power(x, 5)), lambda rng: general(rng) / 2),
    "trace": (linalg.trace, general),
    "diagonal": (lambda x: weighted(T.diagonal(x, 1)), general),
    "alloc": (lambda x: weighted(T.diag(x, -1)), lambda rng: general(rng, 3)),
    "nuclear norm": (lambda x: linalg.norm(x, "nuc"), lambda rng: general(rng, 4, 3)),
    "tensorinv": (lambda x: weighted(linalg.tensorinv(x, 1)), regular),
}


@pytest.mark.parametrize("name", UNARY)
def test_of_one_matrix(name: str, rng: np.random.Generator) -> None:
    build, example = UNARY[name]
    check(build, example(rng))


@pytest.mark.parametrize("columns", [(), (3,)])
@pytest.mark.parametrize("structure", ["general", "lower_triangular", "upper_triangular"])
def test_of_a_linear_system(
    structure: str, columns: tuple[int, ...], rng: np.random.Generator
) -> None:
    check(
        lambda a, b: weighted(linalg.Solve(structure)(a, b)),
        definite(rng),
        general(rng, SIZE, *columns),
    )


@pytest.mark.parametrize("lower", [True, False])
def test_of_generalised_eigenvalues(lower: bool, rng: np.random.Generator) -> None:
    check(lambda a, b: weighted(linalg.Eigvalsh(lower)(a, b)), definite(rng), definite(rng))


def test_of_products(rng: np.random.Generator) -> None:
    check(lambda a, b: weighted(linalg.kron(a, b)), general(rng, 2, 3), general(rng, 3, 2))
    check(
        lambda a, b: weighted(T.batched_tensordot(a, b, 1)),
        general(rng, 2, 3, 4),
        general(rng, 2, 4, 2),
    )


def test_of_least_squares(rng: np.random.Generator) -> None:
    check(
        lambda a, b: weighted(linalg.lstsq()(a, b, 1e-12)[0]), general(rng, 6, 3), general(rng, 6)
    )


def test_gradients_can_be_differentiated_again(rng: np.random.Generator) -> None:
    def slope(op: Any) -> Callable[[Any], Any]:
        return lambda x: weighted(T.grad(weighted(op(x)), x))

    check(slope(linalg.matrix_inverse), general(rng))
    check(slope(linalg.det), general(rng))
    check(slope(linalg.expm), general(rng) / 2, tolerance=1e-4)


def test_the_gradient_classes_give_what_the_gradients_are_made_of(rng: np.random.Generator) -> None:
    x, g = T.dmatrices("x", "g")
    a, b = definite(rng), general(rng)
    factor = linalg.cholesky(x)
    wanted = T.grad((factor * g).sum(), x)
    found = linalg.CholeskyGrad()(x, factor, g)
    np.testing.assert_allclose(*function([x, g], [found, wanted])(a, b))
    wanted = T.grad((linalg.expm(x) * g).sum(), x)
    np.testing.assert_allclose(*function([x, g], [linalg.ExpmGrad()(x, g), wanted])(a, b))
    w, v = linalg.eigh(x)
    wanted = T.grad(w.sum() + (v * g).sum(), x)
    found = linalg.EighGrad()(x, w, v, T.ones_like(w), g)
    np.testing.assert_allclose(*function([x, g], [found, wanted])(a, b))
    y = T.dmatrix("y")
    values = linalg.eigvalsh(x, y)
    wanted_pair = T.grad((values * T.arange(SIZE)).sum(), [x, y])
    pair = linalg.EigvalshGrad()(x, y, T.arange(SIZE).astype("float64"))
    results = function([x, y], [*pair, *wanted_pair])(a, definite(rng))
    for one, other in zip(results[:2], results[2:], strict=True):
        np.testing.assert_allclose(one, other)


def test_equal_eigenvalues_leave_the_gradient_of_the_values_finite() -> None:
    x = T.dmatrix("x")
    w, _ = linalg.eigh(x)
    found = function([x], T.grad(w.sum(), x))(np.eye(3))
    np.testing.assert_allclose(found, np.eye(3), atol=1e-12)


def test_what_has_no_gradient_says_so() -> None:
    x = T.dmatrix("x")
    with pytest.raises(MethodNotDefined, match="mode 'raw' is not defined; use mode"):
        T.grad(linalg.qr(x, "raw")[0].sum(), x)
    with pytest.raises(MethodNotDefined, match="full_matrices=False"):
        T.grad(linalg.svd(x)[0].sum(), x)
    with pytest.raises(MethodNotDefined, match="eig has no gradient; eigh has one"):
        T.grad(linalg.eig(x)[0].real.sum(), x)
    run = function([x], T.grad(linalg.qr(x, "complete")[0].sum(), x))
    with pytest.raises(np.linalg.LinAlgError, match="defined for the first 2 columns of Q"):
        run(np.ones((3, 2)))


class Product(ComposedOp):
    """A product that has its gradient from its graph."""

    def make_node(self, *operands: Any) -> Apply:
        x, y = map(T.as_tensor_variable, operands)
        return Apply(self, [x, y], [x.type()])

    def build(self, *operands: Any) -> Any:
        return [T.dot(*operands)]


def test_an_operand_of_a_composed_op_may_be_computed_from_another() -> None:
    x, point = T.dmatrix("x"), np.array([[1.0, 2.0], [3.0, 4.0]])
    found = T.grad(Product()(x, x * x).sum(), x)
    wanted = T.grad(T.dot(x, x * x).sum(), x)
    np.testing.assert_allclose(found.eval({x: point}), wanted.eval({x: point}))
