"""Ops that pass their input on. Graphs may name them; nothing is computed."""

from collections.abc import Sequence
from typing import Any, ClassVar

from lltheano.graph import Apply, Op, Variable
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano_ir.builder import Builder
from lltheano_ir.nodes import Value

__all__ = [
    "DeepCopyOp",
    "OutputGuard",
    "ViewOp",
    "deep_copy_op",
    "expandable_types",
    "view_op",
]


class ViewOp(Op):
    """The input itself.

    >>> import lltheano.tensor as T
    >>> x = T.dvector("x")
    >>> view_op(x * 2).eval({x: [1.0, 2.0]})
    array([2., 4.])
    """

    __props__ = ()
    view_map: ClassVar[dict[int, list[int]]] = {0: [0]}

    def make_node(self, x: Any) -> Apply:
        """Anything that can be a variable."""
        x = x if isinstance(x, Variable) else as_tensor_variable(x)
        return Apply(self, [x], [x.type.make_variable()])

    def grad(
        self, inputs: Sequence[Variable], output_gradients: Sequence[Variable]
    ) -> list[Variable]:
        """The gradient passes unchanged."""
        return list(output_gradients)

    def R_op(  # noqa: N802
        self, inputs: Sequence[Variable], eval_points: Sequence[Variable | None]
    ) -> list[Variable | None]:
        """The tangent passes unchanged."""
        return list(eval_points)

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        """That of the input."""
        return list(shapes)

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """Nothing is computed."""
        return list(inputs)


class OutputGuard(ViewOp):
    """The input itself; Theano marks outputs with it that other ops must not overwrite.

    Here outputs belong to the caller in any case.
    """

    destroy_map: ClassVar[dict[int, list[int]]] = {0: [0]}


class DeepCopyOp(ViewOp):
    """A copy of the input. Values of compiled programs never change, so that is the input itself.

    >>> import lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> deep_copy_op(x).eval({x: 2.0})
    array(2.)
    """

    view_map: ClassVar[dict[int, list[int]]] = {}


view_op = ViewOp()
"""The input itself, as a new variable."""

deep_copy_op = DeepCopyOp()
"""A copy of the input."""

expandable_types: tuple[type, ...] = ()
"""Types whose values can gain and lose broadcastable axes, besides tensors, which always can."""
