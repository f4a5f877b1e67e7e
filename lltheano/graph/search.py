"""Searches of anything that leads to something else. None recurses, so depth is not limited."""

import sys
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from lltheano.errors import CyclicGraphError

__all__ = ["general_toposort", "stack_search"]


def stack_search(
    start: Iterable[Any],
    expand: Callable[[Any], Iterable[Any] | None],
    mode: str = "bfs",
    build_inv: bool = False,
) -> Any:
    """Return all that can be reached from `start`, each once, in the order in which it is met.

    Parameters
    ----------
    start
        Where to begin.
    expand
        Gives what an element leads to; None for nothing.
    mode
        "bfs" for breadth first, "dfs" for depth first. ValueError for anything else.
    build_inv
        Return also a dict with, for each element that was led to, what led to it.

    Examples
    --------
    >>> stack_search([1], lambda n: [2 * n, 2 * n + 1] if n < 4 else None)
    [1, 2, 3, 4, 5, 6, 7]
    >>> stack_search([1], lambda n: [2 * n, 2 * n + 1] if n < 4 else None, "dfs")
    [1, 3, 7, 6, 2, 5, 4]
    """
    if mode not in ("bfs", "dfs"):
        raise ValueError(f"mode must be 'bfs' or 'dfs', got {mode!r}")
    pending = deque(start)
    take = pending.popleft if mode == "bfs" else pending.pop
    results: dict[Any, None] = {}
    inverse: dict[Any, list[Any]] = {}
    while pending:
        element = take()
        if element in results:
            continue
        results[element] = None
        reached = list(expand(element) or ())
        for one in reached if build_inv else ():
            inverse.setdefault(one, []).append(element)
        pending.extend(reached)
    return (list(results), inverse) if build_inv else list(results)


def general_toposort(
    outputs: Iterable[Any],
    deps: Callable[[Any], Iterable[Any] | None],
    debug_print: bool = False,
    compute_deps_cache: Callable[[Any], Iterable[Any] | None] | None = None,
    deps_cache: dict[Any, Any] | None = None,
    clients: dict[Any, list[Any]] | None = None,
) -> list[Any]:
    """Return `outputs` and all that they need, each after what it needs.

    What needs nothing comes first, and then what has all it needs, in the order in which that came
    about.

    CyclicGraphError when something needs itself.

    Parameters
    ----------
    outputs
        Where to begin.
    deps
        Gives what an element needs; None for nothing. Elements must be hashable.
    debug_print
        Write what each element needs to standard output.
    compute_deps_cache
        Used instead of `deps` if given.
    deps_cache
        Filled in, if given, with what each element needs.
    clients
        Filled in, if given, with what needs each element.

    Examples
    --------
    >>> general_toposort("d", {"d": "bc", "c": "a", "b": "a", "a": ""}.get)
    ['a', 'c', 'b', 'd']
    """
    needed_by = compute_deps_cache or deps
    needs: dict[Any, list[Any]] = {} if deps_cache is None else deps_cache

    def expand(element: Any) -> list[Any]:
        return needs.setdefault(element, list(needed_by(element) or ()))

    reached, needed_for = stack_search(outputs, expand, "dfs", build_inv=True)
    if clients is not None:
        clients.update(needed_for)
    order = _ordered(reached, needs, needed_for)
    if debug_print:
        sys.stdout.writelines(f"{element} needs {needs[element]}\n" for element in order)
    return order


def _ordered(
    reached: Sequence[Any], needs: Mapping[Any, Sequence[Any]], needed_for: Mapping[Any, list[Any]]
) -> list[Any]:
    """Elements as their last need is met; those without needs first, as they were reached."""
    missing = {element: set(needs[element]) for element in reached}
    ready = deque(element for element in reached if not missing[element])
    order: dict[Any, None] = {}
    while ready:
        element = ready.popleft()
        if element in order:
            continue
        order[element] = None
        for client in needed_for.get(element, ()):
            missing[client].discard(element)
            if not missing[client]:
                ready.append(client)
    if len(order) < len(reached):
        raise CyclicGraphError(_circle(next(one for one in reached if one not in order), missing))
    return list(order)


def _circle(start: Any, missing: Mapping[Any, set[Any]]) -> str:
    """Say which elements need one another."""
    path = {start: None}
    element = start
    while True:
        following = next(one for one in missing[element])
        if following in path:
            return f"{following} needs itself, through {element}"
        path[following] = None
        element = following
