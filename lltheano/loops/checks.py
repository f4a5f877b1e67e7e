"""What can be wrong with a scan, said where it is found."""

import math
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from lltheano.errors import MissingInputError
from lltheano.graph.core import Variable
from lltheano.graph.walk import ancestors
from lltheano.loops.given import Output, Tapped
from lltheano.shared import SharedVariable
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import is_discrete
from lltheano.tensor.variables.variable import TensorConstant

__all__ = ["check_count", "check_given", "check_state", "is_open", "paired_outputs"]


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


def check_state(name: str | None, leaves: Sequence[Variable], new: Any) -> None:
    """What steps read again must be of one type."""
    before = leaves[-1]
    if before.type == new.type:
        return
    loop = "scan" if name is None else f"scan {name!r}"
    raise TypeError(
        f"{loop}: an output is read again as {before.describe()}, but a step gives"
        f" {new.describe()}; the first value must have the type that steps give:"
        f" {_advice(before, new)}"
    )


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
