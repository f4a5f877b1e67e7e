"""Arguments of a call made into values of their parameters' types, or a TypeError that says which
and why.

The rules are those of `Type.filter`: an array of the parameter's dtype is taken as it is, another
only where nothing is lost, a Python number or list when every element keeps its value; `strict` and
`allow_downcast` change that. Compiled code takes arrays of any strides; one whose elements are not
aligned is copied.
"""

import reprlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lltheano.function.requests.inputs import In
from lltheano.shared.objects import filtered, private_copy
from lltheano.tensor.variables.variable import TensorType

__all__ = ["Converter"]


class Converter:
    """Converts what callers pass for one parameter.

    Parameters
    ----------
    spec
        The input.
    label
        How messages call the parameter, such as "add() argument 'x'".
    """

    def __init__(self, spec: In, label: str) -> None:
        self.spec = spec
        self.label = label

    def __call__(self, value: Any) -> Any:
        """Return `value` as compiled code takes it; TypeError when the parameter cannot be that."""
        type_ = self.spec.variable.type
        try:
            if isinstance(type_, TensorType):
                return self._array(type_, value)
            return filtered(type_, value, self.spec.strict, self.spec.allow_downcast)
        except (TypeError, ValueError) as error:
            source = self.spec.variable.source
            location = f", made at {source}" if source is not None else ""
            raise TypeError(
                f"{self.label} ({type_!r}{location}): {error}; the call passed {_brief(value)}"
            ) from error

    def default(self) -> Any:
        """Return the input's `value`, converted and copied, so that nobody else can change it."""
        return private_copy(self(self.spec.value))

    def _array(self, type_: TensorType, value: Any) -> NDArray[Any]:
        if isinstance(value, np.ma.MaskedArray):
            raise TypeError("masked arrays are not taken, as their masks would be lost")
        allow_downcast = self.spec.allow_downcast
        array = type_.filter(value, self.spec.strict, allow_downcast)
        if allow_downcast:
            _check_meaningful(type_, np.asarray(value))
        return array if array.flags.aligned else array.copy()


def _check_meaningful(type_: TensorType, given: NDArray[Any]) -> None:
    """Refuse floats that no integer stands for: what came out of the cast would be arbitrary."""
    if type_.numpy_dtype.kind not in "iu" or given.dtype.kind != "f" or given.size == 0:
        return
    limits = np.iinfo(type_.numpy_dtype)
    whole = np.trunc(given.astype(np.float64))
    # In floating point the upper limit plus one is exact where the limit itself is not.
    if not ((whole >= float(limits.min)) & (whole < float(limits.max) + 1)).all():
        raise TypeError(f"NaN, infinities and numbers out of its range have no value in {type_!r}")


def _brief(value: Any) -> str:
    """What an argument looked like, on one line."""
    if isinstance(value, np.ndarray):
        return f"an array of dtype {value.dtype} and shape {value.shape}"
    return f"{type(value).__name__} {reprlib.repr(value)}"
