"""Ops on numbers: those of the tensor language, and the base classes of a user's own.

A scalar op is what an elementwise op does to one element; its `elementwise` is that op. Applied to
variables with axes it acts on each element.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from operator import attrgetter
from typing import Any, ClassVar

import lltheano.tensor as T
from lltheano.errors import MethodNotDefined
from lltheano.graph.core import Apply, Op, Variable
from lltheano.graph.gradient_types import zero
from lltheano.lowering import lower
from lltheano.scalar.families import ScalarOpClass
from lltheano.scalar.mapped import MappedOp
from lltheano.scalar.types import Scalar, get_scalar_type, upcast_out
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import is_discrete
from lltheano_ir.interpret import interpret

__all__ = [
    "BinaryBitOp",
    "BinaryScalarOp",
    "BuiltInOp",
    "Cast",
    "FixedLogicalComparison",
    "LogicalComparison",
    "ScalarOp",
    "UnaryBitOp",
    "UnaryScalarOp",
]

Preference = Callable[..., Sequence[Scalar]]


class ScalarOp(Op, metaclass=ScalarOpClass):
    """An operation on numbers whose semantics a subclass defines in Python.

    A subclass defines `impl`, which takes the operands as Python numbers and returns the result,
    and `grad` where there is a derivative: given the operands and the gradients of the results as
    variables it returns a variable for each operand.

    Parameters
    ----------
    output_types_preference
        From the operands' types to those of the results, such as `upgrade_to_float`; `output_types`
        of a subclass may do that instead.
    name
        What listings and messages call it.

    Attributes
    ----------
    nin, nout
        The number of operands, -1 for any, and of results.

    Examples
    --------
    >>> from lltheano.scalar import UnaryScalarOp, upgrade_to_float
    >>> from lltheano.tensor import Elemwise
    >>> class Collatz(UnaryScalarOp):
    ...     def impl(self, x):
    ...         return 3 * x + 1 if x % 2 else x // 2
    >>> Elemwise(Collatz(upgrade_to_float, name="collatz"))
    Elemwise{collatz}
    """

    family = True
    nin = -1
    nout = 1
    name: str | None = None
    output_types_preference: Preference | None = None

    def __init__(
        self, output_types_preference: Preference | None = None, name: str | None = None
    ) -> None:
        if output_types_preference is not None and not callable(output_types_preference):
            raise TypeError(
                "output_types_preference is a function from scalar types to scalar types, got"
                f" {output_types_preference!r:.80}"
            )
        self.output_types_preference = output_types_preference
        self.name = name

    def impl(self, *inputs: Any) -> Any:
        """Return the result for numbers, or a tuple when there are several."""
        raise MethodNotDefined(f"{self} has no impl, so it cannot be computed")

    def output_types(self, types: Sequence[Scalar]) -> Sequence[Scalar]:
        """Return the types of the results, from those of the operands."""
        if self.output_types_preference is None:
            raise MethodNotDefined(
                f"{self} does not say what its result is: pass output_types_preference, such as"
                " lltheano.scalar.upgrade_to_float, or define output_types"
            )
        return self.output_types_preference(*types)

    @cached_property
    def elementwise(self) -> Any:
        """The op that does to each element what this one does to a number."""
        return MappedOp(self)

    def make_node(self, *inputs: Any) -> Apply:
        """Apply the op to numbers and variables."""
        node: Apply = self.elementwise.make_node(*inputs)
        return node

    def __str__(self) -> str:
        return self.name or type(self).__name__

    def __repr__(self) -> str:
        return str(self)


class UnaryScalarOp(ScalarOp):
    """An operation on one number; see `ScalarOp`.

    >>> import numpy as np
    >>> from lltheano.scalar import float_out
    >>> class Half(UnaryScalarOp):
    ...     def impl(self, x):
    ...         return x / 2
    >>> Half(float_out, name="half")(np.array([1.0, 3.0])).eval()
    array([0.5, 1.5])
    """

    family = True
    nin = 1


class BinaryScalarOp(ScalarOp):
    """An operation on two numbers; see `ScalarOp`.

    >>> import math
    >>> from lltheano.scalar import int_out
    >>> class Divisor(BinaryScalarOp):
    ...     def impl(self, x, y):
    ...         return math.gcd(x, y)
    >>> Divisor(int_out, name="gcd")([12, 18], 8).eval()
    array([4, 2])
    """

    family = True
    nin = 2


class UnaryBitOp(UnaryScalarOp):
    """An operation on the bits of one integer or bool, which gives the operand's type.

    >>> from lltheano import scalar
    >>> isinstance(scalar.invert, UnaryBitOp)
    True
    """

    family = True

    def output_types(self, types: Sequence[Scalar]) -> Sequence[Scalar]:
        """That of the operand; TypeError for floats."""
        return [_with_bits(kind) for kind in types]


class BinaryBitOp(BinaryScalarOp):
    """An operation on the bits of two integers or bools, which gives the type that holds both.

    >>> from lltheano import scalar
    >>> isinstance(scalar.xor, BinaryBitOp), isinstance(scalar.add, BinaryBitOp)
    (True, False)
    """

    family = True

    def output_types(self, types: Sequence[Scalar]) -> Sequence[Scalar]:
        """The one that holds both; TypeError for floats."""
        return upcast_out(*map(_with_bits, types))


def _with_bits(kind: Scalar) -> Scalar:
    if not is_discrete(kind.dtype):
        raise TypeError(f"an integer or bool is wanted, got {kind!r}")
    return kind


class LogicalComparison(BinaryScalarOp):
    """A comparison of two numbers, which gives a bool.

    >>> from lltheano import scalar
    >>> isinstance(scalar.lt, LogicalComparison)
    True
    """

    family = True

    def output_types(self, types: Sequence[Scalar]) -> Sequence[Scalar]:
        """Always bool."""
        return [get_scalar_type("bool")]

    def grad(
        self, inputs: Sequence[Variable], output_gradients: Sequence[Variable]
    ) -> list[Variable]:
        """Zero, for a comparison changes in steps."""
        return [zero() for _ in inputs]


class FixedLogicalComparison(UnaryScalarOp):
    """A property of one number, which is a bool.

    >>> from lltheano import scalar
    >>> isinstance(scalar.isnan, FixedLogicalComparison)
    True
    """

    family = True

    def output_types(self, types: Sequence[Scalar]) -> Sequence[Scalar]:
        """Always bool."""
        return [get_scalar_type("bool")]

    def grad(
        self, inputs: Sequence[Variable], output_gradients: Sequence[Variable]
    ) -> list[Variable]:
        """Zero, for a property changes in steps."""
        return [zero() for _ in inputs]


class BuiltInOp(ScalarOp):
    """A scalar op that is an op of the tensor language, by its name there.

    >>> from lltheano import scalar
    >>> scalar.mul, scalar.mul.impl(6, 7), scalar.Sqrt().impl(2.25)
    (mul, np.int8(42), np.float32(1.5))
    """

    family = True
    tensor_name: ClassVar[str]

    def __init__(
        self, output_types_preference: Preference | None = None, name: str | None = None
    ) -> None:
        super().__init__(output_types_preference, name or self.tensor_name)
        self.nin = getattr(self.elementwise, "arity", -1)

    @cached_property
    def elementwise(self) -> Any:
        """The op of the tensor language."""
        return attrgetter(self.tensor_name)(T)

    def impl(self, *inputs: Any) -> Any:
        """Return the result for numbers, by the reference semantics."""
        return _value(self.elementwise(*inputs))

    def output_types(self, types: Sequence[Scalar]) -> Sequence[Scalar]:
        """Return the type of the result, from those of the operands."""
        return [Scalar(self.elementwise(*(kind() for kind in types)).dtype)]

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """The gradients of the op of the tensor language."""
        terms: list[Variable] = self.elementwise.L_op(inputs, outputs, output_gradients)
        return terms

    def grad(
        self, inputs: Sequence[Variable], output_gradients: Sequence[Variable]
    ) -> list[Variable]:
        """The gradients of the op of the tensor language."""
        return self.L_op(inputs, [self(*inputs)], output_gradients)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BuiltInOp) and self.tensor_name == other.tensor_name

    def __hash__(self) -> int:
        return hash(self.tensor_name)


class Cast(UnaryScalarOp):
    """The conversion of a number to another dtype.

    >>> Cast(Scalar("int8")).impl(2.75)
    np.int8(2)
    """

    def __init__(self, o_type: Scalar, name: str | None = None) -> None:
        super().__init__(lambda _: [o_type], name or f"Cast{{{o_type.dtype}}}")
        self.o_type = o_type

    @cached_property
    def elementwise(self) -> Any:
        """The op of the tensor language."""
        return T.Cast(self.o_type.dtype)

    def impl(self, *inputs: Any) -> Any:
        """Return the converted number."""
        return _value(self.elementwise(*inputs))


def _value(variable: Any) -> Any:
    """The value of a variable without axes that depends on constants only."""
    (result,), _ = interpret(lower([], [as_tensor_variable(variable)]), [])
    return result[()]
