"""One compiled program and all that is needed to call it and to look into it.

A `CompiledProgram` is called with one value for each of its inputs, in any form that the input's
rules allow. It holds nothing of a call, so threads share it freely.

An argument may show the very memory of a shared variable, as arrays from `get_value(borrow=True)`
do. Where the program writes that memory while it still reads its arguments, it is given a copy.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lltheano.config import config
from lltheano.function.programs.arguments import Converter
from lltheano.function.programs.faults import explain_failure, explain_size_of_one
from lltheano.function.programs.inspection import Entry, Stages, format_graph
from lltheano.function.requests.gather import Gathered
from lltheano.graph import Variable
from lltheano.runtime.calls.callable import Way
from lltheano.runtime.calls.executable import Executable, Report
from lltheano.runtime.calls.plan import Shared
from lltheano.runtime.errors import ExecutionFailed
from lltheano.runtime.receipt import Receipt
from lltheano.runtime.storages.storage import Storage
from lltheano.shared import SharedVariable, TensorSharedVariable
from lltheano.tensor.variables.variable import TensorType

if TYPE_CHECKING:
    from lltheano_ir.compile import Compiled
    from lltheano_ir.profiling.memory import MemoryPlan

__all__ = ["CompiledProgram"]


class CompiledProgram:
    """A compiled graph.

    Parameters
    ----------
    label
        What messages call the function.
    converters
        One for each input.
    executable
        The native code and the storages that it works on.
    graph
        What was compiled.
    compiled
        The compiler's stages.
    single
        Whether the entry returns the only output itself rather than a list.
    """

    def __init__(
        self,
        label: str,
        converters: Sequence[Converter],
        executable: Executable,
        graph: Gathered,
        compiled: "Compiled",
        *,
        single: bool,
    ) -> None:
        self.executable = executable
        self.graph = graph
        self.compiled = compiled
        self._label = label
        self._converters = tuple(converters)
        self._single = single
        self._written = _updated_in_place(compiled, graph)
        self._is_guarded = bool(self._written) and any(
            operand.rank for operand in executable.plan.inputs
        )
        self._native = executable.entry
        self._enters_as_it_is = self.way is Way.NATIVE

    @property
    def way(self) -> Way:
        """Whether a call may start in native code."""
        if self.executable.capsule is None:
            return Way.PYTHON
        return Way.APART if self._is_guarded else Way.NATIVE

    def enter(self, arguments: Sequence[Any], receipt: Receipt) -> Any:
        """Run the program once, with arguments as they are; return what its entry returns."""
        values = self._apart(arguments) if self._is_guarded else arguments
        return receipt.enter(self._native, values)

    def call(self, arguments: Sequence[Any], receipt: Receipt) -> Any:
        """Convert the arguments and run the program once; return what its entry returns.

        Raises what `Function` raises when called.
        """
        values = [
            convert(value) for convert, value in zip(self._converters, arguments, strict=True)
        ]
        outcome = (
            receipt.enter(self._native, values)
            if self._enters_as_it_is
            else self.enter(values, receipt)
        )
        return self.resume(outcome, values, receipt) if type(outcome) is tuple else outcome

    def listed(self, outcome: Any) -> list[Any]:
        """Return what a call has returned as a list, however many outputs there are."""
        return [outcome] if self._single else outcome

    def resume(self, report: Report, arguments: Sequence[Any], receipt: Receipt) -> Any:
        """Carry on where the entry could not: wait for locks, take the plain way, or raise."""
        try:
            return self.executable.resolve(report, self._apart(arguments), receipt)
        except ExecutionFailed as failure:
            sites = self.compiled.sites
            seen = self._seen(arguments)
            ones = self._stretchable(arguments)
            error = explain_failure(failure, sites, self._label, seen, ones, self._details())
        raise error

    def memory_plan(self, arguments: Sequence[Any]) -> "MemoryPlan":
        """What a call with these arguments, or arguments of these shapes, draws of the pool."""
        # Imports LLVM, for some 60 ms.
        from lltheano_ir.profiling.memory import memory_plan  # noqa: PLC0415

        inputs = self.executable.plan.inputs
        if len(inputs) != len(arguments):
            raise TypeError(
                f"{self._label}: the memory of a call is planned for tensors, and an argument is"
                " none: it is sparse, or a Python object"
            )
        pairs = zip(self.graph.parameters, inputs, arguments, strict=True)
        shapes = [self._shape_of(leaf, one.rank, given) for (_, leaf), one, given in pairs]
        shared = self.executable.plan.parameters[len(inputs) :]
        shapes += [np.shape(one.storage.view()) for one in shared if isinstance(one, Shared)]
        parameters = self.compiled.loops.parameters
        named = {one.buffer.name: shape for one, shape in zip(parameters, shapes, strict=True)}
        return memory_plan(self.compiled.loops, named)

    def _shape_of(self, leaf: Variable, rank: int, given: Any) -> tuple[int, ...]:
        """The shape of an argument, which may be given itself."""
        is_shape = isinstance(given, tuple) and all(isinstance(one, int) for one in given)
        shape = tuple(map(int, given)) if is_shape else np.shape(given)
        if len(shape) != rank:
            raise ValueError(
                f"{self._label}: {leaf} has {rank} axes, got the shape {shape}; an argument is"
                " planned for by itself, or by a tuple of its sizes"
            )
        return shape

    @property
    def updated(self) -> list[SharedVariable]:
        """The user's shared variables that the program writes."""
        graph = self.graph.as_written
        return [one for one in graph.users_shared if one in graph.updates]

    @property
    def entry(self) -> Entry:
        """The native entry, for inspection."""
        compiled = self.compiled
        plan = [str(decision) for decision in compiled.decisions if decision.stage != "fuse"]
        return Entry(compiled.address, compiled.layout, "\n".join(plan))

    @property
    def stages(self) -> Stages:
        """The text of each stage of the compiler."""
        graph = self.graph.as_written
        text = format_graph(graph.outputs, [*graph.updates.items()])
        return Stages(text, self.compiled)

    def _apart(self, arguments: Sequence[Any]) -> list[Any]:
        """The arguments, with a copy of each that shows memory which the program writes."""
        return [
            argument.copy() if self._shows_written(argument) else argument for argument in arguments
        ]

    def _shows_written(self, argument: Any) -> bool:
        if not isinstance(argument, np.ndarray) or argument.base is None:
            return False
        return any(np.may_share_memory(argument, storage.view()) for storage in self._written)

    def _values(self, arguments: Sequence[Any]) -> list[tuple[Variable, NDArray[Any]]]:
        """What a call worked on: its arguments and the shared variables."""
        inputs = (
            (converter.spec.variable, np.asarray(value))
            for converter, value in zip(self._converters, arguments, strict=True)
        )
        shared = (
            (shared_variable, shared_variable.container.backing.view())
            for shared_variable in self.graph.users_shared
            if isinstance(shared_variable, TensorSharedVariable)
        )
        return [*inputs, *shared]

    def _seen(self, arguments: Sequence[Any]) -> list[str]:
        """Describe what a call worked on."""
        return [
            _described(f"{one} (shared)" if isinstance(one, SharedVariable) else str(one), array)
            for one, array in self._values(arguments)
        ]

    def _stretchable(self, arguments: Sequence[Any]) -> list[str]:
        """Explain each size of 1 that is not repeated."""
        result = (
            explain_size_of_one(str(one), one.type, array.shape, isinstance(one, SharedVariable))
            for one, array in self._values(arguments)
            if isinstance(one.type, TensorType)
        )
        return [part for part in result if part]

    def _details(self) -> str:
        """The graph, for those who want to see it."""
        return self.stages["graph"] if config.exception_verbosity == "high" else ""


def _described(name: str, array: NDArray[Any]) -> str:
    described = f"{name}: {array.dtype} of shape {array.shape}"
    if config.exception_verbosity == "low":
        return described
    values = np.array2string(array, threshold=20, edgeitems=3, separator=", ")
    return f"{described}, strides {array.strides}: {' '.join(values.split())}"


def _updated_in_place(compiled: "Compiled", graph: Gathered) -> list[Storage]:
    """The storages whose memory the program writes; other updates come as new memory, and those of
    a program that is checked come as outputs.
    """
    if not compiled.source.updates:
        return []
    targets = [update for update in graph.updates if isinstance(update, TensorSharedVariable)]
    pairs = zip(targets, compiled.in_place, strict=True)
    return [target.container.backing for target, in_place in pairs if in_place]
