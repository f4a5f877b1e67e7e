"""Theano's in-place ops: `exp_inplace`, `add_inplace`, ...

Each is the function without `_inplace` in its name, but its result has the type of its first
operand: integers stay integers, as where an array is overwritten. Whether memory is reused is the
compiler's decision: it is where nothing else reads the old value, and a program means the same
either way.

>>> import lltheano.tensor as T
>>> T.inplace.add_inplace(T.lvector(), T.dvector()).type
TensorType(int64, vector)
"""

from collections.abc import Sequence
from functools import cache, wraps
from typing import Any

import lltheano.tensor as T
from lltheano.graph.core import Apply
from lltheano.tensor.elementwise.comparison import cast
from lltheano.tensor.elementwise.op import Elementwise, op_of_name
from lltheano.tensor.elementwise.rules import Rule
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import is_complex
from lltheano.tensor.variables.variable import TensorVariable
from lltheano_ir.records import record

_SUFFIX = "_inplace"


@record(frozen=True, eq=False)
class InplaceElementwise(Elementwise):
    """An elementwise op whose result has the type of its first operand."""

    def make_node(self, *inputs: Any) -> Apply:
        """The result must fit in the place of the first operand."""
        node = Elementwise.make_node(self, *inputs)
        first, result = as_tensor_variable(inputs[0]), as_tensor_variable(node.out)
        if first.broadcastable != result.broadcastable:
            raise ValueError(
                f"{self.name}: the result does not fit in the place of {first.describe()}, which"
                f" the other operands broadcast to the pattern {result.broadcastable}"
            )
        return node

    @property
    def scalar_op(self) -> Any:
        """What the op does to one element."""
        return getattr(T, self.name.removesuffix(_SUFFIX)).scalar_op

    def __reduce__(self) -> tuple[Any, ...]:
        return op_of_name, (f"inplace.{self.name}",)


def _with_dtype_of_first(plain: Elementwise) -> Rule:
    """An op's rule for its operands, with the first operand's dtype as that of the result."""

    def of_first(name: str, operands: Sequence[TensorVariable]) -> tuple[list[str], str]:
        computed, dtype = plain.rule(plain.name, operands)
        first = operands[0]
        if is_complex(dtype) and not is_complex(first.dtype):
            raise TypeError(f"{name}: the result is complex, and {first.describe()} is not")
        return computed, first.dtype

    return of_first


def _function(name: str, plain: Any) -> Any:
    """A function that is no elementwise op, with its result converted."""

    @wraps(plain)
    def inplace(x: Any, *others: Any) -> TensorVariable:
        first = as_tensor_variable(x)
        return cast(plain(first, *others), first.dtype)

    inplace.__name__ = name
    return inplace


@cache
def _inplace(name: str) -> Any:
    plain = getattr(T, name.removesuffix(_SUFFIX))
    if not isinstance(plain, Elementwise):
        return _function(name, plain)
    return InplaceElementwise(
        name=name,
        summary=f"{plain.summary}; of the type of the first operand",
        arity=plain.arity,
        rule=_with_dtype_of_first(plain),
        emit=plain.emit,
        gradient=plain.gradient,
        variadic=plain.variadic,
        parameters=plain.parameters,
        holomorphic=plain.holomorphic,
    )


def __getattr__(name: str) -> Any:
    """The function of the tensor language whose name this is, with `_inplace` after it."""
    plain = name.removesuffix(_SUFFIX)
    if plain == name or plain.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
    try:
        return _inplace(name)
    except AttributeError:
        raise AttributeError(
            f"module {__name__!r} has no attribute {name!r}: the tensor language has no {plain}",
            name=name,
        ) from None
