"""Test values: what variables are, for chosen inputs, while the graph is being built.

With `config.compute_test_value` on, each op that is applied is computed at once, by the reference
interpreter, from the test values of its inputs: `tag.test_value` of variables, the values of shared
variables and constants. So a size that does not fit is found on the line that is wrong, not when a
function is called. The results are the `tag.test_value` of the new variables.
"""

import pdb
import sys
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lltheano.config import config
from lltheano.errors import MissingTestValueError
from lltheano.function.programs.faults import EXCEPTIONS, quote
from lltheano.graph import Apply, Constant, Variable, io_toposort
from lltheano.graph.provenance import caller
from lltheano.lowering import lower
from lltheano.shared import SharedVariable
from lltheano.tensor.variables.variable import TensorType
from lltheano_ir.interpret import interpret
from lltheano_ir.ops.definition import ExecutionError
from lltheano_ir.provenance import Location

__all__ = ["compute_test_values", "get_test_value"]


def get_test_value(v: Any) -> Any:
    """Return the test value of a variable; of what is no variable, that of the constant it becomes.

    Raises MissingTestValueError, an AttributeError, when it has none; TypeError when what
    `tag.test_value` holds is no value of its type.

    >>> import lltheano.tensor as T
    >>> x = T.dvector("x")
    >>> x.tag.test_value = [1.0, 2.0]
    >>> get_test_value(x), get_test_value(T.constant(3))
    (array([1., 2.]), array(3, dtype=int8))
    """
    if not isinstance(v, Variable):
        return np.asarray(v)
    if isinstance(v, Constant):
        return v.data
    if isinstance(v, SharedVariable):
        return v.get_value(borrow=True)
    if not hasattr(v.tag, "test_value"):
        raise MissingTestValueError(f"{v.describe()} has no test value; set its tag.test_value")
    try:
        return v.type.filter(v.tag.test_value)
    except (TypeError, ValueError) as error:
        raise TypeError(f"the test value of {v.describe()}: {error}") from error


def compute_test_values(node: Apply, *, required: bool = True) -> None:
    """Compute the test values of an application that has just been made, as the flag wants it.

    Unless they are `required` nothing is done about inputs that have none, nor about values that do
    not go together: so it is for copies of a graph, whose new inputs may be of other sizes.

    Raises ValueError, IndexError and so on, as a function would, when there is no result for the
    test values; with the flag "raise" also MissingTestValueError when an input has none.
    """
    try:
        values = [_value_for(node, operand) for operand in node.inputs]
    except MissingTestValueError as error:
        if required:
            _complain(error)
        return
    try:
        results = _computed(node, values)
    except Exception:
        if not required:
            return
        if config.compute_test_value == "pdb":
            pdb.post_mortem(sys.exc_info()[2])
        raise
    for output, value in zip(node.outputs, results, strict=True):
        output.tag.test_value = value


def _value_for(node: Apply, variable: Variable) -> Any:
    try:
        return get_test_value(variable)
    except MissingTestValueError as error:
        if config.compute_test_value != "ignore" and _found_out(variable):
            return get_test_value(variable)
        raise MissingTestValueError(f"test value of {node.op}: {error}") from None


def _found_out(variable: Variable) -> bool:
    """Whether the test values of what was made while none were wanted, such as the gradients of a
    step of a loop, can be computed now.
    """
    for node in _without_values(variable):
        compute_test_values(node, required=False)
        if not all(hasattr(output.tag, "test_value") for output in node.outputs):
            return False
    return hasattr(variable.tag, "test_value")


def _without_values(variable: Variable) -> list[Apply]:
    """The applications of which a variable is made and that have no test values, in order."""
    lacking: dict[Variable, None] = {}
    pending = [variable]
    known: list[Variable] = []
    while pending:
        one = pending.pop()
        if one in lacking:
            continue
        lacking[one] = None
        for operand in () if one.owner is None else one.owner.inputs:
            has = isinstance(operand, Constant | SharedVariable)
            (known if has or hasattr(operand.tag, "test_value") else pending).append(operand)
    return io_toposort(known, [variable])


def _complain(error: MissingTestValueError) -> None:
    wanted = config.compute_test_value
    if wanted == "raise":
        raise error
    if wanted == "pdb":
        pdb.set_trace()
    if wanted == "warn":
        location = caller()
        file, line = (location.filename, location.line) if location is not None else ("?", 0)
        warnings.warn_explicit(str(error), UserWarning, file, line)


def _computed(node: Apply, values: Sequence[Any]) -> Sequence[Any]:
    if not all(isinstance(operand.type, TensorType) for operand in (*node.inputs, *node.outputs)):
        return _performed(node, values)
    parameters = dict(zip(node.inputs, values, strict=True))
    inputs = [parameter for parameter in parameters if not isinstance(parameter, Constant)]
    program = lower(inputs, node.outputs, name="test_value")
    try:
        results, _ = interpret(program, [_plain(parameters[operand]) for operand in inputs])
    except ExecutionError as error:
        raise _explained(node, values, error) from None
    return results


def _plain(value: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(value, dtype=value.dtype.newbyteorder("="))


def _performed(node: Apply, values: Sequence[Any]) -> Sequence[Any]:
    """The results of an op on Python objects, by its own Python code."""
    storage: list[list[Any]] = [[None] for _ in node.outputs]
    node.op.perform(node, list(values), storage)
    return [one[0] for one in storage]


def _explained(node: Apply, values: Sequence[Any], error: ExecutionError) -> Exception:
    lines = [f"test value of {node.op}: {error.args[0]}"]
    if node.source is not None:
        lines.append(f"  in {quote(Location(node.source.filename, node.source.line))}")
    lines += [
        f"  with {operand}: {value.dtype} of shape {value.shape}"
        for operand, value in zip(node.inputs, values, strict=True)
    ]
    if error.kind == "memory":
        return MemoryError("\n".join(lines))
    return EXCEPTIONS[error.kind]("\n".join(lines))
