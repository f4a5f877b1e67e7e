"""`ifelse`: one of two values, of which only that is computed."""

from collections.abc import Sequence
from typing import Any

from lltheano.graph.boundary import boundary
from lltheano.graph.core import Apply, CompoundType, Op, Type, Variable
from lltheano.graph.gradient_types import disconnected, zero
from lltheano.tensor.shapes.shaping import patternbroadcast
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import is_discrete
from lltheano.tensor.variables.variable import TensorType, TensorVariable
from lltheano_ir.builder import Builder
from lltheano_ir.dtypes import bool_
from lltheano_ir.nodes import Value

__all__ = ["IfElse", "ifelse"]

Variables = Sequence[Variable]


class IfElse(Op):
    """The op of `ifelse`: a condition, then what it gives if that holds, then what otherwise.

    Compiled code computes what only the values not chosen would need in neither case: the compiler
    moves it into the branches.

    Parameters
    ----------
    n_outs
        How many values there are on either side.
    as_view, gpu
        Theano's; they have no meaning here.
    name
        What listings call it.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> x = T.dvector("x")
    >>> isinstance(ifelse(x[0] > 0, x, -x).owner.op, IfElse)
    True
    """

    def __init__(
        self, n_outs: int, as_view: bool = False, gpu: bool = False, name: str | None = None
    ) -> None:
        self.n_outs, self.name = n_outs, name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, IfElse) and (self.n_outs, self.name) == (other.n_outs, other.name)

    def __hash__(self) -> int:
        return hash((IfElse, self.n_outs, self.name))

    def make_node(self, c: Any, *args: Any) -> Apply:
        """TypeError for a condition that is no scalar, and for pairs of no common type."""
        condition = as_tensor_variable(c)
        if condition.ndim or condition.dtype[0] == "c":
            raise TypeError(f"the condition of ifelse is a scalar, got {condition.describe()}")
        if len(args) != 2 * self.n_outs:
            raise ValueError(f"{self} takes {2 * self.n_outs} values, got {len(args)}")
        chosen, others = args[: self.n_outs], args[self.n_outs :]
        pairs = [_of_one_type(*pair) for pair in zip(chosen, others, strict=True)]
        operands = [one for one, _ in pairs] + [other for _, other in pairs]
        results = [one.type.make_variable() for one, _ in pairs]
        return Apply(self, [condition, *operands], results)

    def L_op(  # noqa: N802
        self, inputs: Variables, outputs: Variables, output_gradients: Variables
    ) -> list[Variable]:
        """What was chosen gets the gradient, the other zeros."""
        condition, *values = inputs
        count = self.n_outs
        real = [index for index, value in enumerate(values[:count]) if _is_real(value)]
        found: list[Variable] = [zero() for _ in values]
        if real:
            slopes = [output_gradients[index] for index in real]
            for side in (0, count):
                nothing = [_zeros_like(values[side + index]) for index in real]
                both = (slopes, nothing) if side == 0 else (nothing, slopes)
                chosen = IfElse(len(real))(condition, *both[0], *both[1], return_list=True)
                for index, slope in zip(real, chosen, strict=True):
                    found[side + index] = slope
        return [disconnected(), *found]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Each value connects with its own result."""
        rows = [[index == j for j in range(self.n_outs)] for index in range(self.n_outs)]
        return [[False] * self.n_outs, *rows, *rows]

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """The op `if`, of which each region hands on its own values."""
        condition, *values = inputs
        count = len(values) // 2
        holds = builder.cast(condition, bool_)
        return list(
            builder.if_over(
                holds,
                values,
                lambda passed: passed[:count],
                lambda passed: passed[count:],
            )
        )

    def __str__(self) -> str:
        name = "" if self.name is None else f",{self.name}"
        return f"if{{{name.removeprefix(',')}}}"


def _is_real(variable: Any) -> bool:
    """Whether it has a gradient: integers and Python objects have none."""
    return hasattr(variable.type, "dtype") and not is_discrete(str(variable.dtype))


def _is_apart(kind: Type) -> bool:
    """Whether its values are no single tensors, to which others could be converted."""
    return isinstance(kind, CompoundType) or not hasattr(kind, "dtype")


def _zeros_like(variable: Any) -> Variable:
    result: Variable = variable.zeros_like()
    return result


def _of_one_type(then: Any, otherwise: Any) -> tuple[Variable, Variable]:
    """Two values of one type; TypeError where more than the broadcast pattern differs."""
    for one, other in ((then, otherwise), (otherwise, then)):
        kind = one.type if isinstance(one, Variable) else None
        if kind is not None and _is_apart(kind):
            value = other if isinstance(other, Variable) else kind.make_constant(other)
            if value.type != kind:
                raise TypeError(
                    "the two branches of ifelse should have identical types, got"
                    f" {one.describe()} and {value.describe()}"
                )
            return (one, value) if one is then else (value, one)
    return _of_one_pattern(then, otherwise)


def _of_one_pattern(then: Any, otherwise: Any) -> tuple[TensorVariable, TensorVariable]:
    """Two tensors under one broadcast pattern; TypeError where dtypes or ranks differ."""
    first, second = as_tensor_variable(then), as_tensor_variable(otherwise)
    if first.dtype != second.dtype or first.ndim != second.ndim:
        raise TypeError(
            f"the two branches of ifelse should have identical types, got {first.describe()} and"
            f" {second.describe()}; cast one of them"
        )
    pattern = [a and b for a, b in zip(first.broadcastable, second.broadcastable, strict=True)]
    kind = TensorType(first.dtype, pattern)
    both = (patternbroadcast(one, kind.broadcastable) for one in (first, second))
    one, other = both
    return one, other


@boundary
def ifelse(condition: Any, then_branch: Any, else_branch: Any, name: str | None = None) -> Any:
    """Return `then_branch` where the condition, a scalar, holds, and otherwise `else_branch`.

    Only that is computed, and only what it is computed from; `switch` computes both, and chooses
    element by element. The sizes of the branches may differ. With lists the result is a list.

    Raises ValueError for lists of other lengths; TypeError for a condition that is no scalar, and
    for branches whose dtypes or numbers of axes differ.

    Parameters
    ----------
    condition
        A scalar, which holds unless it is 0.
    then_branch, else_branch
        Values, or lists of as many.
    name
        What listings call the op.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> from lltheano import function
    >>> a, b = T.dscalars("a", "b")
    >>> x, y = T.dmatrices("x", "y")
    >>> f = function([a, b, x, y], ifelse(T.lt(a, b), T.mean(x), T.mean(y)))
    >>> float(f(1.0, 2.0, [[3.0]], [[4.0]]))
    3.0
    """
    several = isinstance(then_branch, list | tuple)
    chosen = list(then_branch) if several else [then_branch]
    others = list(else_branch) if isinstance(else_branch, list | tuple) else [else_branch]
    if len(chosen) != len(others):
        raise ValueError(
            "the number of values on the `then` branch should have the same number of variables as"
            f" the `else` branch: (variables on `then` {len(chosen)}, variables on `else`"
            f" {len(others)})"
        )
    found = IfElse(len(chosen), name=name)(condition, *chosen, *others, return_list=True)
    return found if several else found[0]
