"""What can be wrong with a scan, said where it is found."""

import math
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

import lltheano.tensor as T
from lltheano.errors import MissingInputError
from lltheano.graph.core import Variable
from lltheano.graph.text import escaped
from lltheano.graph.walk import ancestors
from lltheano.loops.given import Output, Tapped
from lltheano.shared import SharedVariable
from lltheano.tensor.assertion import Requirement
from lltheano.tensor.shapes.sizes import known_size
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import is_discrete
from lltheano.tensor.variables.variable import TensorConstant, TensorVariable

__all__ = [
    "as_state",
    "check_count",
    "check_given",
    "check_length",
    "deep_enough",
    "is_open",
    "paired_outputs",
]


def is_open(n_steps: Any) -> bool:
    """Whether a number of steps says nothing: None, infinity or NaN."""
    return n_steps is None or (isinstance(n_steps, float) and not math.isfinite(n_steps))


def check_count(n_steps: Any, sequences: Sequence[Tapped], truncate_gradient: Any) -> None:
    """The number of steps must be known, an integer, and not negative."""
    if n_steps is None:
        if not sequences:
            raise ValueError(
                "scan: the number of steps is not known; give n_steps, or a sequence to go along"
            )
    else:
        count = as_tensor_variable(n_steps)
        if count.ndim or not is_discrete(count.dtype):
            raise TypeError(f"scan: n_steps is an integer scalar, got {count.describe()}")
        if isinstance(count, TensorConstant) and int(count.data) < 0:
            raise IndexError(f"scan: n_steps cannot be negative, got {int(count.data)}")
    is_integer = isinstance(truncate_gradient, int | np.integer)
    if not is_integer or truncate_gradient < -1:
        raise ValueError(
            f"scan: truncate_gradient is a number of steps, or -1 for all; got"
            f" {truncate_gradient!r}"
        )


def paired_outputs(
    given: Sequence[Output], states: Sequence[Any], returned: Sequence[Any]
) -> list[tuple[Any, Any]]:
    """Each output of a step with the leaves that stand for its values of before, or None."""
    if not given:
        return [(None, one) for one in returned]
    if len(given) != len(returned):
        raise ValueError(
            f"scan: outputs_info is for {len(given)} outputs, but a step gives {len(returned)};"
            " give None for those that steps do not read again"
        )
    return list(zip(states, returned, strict=True))


def as_state(loop: str | None, what: str, before: Any, new: Any) -> Any:
    """A next value under the type of the values that steps read again; TypeError for another type.

    An axis that a step is known to give with size 1 may have any size in what is read.
    """
    if before.type == new.type:
        return new
    same = getattr(before, "ndim", None) == getattr(new, "ndim", None)
    if same and before.dtype == new.dtype:
        pattern = zip(before.broadcastable, new.broadcastable, strict=True)
        if all(is_known or not was_known for was_known, is_known in pattern):
            return T.patternbroadcast(new, before.broadcastable)
    raise TypeError(
        f"{'scan' if loop is None else f'scan {loop!r}'}: {what} is read again as"
        f" {before.describe()}, but a step gives {new.describe()}; the first value must have the"
        f" type that steps give: {_advice(before, new)}"
    )


def check_length(steps: TensorVariable, whole: TensorVariable, rows: TensorVariable) -> None:
    """A sequence of known length must have a row for each of a known number of steps."""
    length = known_size(rows, 0)
    if isinstance(steps, TensorConstant) and length is not None and length < int(steps.data):
        raise ValueError(
            f"scan: {int(steps.data)} steps were asked for, but the sequence {whole.describe()} has"
            f" {length} rows to read"
        )


def deep_enough(index: int, initial: TensorVariable, depth: int) -> TensorVariable:
    """First values, provided that there are as many as the oldest tap asks for; else IndexError."""
    length = known_size(initial, 0)
    if length is None:
        message = (
            f"scan: the taps of output {index} need {depth} first values, but"
            f" {escaped(initial.describe())} has {{0}} rows"
        )
        rows = initial.shape[0]
        checked = Requirement("index", message)(initial, T.ge(rows, depth), rows)
        return as_tensor_variable(checked)
    if length < depth:
        raise IndexError(
            f"scan: the taps of output {index} need {depth} first values, but"
            f" {initial.describe()} has {length} rows"
        )
    return initial


def _advice(before: Any, new: Any) -> str:
    if getattr(before, "ndim", None) != getattr(new, "ndim", None):
        return "as many axes"
    if before.dtype != new.dtype:
        return f"cast one of them, as in outputs_info=x.astype({new.dtype!r})"
    return "declare that an axis of the first value may have any size, by T.unbroadcast(x, axis)"


def check_given(
    results: Sequence[Any], given: Collection[Variable], others: Sequence[Variable]
) -> None:
    """With `strict`, a step uses no shared variables but those that it was given or changes."""
    known = {*given, *others}
    for one in ancestors(results, known):
        if isinstance(one, SharedVariable) and one not in known:
            raise MissingInputError(
                f"scan: with strict=True a step uses the shared variables that it was given alone;"
                f" add {one.describe()} to non_sequences"
            )
