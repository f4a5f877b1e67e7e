"""What a scan is made of: its states, and its operands and results by what they are."""

from collections.abc import Sequence
from typing import Any

from lltheano.graph.core import Variable
from lltheano_ir.records import record

__all__ = ["Operands", "Results", "State", "split_operands", "split_results"]


@record(frozen=True, eq=False)
class State:
    """What steps hand on.

    Attributes
    ----------
    leaves
        The leaves that stand in a step for what the steps before gave, the oldest first.
    following
        What a step gives, of the leaves' type.
    """

    leaves: tuple[Variable, ...]
    following: Variable


@record(frozen=True, eq=False)
class Operands:
    """The operands of a scan, or what stands for them, by what they are."""

    count: Any
    sequences: list[Any]
    firsts: list[list[Any]]
    captured: list[Any]


@record(frozen=True, eq=False)
class Results:
    """The results of a scan, or what stands for them, by what they are; `steps` only where the loop
    may end before its time.
    """

    histories: list[Any]
    lasts: list[Any]
    rows: list[Any]
    steps: Any


def split_operands(
    given: Sequence[Any], sequences: Sequence[Variable], states: Sequence[State]
) -> Operands:
    """Operands, or what stands for them, by what they are."""
    count, *rest = given
    left = iter(rest)
    return Operands(
        count,
        [next(left) for _ in sequences],
        [[next(left) for _ in state.leaves] for state in states],
        list(left),
    )


def split_results(given: Sequence[Any], states: int, rows: int) -> Results:
    """Results, or what stands for them, by what they are."""
    left = iter(given)
    return Results(
        [next(left) for _ in range(states)],
        [next(left) for _ in range(states)],
        [next(left) for _ in range(rows)],
        next(left, None),
    )
