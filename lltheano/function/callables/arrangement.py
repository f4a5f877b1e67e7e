"""Functions whose calls need more than their native entry.

Three things are beyond it: a dict of outputs, inputs whose value the function keeps from call to
call, and Python objects, which are handed from place to place and to ops that compute in Python. A
kept value lives in a shared variable of the function's own, so that it takes part in the atomic
step; passing a value for such an input all the same runs another program, compiled when it is first
needed.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lltheano.function.callables.callable import Description, Function
from lltheano.function.programs.arguments import Converter
from lltheano.function.programs.objects import KEPT
from lltheano.function.programs.program import CompiledProgram
from lltheano.function.requests.signature import ABSENT
from lltheano.graph import CompoundType
from lltheano.graph.objects import calling_with
from lltheano.runtime.calls.callable import Way
from lltheano.runtime.calls.executable import Report
from lltheano.runtime.receipt import Receipt
from lltheano.runtime.storages.storage import Storage
from lltheano.shared import ObjectStorage
from lltheano.shared.objects import holding, private_copy
from lltheano_ir.locks import ProcessLock
from lltheano_ir.records import record

__all__ = ["Arrangement", "GeneralFunction", "Returned", "Source"]


@record(frozen=True, slots=True)
class Source:
    """Where a Python object comes from: a parameter by its position, a storage, or a constant."""

    parameter: int | None = None
    storage: ObjectStorage | None = None
    constant: Any = None

    def take(self, values: Sequence[Any]) -> Any:
        """Return the object itself; `values` are those of the parameters."""
        if self.parameter is not None:
            return values[self.parameter]
        return self.constant if self.storage is None else self.storage.value


@record(frozen=True, slots=True)
class Returned:
    """One output: the program's result at a position, the value that its results from there on
    make, the object whose handle is a result, or an object from elsewhere, which may be `copied`.
    """

    result: int | None = None
    source: Source = Source()
    copied: bool = False
    compound: CompoundType | None = None
    is_handle: bool = False

    def take(self, values: Sequence[Any]) -> Any:
        """Return an object that the caller may keep; None where the program computes the output."""
        result = self.source.take(values)
        return private_copy(result) if self.copied else result


@record(frozen=True, slots=True)
class Arrangement:
    """One compiled program, and what happens around it.

    Attributes
    ----------
    program
        The program, which returns a list.
    parameters
        The function's parameter for each input of the program.
    outputs
        The function's outputs.
    replaced
        The storages of Python objects that the function updates, with what they get; None is what
        the program computes.
    commits
        The storage that the program writes at each commit, where it replaces objects.
    objects
        Where the Python objects come from that the program takes, in the order of their handles.
    computes
        Whether the program works with Python objects.
    converters
        What converts the arguments for parameters that are Python objects, by position.
    compounds
        The function's parameters of which the program takes components, each with its converter
        and its type.
    storages
        All storages of Python objects that it touches, in the order in which they are locked.
    """

    program: CompiledProgram
    parameters: tuple[int, ...]
    outputs: tuple[Returned, ...]
    replaced: tuple[tuple[ObjectStorage, Source | None], ...]
    objects: tuple[Source, ...]
    storages: tuple[ObjectStorage, ...]
    commits: Storage | None = None
    computes: bool = False
    converters: tuple[tuple[int, Converter], ...] = ()
    compounds: tuple[tuple[int, Converter, CompoundType], ...] = ()

    def is_native(self, parameters: int) -> bool:
        """Whether the program alone does all that a function of so many parameters does."""
        computed = all(
            output.result is not None and output.compound is None for output in self.outputs
        )
        beyond = self.replaced or self.computes or self.compounds
        return computed and not beyond and len(self.parameters) == parameters

    def call(
        self, values: Sequence[Any], receipt: Receipt, present: Callable[[list[Any]], Any]
    ) -> Any:
        """Return the outputs for one value of each parameter, as `present` makes them of a list,
        and do the updates.
        """
        if self.converters:
            values = list(values)
            for position, convert in self.converters:
                values[position] = convert(values[position])
        if not self.storages:
            return self._call_holding(values, receipt, present)
        return holding(self.storages, lambda: self._call_holding(values, receipt, present))

    def _call_holding(
        self, values: Sequence[Any], receipt: Receipt, present: Callable[[list[Any]], Any]
    ) -> Any:
        objects = [
            None if output.result is not None else output.take(values) for output in self.outputs
        ]
        given = [source.take(values) for source in self.objects]
        fresh = [
            (number, private_copy(source.take(values), KEPT.format("a shared variable")))
            for number, (_, source) in enumerate(self.replaced)
            if source is not None
        ]
        for number, value in fresh:
            self._replace(number, value)
        arguments = self._arguments(values)
        if not self.computes:
            receipt.finish = lambda outcome: present(self._outputs_of(outcome, objects, ()))
            return present(self._outputs_of(self.program.call(arguments, receipt), objects, ()))
        with calling_with(given, self._replace) as table:
            receipt.finish = lambda outcome: present(self._outputs_of(outcome, objects, table))
            return receipt.finish(self.program.call(arguments, receipt))

    def _replace(self, number: int, value: Any) -> None:
        """Let a storage hold a value from the commit on."""
        storage, _ = self.replaced[number]
        storage.prepare(value, self._commit_to_come())

    def _arguments(self, values: Sequence[Any]) -> list[Any]:
        """What the program takes, in order."""
        if not self.compounds:
            return [values[parameter] for parameter in self.parameters]
        arrays = {
            position: iter(kind.arrays_of(convert(values[position])))
            for position, convert, kind in self.compounds
        }
        return [
            next(arrays[parameter]) if parameter in arrays else values[parameter]
            for parameter in self.parameters
        ]

    def _outputs_of(self, outcome: Any, objects: Sequence[Any], table: Sequence[Any]) -> list[Any]:
        """The outputs: results of the program, objects, and those that its ops have computed."""
        results = self.program.listed(outcome)
        outputs = list(objects)
        for index, output in enumerate(self.outputs):
            if output.compound is not None:
                assert output.result is not None
                end = output.result + len(output.compound.component_types)
                outputs[index] = output.compound.from_arrays(results[output.result : end])
            elif output.is_handle:
                assert output.result is not None
                outputs[index] = table[int(results[output.result])]
            elif output.result is not None:
                outputs[index] = results[output.result]
        return outputs

    def _commit_to_come(self) -> Callable[[], bool]:
        """Return the question whether the next commit has happened.

        Only calls of this arrangement commit to its storage, and those hold the storages of
        objects.
        """
        storage = self.commits
        assert storage is not None
        before = storage.version
        return lambda: storage.version != before


_NOTHING: frozenset[int] = frozenset()


class GeneralFunction(Function):
    """A function with named outputs, kept inputs or Python objects.

    Parameters
    ----------
    description
        What the function is.
    arrangements
        What is compiled already, by the positions of the kept inputs that are passed.
    arrange
        Compiles another.
    single
        Return the only output itself.
    keys
        Return a dict with these keys.
    """

    def __init__(
        self,
        description: Description,
        arrangements: dict[frozenset[int], Arrangement],
        arrange: Callable[[frozenset[int]], Arrangement],
        *,
        single: bool,
        keys: tuple[str, ...] | None,
    ) -> None:
        super().__init__(description, next(iter(arrangements.values())).program)
        self._arrangements = arrangements
        self._arrange = arrange
        self._lock = ProcessLock()
        self._single = single
        self._keys = keys

    def _way(self) -> Way:
        return Way.PYTHON

    def _carry_on(
        self,
        receipt: Receipt,
        report: Report | None,
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
    ) -> Any:
        values = self._bind(args, kwargs)
        kept = self._description.request.kept
        passed = [one for one in kept if values[one] is not ABSENT] if kept else kept
        arrangement = self._arrangement(frozenset(passed) if passed else _NOTHING)
        return arrangement.call(values, receipt, self._presented)

    def _presented(self, outputs: list[Any]) -> Any:
        if self._keys is not None:
            return dict(zip(self._keys, outputs, strict=True))
        return outputs[0] if self._single else outputs

    def _arrangement(self, passed: frozenset[int]) -> Arrangement:
        if passed not in self._arrangements:
            with self._lock:
                if passed not in self._arrangements:
                    self._arrangements[passed] = self._arrange(passed)
        return self._arrangements[passed]
