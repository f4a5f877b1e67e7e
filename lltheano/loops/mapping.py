"""`map_variables`: variables replaced in graphs, and in the steps of the scans that are in them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from lltheano.graph.clone import clone_replace
from lltheano.graph.core import Apply, Variable, applied
from lltheano.graph.walk import ancestors, inputs as leaves_of, io_toposort
from lltheano.loops.op import Scan
from lltheano.loops.parts import State
from lltheano.loops.state import has_default_update
from lltheano.shared import SharedVariable
from lltheano.tensor.inner_graphs.closing import close_over

__all__ = ["map_variables"]

Replacer = Callable[[Any], Any]


def map_variables(
    replacer: Replacer,
    graphs: Iterable[Variable],
    additional_inputs: Iterable[Variable] | None = None,
) -> list[Variable]:
    """Return graphs in which each variable is replaced by what `replacer` makes of it.

    The steps of scans are gone through as well. What a replacement uses there besides the variables
    of the step is captured by the scan.

    Raises TypeError for a replacement of another type inside a scan, and NotImplementedError for
    one that uses a shared variable that functions update by default.

    Parameters
    ----------
    replacer
        Called with each variable; it returns the variable itself where that stays.
    graphs
        Variables whose graphs are gone through.
    additional_inputs
        Variables that `replacer` is called with, too, though the graphs do not depend on them.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> from lltheano import scan
    >>> x = T.dvector("x")
    >>> sums, _ = scan(lambda one, total: total + T.exp(one), x, T.zeros(()))
    >>> def without_exp(variable):
    ...     is_exp = variable.owner is not None and variable.owner.op == T.exp
    ...     return variable.owner.inputs[0] if is_exp else variable
    >>> (plain,) = map_variables(without_exp, [sums])
    >>> plain.eval({x: [1.0, 2.0, 3.0]}).tolist()
    [1.0, 3.0, 6.0]
    """
    results = list(graphs)
    nodes = io_toposort([], results)
    variables = [*leaves_of(results), *(additional_inputs or ())]
    variables += [output for node in nodes for output in node.outputs]
    table: dict[Variable, Variable] = {}
    for variable in variables:
        other = replacer(variable)
        if other is not variable:
            table[variable] = other
    for node in nodes:
        if isinstance(node.op, Scan):
            outputs = zip(node.outputs, _inside(node.op, node, replacer), strict=True)
            for output, other in outputs:
                if other is not output:
                    table.setdefault(output, other)
    return clone_replace(results, table, chained=True)


def _inside(op: Scan, node: Apply, replacer: Replacer) -> Sequence[Variable]:
    """The results of a scan with the variables of its step replaced."""
    old = list(op.step_results)
    new = map_variables(replacer, old, op.leaves)
    if all(one is other for one, other in zip(old, new, strict=True)):
        return node.outputs
    _check(op, old, new)
    moving = [*op.sequences, *(leaf for state in op.states for leaf in state.leaves)]
    captured, leaves, inside = close_over(moving, new)
    states, rows = len(op.states), len(op.rows)
    pairs = zip(op.states, inside, strict=False)
    fresh = replace(
        op,
        states=tuple(State(state.leaves, following) for state, following in pairs),
        captured=tuple(leaves),
        rows=tuple(inside[states : states + rows]),
        proceeds=None if op.proceeds is None else inside[-1],
    )
    outer = dict(zip(op.captured, op.operands(node.inputs).captured, strict=True))
    count = 1 + len(moving)
    made = fresh.make_node(*node.inputs[:count], *clone_replace(captured, outer))
    applied(made)
    return made.outputs


def _check(op: Scan, old: Sequence[Variable], new: Sequence[Variable]) -> None:
    for one, other in zip(old, new, strict=True):
        if one.type != other.type:
            raise TypeError(
                f"map_variables: inside {op}, {one.describe()} cannot become {other.describe()}:"
                " the types differ"
            )
    for variable in ancestors(new, op.leaves):
        if isinstance(variable, SharedVariable) and has_default_update(variable):
            raise NotImplementedError(
                f"map_variables: {variable.describe()} has a default update, which a scan that"
                " exists cannot take up; use it in the function of a new scan"
            )
