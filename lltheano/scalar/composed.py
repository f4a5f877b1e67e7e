"""Scalar ops that are expressions of others."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lltheano.lowering import lower
from lltheano.scalar.ops import ScalarOp
from lltheano.scalar.types import Scalar, get_scalar_type
from lltheano.tensor.elementwise.elemwise import Elemwise
from lltheano.tensor.inner_graphs.composed import ComposedOp
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.variable import TensorVariable
from lltheano_ir.interpret import interpret

if TYPE_CHECKING:
    from lltheano.graph.core import Apply

__all__ = ["ComposedElementwise", "ComposedScalarOp"]


class ComposedScalarOp(ScalarOp):
    """A scalar op whose semantics are an expression of the tensor language.

    A subclass defines `expression`, from which all else follows: types, values, gradient, and
    compiled code that is one loop with what comes before and after.

    >>> import lltheano.tensor as T
    >>> class Hypotenuse(ComposedScalarOp):
    ...     nin = 2
    ...     def expression(self, x, y):
    ...         return T.sqrt(x * x + y * y)
    >>> Hypotenuse()([3.0, 5.0], [4.0, 12.0]).eval(), Hypotenuse().impl(3.0, 4.0)
    (array([ 5., 13.]), np.float32(5.0))
    """

    family = True

    def expression(self, *operands: Any) -> Any:
        """Return the result in terms of the operands, or a list of several."""
        raise NotImplementedError

    @cached_property
    def elementwise(self) -> Any:
        """The op that does it to each element."""
        return ComposedElementwise(self)

    def output_types(self, types: Sequence[Scalar]) -> Sequence[Scalar]:
        """Return the types of the results for operands of these types."""
        node: Apply = self.elementwise.make_node(*(kind() for kind in types))
        return [get_scalar_type(as_tensor_variable(output).dtype) for output in node.outputs]

    def impl(self, *inputs: Any) -> Any:
        """Return the result for numbers, by the reference semantics, or a tuple of several."""
        node = self.elementwise.make_node(*inputs)
        results, _ = interpret(lower([], node.outputs), [])
        values = tuple(result[()] for result in results)
        return values[0] if len(values) == 1 else values


class ComposedElementwise(ComposedOp):
    """The op that does to each element what a composed scalar op does to a number."""

    __props__ = ("scalar_op",)

    def __init__(self, scalar_op: ComposedScalarOp) -> None:
        self.scalar_op = scalar_op

    def operands(self, *inputs: Any) -> list[TensorVariable]:
        """As many as the scalar op takes."""
        if self.scalar_op.nin not in (-1, len(inputs)):
            raise TypeError(f"{self} takes {self.scalar_op.nin} operands, got {len(inputs)}")
        return [as_tensor_variable(operand) for operand in inputs]

    def build(self, *operands: TensorVariable) -> Any:
        """The scalar op's expression."""
        return self.scalar_op.expression(*operands)

    def __str__(self) -> str:
        return f"Elemwise{{{self.scalar_op}}}"


Elemwise.register(ComposedElementwise)
