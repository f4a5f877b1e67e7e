"""Operands that are integers or bool: every derivative is that of the function of real numbers.

Where an op gives a float for integers, its slope is the one that it has for floats of the result's
dtype, bit for bit, and near that in float64; no formula is evaluated in the integers' dtype, where
it would wrap round or not be defined.
"""

from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano.gradient import Rop, grad
from lltheano.tensor.variables.promotion import DISCRETE_DTYPES, is_discrete, real_dtype
from lltheano.tensor.variables.variable import TensorType
from lltheano_ir.ops.definition import ExecutionError
from tests.lltheano.evaluation import ELEMENTWISE_OPS, evaluate, evaluator
from tests.lltheano.gradient.covered import BITS, CASES, NO_DERIVATIVE, ONE_DERIVATIVE

SCALE = {"float32": (1e-3, 1e-6, 1e-15, 1e15), "float64": (1e-12, 1e-15, 1e-250, 1e250)}
"""How near slopes are to those in float64, relatively or absolutely, and between which magnitudes
that can be asked.
"""

ILL_CONDITIONED = {"gammainc", "gammaincc", "gammainc_slope", "chi2sf"}
"""Densities, whose formula is the exponential of a difference of large numbers."""

OF_INTEGERS = {
    *("smallest", "largest", "gammal", "gammau", "polygamma", "complex_from_polar"),
    *("concatenate", "stack: scalars", "stacklists", "batched_dot", "spectral_radius_bound"),
    "einsum: batches",
    *("eigh", "eigvalsh", "cholesky", "solve_sylvester", "solve_continuous_lyapunov"),
    *("solve_discrete_lyapunov", "expm"),
}
"""Cases that compute in integers themselves before they come to what they are cases of."""


def points(dtype: str) -> Any:
    """Numbers of both ends of the range, and some between: squares of most do not fit."""
    if dtype == "bool":
        return np.array([False, True])
    limits = np.iinfo(dtype)
    near = [1, 2, 3, 5, 11, 12, 100, 127]
    far = [limits.max, limits.max - 1, limits.max // 2 + 1, limits.max // 3, limits.min]
    signed = [-one for one in near] if limits.min < 0 else []
    return np.array([0, *near, *signed, *far], dtype)


def vector(dtype: str) -> Any:
    return TensorType(dtype, (False,))()


def slopes(op: Any, operands: Any, result: Any) -> tuple[list[Any], list[int]]:
    """The gradients by those operands that have one, and which these are."""
    chosen = [place for place in range(len(operands)) if NO_DERIVATIVE.get(op.name) != place]
    weights = T.constant(1.5, dtype=result.dtype)
    cost = (result * weights).real.sum() if result.dtype.startswith("complex") else None
    cost = (result * weights).sum() if cost is None else cost
    wrt = [operands[place] for place in chosen]
    return grad(cost, wrt, disconnected_inputs="ignore"), chosen


def pairs(op: Any, dtype: str) -> list[Any]:
    arity = 2 if op.variadic else op.arity
    return [axis.ravel() for axis in np.meshgrid(*[points(dtype)] * arity)]


@pytest.mark.parametrize("dtype", DISCRETE_DTYPES)
@pytest.mark.parametrize("name", sorted(set(ELEMENTWISE_OPS) - BITS))
@pytest.mark.parametrize("first_is_float", [False, True])
def test_slopes_of_elementwise_ops(name: str, dtype: str, first_is_float: bool) -> None:
    op = ELEMENTWISE_OPS[name]
    values = pairs(op, dtype)
    kinds = [dtype] * len(values)
    if first_is_float:
        kinds[0], values[0] = "float32", values[0].astype("float32")
    operands = [vector(kind) for kind in kinds]
    try:
        result = op(*operands)
    except TypeError:
        return  # not defined on bool
    if is_discrete(result.dtype):
        return  # a step: test_numeric
    found = {}
    for how, kind in (("own", None), ("same", real_dtype(result.dtype)), ("wide", "float64")):
        given = operands if kind is None else [vector(kind) for _ in values]
        if name == "switch":
            given = [operands[0], *given[1:]]
        gradients, _ = slopes(op, given, op(*given))
        with np.errstate(all="ignore"):
            arrays = [one.astype(x.dtype) for one, x in zip(values, given, strict=True)]
            found[how] = evaluator(gradients, given)(*arrays)
    rtol, atol, least, most = SCALE[real_dtype(result.dtype)]
    for mine, same, wide in zip(*found.values(), strict=True):
        with np.errstate(over="ignore"):
            np.testing.assert_array_equal(mine, same.astype(mine.dtype))
        ordinary = np.isfinite(mine) & (least < abs(wide)) & (abs(wide) < most)
        if name not in ILL_CONDITIONED and not (first_is_float and mine.dtype != same.dtype):
            np.testing.assert_allclose(mine[ordinary], wide[ordinary], rtol=rtol, atol=atol)


@pytest.mark.parametrize("dtype", DISCRETE_DTYPES)
@pytest.mark.parametrize("name", sorted(set(ELEMENTWISE_OPS) - BITS))
def test_second_derivatives_and_right_products(name: str, dtype: str) -> None:
    op = ELEMENTWISE_OPS[name]
    values = pairs(op, dtype)
    operands = [vector(dtype) for _ in values]
    try:
        result = op(*operands)
    except TypeError:
        return
    if is_discrete(result.dtype) or result.dtype.startswith("complex") or name == "switch":
        return
    last = -2 if ONE_DERIVATIVE.get(name) == len(values) - 1 else -1
    found = []
    for kind in (dtype, result.dtype):
        given = operands if kind == dtype else [vector(kind) for _ in values]
        value = op(*given)
        first = grad(value.sum(), given[last], disconnected_inputs="ignore")
        second = grad(first.sum(), given[last], disconnected_inputs="ignore")
        tangent = vector(result.dtype)
        product = Rop(value, given[last], tangent)
        run = evaluator([second, product], [*given, tangent])
        with np.errstate(all="ignore"):
            arrays = [one.astype(x.dtype) for one, x in zip(values, given, strict=True)]
            found.append(run(*arrays, np.linspace(1, 2, values[0].size).astype(result.dtype)))
    for mine, same in zip(*found, strict=True):
        np.testing.assert_array_equal(mine.astype(same.dtype), same)


SIZES = (3, 4)


@pytest.mark.parametrize("dtype", ["bool", "int8", "int64", "uint64"])
@pytest.mark.parametrize("name", sorted(set(CASES) - OF_INTEGERS))
def test_slopes_of_functions_of_a_matrix(name: str, dtype: str, rng: np.random.Generator) -> None:
    """Where the value is that of float64, so is the slope."""
    limits = (0, 1) if dtype == "bool" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    x, wide = (TensorType(one, (False, False))() for one in (dtype, "float64"))
    try:
        result = CASES[name](x)
        if is_discrete(result.dtype):
            return
        slope = grad(result.sum(), x, disconnected_inputs="ignore")
    except (TypeError, ValueError):
        return  # not a function of integers
    expected = CASES[name](wide)
    expected_slope = grad(expected.sum(), wide, disconnected_inputs="ignore")
    for low, high in ((max(limits[0], -3), min(limits[1], 4)), limits):
        point = rng.integers(low, high, SIZES, endpoint=True, dtype=dtype)
        with np.errstate(all="ignore"):
            try:
                value, found = evaluate([result, slope], {x: point})
                same, wanted = evaluate([expected, expected_slope], {wide: point.astype(float)})
            except ExecutionError:
                continue  # not a regular matrix
        if value.shape == same.shape and np.allclose(value, same, rtol=1e-5, atol=0):
            scale = abs(wanted)[np.isfinite(wanted)].max(initial=0)
            # Of 1 - tanh(x)**2 single precision has nothing where it is below a rounding of 1.
            rounding = float(np.finfo(np.float32).eps)
            np.testing.assert_allclose(found, wanted, rtol=1e-2, atol=1e-5 * scale + rounding)


OPERANDS: dict[str, tuple[Any, tuple[int, ...], tuple[int, ...]]] = {
    "dot": (T.dot, (3, 4), (4, 3)),
    "outer": (T.outer, (3,), (4,)),
    "tensordot": (T.tensordot, (3, 4), (3, 4)),
    "batched_dot: vectors": (T.batched_dot, (3, 4), (3, 4)),
    "batched_dot": (T.batched_dot, (3, 2, 4), (3, 4, 2)),
    "batched_tensordot": (lambda a, b: T.batched_tensordot(a, b, 1), (3, 2, 4), (3, 4, 2)),
    "matmul: vector": (T.matmul, (4,), (3, 4, 2)),
    "matmul": (T.matmul, (3, 2, 4), (4, 2)),
    "matvec": (T.matvec, (3, 2, 4), (3, 4)),
    "vecmat": (T.vecmat, (3, 4), (3, 4, 2)),
    "vecdot": (T.vecdot, (3, 4), (4,)),
    "inner": (T.inner, (3, 4), (2, 4)),
    "vdot": (T.vdot, (3, 4), (3, 4)),
    "kron": (T.slinalg.kron, (3, 4), (2, 4)),
    "cross": (T.cross, (2, 3), (3,)),
    "einsum": (lambda a, b: T.einsum("ij,kj->ik", a, b), (3, 4), (2, 4)),
    "fmod": (T.fmod, (3, 4), (4,)),
    "float_power": (T.float_power, (3, 4), (4,)),
    "hypot": (T.hypot, (3, 4), (4,)),
    "logaddexp": (T.logaddexp, (3, 4), (4,)),
    "trapezoid": (lambda a, b: T.trapezoid(a, x=b), (3, 4), (4,)),
}
"""Functions of two operands, and sizes of these."""


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint64"])
@pytest.mark.parametrize("integer", [0, 1])
@pytest.mark.parametrize("name", OPERANDS)
def test_slopes_of_integers_beside_floats(
    name: str, integer: int, dtype: str, rng: np.random.Generator
) -> None:
    function, *sizes = OPERANDS[name]
    values: list[Any] = [rng.uniform(0.5, 2, one) for one in sizes]
    values[integer] = rng.integers(1, 1 if dtype == "bool" else 3, sizes[integer], endpoint=True)
    found = []
    for kind in (dtype, "float64"):
        kinds = ["float64", "float64"]
        kinds[integer] = kind
        leaves = [
            TensorType(one, (False,) * len(size))() for one, size in zip(kinds, sizes, strict=True)
        ]
        slopes = grad(function(*leaves).sum(), leaves)
        arrays = [one.astype(x.dtype) for one, x in zip(values, leaves, strict=True)]
        found.append(evaluator(slopes, leaves)(*arrays))
    for mine, same in zip(*found, strict=True):
        np.testing.assert_allclose(mine, same, rtol=1e-12, atol=1e-12)
