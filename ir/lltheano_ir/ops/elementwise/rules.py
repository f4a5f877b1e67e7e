"""What the elementwise ops have in common: type rules, the shape rule, and how a row of a table
becomes an op.

All operands have one rank and one dtype (the condition of `select` is bool). Along an axis an
operand is static 1, and is repeated, or `?`; the run-time sizes of all `?` operands of an axis must
be equal.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Literal, TypedDict, Unpack

import numpy as np

from lltheano_ir.dtypes import DType, bool_
from lltheano_ir.ops.definition import (
    Array,
    Attributes,
    ExecutionError,
    Failure,
    Op,
    ShapeArithmetic,
    TypeRuleError,
)
from lltheano_ir.ops.elementwise.complexes import COMPLEX_REFERENCES
from lltheano_ir.ops.traits import Cost, Interval, Laws, SignRule
from lltheano_ir.types import ValueType

__all__ = [
    "Declared",
    "agreed_sizes",
    "agreeing",
    "check_agreement",
    "common_pattern",
    "elementwise_op",
    "one_dtype",
    "sizes_of_all",
]

Kinds = str
"""Which dtypes an op takes, by NumPy kind: b bool, i signed, u unsigned, f float, c complex."""


def common_pattern(name: str, types: Sequence[ValueType]) -> tuple[bool, ...]:
    """The broadcast pattern of the result of operands that broadcast together."""
    if len({one.rank for one in types}) != 1:
        ranks = ", ".join(str(one) for one in types)
        raise TypeRuleError(f"{name} needs operands of one rank, got {ranks}")
    return tuple(all(axes) for axes in zip(*(one.broadcast for one in types), strict=True))


def agreed_sizes(
    shapes: ShapeArithmetic, operands: Sequence[Any], types: Sequence[ValueType]
) -> tuple[Any, ...]:
    """The sizes of operands that broadcast together: per axis that of the first `?` operand."""
    sizes = []
    for axis in range(types[0].rank):
        wide = [
            operand for operand, one in zip(operands, types, strict=True) if not one.broadcast[axis]
        ]
        sizes.append(shapes.size(wide[0], axis) if wide else shapes.integer(1))
    return tuple(sizes)


def one_dtype(name: str, kinds: Kinds, types: Sequence[ValueType]) -> DType:
    """The dtype of operands that must all have one, of these NumPy kinds."""
    dtypes = {one.dtype for one in types}
    if len(dtypes) != 1:
        listed = ", ".join(str(one) for one in types)
        raise TypeRuleError(f"{name} needs operands of one dtype, got {listed}")
    (dtype,) = dtypes
    if dtype.numpy.kind not in kinds:
        raise TypeRuleError(f"{name} is not defined on {dtype}")
    return dtype


def _infer_same(
    name: str, kinds: Kinds, types: Sequence[ValueType], attributes: Attributes
) -> ValueType:
    pattern = common_pattern(name, types)
    return ValueType(one_dtype(name, kinds, types), pattern)


def _infer_bool(
    name: str, kinds: Kinds, types: Sequence[ValueType], attributes: Attributes
) -> ValueType:
    pattern = common_pattern(name, types)
    one_dtype(name, kinds, types)
    return ValueType(bool_, pattern)


def _infer_part(
    name: str, kinds: Kinds, types: Sequence[ValueType], attributes: Attributes
) -> ValueType:
    """A real number for each complex one."""
    pattern = common_pattern(name, types)
    return ValueType(one_dtype(name, kinds, types).real, pattern)


def check_agreement(arrays: Sequence[Array], types: Sequence[ValueType]) -> None:
    """Raise ExecutionError unless the `?` axes agree: a run-time 1 does not broadcast."""
    for axis in range(types[0].rank):
        pairs = zip(arrays, types, strict=True)
        sizes = [array.shape[axis] for array, one in pairs if not one.broadcast[axis]]
        for size in sizes[1:]:
            if size != sizes[0]:
                message = f"sizes {sizes[0]} and {size} differ on axis {axis}"
                raise ExecutionError("sizes", message, (sizes[0], size))


def agreeing(
    function: Callable[..., Any],
    arrays: Sequence[Array],
    types: Sequence[ValueType],
    attributes: Attributes,
) -> Array:
    """What a function of arrays gives, once the sizes are known to agree."""
    check_agreement(arrays, types)
    with np.errstate(all="ignore"):
        return np.asarray(function(*arrays))


def _by_kind(real: Callable[..., Any], whole: Callable[..., Any], *arrays: Array) -> Array:
    """One function for the reals; c64 is computed in c128, so that it is rounded once."""
    if arrays[0].dtype.kind != "c":
        return np.asarray(real(*arrays))
    wide = np.asarray(whole(*(array.astype(np.complex128) for array in arrays)))
    if arrays[0].dtype == np.complex128:
        return wide
    return wide.astype(np.complex64 if wide.dtype.kind == "c" else np.float32)


def sizes_of_all(
    shapes: ShapeArithmetic,
    operands: Sequence[Any],
    types: Sequence[ValueType],
    attributes: Attributes,
) -> tuple[Any, ...]:
    """The shape rule."""
    return agreed_sizes(shapes, operands, types)


class Declared(TypedDict, total=False):
    """Fields of `Op` that a row of a table may give."""

    library: str
    cost: Cost
    laws: Laws
    sign: SignRule
    reaches: Interval
    wraps: bool


_RULES = {"same": _infer_same, "bool": _infer_bool, "real": _infer_part}


def elementwise_op(
    name: str,
    arity: int,
    kinds: Kinds,
    function: Callable[..., Any],
    summary: str,
    *,
    gives: Literal["same", "bool", "real"] = "same",
    ulp: float | tuple[float, float] | None = None,
    **declared: Unpack[Declared],
) -> Op:
    """The op that a row of a table declares.

    `kinds` are the NumPy kinds of dtype that it takes, `function` is its reference semantics for
    real numbers, `ulp` the error bound of compiled code, or those for f32 and f64, if it is not
    exact. It `gives` the dtype of its operands, bool, or the real dtype of a complex one.
    """
    single, double = ulp if isinstance(ulp, tuple) else (ulp, ulp)
    bounds = [("f16", 1.0), ("f32", single), ("f64", double)] if single and double else []
    whole = COMPLEX_REFERENCES.get(name)
    if whole is not None:
        function = partial(_by_kind, function, whole.function)
        bounds += [("c64", whole.ulp), ("c128", whole.ulp)]
    return Op(
        name=name,
        arity=arity,
        summary=summary,
        infer=partial(_RULES[gives], name, kinds),
        shape=sizes_of_all,
        reference=partial(agreeing, function),
        failure=Failure.SIZES if arity > 1 else Failure.NEVER,
        family="elementwise",
        ulp=tuple(bounds),
        complex_cost=None if whole is None else Cost.KERNEL,
        **declared,
    )
