"""Sums of products in the arithmetic of i64, which wraps around and is a ring.

A sum is a mapping from products of atoms, which are opaque here, to their factors; the number of a
sum belongs to the empty product.
"""

from collections.abc import Hashable, Mapping
from typing import TypeAlias, TypeVar

__all__ = ["Polynomial", "cleaned", "difference", "negated", "product", "scaled", "total"]

Atom = TypeVar("Atom", bound=Hashable)

Polynomial: TypeAlias = Mapping[tuple[Atom, ...], int]

_LEAST = -(1 << 63)
_MOST_FACTORS = 8
"""Longer products are left as they are: merging them would take quadratic time."""


def cleaned(terms: Polynomial[Atom]) -> Polynomial[Atom]:
    """Factors as i64 holds them, without those of zero.

    >>> cleaned({("n",): 1 << 64, ("m",): 2})
    {('m',): 2}
    """
    wrapped = {one: (factor - _LEAST) % (1 << 64) + _LEAST for one, factor in terms.items()}
    return {one: factor for one, factor in wrapped.items() if factor}


def scaled(terms: Polynomial[Atom], factor: int) -> Polynomial[Atom]:
    """The sum times a number."""
    return {one: factor * each for one, each in terms.items()}


def total(x: Polynomial[Atom], y: Polynomial[Atom]) -> Polynomial[Atom]:
    """The sum of two sums.

    >>> total({("n",): 1, (): 2}, {("n",): 3})
    {('n',): 4, (): 2}
    """
    merged = dict(x)
    for one, factor in y.items():
        merged[one] = merged.get(one, 0) + factor
    return merged


def difference(x: Polynomial[Atom], y: Polynomial[Atom]) -> Polynomial[Atom]:
    """One sum less another."""
    return total(x, scaled(y, -1))


def negated(x: Polynomial[Atom]) -> Polynomial[Atom]:
    """The sum with the other sign."""
    return scaled(x, -1)


def product(x: Polynomial[Atom], y: Polynomial[Atom]) -> Polynomial[Atom] | None:
    """The product; None for one of two sums: multiplying it out could only make it longer."""
    if len(x) > 1 and len(y) > 1:
        return None
    if max(map(len, x), default=0) + max(map(len, y), default=0) > _MOST_FACTORS:
        return None
    return {one + other: factor * each for one, factor in x.items() for other, each in y.items()}
