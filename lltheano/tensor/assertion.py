"""Conditions that are checked when a function runs."""

from collections.abc import Sequence
from typing import Any

from lltheano.graph.core import Apply, Op, Variable
from lltheano.graph.gradient_types import disconnected
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano_ir.builder import Builder
from lltheano_ir.dtypes import dtype_of
from lltheano_ir.nodes import Value
from lltheano_ir.records import record

__all__ = ["Assert", "Requirement", "assert_op"]


class _Checked(Op):
    """An op whose result is its first input, and whose others are checked."""

    moves = True

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """The gradient passes unchanged."""
        return [output_gradients[0], *(disconnected() for _ in inputs[1:])]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """The conditions do not connect."""
        return [[True], *([False] for _ in node.inputs[1:])]


@record(frozen=True)
class Assert(_Checked):
    """A value, provided that conditions hold; otherwise the call raises AssertionError with `msg`.

    >>> from lltheano.tensor.variables.variable import TensorType
    >>> x = TensorType("float64", ())("x")
    >>> Assert("x must be positive")(x, x > 0).type
    TensorType(float64, scalar)
    """

    msg: str = "Theano Assert failed!"

    def make_node(self, x: Any, *conditions: Any) -> Apply:
        """The conditions are scalars, true where they are not zero."""
        x, given = (
            as_tensor_variable(x),
            [as_tensor_variable(condition) for condition in conditions],
        )
        for one in given:
            if one.ndim:
                raise TypeError(f"a condition of Assert must be a scalar, got {one.describe()}")
        return Apply(self, [x, *given], [x.type()])

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """The op of the same name, once for each condition."""
        result = inputs[0]
        message = self.msg.replace("{", "{{").replace("}", "}}")
        for condition in inputs[1:]:
            result = builder.require(result, builder.cast(condition, dtype_of("bool")), message)
        return [result]


assert_op = Assert()


@record(frozen=True)
class Requirement(_Checked):
    """A value, provided that the arguments of a function are as they must be.

    `kind` says what is wrong otherwise, and so what is raised: "index" an IndexError, "sizes",
    "broadcast" (sizes of which one of 1 would be repeated, had it been declared) or "value" a
    ValueError, "linalg" numpy's LinAlgError. In the message `{0}` stands for the first of the
    numbers, and so on.

    >>> from lltheano.tensor.variables.variable import TensorType
    >>> n = TensorType("int64", ())("n")
    >>> Requirement("value", "n is {0}, not positive")(n, n > 0, n).type
    TensorType(int64, scalar)
    """

    kind: str
    message: str

    def make_node(self, x: Any, condition: Any, *numbers: Any) -> Apply:
        """The condition is a bool, the numbers are integers, without axes."""
        operands = [as_tensor_variable(number) for number in (x, condition, *numbers)]
        return Apply(self, operands, [operands[0].type()])

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """The op `assert`."""
        x, condition, *numbers = inputs
        values = [builder.cast(number, dtype_of("int64")) for number in numbers]
        return [builder.require(x, condition, self.message, values, self.kind)]


def unchecked(x: Variable) -> Variable:
    """Return the variable that conditions were put on: the one that messages are about.

    >>> from lltheano.tensor.variables.variable import TensorType
    >>> x = TensorType("float64", ())("x")
    >>> unchecked(Assert("x must be positive")(x, x > 0)) is x
    True
    """
    while x.name is None and x.owner is not None and isinstance(x.owner.op, _Checked):
        x = x.owner.inputs[0]
    return x
