"""What a program does with the Python objects that ops compute, besides handing them on.

What may fail here, copying above all, is done while the program runs, before its commit point: an
exception leaves all shared variables as they were.
"""

from collections.abc import Sequence
from typing import Any

from lltheano.graph import Apply, Op, Variable
from lltheano.graph.objects import replace_state
from lltheano.shared.objects import private_copy
from lltheano.tensor.variables.variable import TensorType

__all__ = ["KEPT", "copied", "replaced_by"]

KEPT = "{} keeps a copy of its new value, so let that be an object which can be copied"

_DONE = TensorType("int64", ())


class _Copied(Op):
    """A copy of an object, which shares nothing with a shared variable or another result."""

    __props__ = ()

    def make_node(self, value: Variable) -> Apply:
        """One result, of the operand's type."""
        return Apply(self, [value], [value.type.make_variable()])

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[Any]) -> None:
        """Copy deeply."""
        output_storage[0][0] = private_copy(inputs[0])


class _ReplacedBy(Op):
    """Announces the new value of a shared object, to be held once the call commits.

    Parameters
    ----------
    number
        Which of the function's updates of objects.
    target
        The shared variable, for messages.
    """

    __props__ = ("number",)

    def __init__(self, number: int, target: str) -> None:
        self.number = number
        self.target = target

    def make_node(self, value: Variable) -> Apply:
        """The result is a number that says nothing; it is computed so that this happens."""
        return Apply(self, [value], [_DONE.make_variable()])

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[Any]) -> None:
        """Copy the value, and hand it to the call; TypeError when it cannot be copied."""
        replace_state(self.number, private_copy(inputs[0], KEPT.format(self.target)))
        output_storage[0][0] = 0

    def __str__(self) -> str:
        return f"update of {self.target}"


def copied(value: Variable) -> Variable:
    """Return a variable for a copy of an object that an op computes."""
    result: Variable = _Copied()(value)
    return result


def replaced_by(number: int, target: Variable, value: Variable) -> Variable:
    """Return a variable that is computed by giving `target` its new value at the commit."""
    result: Variable = _ReplacedBy(number, target.describe())(value)
    return result
