"""What chooses among optimisers and passes: tags."""

from collections.abc import Iterable, Mapping
from typing import Any, Self

__all__ = ["Query"]


class Query:
    """What to choose: all with a tag of `include`, every tag of `require`, and none of `exclude`.

    A name is a tag too, and so is the name of an optimiser's class. Queries are not changed once
    made; `including` and the others return another.

    Parameters
    ----------
    include, require, exclude
        The tags.
    subquery
        For databases inside the one that is asked, by name, another query.
    position_cutoff
        Leave out what stands at this position, or after it.
    extra_optimizations
        Pairs of an optimiser and a position, chosen in any case.

    Examples
    --------
    >>> Query(["fast_run"]).excluding("inplace")
    Query{inc=['fast_run'],ex=['inplace'],require=[],position_cutoff=inf}
    """

    def __init__(
        self,
        include: Iterable[str],
        require: Iterable[str] | None = None,
        exclude: Iterable[str] | None = None,
        subquery: Mapping[str, "Query"] | None = None,
        position_cutoff: float = float("inf"),
        extra_optimizations: Iterable[tuple[Any, float]] | None = None,
    ) -> None:
        self.include = _tags(include)
        self.require = _tags(require or ())
        self.exclude = _tags(exclude or ())
        self.subquery = dict(subquery or {})
        self.position_cutoff = position_cutoff
        self.extra_optimizations = tuple(extra_optimizations or ())

    def including(self, *tags: str) -> Self:
        """Return the query that includes these tags too."""
        return self._with(include=(*self.include, *tags))

    def excluding(self, *tags: str) -> Self:
        """Return the query that excludes these tags too."""
        return self._with(exclude=(*self.exclude, *tags))

    def requiring(self, *tags: str) -> Self:
        """Return the query that requires these tags too."""
        return self._with(require=(*self.require, *tags))

    def register(self, *optimizations: tuple[Any, float]) -> Self:
        """Return the query with other optimisers, pairs with a position, that it always chooses."""
        return self._with(extra_optimizations=(*self.extra_optimizations, *optimizations))

    def takes(self, tags: Iterable[str]) -> bool:
        """Whether it chooses what has these tags."""
        result = set(tags)
        wanted = bool(result & set(self.include)) and result >= set(self.require)
        return wanted and not result & set(self.exclude)

    def without_extra(self) -> Self:
        """Return the query without `extra_optimizations`."""
        return self._with(extra_optimizations=())

    def _with(self, **changes: Any) -> Self:
        return type(self)(**{**vars(self), **changes})

    def _key(self) -> tuple[Any, ...]:
        sets = (frozenset(one) for one in (self.include, self.require, self.exclude))
        return (*sets, self.position_cutoff, self.extra_optimizations, *self.subquery.items())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Query) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        return (
            f"Query{{inc={list(self.include)},ex={list(self.exclude)},"
            f"require={list(self.require)},position_cutoff={self.position_cutoff}}}"
        )


def _tags(values: Iterable[str]) -> tuple[str, ...]:
    if isinstance(values, str):
        raise TypeError(f"tags are given as a list, such as [{values!r}]; got {values!r}")
    tags = tuple(dict.fromkeys(values))
    for tag in tags:
        if not isinstance(tag, str):
            raise TypeError(f"a tag must be a string; got {tag!r}")
    return tags
