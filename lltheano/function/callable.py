"""Compiled functions: what `function` returns and a person calls.

A call that needs nothing but native code (every input is a tensor passed by position, in the form
that compiled code takes) goes straight to the native entry. Anything else first comes back as a
report, and is bound, converted and tried again. So the quick path makes every check, and the slow
path gives the same answers.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lltheano_ir.loops.nodes import Site

from lltheano.function.arguments import Converter
from lltheano.function.entry import Entry
from lltheano.function.faults import explain_failure
from lltheano.function.inputs import In, Out
from lltheano.function.signature import Signature
from lltheano.graph import SourceLine
from lltheano.runtime import pool
from lltheano.runtime.errors import ExecutionFailed
from lltheano.runtime.executable import Executable
from lltheano.runtime.native_code import UNPREPARED
from lltheano.shared import SharedVariable, TensorSharedVariable

__all__ = ["Function", "Parts"]


@dataclass(frozen=True, slots=True)
class Parts:
    """What a function is made of.

    Attributes
    ----------
    name, place
        The name it was given, if any, and the line of the user's program that made it.
    inputs, outputs
        The inputs and outputs as they were asked for.
    shared
        The shared variables that it reads or writes.
    updated
        Those among them that it writes.
    signature
        Of the parameters that callers pass.
    converters
        One for each input of the compiled program.
    executable
        The compiled program.
    sites
        What its checks mean.
    entry
        Its native entry, for inspection.
    stages
        Gives the text of a stage of the compiler by its name.
    decisions
        Gives what the compiler decided and why.
    """

    name: str | None
    place: SourceLine | None
    inputs: tuple[In, ...]
    outputs: tuple[Out, ...]
    shared: tuple[SharedVariable, ...]
    updated: tuple[SharedVariable, ...]
    signature: Signature
    converters: tuple[Converter, ...]
    executable: Executable
    sites: Sequence[Site]
    entry: Callable[[], Entry]
    stages: Mapping[str, str]
    decisions: Sequence[object]


class Function:
    """A compiled function. `lltheano.function` makes it.

    Calling it computes the outputs from the arguments and the shared variables, then gives the
    shared variables their new values: one atomic step over all of them. A call that raises has
    changed nothing.

    Raises, when called: TypeError for arguments that are too many, too few, unknown or not of
    their parameters' types; ValueError for sizes that disagree, IndexError for an index out of
    range, AssertionError for a failed `T.opt.Assert`, each naming the user's line and the shapes
    seen; MemoryError; DeadlockError when this thread leases a shared variable that it updates.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._entry = parts.executable.entry

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs and update the shared variables."""
        arguments: Sequence[Any] = args
        if kwargs:
            arguments = self._parts.signature.bind(args, kwargs)
        outcome = self._entry(*arguments)
        if type(outcome) is tuple:
            return self._resolve(outcome, arguments)
        return outcome

    @property
    def name(self) -> str:
        """The name that it was given, or else where it was made."""
        parts = self._parts
        return parts.name if parts.name is not None else str(parts.place)

    @property
    def inputs(self) -> tuple[In, ...]:
        """The inputs as they were asked for."""
        return self._parts.inputs

    @property
    def outputs(self) -> tuple[Out, ...]:
        """The outputs as they were asked for."""
        return self._parts.outputs

    @property
    def entry(self) -> Entry:
        """The native entry: its address, its declaration in C, its buffers."""
        return self._parts.entry()

    @property
    def stages(self) -> Mapping[str, str]:
        """The text of each stage of the compiler, by name, from "graph" to "asm"."""
        return self._parts.stages

    @property
    def decisions(self) -> Sequence[object]:
        """What the compiler fused, did in place and gave the same memory, or did not, and why."""
        return self._parts.decisions

    def get_shared(self) -> list[SharedVariable]:
        """Return the shared variables that the function reads or writes."""
        return list(self._parts.shared)

    def free(self) -> None:
        """Give memory that the pool keeps for later calls, of any function, back to the system.

        A function keeps no memory of its own between calls.
        """
        pool.trim()

    def __repr__(self) -> str:
        parts = self._parts
        name = f" {parts.name}" if parts.name is not None else ""
        listed = ", ".join(str(one) for one in parts.updated)
        updates = f" updating {listed}" if listed else ""
        place = f", made at {parts.place}" if parts.place is not None else ""
        return f"<Function{name}{parts.signature}{updates}{place}>"

    def _resolve(self, report: tuple[int, ...], arguments: Sequence[Any]) -> Any:
        """Carry on where the entry could not: bind and convert, wait for locks, or raise."""
        if report[0] == UNPREPARED:
            arguments = self._prepare(arguments)
            outcome = self._entry(*arguments)
            if type(outcome) is not tuple:
                return outcome
            report = outcome
        return self._finish(report, arguments)

    def _prepare(self, arguments: Sequence[Any]) -> Sequence[Any]:
        values = self._parts.signature.bind(arguments, {})
        return [
            convert(value) for convert, value in zip(self._parts.converters, values, strict=True)
        ]

    def _finish(self, report: tuple[int, ...], arguments: Sequence[Any]) -> Any:
        try:
            return self._parts.executable.resolve(report, arguments)
        except ExecutionFailed as failure:
            error = explain_failure(
                failure, self._parts.sites, self._parts.signature.function, self._seen(arguments)
            )
        raise error

    def _seen(self, arguments: Sequence[Any]) -> list[str]:
        """Describe the arrays of a call, converted already, and those of the shared variables."""
        named = zip(self._parts.converters, arguments, strict=True)
        inputs = [
            f"{converter.spec.variable}: {array.dtype} of shape {array.shape}"
            for converter, array in named
            if hasattr(array, "shape")
        ]
        shared = [
            f"{one} (shared): {one.dtype} of shape {one.container.cell.shape}"
            for one in self._parts.shared
            if isinstance(one, TensorSharedVariable)
        ]
        return inputs + shared


def plain_name(name: str) -> str:
    """Return the nearest identifier to a function's name, for the compiler's texts.

    >>> plain_name("train.py:12")
    'train_py_12'
    """
    word = re.sub(r"\W", "_", name, flags=re.ASCII)
    return word if word and not word[0].isdigit() else f"_{word}"
