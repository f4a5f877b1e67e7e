"""Values of symbolic expressions, by the reference interpreter, without compiling anything."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

import lltheano.tensor as T
from lltheano.gradient import grad
from lltheano.graph import Variable
from lltheano.lowering import lower
from lltheano.tensor.elementwise.op import Elementwise
from lltheano_ir.interpret import interpret
from lltheano_ir.passes.pipeline import optimise

ELEMENTWISE_OPS: dict[str, Elementwise] = {
    op.name: op
    for module in (T, T.xlogx)
    for name in dir(module)
    if isinstance(op := getattr(module, name), Elementwise)
}
"""Every elementwise op of the tensor language by name, those in modules that are lazy too."""


def evaluator(outputs: Sequence[Variable], leaves: Sequence[Any]) -> Callable[..., list[Any]]:
    """A function from the values of the leaves to those of the outputs."""
    program = lower(list(leaves), list(outputs))

    def run(*values: Any) -> list[Any]:
        arrays = [leaf.type.filter(value) for leaf, value in zip(leaves, values, strict=True)]
        results, _ = interpret(program, arrays)
        for variable, result in zip(outputs, results, strict=True):
            assert result.dtype == getattr(variable, "dtype", None)
        return list(results)

    return run


def evaluate(outputs: Any, values: Mapping[Any, Any] | None = None) -> Any:
    """The value of one variable, or of each of a list, for the given values of the leaves."""
    given = dict(values or {})
    several = isinstance(outputs, list | tuple)
    wanted = list(outputs) if several else [outputs]
    results = evaluator(wanted, list(given))(*given.values())
    return results if several else results[0]


def optimised_value(output: Variable, values: Mapping[Any, Any]) -> Any:
    """The value of a variable by the compiler's rules, and the reference interpreter after them."""
    program = optimise(lower(list(values), [output]))
    arrays = [leaf.type.filter(value) for leaf, value in values.items()]
    ((result,), _) = interpret(program, arrays)
    return result


def assert_evaluates(expression: Any, values: Mapping[Any, Any], expected: Any) -> None:
    """The value of an expression, by the reference interpreter, is the one that is expected."""
    np.testing.assert_array_equal(evaluate(expression, values), expected)


def variable_for(array: Any) -> Any:
    """A variable that takes an array; its axes of size 1 broadcast."""
    return T.TensorType(array.dtype, [size == 1 for size in array.shape])("x")


def numeric_gradient(
    cost: Variable, values: Mapping[Any, Any], wrt: Variable, step: float = 1e-6
) -> Any:
    """The gradient of a scalar by central differences, in float64 or complex128.

    By a complex number x + iy it is d/dx + i d/dy.
    """
    whole = np.iscomplexobj(values[wrt])
    point: Any = np.array(values[wrt], dtype=np.complex128 if whole else np.float64)
    slope = np.zeros_like(point)
    cost_at = evaluator([cost], list(values))
    for place in np.ndindex(point.shape):
        for direction in (1, 1j) if whole else (1,):
            ends = []
            for sign in (1, -1):
                moved = point.copy()
                moved[place] += sign * step * direction
                (value,) = cost_at(*({**values, wrt: moved}).values())
                ends.append(float(value))
            slope[place] += direction * (ends[0] - ends[1]) / (2 * step)
    return slope


def assert_gradient(
    cost: Variable,
    values: Mapping[Any, Any],
    wrt: Variable,
    *,
    gradient: Any = None,
    step: float = 1e-6,
    curvature: float = 2e-6,
) -> None:
    """The gradient of a scalar, found by the engine or given, agrees with central differences.

    What central differences themselves may be off by is allowed, and no more. Both ends carry the
    rounding of the cost, which sums terms of the size of `gradient * x`; divided by the step that
    gives the absolute tolerance. The third derivative, times the square of the step, gives the
    relative one, `curvature`.
    """
    if gradient is None:
        gradient = evaluate(grad(cost, wrt, disconnected_inputs="ignore"), values)
    point = np.asarray(values[wrt])
    assert np.shape(gradient) == point.shape
    terms = abs(float(evaluate(cost, values))) + float(np.abs(gradient * point).sum())
    rounding = 8 * np.finfo(np.float64).eps * (1 + terms) / step
    np.testing.assert_allclose(
        gradient,
        numeric_gradient(cost, values, wrt, step),
        rtol=curvature,
        atol=rounding + curvature,
    )
