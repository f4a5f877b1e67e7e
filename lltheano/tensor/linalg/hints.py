"""Hints: what a program knows of a matrix that its elements do not tell.

Theano's optimiser used hints to choose algorithms. Here they are notes for readers, and for
programs that look for them: the compiler neither needs nor checks them.
"""

from collections.abc import Sequence
from typing import Any

from lltheano.graph.core import Apply, Op, Variable
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.variable import TensorVariable
from lltheano_ir.builder import Builder
from lltheano_ir.nodes import Value

__all__ = ["Hint", "HintsFeature", "hints", "is_hint", "psd"]


class Hint(Op):
    """The operand itself, marked with what is known of it: `Hint(symmetric=True)(x)`.

    Attributes
    ----------
    hints
        The keywords that it was made with, and their values, in alphabetical order.

    Examples
    --------
    >>> Hint(symmetric=True)([[1.0]]).eval()
    array([[1.]])
    """

    def __init__(self, **kwargs: Any) -> None:
        self.hints = tuple(sorted(kwargs.items()))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Hint) and self.hints == other.hints

    def __hash__(self) -> int:
        return hash(self.hints)

    def make_node(self, x: Any) -> Apply:
        """Any tensor."""
        x = as_tensor_variable(x)
        return Apply(self, [x], [x.type()])

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """The gradient passes unchanged."""
        return list(output_gradients)

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """The operand."""
        return list(inputs)

    def __str__(self) -> str:
        return f"Hint({', '.join(f'{key}={value}' for key, value in self.hints)})"


def is_hint(node: object) -> bool:
    """Whether `node` applies a hint.

    >>> import lltheano.tensor as T
    >>> is_hint(psd(T.dmatrix()).owner)
    True
    """
    return isinstance(node, Apply) and isinstance(node.op, Hint)


def hints(variable: Variable) -> dict[str, Any]:
    """Return what is known of a variable: the hint that it is the result of, if it is.

    >>> hints(psd([[1.0]]))
    {'psd': True, 'symmetric': True}
    """
    owner = variable.owner
    return dict(owner.op.hints) if owner is not None and isinstance(owner.op, Hint) else {}


def psd(v: object) -> TensorVariable:
    """Return `v`, marked as symmetric and positive semidefinite; nothing checks that it is.

    >>> import lltheano.tensor as T
    >>> psd(T.dmatrix()).owner.op
    Hint(psd=True, symmetric=True)
    """
    result: TensorVariable = Hint(psd=True, symmetric=True)(v)
    return result


class HintsFeature:
    """The hints of a graph's variables, by variable.

    >>> from lltheano.tensor.variables.constructors import dmatrix
    >>> x = dmatrix("x")
    >>> y = psd(x)
    >>> HintsFeature([y]).hints[y]
    {'psd': True, 'symmetric': True}
    """

    def __init__(self, outputs: Sequence[Variable] = ()) -> None:
        self.hints: dict[Variable, dict[str, Any]] = {}
        stack = list(outputs)
        while stack:
            variable = stack.pop()
            if variable not in self.hints:
                self.hints[variable] = hints(variable)
                stack.extend(variable.owner.inputs if variable.owner is not None else ())

    def add_hint(self, r: Variable, k: str, v: Any) -> None:
        """Note that `k` is `v` of the variable `r`."""
        self.hints.setdefault(r, {})[k] = v
