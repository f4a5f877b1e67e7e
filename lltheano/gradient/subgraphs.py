"""Gradients of a part of a graph: from where they are known, or from a cost, to where it ends."""

from collections.abc import Mapping, Sequence
from typing import Any

from lltheano.gradient.engine import grad
from lltheano.graph import Variable
from lltheano.graph.boundary import boundary

__all__ = ["subgraph_grad"]


@boundary
def subgraph_grad(
    wrt: Sequence[Variable],
    end: Sequence[Variable],
    start: Mapping[Any, Any] | None = None,
    cost: Variable | None = None,
    details: bool = False,
) -> Any:
    """Return the gradients with respect to `wrt`, and those with respect to `end`, where they stop.

    The result is (gradients of wrt, gradients of end), with `details` followed by the two lists.
    What nothing reaches gets zero. So a long chain can be differentiated piece by piece: the
    gradients of `end` are the `start` of the piece before.

    ValueError when neither `start` nor `cost` is given, TypeError when `wrt` or `end` is no list.

    Parameters
    ----------
    wrt
        A list of variables of the part.
    end
        A list of variables at which the part ends; no gradient passes through them.
    start
        Gradients that are known where the part begins, by variable.
    cost
        A scalar whose gradient is added to what `start` gives.
    details
        Return also what `start` and `cost` give for each of `wrt`, then for each of `end`; None for
        one that was not given.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> x, w = T.dscalars("x", "w")
    >>> h = w * x
    >>> cost = h**2
    >>> [of_h], ends = subgraph_grad([h], [h], cost=cost)
    >>> [of_w], _ = subgraph_grad([w], [x], start={h: ends[0]})
    >>> of_w.eval({x: 3.0, w: 2.0})
    array(36.)
    """
    for name, given in (("wrt", wrt), ("end", end)):
        if not isinstance(given, list | tuple):
            raise TypeError(f"subgraph_grad: {name} must be a list of variables, got {given!r:.80}")
    if start is None and cost is None:
        raise ValueError("subgraph_grad needs a cost, or gradients to start with")
    targets = list(dict.fromkeys((*wrt, *end)))

    def gradients(of: Variable | None, known: Mapping[Any, Any] | None) -> list[Any]:
        return list(
            grad(
                of,
                targets,
                consider_constant=end,
                disconnected_inputs="ignore",
                known_grads=known,
            )
        )

    from_start = None if start is None else gradients(None, start)
    from_cost = None if cost is None else gradients(cost, None)
    parts_given = [one for one in (from_start, from_cost) if one is not None]
    total = parts_given[0]
    for more in parts_given[1:]:
        total = [one + other for one, other in zip(total, more, strict=True)]
    table = dict(zip(targets, total, strict=True))
    result = [table[target] for target in wrt], [table[one] for one in end]
    if not details:
        return result
    order = [targets.index(target) for target in (*wrt, *end)]
    parts = [
        None if one is None else [one[index] for index in order] for one in (from_start, from_cost)
    ]
    return (*result, *parts)
