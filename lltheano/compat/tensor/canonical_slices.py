"""Slices as ranges that run upwards inside an axis."""

from typing import Any

from lltheano.graph import Variable
from lltheano.tensor import as_tensor_variable, lt, maximum, minimum, sgn, switch

__all__ = ["get_canonical_form_slice"]


def get_canonical_form_slice(theslice: Any, length: Any) -> tuple[Any, Any]:
    """Return a slice of an axis of `length` elements as one that runs upwards, and its direction.

    Of the slice returned 0 <= start <= stop <= length, and the step is positive; the direction is
    1, or -1 where its elements are to be taken backwards. An integer counts from the front, with
    direction 1. Bounds, step and length are integers, possibly symbolic.

    >>> get_canonical_form_slice(slice(None, None, -2), 6)
    (slice(1, 6, 2), -1)
    >>> get_canonical_form_slice(-1, 6)
    (5, 1)
    """
    if not isinstance(theslice, slice):
        return _from_front(theslice, length), 1
    step = 1 if theslice.step is None else theslice.step
    if _is_symbolic(step):
        upwards = _upwards(theslice, abs(as_tensor_variable(step)), length)
        downwards = _downwards(theslice, abs(as_tensor_variable(step)), length)
        backwards = lt(step, 0)
        start, stop = (switch(backwards, *pair) for pair in zip(downwards, upwards, strict=True))
        return slice(start, stop, abs(as_tensor_variable(step))), sgn(as_tensor_variable(step))
    if not step:
        raise ValueError("a slice cannot have the step 0")
    result = (_upwards if step > 0 else _downwards)(theslice, abs(step), length)
    return slice(*result, abs(step)), 1 if step > 0 else -1


def _is_symbolic(x: Any) -> bool:
    return isinstance(x, Variable)


def _greater(x: Any, y: Any) -> Any:
    return maximum(x, y) if _is_symbolic(x) or _is_symbolic(y) else max(x, y)


def _less(x: Any, y: Any) -> Any:
    return minimum(x, y) if _is_symbolic(x) or _is_symbolic(y) else min(x, y)


def _choice(condition: Any, then: Any, otherwise: Any) -> Any:
    if _is_symbolic(condition):
        return switch(condition, then, otherwise)
    return then if condition else otherwise


def _from_front(index: Any, length: Any) -> Any:
    negative = lt(index, 0) if _is_symbolic(index) else index < 0
    return _choice(negative, index + length, index)


def _limited(bound: Any, default: Any, low: int, high: Any, length: Any) -> Any:
    if bound is None:
        return default
    return _less(_greater(_from_front(bound, length), low), high)


def _upwards(given: slice, step: Any, length: Any) -> tuple[Any, Any]:
    start = _limited(given.start, 0, 0, length, length)
    stop = _limited(given.stop, length, 0, length, length)
    return start, _greater(start, stop)


def _downwards(given: slice, step: Any, length: Any) -> tuple[Any, Any]:
    last = length - 1
    start = _limited(given.start, last, -1, last, length)
    stop = _limited(given.stop, -1, -1, last, length)
    count = _greater((start - stop + step - 1) // step, 0)
    some = lt(0, count) if _is_symbolic(count) else count > 0
    return _choice(some, start - (count - 1) * step, 0), _choice(some, start + 1, 0)
