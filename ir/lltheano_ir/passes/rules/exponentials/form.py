"""What a mantissa times an exponential is, and how the values of an op are read as such."""

from collections.abc import Callable, Sequence

from lltheano_ir.nodes import Value
from lltheano_ir.records import record

__all__ = ["Form", "Reader", "Scaled", "by_op", "form"]


@record(frozen=True, slots=True)
class Scaled:
    """A value as `mantissa * exp(exponent)`.

    Attributes
    ----------
    mantissa
        None for 1. No greater or smaller than the numbers that the formula multiplies by.
    exponent
        Perhaps with fewer elements than the value, along axes on which it is the same.
    grows, shrinks
        Whether the value as it is written may overflow, and whether it may underflow.
    """

    mantissa: Value | None
    exponent: Value
    grows: bool
    shrinks: bool


Reader = Callable[..., Scaled | None]
"""From a value, and for ops that look into their operands the search and its depth, to its form."""


@record(frozen=True, slots=True)
class Form:
    """How values of some ops are exponentials, if they are."""

    ops: tuple[str, ...]
    read: Reader


def form(*ops: str) -> Callable[[Reader], Form]:
    """Make a Form of a function, as `rule` makes a rule of one."""
    return lambda function: Form(ops, function)


def by_op(forms: Sequence[Form]) -> dict[str, Reader]:
    """The reader of each op that has one."""
    return {op: one.read for one in forms for op in one.ops}
