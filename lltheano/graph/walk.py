"""Walks over the graph. All are iterative, so that depth is not limited by the stack of the
interpreter.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from lltheano.graph.core import Apply, Variable

__all__ = [
    "ancestors",
    "applies",
    "inputs",
    "io_connection_pattern",
    "io_toposort",
    "is_in_ancestors",
    "orphans",
    "variables",
]


def ancestors(
    variable_list: Iterable[Variable], blockers: Collection[Variable] | None = None
) -> Iterator[Variable]:
    """Yield each variable that the given ones depend on, themselves included, once, nearest first.

    What lies behind a variable in `blockers` is not visited; the blocker itself is.
    """
    stop = {id(one) for one in blockers or ()}
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
    found = ancestors(variable_list, blockers)
    stop = {id(one) for one in blockers or ()}
    return [one for one in found if one.owner is None or id(one) in stop]


def io_toposort(inputs: Iterable[Variable], outputs: Iterable[Variable]) -> list[Apply]:
    """Return the applications between `inputs` and `outputs`, operands first."""
    stop = {id(one) for one in inputs}
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
    """Return every application that `outputs` depend on, each after those whose results it uses."""
    return io_toposort((), outputs)


def variables(inputs: Iterable[Variable], outputs: Iterable[Variable]) -> list[Variable]:
    """Return `inputs`, and every variable between them and `outputs`."""
    inputs, outputs = list(inputs), list(outputs)
    return list({id(v): v for v in (*inputs, *ancestors(outputs, inputs))}.values())


def orphans(inputs: Iterable[Variable], outputs: Iterable[Variable]) -> list[Variable]:
    """Return the leaves, constants among them, that `outputs` need besides `inputs`."""
    inputs = list(inputs)
    given = {id(one) for one in inputs}
    found = ancestors(outputs, inputs)
    return [one for one in found if one.owner is None and id(one) not in given]


def is_in_ancestors(variable: Variable, of: Variable) -> bool:
    """Whether `of` depends on `variable`, which may be `of` itself."""
    return any(one is variable for one in ancestors([of]))


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
    return [_varying(one, order, outputs) for one in inputs]


def _varying(leaf: Variable, order: Iterable[Apply], outputs: Iterable[Variable]) -> list[bool]:
    active = {id(leaf)}
    for node in order:
        linked = [place for place, one in enumerate(node.inputs) if id(one) in active]
        if linked:
            pattern = node.op.connection_pattern(node)
            for j, output in enumerate(node.outputs):
                if any(pattern[place][j] for place in linked):
                    active.add(id(output))
    return [id(one) in active for one in outputs]
