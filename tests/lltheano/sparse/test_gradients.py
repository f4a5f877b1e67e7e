"""Gradients of sparse matrices are those of the entries, and gradients of gradients too."""

from itertools import cycle
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

import lltheano.sparse as S
import lltheano.tensor as T
from lltheano import function, grad
from lltheano.gradient import Rop
from tests.lltheano.evaluation import assert_gradient, evaluate
from tests.lltheano.sparse.cases import (
    BY_FORMAT,
    CASES,
    CONSTANT,
    OF_ENTRIES,
    STEPS,
    as_format,
    matrix,
    total,
)

NOT_SMOOTH = STEPS | CONSTANT


def of_entries(name: str, format_: str, a: Any, b: Any) -> tuple[Any, list[Any], list[Any]]:
    """A cost of the entries of two matrices, leaves for the entries, and their values."""
    matrices = [as_format(one, format_) for one in (a, b)]
    leaves = [T.dvector(letter) for letter in "xy"]
    x, y = (
        S.CSM(format_)(leaf, one.indices, one.indptr, one.shape)
        for leaf, one in zip(leaves, matrices, strict=True)
    )
    return total(CASES[name][0](x, y)), leaves, [one.data for one in matrices]


SMOOTH = set(CASES) - NOT_SMOOTH
COMPILED = ("add_s_d", "element", "hstack", "mul_s_s", "rows", "sampling_dot", "sp_sum", "usmm")


@pytest.mark.parametrize(
    ("name", "format_"), [(name, format_) for name, format_ in BY_FORMAT if name in SMOOTH]
)
def test_differences(name: str, format_: str, rng: np.random.Generator) -> None:
    """Of both operands."""
    a, b = (matrix(rng, (3, 4), 0.6, "float64") for _ in range(2))
    cost, leaves, values = of_entries(name, format_, a, b)
    given = dict(zip(leaves, values, strict=True))
    for leaf in leaves:
        assert_gradient(cost, given, leaf)


@pytest.mark.parametrize(("name", "format_"), [*zip(COMPILED, cycle(("csr", "csc")), strict=False)])
def test_compiled_gradients(name: str, format_: str, rng: np.random.Generator) -> None:
    """They are what the interpreter, to which differences were compared, makes of them."""
    a, b = (matrix(rng, (3, 4), 0.6, "float64") for _ in range(2))
    cost, leaves, values = of_entries(name, format_, a, b)
    slopes = grad(cost, leaves, disconnected_inputs="ignore")
    found = function(leaves, slopes, on_unused_input="ignore")(*values)
    wanted = evaluate(slopes, dict(zip(leaves, values, strict=True)))
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)


@pytest.mark.parametrize("name", sorted((SMOOTH - OF_ENTRIES) | {"structured_exp"}))
def test_second_derivatives(name: str, rng: np.random.Generator) -> None:
    """The gradient is an expression like any other."""
    a, b = (matrix(rng, (3, 4), 0.6, "float64") for _ in range(2))
    cost, leaves, values = of_entries(name, "csr", a, b)
    slope = (grad(cost, leaves[0], disconnected_inputs="ignore") ** 2).sum()
    given = dict(zip(leaves, values, strict=True))
    for leaf in leaves:
        assert_gradient(slope, given, leaf, curvature=1e-5)


@pytest.mark.parametrize("name", sorted(NOT_SMOOTH))
def test_steps_have_no_slope(name: str, rng: np.random.Generator) -> None:
    a = matrix(rng, (3, 4), 0.6, "float64")
    x = S.csr_matrix("x", dtype="float64")
    slope = grad(total(CASES[name][0](x, x)), x, disconnected_inputs="ignore")
    found = function([x], slope, on_unused_input="ignore")(sp.csr_matrix(a))
    assert found.shape == a.shape
    assert abs(found).sum() == 0


def test_a_gradient_has_the_type_and_the_structure_of_its_variable(
    rng: np.random.Generator,
) -> None:
    """Also when it is the sum of several, of operands with other entries."""
    a, b = (matrix(rng, (3, 4), 0.5, "float32") for _ in range(2))
    for format_ in ("csr", "csc"):
        x, y = (S.matrix(format_, name, "float32") for name in "xy")
        cost = (x + y).sum() + (x * y).sum() + S.sqr(x).sum() + total(S.dot(x, np.ones((4, 2))))
        slope = grad(cost, x)
        assert slope.type == x.type
        found: Any = function([x, y], slope)(as_format(a, format_), as_format(b, format_))
        np.testing.assert_array_equal(found.indices, as_format(a, format_).indices)


def test_shared_matrices_are_trained(rng: np.random.Generator) -> None:
    """Gradient descent on the entries; the structure stays."""
    a: Any = sp.random(6, 5, 0.5, format="csr", rng=rng)
    inputs, wanted = rng.normal(size=(5, 30)), rng.normal(size=(6, 30))
    w = S.shared(a, name="w")
    cost = T.mean((S.dot(w, inputs) - wanted) ** 2)
    train = function([], cost, updates=[(w, w - grad(cost, w) * 0.1)])
    costs = [float(train()) for _ in range(200)]
    assert costs[-1] < 0.9 * costs[0]
    assert costs[-1] <= min(costs) + 1e-9
    np.testing.assert_array_equal(w.get_value().indices, a.indices)
    expected = a.toarray()
    for _ in range(200):
        slope = 2 * (expected @ inputs - wanted) @ inputs.T / wanted.size
        expected -= 0.1 * slope * (a.toarray() != 0)
    np.testing.assert_allclose(w.get_value().toarray(), expected, rtol=1e-9)


def test_forward_derivatives(rng: np.random.Generator) -> None:
    """Along a direction of a dense operand."""
    a, x = sp.random(4, 3, 0.5, format="csr", rng=rng), T.dvector("x")
    product = S.dot(S.as_sparse_variable(a), T.tanh(x))
    t = T.dvector("t")
    point, along = rng.normal(size=(2, 3))
    found = function([x, t], Rop(product, x, t))(point, along)
    np.testing.assert_allclose(found, a @ (along / np.cosh(point) ** 2), rtol=1e-12)
