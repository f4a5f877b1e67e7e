"""Right products of a scan: tangents, carried forward along with the values that they belong to.

The tangent of a step is linear in the tangents of what it reads. Each state that varies with what
has a tangent gets another state beside it, which holds the tangents of its values. That is a scan
again, and of the same memory: nothing has to be kept for a way back.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lltheano.config import config
from lltheano.gradient.products import Rop
from lltheano.graph.core import Variable, applied
from lltheano.graph.walk import ancestors
from lltheano.loops.parts import Operands, State
from lltheano.tensor.shapes.shaping import patternbroadcast
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.variable import TensorType
from lltheano_ir.records import record

if TYPE_CHECKING:
    from lltheano.loops.op import Scan

__all__ = ["scan_tangents"]

Tangents = list[Variable | None]


@record(frozen=True, eq=False)
class _Moving:
    """What has a tangent in a step.

    Attributes
    ----------
    leaves
        A leaf for the tangent of each leaf of the step; None where that is 0 in all steps.
    states, rows
        The tangents of what the step gives, likewise.
    """

    leaves: Operands
    states: Tangents
    rows: Tangents


def scan_tangents(op: "Scan", inputs: Sequence[Variable], points: Sequence[Any]) -> Tangents:
    """Return the tangent of each result, from those of the operands; None where it is 0."""
    operands = op.operands(inputs)
    given = op.operands([None, *map(_typed, inputs[1:], points[1:])])
    with config.change_flags(compute_test_value="off"):  # no step has values of its own
        moving = _step_forward(op, _seeds(op, given))
    if not any(one is not None for one in (*moving.states, *moving.rows)):
        return [None for _ in _results(op)]
    pairs: dict[Variable, Any] = {
        leaf: point
        for leaves, ones in (
            (moving.leaves.sequences, given.sequences),
            (moving.leaves.captured, given.captured),
        )
        for leaf, point in zip(leaves, ones, strict=True)
        if leaf is not None
    }
    states, firsts = _states(op, moving, operands, given)
    rows = tuple(one for one in moving.rows if one is not None)
    needed = set(ancestors([*(one.following for one in states), *rows, *_condition(op)]))
    sequences = _needed(op.sequences, operands.sequences, moving.leaves.sequences, pairs, needed)
    captured = _needed(op.captured, operands.captured, moving.leaves.captured, pairs, needed)
    forward = replace(
        op,
        sequences=tuple(sequences),
        states=tuple(states),
        captured=tuple(captured),
        rows=rows,
        name=f"rop_of_{op.name or 'scan_fn'}",
    )
    node = forward.make_node(operands.count, *sequences.values(), *firsts, *captured.values())
    applied(node)
    found = forward.results(node.outputs)
    count = len(op.states)
    histories, lasts, stacks = (
        iter(found.histories[count:]),
        iter(found.lasts[count:]),
        iter(found.rows),
    )
    return [
        *(None if one is None else next(histories) for one in moving.states),
        *(None if one is None else next(lasts) for one in moving.states),
        *(None if one is None else next(stacks) for one in moving.rows),
        *(None for _ in _condition(op)),
    ]


def _results(op: "Scan") -> list[Any]:
    return [*op.states, *op.states, *op.rows, *_condition(op)]


def _condition(op: "Scan") -> list[Variable]:
    return [] if op.proceeds is None else [op.proceeds]


def _seeds(op: "Scan", given: Operands) -> Operands:
    """A leaf for the tangent of each leaf that has one in any step."""
    flat = [*given.sequences, *(one for group in given.firsts for one in group), *given.captured]
    moved = {leaf for leaf, point in zip(op.leaves, flat, strict=True) if point is not None}
    moving = [
        bool(moved & leaves) or bool(moved.intersection(state.leaves))
        for state, leaves in zip(op.states, op.reached(), strict=False)
    ]
    inside = {
        leaf
        for state, moves in zip(op.states, moving, strict=True)
        for leaf in state.leaves
        if moves and _is_continuous(leaf)
    }
    has = moved | inside
    return op.operands(
        [None, *(leaf.type.make_variable() if leaf in has else None for leaf in op.leaves)]
    )


def _step_forward(op: "Scan", seeds: Operands) -> _Moving:
    """The tangents of what a step gives."""
    flat = [*seeds.sequences, *(one for group in seeds.firsts for one in group), *seeds.captured]
    known = {leaf: seed for leaf, seed in zip(op.leaves, flat, strict=True) if seed is not None}
    results = [*(state.following for state in op.states), *op.rows]
    tangents: list[Any] = [None for _ in results]
    if known:
        tangents = Rop(
            results,
            list(known),
            list(known.values()),
            disconnected_outputs="ignore",
            return_disconnected="none",
        )
    typed: list[Any] = [
        patternbroadcast(tangent, as_tensor_variable(result).broadcastable)
        if tangent is not None and _is_continuous(result)
        else None
        for tangent, result in zip(tangents, results, strict=True)
    ]
    count = len(op.states)
    states: list[Any] = []
    for one, state, group in zip(typed[:count], op.states, seeds.firsts, strict=True):
        following: Any = state.following
        nothing = following.zeros_like() if one is None and group[-1] is not None else None
        states.append(nothing if one is None else one)
    return _Moving(seeds, states, typed[count:])


def _states(
    op: "Scan", moving: _Moving, operands: Operands, given: Operands
) -> tuple[list[State], list[Any]]:
    """The states of the scan, with those of the tangents after them; and their first values."""
    states = list(op.states)
    firsts = [first for group in operands.firsts for first in group]
    groups = zip(moving.leaves.firsts, moving.states, operands.firsts, given.firsts, strict=True)
    for leaves, following, values, points in groups:
        if following is not None:
            states.append(State(tuple(leaves), following))
            firsts += [
                value.zeros_like() if point is None else point
                for value, point in zip(values, points, strict=True)
            ]
    return states, firsts


def _needed(
    leaves: Sequence[Variable],
    outer: Sequence[Any],
    seeds: Sequence[Any],
    points: dict[Variable, Any],
    needed: set[Variable],
) -> dict[Variable, Any]:
    """By its leaf what a step reads, values and tangents."""
    values = dict(zip(leaves, outer, strict=True))
    tangents = {seed: points[seed] for seed in seeds if seed is not None}
    return {leaf: one for leaf, one in (*values.items(), *tangents.items()) if leaf in needed}


def _typed(variable: Any, point: Any) -> Any:
    """The tangent of an operand in its dtype; None for one of integers."""
    if point is None or not _is_continuous(variable):
        return None
    return point if point.dtype == variable.dtype else point.astype(variable.dtype)


def _is_continuous(variable: Variable) -> bool:
    kind = variable.type
    return isinstance(kind, TensorType) and kind.numpy_dtype.kind in "fc"
