"""Instances of ops, and small things beside them, under the names that Theano's modules keep."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from lltheano.function.debugging.debug_mode import DebugMode
from lltheano.function.modes.mode import FAST_RUN, get_mode
from lltheano.gradient import (
    ConsiderConstant,
    DisconnectedGrad,
    DisconnectedType,
    NullType,
    UndefinedGrad,
    ZeroGrad,
)
from lltheano.graph import Apply, Op, Variable
from lltheano.tensor import Bartlett, FillDiagonal, FillDiagonalOffset
from lltheano.tensor.shapes.symbolic_axes import is_none
from lltheano.tensor.slinalg import Solve
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano_ir.builder import Builder
from lltheano_ir.nodes import Value

__all__ = [
    "FAST_RUN",
    "DebugMode",
    "Default",
    "bartlett_",
    "consider_constant_",
    "default",
    "disconnected_grad_",
    "disconnected_type",
    "fill_diagonal_",
    "fill_diagonal_offset_",
    "frozendict",
    "get_mode",
    "mode_not_slow",
    "null_type",
    "setdefault",
    "solve_symmetric",
    "undefined_grad_",
    "zero_grad_",
]

bartlett_ = Bartlett()
fill_diagonal_ = FillDiagonal()
fill_diagonal_offset_ = FillDiagonalOffset()
consider_constant_ = ConsiderConstant()
disconnected_grad_ = DisconnectedGrad()
undefined_grad_ = UndefinedGrad()
zero_grad_ = ZeroGrad()
disconnected_type = DisconnectedType()
null_type = NullType()
solve_symmetric = Solve(A_structure="symmetric")


def mode_not_slow(mode: Any) -> Any:
    """Return a mode that compiles fast code without checks in the place of one that does not.

    >>> mode_not_slow("FAST_COMPILE") is FAST_RUN
    True
    """
    result = get_mode(mode)
    return (
        FAST_RUN if result == get_mode("FAST_COMPILE") or isinstance(result, DebugMode) else result
    )


class Default(Op):
    """The first of two variables of one type, or the second where the first is None.

    A tensor in a compiled function always has a value, so None is what the graph is built with:
    `default(None, y)` is `y`.
    """

    __props__ = ()
    view_map: ClassVar[dict[int, list[int]]] = {0: [0]}

    def make_node(self, x: Any, default: Any) -> Apply:
        """Two tensors of one type; TypeError otherwise."""
        second = as_tensor_variable(default)
        first = second if is_none(x) else as_tensor_variable(x)
        second = second.astype(first.dtype) if second.ndim == first.ndim == 0 else second
        if first.type != second.type:
            raise TypeError(
                f"{first.describe()} and its default {second.describe()} differ in type"
            )
        return Apply(self, [first, second], [first.type()])

    def lower(self, builder: Builder, node: Apply, inputs: Any) -> list[Value]:
        """The first value."""
        return [inputs[0]]

    def grad(self, inputs: Any, output_gradients: Any) -> list[Variable]:
        """The first gets the gradient."""
        return [output_gradients[0], inputs[1].zeros_like()]


default = Default()
setdefault = default


class frozendict(Mapping[Any, Any]):  # noqa: N801 - Theano's name
    """A dict that cannot change, and can be a key itself.

    >>> frozendict(a=1).copy(b=2), hash(frozendict(a=1)) == hash(frozendict({"a": 1}))
    (frozendict({'a': 1, 'b': 2}), True)
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._dict = dict(*args, **kwargs)

    def __getitem__(self, key: Any) -> Any:
        return self._dict[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._dict)

    def __len__(self) -> int:
        return len(self._dict)

    def copy(self, **add_or_replace: Any) -> "frozendict":
        """Return one with entries added or replaced."""
        return type(self)(self._dict, **add_or_replace)

    def __hash__(self) -> int:
        return hash(frozenset(self._dict.items()))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mapping) and self._dict == dict(other)

    def __repr__(self) -> str:
        return f"frozendict({self._dict!r})"
