"""Searches of anything that leads to something else. None recurses, so depth is not limited."""

import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
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

    Args:
        start: where to begin.
        expand: gives what an element leads to; None for nothing.
        mode: "bfs" for breadth first, "dfs" for depth first. ValueError for anything else.
        build_inv: return also a dict with, for each element that was led to, what led to it.

    >>> stack_search([1], lambda n: [2 * n, 2 * n + 1] if n < 4 else None)
    [1, 2, 3, 4, 5, 6, 7]
    >>> stack_search([1], lambda n: [2 * n, 2 * n + 1] if n < 4 else None, "dfs")
    [1, 3, 7, 6, 2, 5, 4]
    """
    if mode not in ("bfs", "dfs"):
        raise ValueError(f"mode must be 'bfs' or 'dfs', got {mode!r}")
    pending = deque(start)
    take = pending.popleft if mode == "bfs" else pending.pop
    found: dict[Any, None] = {}
    inverse: dict[Any, list[Any]] = {}
    while pending:
        element = take()
        if element in found:
            continue
        found[element] = None
        reached = list(expand(element) or ())
        for one in reached if build_inv else ():
            inverse.setdefault(one, []).append(element)
        pending.extend(reached)
    return (list(found), inverse) if build_inv else list(found)


def general_toposort(
    outputs: Iterable[Any],
    deps: Callable[[Any], Iterable[Any] | None],
    debug_print: bool = False,
    compute_deps_cache: Callable[[Any], Iterable[Any] | None] | None = None,
    deps_cache: dict[Any, Any] | None = None,
    clients: dict[Any, list[Any]] | None = None,
) -> list[Any]:
    """Return `outputs` and all that they need, each after what it needs.

    Args:
        outputs: where to begin.
        deps: gives what an element needs; None for nothing. Elements must be hashable.
        debug_print: write what each element needs to standard output.
        compute_deps_cache: used instead of `deps` if given.
        deps_cache: filled in, if given, with what each element needs.
        clients: filled in, if given, with what needs each element.

    CyclicGraphError when something needs itself.

    >>> general_toposort("c", {"c": "ab", "b": "a", "a": ""}.get)
    ['a', 'b', 'c']
    """
    needed_by = compute_deps_cache or deps
    needs: dict[Any, list[Any]] = {} if deps_cache is None else deps_cache
    order: dict[Any, None] = {}
    for output in outputs:
        path: dict[Any, Iterator[Any]] = {}
        _enter(output, path, order, needs, needed_by)
        while path:
            element, rest = next(reversed(path.items()))
            following = next((one for one in rest if one not in order), None)
            if following is None:
                del path[element]
                order[element] = None
            elif following in path:
                raise CyclicGraphError(f"{following} needs itself, through {element}")
            else:
                _enter(following, path, order, needs, needed_by)
    for element in order:
        if debug_print:
            sys.stdout.write(f"{element} needs {needs[element]}\n")
        if clients is not None:
            for one in needs[element]:
                clients.setdefault(one, []).append(element)
    return list(order)


def _enter(
    element: Any,
    path: dict[Any, Iterator[Any]],
    order: dict[Any, None],
    needs: dict[Any, list[Any]],
    needed_by: Callable[[Any], Iterable[Any] | None],
) -> None:
    """Begin with what an element needs, unless it has its place already."""
    if element not in order:
        needs.setdefault(element, list(needed_by(element) or ()))
        path[element] = iter(needs[element])
