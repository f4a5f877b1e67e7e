"""An op that calls a Python function of numbers for each element."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lltheano.graph.core import Apply, Op, Variable
from lltheano.graph.gradient_types import zero
from lltheano.scalar.types import get_scalar_type
from lltheano.tensor.elementwise.elemwise import Elemwise
from lltheano.tensor.reducers.ops import sum_to_pattern
from lltheano.tensor.shapes.dimshuffle import padded
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import is_discrete
from lltheano.tensor.variables.variable import TensorType, is_tensor

if TYPE_CHECKING:
    from lltheano.scalar.ops import ScalarOp

__all__ = ["MappedOp"]


class MappedOp(Op):
    """A user's scalar op, applied to each element by calling its `impl`.

    Operands broadcast as those of any elementwise op.
    """

    def __init__(self, scalar_op: "ScalarOp") -> None:
        self.scalar_op = scalar_op

    def make_node(self, *inputs: Any) -> Apply:
        """Bring the operands to one rank, and ask the scalar op for the types of its results."""
        wanted = self.scalar_op.nin
        if wanted not in (-1, len(inputs)):
            raise TypeError(f"{self} takes {wanted} operands, got {len(inputs)}")
        operands = padded([as_tensor_variable(operand) for operand in inputs])
        types = self.scalar_op.output_types(
            [get_scalar_type(operand.dtype) for operand in operands]
        )
        pattern = [
            all(axis) for axis in zip(*(operand.broadcastable for operand in operands), strict=True)
        ]
        return Apply(self, operands, [TensorType(kind.dtype, pattern)() for kind in types])

    def perform(
        self, node: Apply, inputs: Sequence[NDArray[Any]], output_storage: Sequence[list[Any]]
    ) -> None:
        """Call `impl` for each element."""
        _check_sizes(node, inputs)
        function = np.frompyfunc(self.scalar_op.impl, len(inputs), len(node.outputs))
        results = function(*inputs)
        found = results if len(node.outputs) > 1 else (results,)
        for storage, variable, result in zip(output_storage, node.outputs, found, strict=True):
            assert is_tensor(variable)
            storage[0] = np.asarray(result).astype(variable.dtype)

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """The scalar op's own, summed over the axes along which an operand was repeated."""
        operands = [as_tensor_variable(variable) for variable in inputs]
        if all(is_discrete(as_tensor_variable(output).dtype) for output in outputs):
            return [zero() for _ in operands]
        terms = self.scalar_op.L_op(operands, outputs, output_gradients)
        return [
            sum_to_pattern(as_tensor_variable(term), operand)
            if is_tensor(term) or not isinstance(term, Variable)
            else term
            for term, operand in zip(terms, operands, strict=True)
        ]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MappedOp) and self.scalar_op == other.scalar_op

    def __hash__(self) -> int:
        return hash((MappedOp, self.scalar_op))

    def __str__(self) -> str:
        return f"Elemwise{{{self.scalar_op}}}"

    def __repr__(self) -> str:
        return str(self)


def _check_sizes(node: Apply, arrays: Sequence[NDArray[Any]]) -> None:
    """Raise ValueError where NumPy would repeat an axis that is not declared to have size 1."""
    for axis in range(arrays[0].ndim):
        sizes = {
            array.shape[axis]: variable
            for array, variable in zip(arrays, node.inputs, strict=True)
            if is_tensor(variable) and not variable.broadcastable[axis]
        }
        if len(sizes) > 1:
            (first, one), (second, other) = list(sizes.items())[:2]
            raise ValueError(
                f"{node.op}: axis {axis} of {one.describe()} has size {first}, and of"
                f" {other.describe()} {second}; an axis is repeated only where its size is"
                " declared to be 1"
            )


Elemwise.register(MappedOp)
