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

from functools import cache
from typing import Any

from lltheano.dispatch import find
from lltheano.scalar.composite import Composite as Composite
from lltheano.scalar.names import INSTANCES, class_name, tensor_name
from lltheano.scalar.ops import (
    BinaryScalarOp as BinaryScalarOp,
    BuiltInOp as BuiltInOp,
    Cast as Cast,
    ScalarOp as ScalarOp,
    UnaryScalarOp as UnaryScalarOp,
)
from lltheano.scalar.types import *  # noqa: F403
from lltheano.scalar.types import get_scalar_type, scalar_types
from lltheano.tensor.comparison import Cast as TensorCast, cast as cast


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
def _class(place: str) -> type[BuiltInOp]:
    """The class of the op that has that name in the tensor language."""
    documented = f"The op `lltheano.tensor.{place}` on numbers."
    members = {"tensor_name": place, "__doc__": documented, "__module__": __name__}
    return type(class_name(place), (BuiltInOp,), members)


@cache
def _built_in(place: str) -> BuiltInOp:
    return _class(place)()


def _is_an_op(place: str) -> bool:
    try:
        found = find(place)
    except LookupError:
        return False
    return place == "fill" or getattr(found, "name", None) == place


def __getattr__(name: str) -> Any:
    """A type by its dtype, a conversion to one, an op by its name, or an op's class by its own."""
    dtype = name.removeprefix("convert_to_")
    if dtype in scalar_types:
        kind = scalar_types[dtype]
        return kind if name == dtype else Cast(kind)
    place = INSTANCES.get(name, name)
    if _is_an_op(place):
        return _built_in(place)
    for candidate in (tensor_name(name), f"{tensor_name(name)}_"):
        if name[:1].isupper() and _is_an_op(candidate) and class_name(candidate) == name:
            return _class(candidate)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
