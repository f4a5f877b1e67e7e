"""The digits that several programs learn from, mixed and split once and for all."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lltheano.data import load_optdigits

__all__ = ["Array", "load_digits"]

Array: TypeAlias = NDArray[Any]


def load_digits(dtype: str = "float64", *, learn: int = 1400) -> tuple[Array, Array, Array, Array]:
    """Images and labels to learn from, then those to test with: pixels from 0 to 1, a row each.

    The file is sorted by writer, so its rows are mixed first.
    """
    images, labels = load_optdigits()
    order = np.random.default_rng(0).permutation(len(images))
    x = (images[order] / 16).astype(dtype)
    y = labels[order].astype("int32")
    return x[:learn], y[:learn], x[learn:], y[learn:]
