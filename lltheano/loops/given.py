"""What a caller of `scan` gives: sequences, first values, other values, in all their forms."""

import warnings
from contextlib import suppress
from typing import Any

from lltheano.config import config
from lltheano.errors import MissingTestValueError
from lltheano.graph.core import Variable
from lltheano.interfaces.layers import test_values
from lltheano.tensor.variables.convert import as_tensor_variable, constant
from lltheano.tensor.variables.variable import TensorVariable
from lltheano_ir.records import record

__all__ = [
    "Output",
    "Tapped",
    "leaf_for",
    "listed",
    "read_others",
    "read_outputs",
    "read_sequences",
]


@record(frozen=True, eq=False)
class Tapped:
    """A sequence, and which of its rows a step reads: those at taps from its own."""

    input: TensorVariable
    taps: tuple[int, ...]


@record(frozen=True, eq=False)
class Output:
    """What `outputs_info` says of an output.

    Attributes
    ----------
    initial
        The first value, or with older taps than -1 the first values along the leading axis; None
        for an output that is not read again.
    taps
        Which of its values of before a step reads, in the order given.
    """

    initial: TensorVariable | None
    taps: tuple[int, ...]

    @property
    def depth(self) -> int:
        """How many steps back a step reads."""
        return -min(self.taps, default=0)


def listed(given: Any) -> list[Any]:
    """None as nothing, a list or tuple as a list, anything else as a list of it."""
    if given is None:
        return []
    return list(given) if isinstance(given, list | tuple) else [given]


def read_sequences(given: Any) -> list[Tapped]:
    """Sequences as they were given: variables, or dicts with `input` and `taps`."""
    return [_sequence(index, one) for index, one in enumerate(listed(given))]


def _sequence(index: int, given: Any) -> Tapped:
    entries = given if isinstance(given, dict) else {"input": given}
    unknown = sorted(set(entries) - {"input", "taps"})
    if unknown or "input" not in entries:
        raise ValueError(
            f"scan: sequence {index} is a dict with `input` and, if need be, `taps`; got the keys"
            f" {', '.join(map(repr, entries))}"
        )
    sequence = as_tensor_variable(entries["input"])
    if sequence.ndim == 0:
        raise ValueError(
            f"scan: sequence {index}, {sequence.describe()}, has no axis to go along; what is the"
            " same in all steps belongs to non_sequences"
        )
    return Tapped(sequence, _taps(entries.get("taps"), (0,), f"sequence {index}"))


def _taps(given: Any, default: tuple[int, ...], what: str) -> tuple[int, ...]:
    if given is None:
        return default
    taps = tuple(given) if isinstance(given, list | tuple | range) else (given,)
    for tap in taps:
        if isinstance(tap, bool) or not isinstance(tap, int):
            raise TypeError(f"scan: the taps of {what} are integers, got {tap!r}")
    if len(set(taps)) < len(taps):
        raise ValueError(f"scan: {what} has a tap twice: {list(taps)}")
    return taps


def read_outputs(given: Any) -> list[Output]:
    """What `outputs_info` says of each output: a first value, a dict, or None."""
    return [_output(index, one) for index, one in enumerate(listed(given))]


def _output(index: int, given: Any) -> Output:
    if given is None:
        return Output(None, ())
    entries = given if isinstance(given, dict) else {"initial": given}
    unknown = sorted(set(entries) - {"initial", "taps", "return_steps", "store_steps", "inplace"})
    if unknown:
        raise ValueError(
            f"scan: outputs_info {index} is a dict with `initial` and `taps`; got the keys"
            f" {', '.join(map(repr, entries))}"
        )
    first, taps = entries.get("initial"), entries.get("taps")
    if first is None:
        if taps:
            raise ValueError(
                f"scan: output {index} is read again, at taps {list(listed(taps))}, and needs first"
                " values for that; give them as `initial`"
            )
        return Output(None, ())
    initial = _first_value(first)
    if "taps" in entries and taps is None:
        warnings.warn(
            f"scan: output {index} has a first value, {initial.describe()}, and taps of None, which"
            " mean [-1]; give [] if steps do not read it",
            stacklevel=2,
        )
    elif taps is not None and not listed(taps):
        return Output(None, ())
    back = _taps(taps, (-1,), f"output {index}")
    if any(tap >= 0 for tap in back):
        raise ValueError(
            f"scan: the taps of output {index} must be negative, since a step reads what steps"
            f" before it gave; got {list(back)}"
        )
    return Output(initial, back)


def _first_value(given: Any) -> TensorVariable:
    """A first value as a variable; a number of Python's is of the widest type of its kind."""
    if isinstance(given, float):
        return constant(given, dtype=str(config.floatX))
    if isinstance(given, int) and not isinstance(given, bool):
        return constant(given, dtype="int64")
    return as_tensor_variable(given)


def read_others(given: Any) -> list[Any]:
    """Values that are the same in all steps, as variables."""
    return [one if isinstance(one, Variable) else as_tensor_variable(one) for one in listed(given)]


def leaf_for(outer: Any, name: str | None, kind: Any = None, value: Any = None) -> Any:
    """A leaf of a step for a variable outside, or for `value`, which is made of it, of its type.

    With test values on it has that of `value`.
    """
    leaf = (kind or outer.type).make_variable(name)
    leaf.source = outer.source
    if config.compute_test_value != "off":
        with suppress(MissingTestValueError):
            leaf.tag.test_value = test_values.get_test_value(outer if value is None else value)
    return leaf
