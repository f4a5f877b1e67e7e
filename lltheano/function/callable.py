"""Compiled functions: what `function` returns and a person calls.

A call that needs nothing but native code goes straight to the native entry, which makes every check
itself. What the entry does not take (a name, a default, an argument to be converted) comes back as
a report, and is bound, converted and tried again; so both ways give the same answers.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lltheano.function.inputs import In, Out
from lltheano.function.inspection import Entry, Stages
from lltheano.function.program import CompiledProgram
from lltheano.function.signature import ABSENT, Signature
from lltheano.graph import SourceLine, Variable
from lltheano.runtime import pool
from lltheano.runtime.native_code import UNPREPARED
from lltheano.shared import SharedVariable
from lltheano_ir.decisions import Decision
from lltheano_ir.records import record

if TYPE_CHECKING:
    from lltheano_ir.compile import Compiled

__all__ = ["Description", "Function"]


@record(frozen=True, slots=True)
class Description:
    """What a function is, apart from its code.

    Attributes
    ----------
    name, place
        The name it was given, if any, and the line of the user's program that made it.
    inputs, outputs
        The inputs and outputs as they were asked for.
    signature
        The parameters that callers pass.
    defaults
        For each parameter the converted default, or `ABSENT`.
    kept
        The storage of the parameters whose value the function keeps, by position.
    """

    name: str | None
    place: SourceLine | None
    inputs: tuple[In, ...]
    outputs: tuple[Out, ...]
    signature: Signature
    defaults: tuple[Any, ...]
    kept: Mapping[int, SharedVariable]


class Function:
    """A compiled function. `lltheano.function` makes it.

    Calling it computes the outputs from the arguments and the shared variables, then gives the
    shared variables their new values: one atomic step over all of them. A call that raises has
    changed nothing.

    Raises, when called: TypeError for arguments that are too many, too few, unknown or not of
    their parameters' types; ValueError for sizes that disagree, IndexError for an index out of
    range, AssertionError for an assertion in the graph, each naming the user's line and the shapes
    seen; MemoryError; DeadlockError when this thread leases a shared variable that it updates.
    """

    def __init__(self, description: Description, program: CompiledProgram) -> None:
        self._description = description
        self._program = program
        self._entry = program.enter

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs and update the shared variables."""
        arguments: Sequence[Any] = args
        if kwargs:
            arguments = self._bind(args, kwargs)
        outcome = self._entry(*arguments)
        if type(outcome) is tuple:
            if outcome[0] == UNPREPARED:
                return self._program.call(self._bind(arguments, {}))
            return self._program.resume(outcome, arguments)
        return outcome

    def _bind(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[Any]:
        """One value for each parameter, the default where none was passed."""
        values = self._description.signature.bind(args, kwargs)
        return [
            default if value is ABSENT else value
            for value, default in zip(values, self._description.defaults, strict=True)
        ]

    @property
    def name(self) -> str:
        """The name that it was given, or else where it was made."""
        name = self._description.name
        return name if name is not None else str(self._description.place)

    @property
    def inputs(self) -> tuple[In, ...]:
        """The inputs as they were asked for."""
        return self._description.inputs

    @property
    def outputs(self) -> tuple[Out, ...]:
        """The outputs as they were asked for."""
        return self._description.outputs

    @property
    def entry(self) -> Entry:
        """The native entry: its address, its declaration in C, its buffers."""
        return self._program.entry

    @property
    def stages(self) -> Stages:
        """The text of each stage of the compiler by its name, from "graph" to "asm"."""
        return self._program.stages

    @property
    def compiled(self) -> "Compiled":
        """The compiler's own record: the program at each of its stages."""
        return self._program.compiled

    @property
    def decisions(self) -> Sequence[Decision]:
        """What the compiler fused, did in place and gave the same memory, or did not, and why."""
        return self.compiled.decisions

    def __getitem__(self, key: Variable | str) -> Any:
        """Return the value that the function keeps for an input, given by variable or name."""
        return self._storage(key).get_value()

    def __setitem__(self, key: Variable | str, value: Any) -> None:
        """Replace the value that the function keeps for an input."""
        self._storage(key).set_value(value)

    def _storage(self, key: Variable | str) -> SharedVariable:
        about = self._description
        for position, storage in about.kept.items():
            spec = about.inputs[position]
            if key is spec.variable or (isinstance(key, str) and key == spec.name):
                return storage
        listed = ", ".join(str(about.inputs[position].variable) for position in about.kept)
        raise KeyError(
            f"{about.signature.function} keeps no value for {key!r}; it keeps {listed or 'none'}"
        )

    def get_shared(self) -> list[SharedVariable]:
        """Return the shared variables that the function reads or writes."""
        return list(self._program.graph.shared)

    def free(self) -> None:
        """Give memory that the pool keeps for later calls, of any function, back to the system.

        A function keeps no memory of its own between calls.
        """
        pool.trim()

    def __repr__(self) -> str:
        about = self._description
        name = f" {about.name}" if about.name is not None else ""
        listed = ", ".join(str(one) for one in self._program.updated)
        updates = f" updating {listed}" if listed else ""
        place = f", made at {about.place}" if about.place is not None else ""
        return f"<Function{name}{about.signature}{updates}{place}>"
