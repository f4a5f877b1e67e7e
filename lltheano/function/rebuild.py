"""`rebuild_collect_shared`: a graph with replacements made, and the shared variables in it."""

from collections.abc import Sequence
from typing import Any

from lltheano.function.modes.mode import FAST_RUN
from lltheano.function.requests.gather import gather, replacements
from lltheano.function.requests.inputs import In, Out
from lltheano.function.requests.reading import Request, read_inputs, read_outputs, read_pairs
from lltheano.graph import Variable, ancestors, clone_replace
from lltheano.graph.provenance import caller
from lltheano.shared import SharedVariable

__all__ = ["rebuild_collect_shared"]

Collected = tuple[
    list[Variable],
    Any,
    tuple[
        dict[Variable, Variable],
        dict[SharedVariable, Variable],
        list[tuple[SharedVariable, Variable]],
        list[SharedVariable],
    ],
]


def rebuild_collect_shared(
    outputs: Any,
    inputs: Sequence[Variable | In] | None = None,
    replace: Any = None,
    updates: Any = None,
    rebuild_strict: bool = True,
    copy_inputs_over: bool = True,
    no_default_updates: bool | Sequence[SharedVariable] = False,
) -> Collected:
    """Make replacements in a graph, and find its shared variables and their updates.

    It is the first half of `function`, for programs that compile graphs in their own way.

    Returns the inputs of the new graph; its outputs, in the form of `outputs`; and a tuple of: the
    new variable for each old one; the new value of each shared variable that is updated, as a dict;
    the same as pairs; and all shared variables that take part.

    Raises what `function` raises for arguments of other forms and other types.

    Parameters
    ----------
    outputs
        A variable or an `Out`, a list of them, or None.
    inputs
        The variables that callers will pass.
    replace, updates, rebuild_strict, no_default_updates
        As `givens`, `updates` and so on of `function`.
    copy_inputs_over
        False replaces the inputs by copies too.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> from lltheano import shared
    >>> x, y, count = T.dscalar("x"), T.dscalar("y"), shared(0, "count")
    >>> inputs, out, (clones, updates, pairs, found) = rebuild_collect_shared(
    ...     x + count, [y], replace={x: y * 2}, updates=[(count, count + 1)]
    ... )
    >>> inputs, found, list(updates)
    ([y], [count], [count])
    >>> float(out.eval({y: 3.0}))
    6.0
    """
    specs = read_inputs(list(inputs or []), None)
    read = read_outputs(outputs)
    copies = (
        {spec.variable: spec.variable.clone() for spec in specs} if not copy_inputs_over else {}
    )
    pairs = [*copies.items(), *(pair for pair in read_pairs(replace, "replace"))]
    request = Request(
        name=None,
        location=caller(),
        inputs=(),
        outputs=read,
        updates=tuple(read_pairs(updates, "updates")),
        givens=tuple(pairs),
        kept={},
        no_default_updates=no_default_updates,
        rebuild_strict=rebuild_strict,
        on_unused_input="ignore",
        mode=FAST_RUN,
    )
    graph = gather(request, frozenset())
    table = replacements(request, frozenset(), {})
    old = [spec.variable for spec in read.specs]
    old += [_new_value(target, request.updates) for target in graph.updates]
    everything = list(ancestors([*old, *(spec.variable for spec in specs)]))
    clones = dict(zip(everything, clone_replace(everything, table), strict=True))
    fresh = [
        Out(clones[spec.variable], spec.borrow) if spec.borrow else clones[spec.variable]
        for spec in read.specs
    ]
    new_values = {target: clones[_new_value(target, request.updates)] for target in graph.updates}
    return (
        [clones[spec.variable] for spec in specs],
        None if outputs is None else fresh[0] if read.single else fresh,
        (clones, new_values, list(new_values.items()), list(graph.shared)),
    )


def _new_value(target: SharedVariable, updates: Sequence[tuple[Variable, Any]]) -> Variable:
    result = next((value for one, value in updates if one is target), target.default_update)
    return result if isinstance(result, Variable) else target.type.make_constant(result)
