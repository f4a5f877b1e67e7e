"""Types that must agree: the new value of a shared variable with its type, a replacement with what
it replaces.

Nothing is ever cast here, as in Theano: a program that needs another dtype says so with `T.cast`.
What is not yet symbolic (a number, an array) becomes a constant, converted only where nothing is
lost.
"""

from lltheano.graph import Type, Variable
from lltheano.shared import SharedVariable, shared_class
from lltheano.tensor.shapes.shaping import patternbroadcast
from lltheano.tensor.variables.variable import TensorType

__all__ = ["as_new_value", "as_replacement"]


def as_new_value(target: Variable, value: object) -> Variable:
    """Return the new value of `target`, a variable of exactly its type.

    Raises TypeError, naming both and what differs, when `value` is of another dtype, rank or
    broadcast pattern, or is a number or array that the type cannot hold.
    """
    what = f"the new value of {target.describe()}"
    if not isinstance(value, Variable):
        return _as_constant(target.type, value, what)
    if value.type != target.type:
        raise TypeError(f"{what} must have its type, but {_difference(target.type, value)}")
    return value


def as_replacement(key: Variable, value: object, *, strict: bool) -> Variable:
    """Return what `givens` puts in the place of `key`.

    With `strict` it has the type of `key`; a broadcastable axis may become an ordinary one.
    Without, any variable serves, and what depends on it is typed anew. A number or array becomes a
    shared variable.

    Raises TypeError, naming both and what differs.
    """
    what = f"what givens puts in the place of {key.describe()}"
    if not isinstance(value, Variable):
        return _as_shared(key.type, value, what)
    if value.type == key.type or not strict:
        return value
    loosened = _loosened(key.type, value)
    if loosened is None:
        raise TypeError(
            f"{what} must have its type, but {_difference(key.type, value)}"
            " (rebuild_strict=False lets the type change)"
        )
    return loosened


def _as_constant(wanted: Type, value: object, what: str) -> Variable:
    try:
        return wanted.make_constant(value)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{what} must be a value of its type: {error}") from error


def _as_shared(wanted: Type, value: object, what: str) -> SharedVariable:
    try:
        checked = wanted.filter(value)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{what} must be a value of its type: {error}") from error
    made: SharedVariable = shared_class(wanted)(None, wanted, checked)
    return made


def _loosened(wanted: Type, value: Variable) -> Variable | None:
    """`value` with fewer broadcastable axes, of the type `wanted`; None when that is not enough."""
    got = value.type
    if not (isinstance(wanted, TensorType) and isinstance(got, TensorType)):
        return None
    if wanted.dtype != got.dtype or wanted.ndim != got.ndim:
        return None
    if any(w and not g for w, g in zip(wanted.broadcastable, got.broadcastable, strict=True)):
        return None
    return patternbroadcast(value, wanted.broadcastable)


def _difference(wanted: Type, value: Variable) -> str:
    """Say how the type of `value` differs from `wanted`, and what to do about it."""
    got = value.type
    whose = f"{value.describe()}"
    if not (isinstance(wanted, TensorType) and isinstance(got, TensorType)):
        return f"{whose} is {got!r}, not {wanted!r}"
    if wanted.ndim != got.ndim:
        return f"{whose} has {got.ndim} dimensions, not {wanted.ndim}"
    if wanted.dtype != got.dtype:
        return (
            f"{whose} is {got.dtype}, not {wanted.dtype}; cast it with T.cast(value,"
            f" {wanted.dtype!r})"
        )
    return (
        f"{whose} has the broadcast pattern {got.broadcastable}, not {wanted.broadcastable}; change"
        f" it with T.patternbroadcast(value, {wanted.broadcastable})"
    )
