"""The op `callback`: a call of a function of the host language, Python, out of compiled code.

What it is called with and gives is declared in full, so that everything else can stay compiled: the
number of the function among those that the program is given when it runs, its name for messages,
and the types of its results. Operands are the values that are passed to it, then the sizes of the
results that `sized` lists, axis by axis; the sizes of the others are known once it has returned.

Effects are dependences between values. A `pure` function is one whose calls may be merged, left
out, and made in any order. An `ordered` one has a token, an `i64[]`, for its first operand, and the
next token, one more, for its first result; so calls that hand on a token are all made, in that
order, once each. A program keeps the last token alive by naming it among its effects.
"""

from collections.abc import Sequence
from typing import Any, TypeVar

from lltheano_ir.ops.definition import (
    Attribute,
    Attributes,
    Failure,
    Op,
    ShapeArithmetic,
    TypeRuleError,
)
from lltheano_ir.records import record
from lltheano_ir.types import INDEX, ValueType

__all__ = ["CALLBACK", "CallbackForm", "callback_form"]

Item = TypeVar("Item")

_EFFECTS = ("pure", "ordered")


@record(frozen=True, slots=True)
class CallbackForm:
    """The attributes of a callback by name, and what they say of its operands and results.

    Attributes
    ----------
    function, name
        Which of the program's host functions is called, and what messages call it.
    results
        The types of what the function gives.
    sized
        The results whose sizes are operands.
    ordered
        Whether a token is handed on.
    """

    function: int
    name: str
    results: tuple[ValueType, ...]
    sized: tuple[int, ...]
    ordered: bool

    @property
    def size_count(self) -> int:
        """How many of the last operands are sizes."""
        return sum(self.results[index].rank for index in self.sized)

    def passed(self, operands: Sequence[Item]) -> Sequence[Item]:
        """The operands that the function is called with."""
        return operands[int(self.ordered) : len(operands) - self.size_count]

    def sizes(self, operands: Sequence[Item]) -> list[tuple[Item, ...] | None]:
        """For each result the operands that say its sizes, if any do."""
        sizes_of_results: list[tuple[Item, ...] | None] = [None] * len(self.results)
        place = len(operands) - self.size_count
        for index in self.sized:
            rank = self.results[index].rank
            sizes_of_results[index] = tuple(operands[place : place + rank])
            place += rank
        return sizes_of_results


def callback_form(attributes: Attributes) -> CallbackForm:
    """The attributes of a callback by name."""
    function, name, results, sized, effect = attributes
    return CallbackForm(function, name, results, sized, effect == "ordered")


def _infer(types: Sequence[ValueType], attributes: Attributes) -> tuple[ValueType, ...]:
    form = callback_form(attributes)
    if attributes[-1] not in _EFFECTS:
        raise TypeRuleError(f"the effect of a callback is pure or ordered, not {attributes[-1]}")
    if form.function < 0:
        raise TypeRuleError(f"host functions are numbered from 0, got {form.function}")
    if not form.results and not form.ordered:
        raise TypeRuleError("a callback that gives nothing has an order: effect=ordered")
    if list(form.sized) != sorted({one for one in form.sized if 0 <= one < len(form.results)}):
        raise TypeRuleError(f"sized lists results of the callback in order, got {form.sized}")
    numbers = len(types) - form.size_count
    if numbers < int(form.ordered):
        raise TypeRuleError("a callback has too few operands for its token and sizes")
    tokens = types[: int(form.ordered)]
    if any(one != INDEX for one in (*tokens, *types[numbers:])):
        raise TypeRuleError(f"the token and the sizes of a callback are of type {INDEX}")
    return (*tokens, *form.results)


def _shape(
    shapes: ShapeArithmetic,
    operands: Sequence[Any],
    types: Sequence[ValueType],
    attributes: Attributes,
) -> tuple[tuple[Any, ...] | None, ...]:
    """What the operands say of the sizes of the results; None for those that the call tells."""
    form = callback_form(attributes)
    token = [()] if form.ordered else []
    return (*token, *form.sizes(operands))


CALLBACK = (
    Op(
        name="callback",
        arity=0,
        variadic=True,
        summary="what a function of the host gives for the operands",
        infer=_infer,
        shape=_shape,
        attributes=(
            ("function", Attribute.INTEGER),
            ("name", Attribute.TEXT),
            ("results", Attribute.TYPES),
            ("sized", Attribute.INTEGERS),
            ("effect", Attribute.WORD),
        ),
        failure=Failure.DATA,
        family="control",
        calls_host=True,
    ),
)
