"""The ops with conditions and regions: `assert`, `if`, `loop`, `while` and `fused`.

A region is closed: all that it uses comes in through its arguments. What an op with regions gives
is in `lltheano_ir.interpret`, which runs them.
"""

import string
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from lltheano_ir.ops.definition import (
    Array,
    Attribute,
    Attributes,
    ExecutionError,
    Failure,
    Op,
    ShapeArithmetic,
    TypeRuleError,
)
from lltheano_ir.ops.regions import Carried, RegionForm, Regions
from lltheano_ir.ops.structure import require_indices
from lltheano_ir.ops.traits import Role
from lltheano_ir.types import BOOL, INDEX, ValueType

__all__ = ["ASSERT_KINDS", "CONTROL", "MAX_REPORTED"]

Types = Sequence[ValueType]
Sizes = tuple[Any, ...]


ASSERT_KINDS = ("assert", "broadcast", "index", "linalg", "sizes", "value")
"""What may be wrong where an assertion does not hold; the run time chooses the exception by it."""

MAX_REPORTED = 7
"""The values that the frame of a compiled program has room for, beside the site."""


def _infer_assert(types: Types, attributes: Attributes) -> ValueType:
    kind, message = attributes
    if kind not in ASSERT_KINDS:
        raise TypeRuleError(f"assert has the kinds {', '.join(ASSERT_KINDS)}, got {kind}")
    if types[1] != BOOL:
        raise TypeRuleError(f"assert needs a condition of type {BOOL}, got {types[1]}")
    require_indices("assert", types[2:])
    if len(types) - 2 > MAX_REPORTED:
        raise TypeRuleError(f"assert reports at most {MAX_REPORTED} values, got {len(types) - 2}")
    _require_places(message, len(types) - 2)
    return types[0]


def _require_places(message: str, count: int) -> None:
    """The places in a message, `{0}` and so on, must stand for values that there are."""
    places = {str(position) for position in range(count)}
    try:
        parts = list(string.Formatter().parse(message))
    except ValueError as error:
        raise TypeRuleError(f"the message {message!r} of assert: {error}") from None
    for _, name, layout, conversion in parts:
        if name is not None and (name not in places or layout or conversion):
            raise TypeRuleError(
                f"the message {message!r} of assert has the place {{{name}}}, but {count} values;"
                " a brace itself is written twice"
            )


def _assert_shape(
    shapes: ShapeArithmetic, operands: Sequence[Any], types: Types, attributes: Attributes
) -> Sizes:
    return tuple(shapes.size(operands[0], axis) for axis in range(types[0].rank))


def _assert_reference(arrays: Sequence[Array], types: Types, attributes: Attributes) -> Array:
    kind, message = attributes
    if not arrays[1]:
        values = tuple(int(one) for one in arrays[2:])
        raise ExecutionError(kind, message.format(*values), values)
    return arrays[0]


def _infer_result(types: Types, attributes: Attributes) -> ValueType:
    raise TypeRuleError("result takes an op with several results")


def _if_form(attributes: Attributes, operands: int, results: int) -> RegionForm:
    """The condition, then what both regions capture."""
    return RegionForm(condition=0, captured={one: one + 1 for one in range(operands - 1)})


def _loop_form(attributes: Attributes, operands: int, results: int) -> RegionForm:
    """The count, first values, captured values; the body is given the step, these and those.

    It gives the next values, and then what is stacked.
    """
    (count,) = attributes
    if not 0 <= count < operands:
        raise TypeRuleError(
            f"loop needs a count of type {INDEX} and {count} carried values, got {operands - 1}"
        )
    return RegionForm(
        count=0,
        step=0,
        carried=tuple(Carried(1 + one, (1 + one,), one) for one in range(count)),
        captured={one: one for one in range(1 + count, operands)},
        stacked=tuple(range(count, results)),
    )


def _while_form(attributes: Attributes, operands: int, results: int) -> RegionForm:
    """As a loop's, but that the body's last result says whether another step follows."""
    form = _loop_form(attributes, operands, results - 1)
    return replace(form, proceeds=results - 1)


def _fused_form(attributes: Attributes, operands: int, results: int) -> RegionForm:
    return RegionForm(captured={one: one for one in range(operands)})


CONTROL = (
    Op(
        name="assert",
        arity=2,
        variadic=True,
        summary="the first operand, provided that the second holds; the others are for the message",
        infer=_infer_assert,
        shape=_assert_shape,
        reference=_assert_reference,
        attributes=(("kind", Attribute.WORD), ("message", Attribute.TEXT)),
        failure=Failure.DATA,
        is_operand=True,
    ),
    Op(
        name="if",
        arity=1,
        variadic=True,
        summary="the results of the region `then` or, where the condition is false, `else`",
        regions=Regions(("then", "else"), _if_form),
        failure=Failure.DATA,
        family="control",
    ),
    Op(
        name="loop",
        arity=1,
        variadic=True,
        summary="a count, carried values and captured values; the region `body` runs count times",
        attributes=(("carried", Attribute.INTEGER),),
        regions=Regions(("body",), _loop_form, lambda form: (len(form.carried),)),
        failure=Failure.DATA,
        family="control",
    ),
    Op(
        name="while",
        arity=1,
        variadic=True,
        summary="as `loop`, but that the last result of `body` says whether another step follows",
        attributes=(("carried", Attribute.INTEGER),),
        regions=Regions(("body",), _while_form, lambda form: (len(form.carried),)),
        failure=Failure.DATA,
        family="control",
    ),
    Op(
        name="fused",
        arity=0,
        variadic=True,
        summary="the results of the region `body`, computed in one pass",
        regions=Regions(("body",), _fused_form),
        failure=Failure.DATA,
        family="control",
    ),
    Op(
        name="result",
        arity=1,
        summary="one of the results of an op that has several",
        infer=_infer_result,
        attributes=(("index", Attribute.INTEGER),),
        family="control",
        role=Role.RESULT,
    ),
)
