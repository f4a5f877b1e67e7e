"""Gradients of a scan: backpropagation through time, which is a scan itself.

It runs through the steps from the last to the first. What a step reads is there again (rows of the
sequences, and the values of the states, which the first scan then has to keep). It carries the
gradient of each value of each state that the step left behind, the oldest first, and hands on that
of each value that the step found: what the step itself gave gets its row of the stack's gradient,
and what later steps gave it. The gradient of a captured value is summed. As all that is a scan, it
has a gradient itself, of any order.

Sources: P. J. Werbos, Backpropagation through time: what it does and how to do it, Proceedings of
the IEEE 78, 1990; truncated as in R. J. Williams and J. Peng, An efficient gradient-based algorithm
for on-line training of recurrent network trajectories, Neural Computation 2, 1990.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import lltheano.tensor as T
from lltheano.config import config
from lltheano.errors import NotScalarConstantError
from lltheano.gradient.barriers import passed_on
from lltheano.gradient.engine import grad
from lltheano.graph.clone import clone_replace
from lltheano.graph.core import Variable, applied
from lltheano.graph.gradient_types import DisconnectedType, NullType, ZeroType, disconnected, zero
from lltheano.graph.walk import ancestors
from lltheano.loops.parts import Operands, Results, State
from lltheano.tensor.shapes.shaping import patternbroadcast
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.variable import TensorType, TensorVariable
from lltheano_ir.records import record

if TYPE_CHECKING:
    from lltheano.loops.op import Scan

__all__ = ["scan_gradients"]

Variables = Sequence[Variable]

_ABSENT = (DisconnectedType, NullType, ZeroType)


@record(frozen=True, eq=False)
class _Step:
    """One step back, an inner graph.

    Attributes
    ----------
    following, rows
        A leaf for the gradient of what the step gave, where there is one.
    slopes
        The gradients by the step's leaves, or what stands for one that there is not.
    """

    following: list[Any]
    rows: list[Any]
    slopes: Operands


@record(frozen=True, eq=False)
class _Span:
    """How many steps there were, and how many of them are gone back; whether these may differ."""

    ran: TensorVariable
    back: TensorVariable
    is_partial: bool

    def backward(self, rows: Any) -> TensorVariable:
        """Those rows that are gone back, the last first."""
        there = rows[self.ran - self.back : self.ran] if self.is_partial else rows
        result: TensorVariable = there[::-1]
        return result

    def forward(self, rows: TensorVariable, sequence: Any) -> TensorVariable:
        """The gradient by a sequence, from rows in the order of going back."""
        result: TensorVariable = rows[::-1]
        if not self.is_partial:
            return result
        zeros = sequence.zeros_like(dtype=rows.dtype)
        return T.set_subtensor(zeros[self.ran - self.back : self.ran], result)


def scan_gradients(
    op: "Scan", inputs: Variables, outputs: Variables, output_gradients: Variables
) -> list[Variable]:
    """Return the gradient by each operand of a scan, from those by its results."""
    operands, results = op.operands(inputs), op.results(outputs)
    seeds = op.results(output_gradients)
    with config.change_flags(compute_test_value="off"):  # no step has values of its own
        step = _step_back(op, seeds)
    inside = [slope for group in step.slopes.firsts for slope in group]
    every = [*step.slopes.sequences, *inside, *step.slopes.captured]
    null = next((slope for slope in every if isinstance(slope.type, NullType)), None)
    if null is not None:
        return [disconnected(), *(null for _ in inputs[1:])]
    return [disconnected(), *_gone_back(op, step, operands, results, seeds)]


def _step_back(op: "Scan", seeds: Results) -> _Step:
    """The gradient of a step, of all that it gives and that a gradient is given of."""
    live = _live_states(op, seeds)
    following = [
        _leaf_for(state.following) if is_live else None
        for state, is_live in zip(op.states, live, strict=True)
    ]
    rows = [
        None if _is_zero(seed) else _leaf_for(row)
        for row, seed in zip(op.rows, seeds.rows, strict=True)
    ]
    results = [*(state.following for state in op.states), *op.rows]
    known = {
        passed_on(result): leaf
        for result, leaf in zip(results, [*following, *rows], strict=True)
        if leaf is not None
    }
    slopes: list[Any] = [zero() for _ in op.leaves]
    if known:
        slopes = grad(
            None,
            list(op.leaves),
            disconnected_inputs="ignore",
            add_names=False,
            known_grads=known,
            return_disconnected="disconnected",
            null_gradients="return",
        )
    typed = [
        patternbroadcast(slope, as_tensor_variable(leaf).broadcastable)
        if _is_there(slope)
        else slope
        for slope, leaf in zip(slopes, op.leaves, strict=True)
    ]
    return _Step(following, rows, op.operands([None, *typed]))


def _live_states(op: "Scan", seeds: Results) -> list[bool]:
    """Whether each state gets a gradient: one that is not zero, or by way of what reads it."""
    groups = zip(seeds.histories, seeds.lasts, strict=True)
    given = [not (_is_zero(history) and _is_zero(last)) for history, last in groups]
    given += [not _is_zero(row) for row in seeds.rows]
    reached = [leaves for leaves, has in zip(op.reached(), given, strict=True) if has]
    return [
        has or any(leaf in leaves for leaves in reached for leaf in state.leaves)
        for state, has in zip(op.states, given, strict=False)
    ]


def _gone_back(
    op: "Scan", step: _Step, operands: Operands, results: Results, seeds: Results
) -> list[Variable]:
    span = _span(op, operands, results)
    read, inner = _what_is_read(op, step, operands, results, seeds)
    pending = _pending(op, step)
    rows = [slope for slope in step.slopes.sequences if _is_there(slope)]
    with config.change_flags(compute_test_value="off"):
        states, table = _states(pending, step, inner)
        sums = _sums(step.slopes.captured)
        replaced = clone_replace([*(s.following for s in (*states, *sums)), *rows], table)
    firsts = _first_gradients(pending, seeds)
    zeros = [
        as_tensor_variable(outer).zeros_like(dtype=slope.dtype)
        for slope, outer in zip(step.slopes.captured, operands.captured, strict=True)
        if _is_there(slope)
    ]
    carried = [
        State(state.leaves, following)
        for state, following in zip((*states, *sums), replaced, strict=False)
    ]
    needed = set(ancestors(replaced))
    sequences = {leaf: outer for leaf, outer in read.items() if leaf in needed}
    captured = {
        leaf: outer
        for leaf, outer in zip(op.captured, operands.captured, strict=True)
        if leaf in needed
    }
    back = replace(
        op,
        sequences=tuple(sequences),
        states=tuple(carried),
        captured=tuple(captured),
        rows=tuple(replaced[len(carried) :]),
        proceeds=None,
        truncate_gradient=-1,
        name=f"grad_of_{op.name or 'scan_fn'}",
    )
    turned = [span.backward(outer) for outer in sequences.values()]
    node = back.make_node(span.back, *turned, *firsts, *zeros, *captured.values())
    applied(node)
    found = back.results(node.outputs)
    by_sequence = iter(found.rows)
    by_state, by_captured = iter(found.lasts[: len(states)]), iter(found.lasts[len(states) :])
    return [
        *(
            span.forward(as_tensor_variable(next(by_sequence)), outer)
            if _is_there(slope)
            else slope
            for slope, outer in zip(step.slopes.sequences, operands.sequences, strict=True)
        ),
        *(
            zero() if group is None else _reached(op, span, next(by_state))
            for group, state in zip(pending, op.states, strict=True)
            for _ in state.leaves
        ),
        *(next(by_captured) if _is_there(slope) else slope for slope in step.slopes.captured),
    ]


def _span(op: "Scan", operands: Operands, results: Results) -> _Span:
    ran = as_tensor_variable(operands.count if op.proceeds is None else results.steps)
    if op.truncate_gradient < 0:
        return _Span(ran, ran, op.proceeds is not None)
    return _Span(ran, T.minimum(ran, op.truncate_gradient), True)


def _what_is_read(
    op: "Scan", step: _Step, operands: Operands, results: Results, seeds: Results
) -> tuple[dict[Variable, Any], list[Any]]:
    """What a step back reads, for each leaf that stands for a row of it; and for each state the
    leaf for its row of the gradient of its history, None where that is zero.
    """
    read: dict[Variable, Any] = dict(zip(op.sequences, operands.sequences, strict=True))
    inner: list[Any] = []
    groups = zip(op.states, operands.firsts, results.histories, seeds.histories, strict=True)
    for state, firsts, history, seed in groups:
        depth = len(state.leaves)
        begun = [T.shape_padleft(first) for first in firsts]
        whole = T.concatenate([*begun, history], axis=0)
        for place, leaf in enumerate(state.leaves):
            read[leaf] = whole[place : place - depth]
        row = None if _is_zero(seed) else _leaf_for(state.following)
        inner.append(row)
        if row is not None:
            read[row] = seed
    read.update(
        (leaf, seed) for leaf, seed in zip(step.rows, seeds.rows, strict=True) if leaf is not None
    )
    return read, inner


def _pending(op: "Scan", step: _Step) -> list[list[Any] | None]:
    """For each state a leaf for the gradient of each value that a step left behind, the oldest
    first; None where values have no gradient.
    """
    return [
        None if leaf is None else [state.following.type.make_variable() for _ in state.leaves]
        for state, leaf in zip(op.states, step.following, strict=True)
    ]


def _states(
    pending: Sequence[list[Any] | None], step: _Step, inner: Sequence[Any]
) -> tuple[list[State], dict[Variable, Any]]:
    """What steps back hand on, and what stands for the gradients of what a step gave."""
    states: list[State] = []
    table: dict[Variable, Any] = {}
    groups = zip(pending, step.following, inner, step.slopes.firsts, strict=True)
    for leaves, following, row, slopes in groups:
        if leaves is None:
            continue
        table[following] = leaves[-1] if row is None else leaves[-1] + row
        for place, (leaf, slope) in enumerate(zip(leaves, slopes, strict=True)):
            terms: list[Any] = [slope] if _is_there(slope) else []
            terms += [leaves[place - 1]] if place else []
            total: Any = sum(terms[1:], terms[0]) if terms else leaf.zeros_like()
            states.append(State((leaf,), total))
    return states, table


def _first_gradients(pending: Sequence[list[Any] | None], seeds: Results) -> list[Any]:
    """What the first step back reads: of the values that the last step left behind, the newest has
    the gradient of the last value, and the others none.
    """
    firsts: list[Any] = []
    for leaves, last in zip(pending, seeds.lasts, strict=True):
        if leaves is not None:
            firsts += [*(last.zeros_like() for _ in leaves[1:]), last]
    return firsts


def _sums(slopes: Sequence[Any]) -> list[State]:
    """The sums of gradients by captured values."""
    states: list[State] = []
    for slope in slopes:
        if _is_there(slope):
            total = slope.type.make_variable()
            states.append(State((total,), total + slope))
    return states


def _reached(op: "Scan", span: _Span, slope: Any) -> Any:
    """What a first value gets: nothing where steps back end before they come to it."""
    if op.truncate_gradient < 0:
        return slope
    return T.switch(T.eq(span.back, span.ran), slope, slope.zeros_like())


def _is_there(slope: Any) -> bool:
    return not isinstance(slope.type, _ABSENT)


def _is_zero(gradient: Any) -> bool:
    try:
        return bool(T.get_scalar_constant_value(gradient) == 0)
    except NotScalarConstantError:
        return False


def _leaf_for(result: Any) -> Any:
    """A leaf for the gradient of what a step gives; None where that has none."""
    is_continuous = isinstance(result.type, TensorType) and result.type.numpy_dtype.kind in "fc"
    return result.type.make_variable() if is_continuous else None
