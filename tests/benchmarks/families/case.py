"""A case: one computation as each library's user writes it, NumPy arrays in, NumPy arrays out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Case", "Computation"]

Computation = Callable[..., Any]


@dataclass(frozen=True)
class Case:
    """What is computed from which arrays, and the least that it must move and compute.

    Attributes
    ----------
    name
        Family, case, size and dtype, with slashes between.
    arrays
        Makes the arguments.
    reference
        The computation in NumPy: a peer as well, and what every other is checked against.
    implementations
        By the name of the library that must be there, what makes the computation ready. Only there
        is the library imported.
    bytes, flops
        Bytes of arguments and results, and operations on numbers.
    """

    name: str
    arrays: Callable[[], Sequence[NDArray[Any]]]
    reference: Computation
    implementations: Mapping[str, Callable[[], Computation]]
    bytes: int
    flops: int

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype that the name ends with."""
        return np.dtype(self.name.rsplit("/", 1)[-1])
