"""Numbers: their types, variables and ops; Theano's `theano.scalar`.

A scalar is a tensor without axes, and a scalar op is what an elementwise op of the tensor language
does to one element. So there is an op here for each of those, under Theano's names: `add`, `exp`,
`sgn`, and their classes `Add`, `Exp`, `Sgn`. `impl` of each computes with numbers.

>>> from lltheano import scalar
>>> x = scalar.float64("x")
>>> scalar.add(x, 1).eval({x: 2.0})
array(3.)
>>> scalar.Maximum, scalar.maximum.impl(2, 3)
(<class 'lltheano.scalar.Maximum'>, np.int8(3))
"""

import operator
from functools import cache
from types import ModuleType
from typing import Any

import lltheano.tensor as tensor_language
from lltheano.scalar.composite import Composite as Composite
from lltheano.scalar.families import ScalarOpClass
from lltheano.scalar.names import INSTANCES, class_name, tensor_name
from lltheano.scalar.ops import (
    BinaryBitOp as BinaryBitOp,
    BinaryScalarOp as BinaryScalarOp,
    BuiltInOp as BuiltInOp,
    Cast as Cast,
    FixedLogicalComparison as FixedLogicalComparison,
    LogicalComparison as LogicalComparison,
    ScalarOp as ScalarOp,
    UnaryBitOp as UnaryBitOp,
    UnaryScalarOp as UnaryScalarOp,
)
from lltheano.scalar.types import *  # noqa: F403
from lltheano.scalar.types import get_scalar_type, scalar_types
from lltheano.tensor.elementwise import rules
from lltheano.tensor.elementwise.comparison import Cast as TensorCast, cast as cast


def scalar_op_of(op: Any) -> ScalarOp:
    """Return what an elementwise op of the tensor language does to one number.

    >>> import lltheano.tensor as T
    >>> scalar_op_of(T.sgn), type(scalar_op_of(T.sgn)).__name__
    (sgn, 'Sgn')
    """
    if isinstance(op, TensorCast):
        return Cast(get_scalar_type(op.dtype))
    return _built_in(op.name)


@cache
def _class(op_name: str) -> type[BuiltInOp]:
    """The class of the op that has that name in the tensor language."""
    documented = f"The op `lltheano.tensor.{op_name}` on numbers."
    members = {"tensor_name": op_name, "__doc__": documented, "__module__": __name__}
    bases = (BuiltInOp, _family(operator.attrgetter(op_name)(tensor_language)))
    made: Any = ScalarOpClass(class_name(op_name), bases, members)
    kind: type[BuiltInOp] = made
    return kind


def _family(op: Any) -> type[ScalarOp]:
    """The base class that an elementwise op's scalar op has besides, by its operand rule."""
    if getattr(op, "variadic", False):
        return BinaryBitOp if op.rule is rules.bits else ScalarOp
    arity = getattr(op, "arity", 2)
    result = _FAMILIES.get((getattr(op, "rule", None), arity))
    return result or {1: UnaryScalarOp, 2: BinaryScalarOp}.get(arity, ScalarOp)


_FAMILIES: dict[tuple[Any, int], type[ScalarOp]] = {
    (rules.comparison, 2): LogicalComparison,
    (rules.predicate, 1): FixedLogicalComparison,
    (rules.bits, 1): UnaryBitOp,
    (rules.bits, 2): BinaryBitOp,
}
"""The families of ops that share an operand rule, with their numbers of operands."""


@cache
def _built_in(op_name: str) -> BuiltInOp:
    return _class(op_name)()


def _is_an_op(op_name: str) -> bool:
    try:
        result = operator.attrgetter(op_name)(tensor_language)
    except AttributeError:
        return False
    return op_name == "fill" or getattr(result, "name", None) == op_name


def _public() -> list[str]:
    """What `from lltheano.scalar import *` brings."""
    named: list[str] = tensor_language.__all__  # type: ignore[attr-defined]
    ops = [one for one in named if _is_an_op(one)] + list(INSTANCES)
    classes = [class_name(INSTANCES.get(op, op)) for op in ops]
    own = [name for name, value in globals().items() if not isinstance(value, ModuleType)]
    dtypes = [*scalar_types, *(f"convert_to_{kind}" for kind in scalar_types)]
    return sorted({name for name in (*ops, *classes, *own, *dtypes) if not name.startswith("_")})


def __getattr__(name: str) -> Any:
    """A type by its dtype, a conversion to one, an op by its name, or an op's class by its own."""
    if name == "__all__":
        return _public()
    dtype = name.removeprefix("convert_to_")
    if dtype in scalar_types:
        kind = scalar_types[dtype]
        return kind if name == dtype else Cast(kind)
    op_name = INSTANCES.get(name, name)
    if _is_an_op(op_name):
        return _built_in(op_name)
    for candidate in (tensor_name(name), f"{tensor_name(name)}_"):
        if name[:1].isupper() and _is_an_op(candidate) and class_name(candidate) == name:
            return _class(candidate)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
