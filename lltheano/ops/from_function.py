"""Ops made of a Python function: `as_op`."""

import sys
from collections.abc import Callable, Sequence
from typing import Any

from lltheano.graph import Apply, Op, Type

__all__ = ["FromFunctionOp", "as_op"]


class FromFunctionOp(Op):
    """An op that calls a Python function.

    Two are equal when their functions are.

    Parameters
    ----------
    fn
        Takes an array for each input; returns an array, or a list or tuple of them.
    itypes, otypes
        The types of its inputs and outputs.
    infer_shape
        Called with the application and the sizes of its inputs, a tuple of symbolic integers each;
        returns the sizes of its outputs, a tuple each. None when only the function can tell.
    """

    __props__ = ("fn",)

    def __init__(
        self,
        fn: Callable[..., Any],
        itypes: Sequence[Type],
        otypes: Sequence[Type],
        infer_shape: Callable[[Apply, list[Any]], Any] | None,
    ) -> None:
        self.fn = fn
        self.itypes = list(itypes)
        self.otypes = list(otypes)
        for kind in (*self.itypes, *self.otypes):
            if not isinstance(kind, Type):
                raise TypeError(f"as_op takes types such as T.dmatrix, got {kind!r:.80}")
        if not self.otypes:
            raise ValueError("as_op: a function that gives nothing is no op; name its otypes")
        if infer_shape is not None:
            self.infer_shape = infer_shape

    def perform(
        self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[list[Any]]
    ) -> None:
        """Call the function; ValueError when it gives another number of outputs."""
        given = self.fn(*inputs)
        outputs = list(given) if isinstance(given, list | tuple) else [given]
        if len(outputs) != len(output_storage):
            raise ValueError(f"{self} gave {len(outputs)} outputs, wanted {len(output_storage)}")
        for storage, value in zip(output_storage, outputs, strict=True):
            storage[0] = value

    def __str__(self) -> str:
        return f"FromFunctionOp{{{getattr(self.fn, '__name__', self.fn)}}}"

    def __reduce__(self) -> tuple[Any, ...]:
        """By the name under which its module has it, as functions are pickled."""
        module, name = self.fn.__module__, self.fn.__qualname__
        if _attribute(module, name) is not self:
            raise TypeError(f"{self} cannot be pickled: {module}.{name} is something else")
        return _attribute, (module, name)


def _attribute(module: str, name: str) -> Any:
    result: Any = sys.modules.get(module) or __import__(module, fromlist=["_"])
    for part in name.split("."):
        result = getattr(result, part, None)
    return result


def as_op(
    itypes: Type | Sequence[Type],
    otypes: Type | Sequence[Type],
    infer_shape: Callable[[Apply, list[Any]], Any] | None = None,
) -> Callable[[Callable[..., Any]], FromFunctionOp]:
    """Return a decorator that makes an op of a Python function.

    The op has no gradient. Compiled code calls the function with arrays that are its own. What it
    returns is checked against `otypes`; what it raises reaches the caller of the compiled function.

    Parameters
    ----------
    itypes
        The types of the inputs: a type such as `T.dmatrix`, or a list of them.
    otypes
        The types of the outputs, which the function returns as an array, or a list of them.
    infer_shape
        Called with the application and the sizes of its inputs, a tuple of symbolic integers each;
        returns the sizes of its outputs, a tuple each. With it, sizes that depend on the outputs
        are known before the function is called.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> import numpy as np
    >>> @as_op([T.dvector], [T.dvector], infer_shape=lambda node, shapes: shapes)
    ... def ranked(x):
    ...     return np.argsort(np.argsort(x)).astype("float64")
    >>> x = T.dvector("x")
    >>> (ranked(x) + 1).eval({x: [0.3, 0.1, 0.2]})
    array([3., 1., 2.])
    """
    inputs = [itypes] if isinstance(itypes, Type) else list(itypes)
    outputs = [otypes] if isinstance(otypes, Type) else list(otypes)
    if infer_shape is not None and not callable(infer_shape):
        raise TypeError(f"as_op: infer_shape must be a function, got {infer_shape!r:.80}")

    def make_op(fn: Callable[..., Any]) -> FromFunctionOp:
        return FromFunctionOp(fn, inputs, outputs, infer_shape)

    return make_op
