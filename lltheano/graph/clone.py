"""Copies of graphs with some variables replaced, and comparison of graphs.

Only what depends on a replaced variable is rebuilt; all else is shared with the original graph,
which never changes. Rebuilt applications derive their types anew, so a replacement may have
another broadcast pattern.
"""

import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lltheano.errors import CyclicGraphError
from lltheano.graph.core import Apply, Constant, Variable
from lltheano.graph.walk import inputs, io_toposort
from lltheano.graph.written import carry_over

__all__ = ["clone", "clone_get_equiv", "clone_graph", "clone_replace", "is_same_graph"]


def clone_replace(
    outputs: Sequence[Variable], replace: Mapping[Any, Variable], *, chained: bool = False
) -> list[Variable]:
    """Return `outputs` computed with each key of `replace` replaced by its value.

    The replacement is simultaneous: keys that occur inside the values stay as they are, so `{x: x
    + 1}` is allowed. With `chained` they are replaced there too, except for each key in its own
    value; CyclicGraphError when that would never end.

    >>> import lltheano.tensor as T
    >>> x, y = T.scalars("x", "y")
    >>> [z] = clone_replace([x * 2], {x: y})
    >>> z.owner.inputs[0] is y
    True
    """
    table = dict(replace)
    if chained:
        table = _resolve_chains(table)
    return _rebuild(outputs, table)


def clone(
    output: Any,
    replace: Mapping[Any, Variable] | Iterable[tuple[Variable, Variable]] | None = None,
    strict: bool = True,
    share_inputs: bool = True,
    copy_inputs: bool | None = None,
) -> Any:
    """Return a copy of one variable's graph, or of each of a list, with variables replaced.

    Raises TypeError for what is not a variable, and, with `strict`, for another type.

    Parameters
    ----------
    output
        A variable, or a list or tuple of them.
    replace
        Pairs (variable, replacement), or a dict of them. The replacement is simultaneous: keys that
        occur inside replacements stay as they are.
    strict
        Whether a replacement must have the type of what it replaces.
    share_inputs
        False copies the leaves too; copies of shared variables have the storage of the originals.
    copy_inputs
        The older name of `share_inputs`, with the same meaning.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> x, y = T.dvectors("x", "y")
    >>> clone(x * 2, replace={x: y + 1}).eval({y: [1.0]})
    array([4.])
    """
    if copy_inputs is not None:
        warnings.warn("clone(copy_inputs=...) is share_inputs=...", FutureWarning, stacklevel=2)
        share_inputs = copy_inputs
    table = dict(replace or {})
    for key, value in table.items():
        _check_replacement(key, value, strict=strict)
    several = isinstance(output, list | tuple)
    outputs = list(output) if several else [output]
    if not share_inputs:
        leaves = [operand for operand in inputs(outputs) if operand not in table]
        table.update({leaf: leaf.clone() for leaf in leaves if not isinstance(leaf, Constant)})
    copies = clone_replace(outputs, table)
    return copies if several else copies[0]


def _check_replacement(key: object, value: object, *, strict: bool) -> None:
    for one in (key, value):
        if not isinstance(one, Variable):
            raise TypeError(f"clone replaces variables by variables; got {type(one).__name__}")
    assert isinstance(key, Variable)
    assert isinstance(value, Variable)
    if strict and key.type != value.type:
        raise TypeError(f"{value.describe()} cannot replace {key.describe()}: the types differ")


def clone_graph(
    i: Sequence[Variable],
    o: Sequence[Variable],
    copy_inputs: bool = True,
    copy_orphans: bool | None = None,
) -> tuple[list[Variable], list[Variable]]:
    """Return copies of the inputs `i`, and of the outputs `o` computed from them.

    Parameters
    ----------
    i, o
        Between which every application is copied.
    copy_inputs
        False keeps the inputs themselves.
    copy_orphans
        Whether the other leaves are copied; as the inputs by default.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> (inner,), (y,) = clone_graph([x], [x * 2])
    >>> inner is x, y.owner.inputs[0] is inner
    (False, True)
    """
    orphans = copy_inputs if copy_orphans is None else copy_orphans
    copies = clone_get_equiv(i, o, copy_inputs, orphans)
    return [copies[one] for one in i], [copies[one] for one in o]


def clone_get_equiv(
    inputs: Sequence[Variable],
    outputs: Sequence[Variable],
    copy_inputs: bool = True,
    copy_orphans: bool = True,
    memo: dict[Any, Any] | None = None,
) -> dict[Any, Any]:
    """Return the copy of each variable and application between `inputs` and `outputs`.

    Parameters
    ----------
    inputs, outputs
        Between which every application is copied.
    copy_inputs, copy_orphans
        Whether the inputs, and the other leaves, are copied.
    memo
        Copies that are there already; it is filled in and returned.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> copies = clone_get_equiv([x], [x * 2], copy_inputs=False)
    >>> copies[x] is x
    True
    """
    copies: dict[Any, Any] = {} if memo is None else memo
    for operand in inputs:
        copies.setdefault(operand, operand.clone() if copy_inputs else operand)
    for node in io_toposort(inputs, outputs):
        for operand in node.inputs:
            if operand not in copies:
                copies[operand] = operand.clone() if copy_orphans else operand
        fresh = copied(node, [copies[operand] for operand in node.inputs])
        copies.setdefault(node, fresh)
        for old, new in zip(node.outputs, fresh.outputs, strict=True):
            copies.setdefault(old, new)
    for output in outputs:
        if output not in copies:
            copies[output] = output.clone() if copy_orphans else output
    return copies


def copied(node: Apply, inputs: Sequence[Variable]) -> Apply:
    """Apply the op of an application to inputs of the same types; it is not asked for types."""
    fresh = Apply(
        node.op, inputs, [output.type.make_variable(output.name) for output in node.outputs]
    )
    fresh.source = node.source
    for new in fresh.outputs:
        new.source = node.source
    return fresh


def _resolve_chains(replace: Mapping[Variable, Variable]) -> dict[Variable, Variable]:
    """Substitute keys inside values, those that others wait for first. A key inside its own value
    is the variable itself.
    """
    resolved: dict[Variable, Variable] = {}
    for key in replace:
        pending = [key]
        while pending:
            current = pending[-1]
            inside = _keys_inside(replace[current], replace)
            waiting = [one for one in inside if one not in resolved and one is not current]
            if current in resolved:
                pending.pop()
            elif not waiting:
                (resolved[current],) = _rebuild([replace[current]], resolved)
                pending.pop()
            elif any(one in pending for one in waiting):
                names = " -> ".join(one.describe() for one in (*pending, waiting[0]))
                raise CyclicGraphError(
                    f"the replacements lead back to themselves: {names}; replace by variables that"
                    " do not depend on what they replace"
                )
            else:
                pending.append(waiting[0])
    return resolved


def _keys_inside(value: Variable, keys: Mapping[Variable, Variable]) -> list[Variable]:
    results = [
        operand for node in io_toposort(keys, [value]) for operand in node.inputs if operand in keys
    ]
    return [value, *results] if value in keys else results


def _rebuild(outputs: Sequence[Variable], table: dict[Variable, Variable]) -> list[Variable]:
    current = dict(table)
    for node in io_toposort(table, outputs):
        if any(operand in current for operand in node.inputs):
            fresh = node.clone_with_new_inputs(
                [current.get(operand, operand) for operand in node.inputs]
            )
            for old, new in zip(node.outputs, fresh.outputs, strict=True):
                carry_over(old, new, current)
                current.setdefault(old, new)
    return [current.get(output, output) for output in outputs]


def is_same_graph(
    var1: Variable,
    var2: Variable,
    givens: Mapping[Any, Variable] | None = None,
    debug: bool = False,
) -> bool:
    """Whether two variables are computed by equal ops from the same leaves, after `givens` in both.

    `debug` is there for Theano's signature: there is one way to find out.

    >>> import lltheano.tensor as T
    >>> x = T.scalar("x")
    >>> is_same_graph(x * 2, x * 2), is_same_graph(x * 2, x * 3)
    (True, False)
    """
    if givens:
        var1, var2 = clone_replace([var1, var2], givens)
    numbers: dict[object, int] = {}
    return _number(var1, numbers) == _number(var2, numbers)


def _number(output: Variable, numbers: dict[object, int]) -> int:
    """Give each variable under `output` a number that it shares with its equals."""
    own: dict[Variable, int] = {}

    def number_of(variable: Variable) -> int:
        if variable not in own:
            key = variable.signature() if isinstance(variable, Constant) else variable
            own[variable] = numbers.setdefault(key, len(numbers))
        return own[variable]

    for node in io_toposort((), [output]):
        key = _key(node, [number_of(operand) for operand in node.inputs])
        for index, result in enumerate(node.outputs):
            own[result] = numbers.setdefault((*key, index), len(numbers))
    return number_of(output)


def _key(node: Apply, inputs: Sequence[int]) -> tuple[object, ...]:
    return (node.op, *inputs)
