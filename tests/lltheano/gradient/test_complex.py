"""The gradient by complex variables, d/dx + i d/dy, through every op that takes them.

Compared with central differences along both axes of the plane.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function
from lltheano.errors import GradientError, MethodNotDefined
from lltheano.tensor.elementwise.op import Elementwise
from tests.lltheano.evaluation import ELEMENTWISE_OPS, assert_gradient, evaluate
from tests.lltheano.gradient.covered import CASES

Functions = dict[str, Callable[[Any], Any]]

DISCRETE = {"eq", "neq", "isnan", "isinf", "round_half_to_even"}


def draw(rng: np.random.Generator, *shape: int) -> Any:
    """Numbers of the upper half plane, away from the cuts and the zeros of all functions."""
    return rng.uniform(-0.9, 0.9, shape) + 1j * rng.uniform(0.3, 0.9, shape)


def operands(op: Elementwise) -> list[Any]:
    """Complex ones of different ranks; the condition of `switch` is real."""
    whole = [T.zmatrix(), T.zvector(), T.zscalar()][: op.arity]
    return [T.dmatrix(), *whole[1:]] if op.name == "switch" else whole


def takes_complex(op: Elementwise) -> bool:
    try:
        op(*operands(op))
    except TypeError:
        return False
    return op.name not in DISCRETE


OPS = sorted(name for name, op in ELEMENTWISE_OPS.items() if takes_complex(op))


def real_cost(rng: np.random.Generator, result: Any) -> Any:
    """A sum of the parts of all elements, each with a weight of its own."""
    values = rng.normal(size=(2, *([1] * result.ndim)))
    if result.dtype.startswith("complex"):
        result = result.real * T.exp(0.3 * values[0]) + result.imag * T.exp(0.3 * values[1])
    return (result * (1 + T.arange(result.size).reshape(result.shape, ndim=result.ndim))).sum()


def check(cost: Any, values: Any, wrt: Any) -> None:
    gradient = T.grad(cost, wrt)
    assert gradient.type == wrt.type
    assert_gradient(cost, values, wrt)


def test_the_walk_finds_the_ops() -> None:
    assert {"exp", "pow", "abs_", "angle", "conj", "real", "true_div", "switch", "sgn"} <= set(OPS)


@pytest.mark.parametrize("name", OPS)
def test_elementwise_ops(name: str, rng: np.random.Generator) -> None:
    op = ELEMENTWISE_OPS[name]
    inputs = operands(op)
    shapes: list[tuple[int, ...]] = [(2, 3), (3,), ()]
    values = {x: draw(rng, *shape) for x, shape in zip(inputs, shapes, strict=False)}
    if name == "switch":
        values[inputs[0]] = np.array([[0.0, 1.0, 0.0], [2.0, 0.0, 3.0]])
    cost = real_cost(rng, op(*inputs))
    for x in inputs[1:] if name == "switch" else inputs:
        check(cost, values, x)


@pytest.mark.parametrize("name", ["add", "sub", "mul", "true_div", "pow"])
def test_a_real_operand_beside_a_complex_one_has_a_real_gradient(
    name: str, rng: np.random.Generator
) -> None:
    op = ELEMENTWISE_OPS[name]
    x, z = T.dvector("x"), T.zvector("z")
    values = {x: np.array([0.7, 1.3, -2.1]), z: draw(rng, 3)}
    for operands in ((x, z), (z, x)):
        for one in (x, z):
            check(real_cost(rng, op(*operands)), values, one)


def test_an_integer_beside_a_complex_number_is_differentiated_as_a_real_number() -> None:
    n, z = T.lvector("n"), T.zvector("z")
    gradient = T.grad((n * z).real.sum(), n)
    assert gradient.dtype == "float64"
    values = np.array([1 + 2j, 3 - 1j])
    assert evaluate(gradient, {n: np.array([1, 2]), z: values}).tolist() == [1.0, 3.0]


MATRIX: Functions = {
    "sum": lambda z: z.sum(axis=1),
    "prod": lambda z: z.prod(axis=0),
    "product of all": lambda z: z.prod(),
    "mean": lambda z: z.mean(),
    "var": lambda z: z.var(axis=1),
    "std": lambda z: z.std(),
    "norm": lambda z: z.norm(2),
    "norm of 3": lambda z: z.norm(3, axis=0),
    "row": lambda z: z[1],
    "part": lambda z: z[::-1, 1:],
    "rows": lambda z: z[[0, 1, 0]],
    "set": lambda z: T.set_subtensor(z[0], z[1] * 2j),
    "increased": lambda z: T.inc_subtensor(z[:, [0, 0]], z[:, 1:] ** 2),
    "joined": lambda z: T.concatenate([z, 2j * z], axis=1),
    "reshaped": lambda z: z.reshape((3, 2)) * 1j,
    "turned": lambda z: z.T * (1 + 1j),
    "dot": lambda z: z.dot(z.T),
    "dot with a vector": lambda z: z.dot(z[0]),
    "vector with a dot": lambda z: z[0].dot(z.T),
    "vectors": lambda z: z[0].dot(z[1]),
    "hermitian product": lambda z: z.conj().T.dot(z),
    "tensordot": lambda z: T.tensordot(z, z, [[0], [0]]),
    "batched dot": lambda z: T.batched_dot(T.stack([z, 1j * z]), T.stack([z.T, z.T])),
    "outer": lambda z: T.outer(z[0], z[1]),
    "cumsum": lambda z: T.cumsum(z, axis=1),
    "cast": lambda z: T.cast(z, "complex64").astype("complex128"),
    "polar": lambda z: T.complex_from_polar(abs(z), T.angle(z)),
    "square": lambda z: z**2,
    "inverse square": lambda z: z**-2,
}


@pytest.mark.parametrize("name", MATRIX)
def test_functions_of_a_matrix(name: str, rng: np.random.Generator) -> None:
    z = T.zmatrix("z")
    values = draw(rng, 2, 3)
    if name == "cast":
        result = MATRIX[name](z)
        gradient = T.grad((result.real + 2 * result.imag).sum(), z)
        assert gradient.dtype == "complex128"
        np.testing.assert_array_equal(evaluate(gradient, {z: values}), np.full((2, 3), 1 + 2j))
    else:
        check(real_cost(rng, MATRIX[name](z)), {z: values}, z)


def test_a_product_over_zeros(rng: np.random.Generator) -> None:
    z = T.zvector("z")
    for numbers in ([0, 1 + 2j, 3j], [0, 2j, 0], [1j, 2j, 3]):
        check(real_cost(rng, z.prod()), {z: np.array(numbers, complex)}, z)


def test_a_real_variable_in_a_complex_computation(rng: np.random.Generator) -> None:
    x = T.dvector("x")
    check(real_cost(rng, T.exp(1j * x) * (2 + 1j)), {x: np.array([0.1, 2.0, -3.0])}, x)
    check(real_cost(rng, T.cast(x, "complex128") ** 2), {x: np.array([0.1, 2.0])}, x)
    check(real_cost(rng, T.complex(x, x**2)), {x: np.array([0.1, 2.0])}, x)


def test_a_step_against_the_gradient_lowers_the_cost() -> None:
    """Also what makes the convention: to first order by the squared modulus of the gradient."""
    z = T.zvector("z")
    cost = abs(z**3 - 1j).sum()
    value, slope = function([z], [cost, T.grad(cost, z)])(np.array([0.5 + 0.2j, -1j, 2.0]))
    after = function([z], cost)(np.array([0.5 + 0.2j, -1j, 2.0]) - 1e-6 * slope)
    np.testing.assert_allclose((value - after) / 1e-6, np.sum(abs(slope) ** 2), rtol=1e-3)


def test_the_gradient_of_a_modulus_at_zero_is_zero() -> None:
    z = T.zscalar("z")
    assert evaluate(T.grad(abs(z), z), {z: 0j}) == 0
    assert evaluate(T.grad(T.sgn(z).real, z), {z: 0j}) == 0


def test_the_gradient_of_a_complex_cost_is_refused() -> None:
    z = T.zvector("z")
    with pytest.raises(TypeError, match=r"the cost must be real, got .*take its real part"):
        T.grad(z.sum(), z)


def test_second_derivatives(rng: np.random.Generator) -> None:
    z = T.zvector("z")
    first = T.grad((abs(z) ** 3 + (z**3).real).sum(), z)
    check(real_cost(rng, first), {z: draw(rng, 3)}, z)


def test_verify_grad_takes_complex_functions(rng: np.random.Generator) -> None:
    T.verify_grad(lambda z, x: T.exp(z) * x, [draw(rng, 2), np.array([0.5, 2.0])])
    wrong = Elementwise(
        "wrong",
        "the sine with the gradient of the cosine",
        1,
        T.sin.rule,
        "sin",
        lambda inputs, output, g: [-g * T.sin(inputs[0])],
    )
    with pytest.raises(GradientError):
        T.verify_grad(wrong, [draw(rng, 2)])


def test_products_with_the_jacobian(rng: np.random.Generator) -> None:
    """Of a function with a complex derivative d: d times a step, conj(d) times a gradient."""
    z, v = T.zvectors("z", "v")
    values = {z: draw(rng, 3), v: draw(rng, 3)}
    slope = np.exp(values[z])
    np.testing.assert_allclose(evaluate(T.Rop(T.exp(z), z, v), values), slope * values[v])
    np.testing.assert_allclose(evaluate(T.Lop(T.exp(z), z, v), values), slope.conj() * values[v])


@pytest.mark.parametrize("name", ["abs_", "conj", "real", "imag", "angle", "sgn", "mul", "pow"])
def test_the_right_product_is_the_slope_along_a_step(name: str, rng: np.random.Generator) -> None:
    op = ELEMENTWISE_OPS[name]
    z, v = T.zvectors("z", "v")
    result = op(*[z] * op.arity)
    point, step = draw(rng, 3), draw(rng, 3)
    above, below = (evaluate(result, {z: point + side * step}) for side in (1e-6, -1e-6))
    found = evaluate(T.Rop(result, z, v), {z: point, v: step})
    np.testing.assert_allclose(found, (above - below) / 2e-6, rtol=1e-6, atol=1e-8)


def takes_complex_matrix(name: str) -> bool:
    """Whether it is defined on complex matrices, and its gradient too; what is not says so."""
    z = T.zmatrix("z")
    try:
        result = CASES[name](z)
        if isinstance(result, list | tuple) or not result.dtype.startswith(("float", "complex")):
            return False
        T.grad(real_cost(np.random.default_rng(0), result), z)
    except (TypeError, ValueError, MethodNotDefined):
        return False
    return True


@pytest.mark.parametrize("name", [name for name in CASES if takes_complex_matrix(name)])
def test_every_function_that_takes_complex_numbers(name: str, rng: np.random.Generator) -> None:
    z = T.zmatrix("z")
    check(real_cost(rng, CASES[name](z)), {z: draw(rng, 3, 4)}, z)
