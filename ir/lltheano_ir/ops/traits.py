"""What passes may know of an op beside its types and its result, as it stands in the declaration.

No pass, lowering or emitter compares an op's name to find these out: each asks the declaration.
"""

from collections.abc import Callable, Sequence
from enum import Enum, IntEnum
from typing import Any

from lltheano_ir.ops.polynomials import Polynomial
from lltheano_ir.records import record

__all__ = [
    "Cost",
    "Interval",
    "Laws",
    "Ordering",
    "Role",
    "Sign",
    "SignRule",
    "View",
    "always",
    "least_sign",
]


class Role(Enum):
    """What an op is to a program: most compute, some only say where a value comes from."""

    COMPUTES = "computes"
    ARGUMENT = "argument"  # what is passed to the program or region
    CONSTANT = "constant"  # elements that are known when the program is built
    RESULT = "result"  # one of the several results of its operand


class Cost(IntEnum):
    """What one element costs to compute, once those of the operands are in registers."""

    CHEAP = 0  # a few instructions: again where it is needed, rather than kept in memory
    SLOW = 1  # one that takes long: computed once, several at a time
    KERNEL = 2  # many instructions, or a call


class Sign(IntEnum):
    """What is known of the sign of every element, in exact arithmetic on finite numbers."""

    ANY = 0
    NOT_NEGATIVE = 1
    POSITIVE = 2


SignRule = Callable[[Sequence[Sign], bool, tuple[Any, ...]], Sign]
"""From the signs of the operands, whether these are all one value, and the attributes, to the sign
of the result.
"""


def always(sign: Sign) -> SignRule:
    """The rule of an op whose result has the sign whatever the operands are.

    >>> always(Sign.POSITIVE)([Sign.ANY], False, ()).name
    'POSITIVE'
    """
    return lambda signs, same, attributes: sign


def least_sign(signs: Sequence[Sign], same: bool, attributes: tuple[Any, ...]) -> Sign:
    """The rule of an op of whose result is known what is known of every operand.

    >>> least_sign([Sign.POSITIVE, Sign.NOT_NEGATIVE], False, ()).name
    'NOT_NEGATIVE'
    """
    return min(signs)


@record(frozen=True, slots=True)
class View:
    """How an op whose elements all are elements of its first operand looks at them.

    Attributes
    ----------
    by_index
        Whether the index in the operand follows from that in the result, axis by axis, so that an
        element can be read where it is needed. A reshape's does not.
    strided
        Whether the result can be the operand's memory under other sizes and strides.
    whole
        Whether every element of the operand is looked at.
    in_order
        Whether the result has the operand's elements, all of them, in the same row-major order.
    repeats
        Whether elements are looked at several times: from the attributes, the ranks of the
        operands, and the integers that those after the first are, None where that is not known.
    """

    by_index: bool = True
    strided: bool = True
    whole: bool = False
    in_order: bool = False
    repeats: "Callable[[tuple[Any, ...], Sequence[int], Sequence[int | None]], bool] | None" = None


Interval = tuple[float, float]
"""The least and the greatest number that an element may be."""


@record(frozen=True, slots=True)
class Ordering:
    """What a comparison says: that x is below y, or where they are `swapped` that y is below x.

    If it is not `strict` they may be equal.
    """

    swapped: bool
    strict: bool


@record(frozen=True, slots=True)
class Laws:
    """The algebra of an elementwise op.

    Laws hold bit for bit on integers and truth values; on floats too where the op rounds nothing.

    Attributes
    ----------
    commutative, idempotent
        ``f(x, y) = f(y, x)``; ``f(x, x) = x``.
    unit
        The y for which ``f(x, y) = x``; -1 has all bits set, and so is true.
    absorbing
        The y for which ``f(x, y) = y``.
    of_same
        The number that ``f(x, x)`` is.
    picks
        Whether ``f(x, y)`` is x or y, whichever it is of numbers that compare so.
    chooses
        Whether ``f(c, x, y)`` is x where c is true, and else y.
    equates
        Whether ``f(x, y)`` says that x and y are equal.
    mirrored
        The op g of ``f(x, y) = g(y, x)``, if it is another.
    negated
        The op g of ``not f(x, y) = g(x, y)``.
    exact
        The op on Python's integers, which do not wrap round.
    polynomial
        The op on sums of products of i64 values, `lltheano_ir.ops.polynomials`.
    interval
        From the intervals of its operands, a condition left out, to its own, of numbers that
        neither wrap round nor are rounded.
    ordering
        What it says as a comparison.
    divmod_part
        Which of what `divmod` gives for integers it is.
    """

    commutative: bool = False
    idempotent: bool = False
    unit: int | None = None
    absorbing: int | None = None
    of_same: int | None = None
    picks: bool = False
    chooses: bool = False
    equates: bool = False
    mirrored: str = ""
    negated: str = ""
    exact: Callable[..., int] | None = None
    polynomial: Callable[..., Polynomial[Any] | None] | None = None
    interval: Callable[..., Interval] | None = None
    ordering: Ordering | None = None
    divmod_part: int | None = None

    @property
    def of_sizes(self) -> bool:
        """Whether sizes are computed by it, so that their normal form looks through it."""
        return self.polynomial is not None or self.divmod_part is not None or self.picks
