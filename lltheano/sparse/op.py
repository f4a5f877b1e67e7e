"""Ops of sparse matrices."""

from collections.abc import Sequence
from typing import Any, ClassVar

from lltheano.graph import Apply, Variable
from lltheano.sparse.components import as_sparse, is_ordered, keeps_order
from lltheano.sparse.variables import SparseType
from lltheano.tensor.inner_graphs.composed import ComposedOp
from lltheano.tensor.variables.convert import as_tensor_variable

__all__ = ["SparseOp", "as_operand", "is_sparse"]


def is_sparse(x: Any) -> bool:
    """Whether `x` is a sparse variable, or a matrix of SciPy's.

    >>> import scipy.sparse as sp
    >>> is_sparse(sp.eye(2)), is_sparse([[1.0]])
    (True, False)
    """
    if isinstance(x, Variable):
        return isinstance(x.type, SparseType)
    return hasattr(x, "tocsr")


def as_operand(x: Any) -> Any:
    """Return `x` as a sparse variable if it is a sparse matrix, else as a tensor."""
    return as_sparse(x) if is_sparse(x) else as_tensor_variable(x)


class SparseOp(ComposedOp):
    """An op that is an expression of the components of its operands.

    Attributes
    ----------
    takes
        What the operands are: "s" sparse, "d" dense, "." either.
    keeps_order
        The result has its entries in order and unique where those of the operands are.
    structure_from
        Which operand has its entries where the result has them, if one does.
    """

    takes: ClassVar[str] = "s"
    keeps_order: ClassVar[bool] = False
    structure_from: ClassVar[int | None] = None

    def operands(self, *inputs: Any) -> Sequence[Variable]:
        """Return the operands as variables; TypeError for others than the op takes."""
        if len(inputs) != len(self.takes):
            raise TypeError(f"{self} takes {len(self.takes)} operands, got {len(inputs)}")
        convert = {"s": as_sparse, "d": as_tensor_variable, ".": as_operand}
        return [convert[kind](x) for kind, x in zip(self.takes, inputs, strict=True)]

    def make_node(self, *inputs: Any) -> Apply:
        """Note whether the entries are in order while the operands are at hand."""
        node = super().make_node(*inputs)
        vars(node)["_is_ordered"] = keeps_order(node)
        return node

    def leaf(self, operand: Variable) -> Variable:
        """Note of an operand, too, whether its entries are in order."""
        leaf = super().leaf(operand)
        if is_sparse(operand) and not is_ordered(operand):
            vars(leaf)["_is_ordered"] = False
        return leaf

    def __str__(self) -> str:
        return type(self).__name__
