"""Walks over the graph. All are iterative, so that depth is not limited by the stack of the
interpreter.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from lltheano.graph.core import Apply, Variable
from lltheano.graph.search import general_toposort, stack_search

__all__ = [
    "ancestors",
    "applies",
    "inputs",
    "io_connection_pattern",
    "io_toposort",
    "is_in_ancestors",
    "list_of_nodes",
    "ops",
    "orphans",
    "variables",
    "variables_and_orphans",
    "view_roots",
]


def ancestors(
    variable_list: Iterable[Variable], blockers: Collection[Variable] | None = None
) -> Iterator[Variable]:
    """Yield each variable that the given ones depend on, themselves included, once, nearest first.

    What lies behind a variable in `blockers` is not visited; the blocker itself is.

    >>> import lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> list(ancestors([T.exp(T.log(x))]))
    [exp, log, x]
    """
    stop = {id(blocker) for blocker in blockers or ()}
    pending = list(variable_list)[::-1]
    seen: set[int] = set()
    while pending:
        variable = pending.pop()
        if id(variable) in seen:
            continue
        seen.add(id(variable))
        yield variable
        if variable.owner is not None and id(variable) not in stop:
            pending.extend(reversed(variable.owner.inputs))


def inputs(
    variable_list: Iterable[Variable], blockers: Collection[Variable] | None = None
) -> list[Variable]:
    """Return the leaves, constants among them, that the given variables depend on.

    >>> import lltheano.tensor as T
    >>> x, y = T.scalars("x", "y")
    >>> inputs([x * y + x])
    [x, y]
    """
    result = ancestors(variable_list, blockers)
    stop = {id(blocker) for blocker in blockers or ()}
    return [part for part in result if part.owner is None or id(part) in stop]


def io_toposort(
    inputs: Iterable[Variable],
    outputs: Iterable[Variable],
    orderings: Mapping[Apply, Iterable[Apply]] | None = None,
    clients: dict[Any, list[Any]] | None = None,
) -> list[Apply]:
    """Return the applications between `inputs` and `outputs`, operands first.

    Parameters
    ----------
    inputs, outputs
        What lies behind an input is left out.
    orderings
        For some applications, others that must come before them although they give them nothing.
        CyclicGraphError when that is impossible.
    clients
        Filled in, if given, with what uses each variable and application.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> io_toposort([x], [T.exp(x) * 2])
    [exp(x), mul(exp, TensorConstant{2})]
    """
    inputs, outputs = list(inputs), list(outputs)
    if orderings is None and clients is None:
        return _between(inputs, outputs)
    stop = {id(operand) for operand in inputs}
    before = orderings or {}

    def needs(one: Any) -> list[Any]:
        if isinstance(one, Apply):
            return [*one.inputs, *before.get(one, ())]
        return [] if id(one) in stop or one.owner is None else [one.owner]

    order = general_toposort(outputs, needs, clients=clients)
    return [one for one in order if isinstance(one, Apply)]


def _between(inputs: Iterable[Variable], outputs: Iterable[Variable]) -> list[Apply]:
    stop = {id(operand) for operand in inputs}
    order: list[Apply] = []
    done: set[int] = set()
    for output in outputs:
        _visit(output, lambda one: id(one) in stop, order, done)
    return order


def _visit(
    start: Variable, blocked: Callable[[Variable], bool], order: list[Apply], done: set[int]
) -> None:
    if start.owner is None or blocked(start):
        return
    pending: list[tuple[Apply, Iterator[Variable]]] = []
    if id(start.owner) not in done:
        done.add(id(start.owner))
        pending.append((start.owner, iter(start.owner.inputs)))
    while pending:
        node, rest = pending[-1]
        for variable in rest:
            owner = variable.owner
            if owner is not None and id(owner) not in done and not blocked(variable):
                done.add(id(owner))
                pending.append((owner, iter(owner.inputs)))
                break
        else:
            order.append(node)
            pending.pop()


def applies(outputs: Iterable[Variable]) -> list[Apply]:
    """Return every application that `outputs` depend on, each after those whose results it uses.

    >>> import lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> applies([T.exp(T.log(x))])
    [log(x), exp(log)]
    """
    return io_toposort((), outputs)


def variables(i: Iterable[Variable], o: Iterable[Variable]) -> list[Variable]:
    """Return the inputs `i`, and every variable between them and the outputs `o`.

    >>> import lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> variables([x], [T.exp(x)])
    [x, exp]
    """
    leaves = list(i)
    return list({id(v): v for v in (*leaves, *ancestors(list(o), leaves))}.values())


def orphans(i: Iterable[Variable], o: Iterable[Variable]) -> list[Variable]:
    """Return the leaves, constants among them, that the outputs `o` need besides the inputs `i`.

    >>> import lltheano.tensor as T
    >>> x, y = T.dscalars("x", "y")
    >>> orphans([x], [x * y])
    [y]
    """
    leaves = list(i)
    names = {id(leaf) for leaf in leaves}
    result = ancestors(list(o), leaves)
    return [part for part in result if part.owner is None and id(part) not in names]


def variables_and_orphans(
    i: Iterable[Variable], o: Iterable[Variable]
) -> tuple[list[Variable], list[Variable]]:
    """Return what `variables` does, and what `orphans` does.

    >>> import lltheano.tensor as T
    >>> x, y = T.dscalars("x", "y")
    >>> variables_and_orphans([x], [x * y])
    ([x, mul, y], [y])
    """
    given, results = list(i), list(o)
    return variables(given, results), orphans(given, results)


def ops(i: Iterable[Variable], o: Iterable[Variable]) -> set[Apply]:
    """Return the set of applications between the inputs `i` and the outputs `o`.

    >>> import lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> ops([x], [T.exp(x)])
    {exp(x)}
    """
    return set(io_toposort(i, o))


def list_of_nodes(inputs: Iterable[Variable], outputs: Iterable[Variable]) -> list[Apply]:
    """Return the applications between `inputs` and `outputs`, those nearest to the outputs first.

    >>> import lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> list_of_nodes([x], [T.exp(T.log(x))])
    [exp(log), log(x)]
    """
    given = {id(operand) for operand in inputs}

    def operands(node: Apply) -> list[Apply]:
        owners = (operand.owner for operand in node.inputs if id(operand) not in given)
        return [owner for owner in owners if owner is not None]

    start = [
        output.owner for output in outputs if output.owner is not None and id(output) not in given
    ]
    result: list[Apply] = stack_search(dict.fromkeys(start), operands)
    return result


def is_in_ancestors(l_node: Any, f_node: Any) -> bool:
    """Whether `l_node`, an application or a variable, depends on `f_node`, or is it.

    >>> import lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> y = T.exp(x)
    >>> is_in_ancestors((y * 2).owner, y.owner), is_in_ancestors(y.owner, (y * 2).owner)
    (True, False)
    """
    return any(one is f_node for one in stack_search([l_node], _parents))


def _parents(node: Any) -> list[Any]:
    if isinstance(node, Apply):
        return list(node.inputs)
    return [] if node.owner is None else [node.owner]


def view_roots(r: Variable) -> list[Variable]:
    """Return the variables of whose memory `r` may be a view, by the `view_map` of ops.

    Compiled functions decide for themselves what is a view; this reads what ops declare.

    >>> import lltheano.tensor as T
    >>> from lltheano.ops import view_op
    >>> x = T.dvector("x")
    >>> view_roots(view_op(view_op(x)))
    [x]
    """
    roots: list[Variable] = []
    pending = [r]
    while pending:
        one = pending.pop()
        viewed = _viewed(one)
        pending.extend(viewed)
        if not viewed:
            roots.append(one)
    return roots


def _viewed(variable: Variable) -> list[Variable]:
    if variable.owner is None:
        return []
    indices = getattr(variable.owner.op, "view_map", {}).get(variable.index, ())
    return [variable.owner.inputs[index] for index in indices]


def io_connection_pattern(
    inputs: Sequence[Variable], outputs: Sequence[Variable]
) -> list[list[bool]]:
    """Return for each input whether the elements of each output vary with its own.

    >>> import lltheano.tensor as T
    >>> x, y = T.dvectors("x", "y")
    >>> io_connection_pattern([x, y], [x * y.shape[0], x + y])
    [[True, True], [False, True]]
    """
    order = io_toposort(inputs, outputs)
    return [_varying(operand, order, outputs) for operand in inputs]


def _varying(leaf: Variable, order: Iterable[Apply], outputs: Iterable[Variable]) -> list[bool]:
    active = {id(leaf)}
    for node in order:
        linked = [index for index, operand in enumerate(node.inputs) if id(operand) in active]
        if linked:
            pattern = node.op.connection_pattern(node)
            for j, output in enumerate(node.outputs):
                if any(pattern[index][j] for index in linked):
                    active.add(id(output))
    return [id(result) in active for result in outputs]
