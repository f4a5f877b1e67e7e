"""Asking for the gradient of looked-up rows in sparse form."""

from lltheano.graph.core import Variable
from lltheano.tensor.indexing.ops import AdvancedSubtensor1
from lltheano.tensor.variables.variable import TensorVariable

__all__ = ["sparse_grad"]


def sparse_grad(var: object) -> TensorVariable:
    """Return rows `x[indices]` whose gradient with respect to `x` may be kept sparse.

    `indices` is a vector of integers. It is a wish, kept for Theano's signature, and changes no
    number: gradients are dense.

    TypeError for anything but such rows.

    >>> import lltheano.tensor as T
    >>> x = T.dmatrix("x")
    >>> rows = sparse_grad(x[[0, 2]])
    >>> T.grad(rows.sum(), x).eval({x: [[1.0], [2.0], [3.0]]}).tolist()
    [[1.0], [0.0], [1.0]]
    """
    owner = var.owner if isinstance(var, Variable) else None
    if owner is None or not isinstance(owner.op, AdvancedSubtensor1):
        shown = var.describe() if isinstance(var, Variable) else f"{var!r:.80}"
        raise TypeError(f"sparse_grad takes rows x[indices] with a vector of integers, got {shown}")
    result: TensorVariable = AdvancedSubtensor1(sparse_grad=True)(*owner.inputs)
    return result
