"""Values of symbolic expressions, by the reference interpreter, without compiling anything."""

from collections.abc import Mapping
from typing import Any

import numpy as np

import lltheano.tensor as T
from lltheano.graph import Variable
from lltheano.lowering import lower
from lltheano.tensor.elementwise import Elementwise
from lltheano_ir.interpret import interpret

ELEMENTWISE_OPS: dict[str, Elementwise] = {
    op.name: op
    for module in (T, T.xlogx)
    for name in dir(module)
    if isinstance(op := getattr(module, name), Elementwise)
}
"""Every elementwise op of the tensor language by name, those in modules that are lazy too."""


def evaluate(outputs: Any, values: Mapping[Any, Any] | None = None) -> Any:
    """The value of one variable, or of each of a list, for the given values of the leaves."""
    given = dict(values or {})
    several = isinstance(outputs, list | tuple)
    wanted = list(outputs) if several else [outputs]
    program = lower(list(given), wanted)
    arrays = [variable.type.filter(value) for variable, value in given.items()]
    results, _ = interpret(program, arrays)
    for variable, result in zip(wanted, results, strict=True):
        assert result.dtype == variable.dtype
    return list(results) if several else results[0]


def numeric_gradient(
    cost: Variable, values: Mapping[Any, Any], wrt: Variable, step: float = 1e-6
) -> Any:
    """The gradient of a scalar by central differences, in float64."""
    point = np.array(values[wrt], dtype=np.float64)
    slope = np.zeros_like(point)
    for place in np.ndindex(point.shape):
        ends = []
        for sign in (1, -1):
            moved = point.copy()
            moved[place] += sign * step
            ends.append(float(evaluate(cost, {**values, wrt: moved})))
        slope[place] = (ends[0] - ends[1]) / (2 * step)
    return slope
