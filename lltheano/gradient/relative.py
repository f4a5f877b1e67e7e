"""Relative gradients: derivatives by the logarithm of a variable, where no quotient overflows.

The gradient of ``log(p)`` is ``g / p``, and that of ``p = exp(x)`` multiplies by `p` again: where
`p` underflows, that is 0 / 0, though only `g` is left of it. So the engine keeps two gradients of a
variable apart: the plain one, and the *relative* one, which is the plain one times the variable,
and the derivative of the cost by the variable's logarithm. An op that multiplies passes a relative
gradient on as it is, whatever its factors are; an exponential turns it into a plain one. Only at a
variable where nobody knows what to do with it is it divided by the variable, which is what the
plain formula would have done at once.

What an op knows it says itself: see `Op.relative`, `Op.moves`, `Op.is_positive` and
`Op.has_exponential`.
"""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from lltheano.errors import NotScalarConstantError
from lltheano.graph import Apply, Variable
from lltheano.interfaces.layers import language
from lltheano_ir.records import record

__all__ = ["Facts", "Part", "logarithm_of", "moved_parts", "plain_of"]


@record(frozen=True, slots=True, eq=False)
class Part:
    """What an application adds to the gradient of a variable.

    `masked` says that the relative one is 0 where the variable, perhaps 0 too, has no influence.
    """

    variable: Variable
    plain: Any = None
    relative: Any = None
    masked: bool = False


class Facts:
    """What the graph says of its variables, for all values of its leaves.

    Parameters
    ----------
    order
        The applications, inputs before outputs.
    held
        Variables whose own gradients are asked for, or given: nobody looks through them.
    active
        Variables that vary with one of those.
    """

    def __init__(
        self, order: Sequence[Apply], held: Collection[Variable], active: Collection[Variable]
    ) -> None:
        self._held = held
        self._active = active
        self._positive: set[Variable] = set()
        self._exponential: set[Variable] = set()
        self._originals: dict[Variable, Variable] = {}
        for node in order:
            if len(node.outputs) == 1:
                if node.op.is_positive(node, self.is_positive):
                    self._positive.add(node.out)
                if node.op.has_exponential(node, self._contains_exponential):
                    self._exponential.add(node.out)

    def note_converted(self, converted: Variable, original: Variable) -> None:
        """What is known of a variable is known of it in another dtype, too."""
        if converted is not original:
            self._originals[converted] = original

    def is_active(self, x: Variable) -> bool:
        """Whether the gradient of `x` is needed."""
        return self._originals.get(x, x) in self._active

    def is_held(self, x: Variable) -> bool:
        """Whether the gradient of `x` itself is asked for."""
        return self._originals.get(x, x) in self._held

    def is_positive(self, x: Variable) -> bool:
        """Whether every element is greater than 0 in exact arithmetic."""
        data: Any = getattr(x, "data", None)
        if isinstance(data, np.ndarray) and data.dtype.kind in "iuf":
            return bool(np.all(data > 0) and np.all(data < np.inf))
        return x in self._positive

    def is_exponential(self, x: Variable) -> bool:
        """Whether `x` is positive and made of exponentials, which may over- or underflow."""
        return x in self._exponential and x in self._positive and x not in self._held

    def _contains_exponential(self, x: Variable) -> bool:
        return x in self._exponential and x not in self._held

    def number(self, x: Variable) -> float | None:
        """The number that every element of `x` is known to be."""
        try:
            return float(language.get_scalar_constant_value(x))
        except (NotScalarConstantError, TypeError, ValueError):
            return None


def plain_of(x: Any, relative: Any, masked: bool) -> Any:
    """The plain gradient of `x` that a relative one stands for; linear in it where x is not 0."""
    divisor = language.cast(x, relative.dtype)
    if masked:
        nothing = language.and_(language.eq(relative, 0), language.eq(divisor, 0))
        divisor = language.switch(nothing, 1, divisor)
    return relative / divisor


def moved_parts(node: Apply, plain: Any, relative: Any) -> list[Part]:
    """The parts of an op that moves elements: both gradients go back the way that they came."""
    parts = []
    for g, is_relative in ((plain, False), (relative, True)):
        if g is not None:
            terms = node.op.L_op(node.inputs, node.outputs, [g])
            pattern = node.op.connection_pattern(node)
            for x, term, row in zip(node.inputs, terms, pattern, strict=True):
                if row[0]:
                    both = {"relative": term} if is_relative else {"plain": term}
                    parts.append(Part(x, masked=is_relative and node.op.omits, **both))
    return parts


def logarithm_of(x: Variable) -> Variable | None:
    """The logarithm of an exponential, where it is no quotient or sum; None for exp(z) itself too,
    of which the compiler knows the share in a sum.
    """
    return None if x.owner is None else x.owner.op.logarithm(x.owner)
