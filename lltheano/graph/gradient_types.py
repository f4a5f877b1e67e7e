"""What stands in a gradient's place where there is none: not connected, not defined, or known to
be zero.

They are types of variables so that an op's gradient may return them beside ordinary ones. They
never reach a compiled function.
"""

from typing import Any

from lltheano.graph.core import Type, Variable

__all__ = [
    "DisconnectedType",
    "NullType",
    "ZeroType",
    "disconnected",
    "undefined",
    "zero",
]


class _Absent(Type):
    """A type without values."""

    def filter(self, data: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        """Refuse everything."""
        raise TypeError(f"{self!r} stands for the absence of a gradient and has no values")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class DisconnectedType(_Absent):
    """The cost does not depend on the input at all, as with an index or a shape.

    >>> import lltheano.tensor as T
    >>> x, y = T.dscalars("x", "y")
    >>> T.grad(x, y, disconnected_inputs="ignore", return_disconnected="disconnected").type
    DisconnectedType()
    """


class ZeroType(_Absent):
    """The cost depends on the input, but only in steps: the gradient is zero wherever it exists.

    >>> import lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> T.floor(x).owner.op.L_op([x], [T.floor(x)], [x])[0].type
    ZeroType()
    """


class NullType(_Absent):
    """There is no gradient; `why` tells the reason.

    >>> import lltheano.tensor as T
    >>> from lltheano.gradient import undefined_grad
    >>> x = T.dscalar("x")
    >>> T.grad(undefined_grad(x), x, null_gradients="return").type.why
    'x (...) was passed to undefined_grad'
    """

    def __init__(self, why_null: str = "no explanation was given") -> None:
        self.why = why_null

    @property
    def why_null(self) -> str:
        """The reason, under its name in Theano."""
        return self.why

    def __repr__(self) -> str:
        return f"NullType({self.why!r})"


def disconnected() -> Variable:
    """Return the gradient with respect to an input that the cost does not depend on."""
    return DisconnectedType()()


def zero() -> Variable:
    """Return the gradient with respect to an input that the cost depends on in steps only."""
    return ZeroType()()


def undefined(why: str) -> Variable:
    """Return the gradient with respect to an input for which there is none, for the reason
    `why`.
    """
    return NullType(why)()
