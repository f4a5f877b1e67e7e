"""The function `scan`."""

from collections.abc import Callable, Sequence
from typing import Any

import lltheano.tensor as T
from lltheano.graph.boundary import boundary
from lltheano.graph.clone import clone_replace
from lltheano.graph.core import Variable, applied
from lltheano.loops.checks import (
    as_state,
    check_count,
    check_given,
    check_length,
    deep_enough,
    is_open,
    paired_outputs,
)
from lltheano.loops.given import (
    Output,
    Tapped,
    leaf_for,
    read_others,
    read_outputs,
    read_sequences,
)
from lltheano.loops.op import Scan
from lltheano.loops.parts import State
from lltheano.loops.returned import Returned, read_returned
from lltheano.loops.state import States, new_values
from lltheano.shared.updates import OrderedUpdates
from lltheano.tensor.inner_graphs.closing import close_over
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.variable import TensorConstant, TensorVariable
from lltheano_ir.records import record

__all__ = ["scan"]


@record(frozen=True, eq=False)
class _Inputs:
    """What a step is given.

    Attributes
    ----------
    sequences
        For each sequence and tap, rows that a step reads one of, by their leaf.
    states
        For each output that is read again, its first values by their leaves, the oldest first.
    arguments
        What the step is called with: leaves for what changes, and then what is the same in all
        steps as it is, so that a step may take gradients by it.
    """

    sequences: dict[Variable, TensorVariable]
    states: list[dict[Variable, TensorVariable] | None]
    arguments: list[Variable]


@boundary
def scan(  # noqa: PLR0913, PLR0917 - Theano's parameters
    fn: Callable[..., Any],
    sequences: Any = None,
    outputs_info: Any = None,
    non_sequences: Any = None,
    n_steps: Any = None,
    truncate_gradient: int = -1,
    go_backwards: bool = False,
    mode: Any = None,
    name: str | None = None,
    profile: Any = False,
    allow_gc: bool | None = None,
    strict: bool = False,
    return_list: bool = False,
) -> tuple[Any, OrderedUpdates]:
    """Apply `fn` step by step, and return the stacks of what the steps gave.

    The loop is native code. What a step computes that is the same in all steps is computed once,
    before it; of an output of which only the last values are used, only these are kept.

    Parameters
    ----------
    fn
        Builds a step: a function of variables, called once. Its arguments are, in this order: for
        each of `sequences` the row at each tap; for each output that is read again its value at
        each tap; `non_sequences`. It returns outputs; or updates of shared variables, a dict or
        pairs; or (outputs, updates); and any of these with `until` as the last. Shared variables
        with a `default_update` (random streams) are advanced in each step.
    sequences
        Variables whose rows are gone along, or dicts ``{"input": x, "taps": [-1, 0, 1]}``. Step t
        is given row t + tap, counted so that all the taps there are lie inside.
    outputs_info
        For each output its first value; or a dict ``{"initial": x, "taps": [-1, -3]}``, where with
        older taps than -1 the first values lie along the first axis of `x`, the oldest first; or
        None where steps do not read it. May be left out when no output is read.
    non_sequences
        What is the same in all steps. What `fn` uses of variables around it is found by itself.
    n_steps
        How many steps; by default as many as the shortest sequence allows.
    truncate_gradient
        How many steps the gradient goes back at most; -1 is all.
    go_backwards
        Whether sequences are gone along from the end.
    mode, profile, allow_gc
        Theano's; they have no meaning here. The profile of a function takes its loops apart.
    name
        What listings call the loop.
    strict
        Whether the shared variables that a step uses have to be given; MissingInputError for one
        that was not.
    return_list
        Whether the outputs are a list even if there is one.

    Returns
    -------
    tuple
        The stack of each output's values, a list if there are several, None if there is none; and
        the updates of shared variables, for `function(updates=...)`.

    Raises
    ------
    ValueError
        The number of steps is not known, or an argument contradicts another; when a function runs,
        a sequence has fewer rows than `n_steps`.
    TypeError
        A value that is read again is not of the type of its first value.
    IndexError
        The number of steps is negative; when a function runs, first values are too few.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> from lltheano import function
    >>> A, k = T.dvector("A"), T.iscalar("k")
    >>> powers, updates = scan(
    ...     lambda before, A: before * A, outputs_info=T.ones_like(A), non_sequences=A, n_steps=k
    ... )
    >>> power = function([A, k], powers[-1], updates=updates)
    >>> power([1.0, 2.0, 3.0], 2)
    array([1., 4., 9.])
    """
    given, outputs = read_sequences(sequences), read_outputs(outputs_info)
    n_steps = None if is_open(n_steps) else n_steps
    others = read_others(non_sequences)
    check_count(n_steps, given, truncate_gradient)
    steps, inputs = _inputs(given, outputs, others, n_steps, go_backwards)
    returned = read_returned(fn(*inputs.arguments))
    pairs = paired_outputs(outputs, inputs.states, returned.outputs)
    states = new_values(returned, inputs.arguments, inputs.states)
    if strict:
        check_given(states.results, [*inputs.arguments, *states.shared], others)
    if isinstance(steps, TensorConstant) and int(steps.data) == 1:
        found, updates = _single_step(inputs, returned, states)
    else:
        found, updates = _looped(steps, inputs, pairs, states, (truncate_gradient, name, mode))
    if not found:
        return ([] if return_list else None), updates
    return (found if return_list or len(found) > 1 else found[0]), updates


def _inputs(
    given: Sequence[Tapped],
    outputs: Sequence[Output],
    others: Sequence[Any],
    n_steps: Any,
    go_backwards: bool,
) -> tuple[TensorVariable, _Inputs]:
    cut = [(one.input, tap, _cut(one, tap, go_backwards)) for one in given for tap in one.taps]
    steps = _steps(n_steps, [rows for _, _, rows in cut])
    for whole, _, rows in cut:
        check_length(steps, whole, rows)
    if n_steps is not None or len(cut) > 1:
        cut = [(whole, tap, rows[:steps]) for whole, tap, rows in cut]
    sequences = {
        leaf_for(
            rows, _at(whole, tap), whole.type.clone(broadcastable=whole.broadcastable[1:]), rows[0]
        ): rows
        for whole, tap, rows in cut
    }
    states = [_first_values(*one) for one in enumerate(outputs)]
    read: list[Variable] = []
    for output, state in zip(outputs, states, strict=True):
        leaves = [] if state is None else list(state)
        read += [leaves[tap] for tap in output.taps]
    return steps, _Inputs(sequences, states, [*sequences, *read, *others])


def _at(whole: Variable, tap: int) -> str | None:
    """The name of a row of a sequence, or of a value of before."""
    if whole.name is None:
        return None
    return f"{whole.name}[t{tap:+d}]" if tap else f"{whole.name}[t]"


def _cut(given: Tapped, tap: int, go_backwards: bool) -> TensorVariable:
    """The part of a sequence of which step t is given row t, so that all taps lie inside."""
    first, last = min(0, *given.taps), max(0, *given.taps)
    start, end = tap - first, tap - last
    rows = given.input
    if (start, end) != (0, 0):
        rows = rows[start:end] if end else rows[start:]
    result: TensorVariable = rows[::-1] if go_backwards else rows
    return result


def _steps(n_steps: Any, rows: Sequence[TensorVariable]) -> TensorVariable:
    if n_steps is not None:
        return as_tensor_variable(n_steps)
    lengths = [one.shape[0] for one in rows]
    shortest = lengths[0]
    for length in lengths[1:]:
        shortest = T.minimum(shortest, length)
    return shortest


def _first_values(index: int, output: Output) -> dict[Variable, TensorVariable] | None:
    """The first values of an output by the leaves that stand for them, the oldest first."""
    if output.initial is None:
        return None
    whole = output.initial
    if output.depth == 1:
        return {leaf_for(whole, _at(whole, -1)): whole}
    checked = deep_enough(index, whole, output.depth)
    rows = [checked[place] for place in range(output.depth)]
    return {leaf_for(row, _at(whole, place - output.depth)): row for place, row in enumerate(rows)}


def _single_step(
    inputs: _Inputs, returned: Returned, states: States
) -> tuple[list[Any], OrderedUpdates]:
    """One step by itself, without a loop."""
    table: dict[Variable, Any] = {leaf: rows[0] for leaf, rows in inputs.sequences.items()}
    for state in inputs.states:
        table.update(state or {})
    count = len(returned.outputs)
    found = clone_replace([*returned.outputs, *states.shared.values()], table)
    stacks = [T.shape_padleft(one) for one in found[:count]]
    return stacks, OrderedUpdates(zip(states.shared, found[count:], strict=True))


def _looped(
    steps: TensorVariable,
    inputs: _Inputs,
    pairs: Sequence[tuple[dict[Variable, TensorVariable] | None, Any]],
    states: States,
    options: tuple[int, str | None, Any],
) -> tuple[list[Any], OrderedUpdates]:
    """The stacks of all outputs, and the last values of shared variables; `options` are how far
    gradients go back, the name, and the mode.
    """
    carried: list[tuple[list[Variable], list[Any], Any]] = []
    for place, (state, new) in enumerate(pairs):
        if state is not None:
            leaves = list(state)
            following = as_state(options[1], f"output {place}", leaves[-1], new)
            carried.append((leaves, list(state.values()), following))
    for shared, leaf, new in states.carried():
        following = as_state(options[1], f"the shared variable {shared}", leaf, new)
        carried.append(([leaf], [shared], following))
    rows = [new for state, new in pairs if state is None]
    condition = [] if states.condition is None else [T.eq(states.condition, 0)]
    replaced = clone_replace(
        [*(new for _, _, new in carried), *rows, *condition],
        {one: one for one in inputs.arguments} | states.leaves,
    )
    varying = [*inputs.sequences, *(leaf for leaves, _, _ in carried for leaf in leaves)]
    captured, inside, results = close_over(varying, replaced)
    count = len(carried)
    op = Scan(
        tuple(inputs.sequences),
        tuple(State(tuple(one[0]), new) for one, new in zip(carried, results, strict=False)),
        tuple(inside),
        tuple(results[count : count + len(rows)]),
        results[-1] if condition else None,
        *options,
    )
    firsts = [first for _, group, _ in carried for first in group]
    node = op.make_node(steps, *inputs.sequences.values(), *firsts, *captured)
    applied(node)
    made = op.results([as_tensor_variable(one) for one in node.outputs])
    histories, stacks = iter(made.histories), iter(made.rows)
    outputs = [next(stacks if state is None else histories) for state, _ in pairs]
    lasts = made.lasts[count - len(states.shared) :]
    return outputs, OrderedUpdates(zip(states.shared, lasts, strict=True))
