"""Names that NumPy had when Theano's programs were written, and that it has no more."""

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["REMOVED", "provide_removed_names"]

REMOVED: dict[str, Any] = {
    "bool": bool,
    "int": int,
    "float": float,
    "complex": complex,
    "object": object,
    "str": str,
    "long": int,
    "unicode": str,
    "float_": np.float64,
    "complex_": np.complex128,
    "int0": np.intp,
    "uint0": np.uintp,
    "unicode_": np.str_,
    "string_": np.bytes_,
    "Inf": np.inf,
    "Infinity": np.inf,
    "infty": np.inf,
    "PINF": np.inf,
    "NINF": -np.inf,
    "NaN": np.nan,
    "NAN": np.nan,
    "PZERO": 0.0,
    "NZERO": -0.0,
    "asscalar": lambda a: a.item(),
    "product": np.prod,
    "cumproduct": np.cumprod,
    "alltrue": np.all,
    "sometrue": np.any,
    "round_": np.round,
    "row_stack": np.vstack,
    "msort": lambda a: np.sort(a, axis=0),
    "in1d": np.isin,
    "trapz": np.trapezoid,
}
"""What stood for each name in NumPy 1."""


def provide_removed_names() -> Callable[[], None]:
    """Give NumPy back the names that it lacks; what is returned takes them away again.

    >>> take_away = provide_removed_names()
    >>> vars(np)["asscalar"](np.array([7]))
    7
    >>> take_away()
    """
    added = [name for name in REMOVED if name not in vars(np)]
    for name in added:
        setattr(np, name, REMOVED[name])

    def take_away() -> None:
        for name in added:
            delattr(np, name)

    return take_away
