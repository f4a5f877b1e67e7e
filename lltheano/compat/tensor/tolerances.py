"""The errors that comparing values allows, by the names that Theano's test suites set.

`theano.tensor.basic.float32_atol = 1e-3` changes what `values_eq_approx` takes for close.
"""

from lltheano.tensor.variables.type_methods import TOLERANCES

__all__ = ["assigned"]

_NAMES = {
    f"{dtype}_{kind}": (dtype, place)
    for dtype in TOLERANCES
    for place, kind in enumerate(("rtol", "atol"))
}


def assigned(name: str, value: float) -> None:
    """Take the value that a program gave to one of the names.

    >>> from lltheano.compat.tensor import tolerances
    >>> tolerances.float32_atol
    1e-05
    """
    dtype, index = _NAMES[name]
    pair = list(TOLERANCES[dtype])
    pair[index] = float(value)
    TOLERANCES[dtype] = (pair[0], pair[1])


def __getattr__(name: str) -> float:
    """The error of that name, as it is now."""
    if name not in _NAMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
    dtype, index = _NAMES[name]
    return TOLERANCES[dtype][index]
