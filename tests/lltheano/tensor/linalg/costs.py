"""Costs whose gradients say something of every element of a complex result."""

from typing import Any

import lltheano.tensor as T

__all__ = ["weighted"]


def weighted(result: Any) -> Any:
    """A real number that depends on both parts of every element in its own way."""
    places = T.arange(result.size).reshape(result.shape).astype("float64")
    return (T.sin(places + 1) * result.real + T.cos(3 * places) * result.imag).sum()
