"""Functions of matrices, applied to each matrix of a stack."""

from collections.abc import Sequence
from typing import Any

from lltheano.tensor.assertion import Requirement
from lltheano.tensor.elementwise.arithmetic import mul
from lltheano.tensor.elementwise.comparison import eq
from lltheano.tensor.inner_graphs.composed import ComposedOp
from lltheano.tensor.inner_graphs.mapping import map_index
from lltheano.tensor.shapes.shaping import reshape
from lltheano.tensor.shapes.sizes import dim
from lltheano.tensor.shapes.symbolic_axes import is_none
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.variable import TensorType, TensorVariable

__all__ = ["MatrixFunction"]

_MATRIX = 2
_OPERANDS = ("x", "A", "a", "b", "q")
"""What operands of these functions are called, in the order in which they are taken."""


class MatrixFunction(ComposedOp):
    """An op on matrices which, called with tensors of more axes, is applied to each matrix that
    their last two axes are, by a native loop.

    The axes in front, of which all the operands that have some must have the same, are the first of
    the results. An operand with two axes or fewer is the same for all.
    """

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        """Apply the op, or loop over a stack; `options` are those of every op."""
        named = [options[name] for name in _OPERANDS if name in options]
        operands = [
            as_tensor_variable(operand) for operand in (*inputs, *named) if not is_none(operand)
        ]
        outer = max((variable.ndim for variable in operands), default=0) - _MATRIX
        if outer <= 0:
            return super().__call__(*inputs, **options)
        results = self._stacked(operands, outer)
        as_list = options.get("return_list", False) or len(results) != 1
        return results if as_list else results[0]

    def _stacked(self, variables: Sequence[TensorVariable], outer: int) -> list[TensorVariable]:
        stacks = [variable for variable in variables if variable.ndim > _MATRIX]
        for stack in stacks:
            if stack.ndim != outer + _MATRIX:
                raise TypeError(
                    f"{self} takes stacks of as many axes, got {stack.describe()} and"
                    f" {stacks[0].describe()}"
                )
        sizes = [dim(stacks[0], axis) for axis in range(outer)]
        index = TensorType("int64", ())()
        operands = [
            _part(variable, sizes)[index] if variable in stacks else variable
            for variable in variables
        ]
        found = super().__call__(*operands, return_list=True)
        rows = map_index(index, found, mul(*sizes, 1))
        return [_unfolded(row, sizes) for row in rows]


def _part(stack: TensorVariable, sizes: Sequence[TensorVariable]) -> TensorVariable:
    """The matrices of a stack one after the other, whose sizes must be those of the first stack."""
    outer = len(sizes)
    for axis, size in enumerate(sizes):
        own = dim(stack, axis)
        message = f"stacks of matrices have sizes {{0}} and {{1}} on axis {axis}"
        stack = Requirement("sizes", message)(stack, eq(own, size), own, size)
    inner = [dim(stack, outer), dim(stack, outer + 1)]
    return reshape(stack, [mul(*sizes, 1), *inner], ndim=3)


def _unfolded(rows: TensorVariable, sizes: Sequence[TensorVariable]) -> TensorVariable:
    inner = [dim(rows, axis) for axis in range(1, rows.ndim)]
    return reshape(rows, [*sizes, *inner], ndim=len(sizes) + len(inner))
