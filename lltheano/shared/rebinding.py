"""Shared variables that are unpickled while others of their names are there to be used instead."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from lltheano.graph import Type

if TYPE_CHECKING:
    from lltheano.shared.variable import SharedVariable

__all__ = ["Bindable", "rebinding", "restore"]

Bindable = Mapping[str, "SharedVariable"] | Iterable["SharedVariable"]
"""Shared variables by the names that they have in the pickle, or by their own names."""


class _Rebinding:
    """The variables to use, and what was met so far."""

    def __init__(self, existing: "Mapping[str, SharedVariable]") -> None:
        self.existing = existing
        self.used: set[str] = set()
        self.met: set[str] = set()

    def find(self, name: str | None, wanted: Type) -> "SharedVariable | None":
        """The variable to use for one of that name, noting it; TypeError when it does not fit."""
        if name is None:
            return None
        self.met.add(name)
        found = self.existing.get(name)
        if found is None:
            return None
        if found.type != wanted:
            raise TypeError(
                f"{found.describe()} cannot take the place of the pickled {name!r}, which is a"
                f" {wanted!r}"
            )
        self.used.add(name)
        return found


_current: ContextVar[_Rebinding | None] = ContextVar("lltheano_rebinding", default=None)


@contextmanager
def rebinding(shared: Bindable) -> Iterator[None]:
    """Let what is unpickled in the block use existing shared variables, by name.

    A pickled shared variable whose name is among those of `shared` is not made anew: the existing
    one takes its place, and keeps its value. All others are made, as ever.

    Raises TypeError, while unpickling, when the types differ; ValueError at the end of the block
    for a name that no pickled variable had, and for variables in a list that have none.

    Parameters
    ----------
    shared
        The existing variables, each by the name that it has in the pickle; or a list of them, by
        their own names.

    Examples
    --------
    >>> import pickle
    >>> from lltheano import function, shared
    >>> count = shared(1, "count")
    >>> data = pickle.dumps(function([], count * 10))
    >>> count.set_value(2)
    >>> with rebinding([count]):
    ...     bound = pickle.loads(data)
    >>> free = pickle.loads(data)
    >>> int(bound()), int(free())
    (20, 10)
    """
    state = _Rebinding(_by_name(shared))
    token = _current.set(state)
    try:
        yield
    finally:
        _current.reset(token)
    unused = sorted(set(state.existing) - state.used)
    if unused:
        listed = ", ".join(sorted(map(repr, state.met))) or "none that have names"
        raise ValueError(
            f"nothing was unpickled that is called {', '.join(map(repr, unused))}; the shared"
            f" variables in the pickle are {listed}"
        )


def restore(kind: "type[SharedVariable]", name: str | None, wanted: Type) -> "SharedVariable":
    """Return what a pickled shared variable becomes: an existing one, or one without a state."""
    rebound = _current.get()
    existing = rebound.find(name, wanted) if rebound is not None else None
    if existing is not None:
        return existing
    made = kind.__new__(kind)
    made.owner = made.index = None
    return made


def _by_name(shared: Bindable) -> "dict[str, SharedVariable]":
    pairs: list[tuple[Any, Any]]
    if isinstance(shared, Mapping):
        pairs = list(shared.items())
    else:
        pairs = [(one.name, one) for one in shared]
    found: dict[str, SharedVariable] = {}
    for name, variable in pairs:
        if getattr(variable, "container", None) is None:
            raise TypeError(f"{name!r} is to be {variable!r}, which is no shared variable")
        if name is None:
            raise ValueError(f"{variable.describe()} has no name to be found by; use a dict")
        if found.setdefault(name, variable) is not variable:
            raise ValueError(f"two shared variables are called {name!r}; use a dict")
    return found
