"""The reference interpreter: runs a program with NumPy, by the reference that each op declares.

It is the semantics of the tensor IR: constant folding, the checking mode and every fuzz oracle call
it, and compiled code must agree with it. It is slow, and right.

Invariants: no argument is written to; every result is a fresh row-major array of exactly the
declared dtype and rank; the reference of an op is only ever given arrays of the types that the op's
type rule admitted.
"""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lltheano_ir.budget import Budget, sizes_of_results, steps_of
from lltheano_ir.host import HostFunction, conforming, missing_function
from lltheano_ir.nodes import Region, Value, needs_an_iteration, operands_first
from lltheano_ir.ops.callback import callback_form
from lltheano_ir.ops.definition import Array, ExecutionError
from lltheano_ir.ops.regions import Carried, RegionForm
from lltheano_ir.program import Program
from lltheano_ir.provenance import Location
from lltheano_ir.shapes import Shapes
from lltheano_ir.types import ValueType

__all__ = ["evaluate", "interpret"]

Arrays = tuple[Array, ...]


def interpret(
    program: Program,
    inputs: Sequence[Any],
    host: Sequence[HostFunction] | None = None,
    budget: Budget | None = None,
) -> tuple[Arrays, Arrays]:
    """Run a program on one array for each parameter: its outputs, and the new shared values.

    The new values are in the order of `program.updates`. Nothing is written to. ExecutionError when
    an argument does not fit its parameter or an op has no result; the error knows the value and,
    where the program does, the user's line. `host` are the functions that the program calls, by
    default those that came with it; what one of them raises is passed on as it is. SpentError when
    it takes more than its `budget`, of whose memory a value is held until its scope ends.

    >>> from lltheano_ir.text import parse_program
    >>> program = parse_program('''program @accumulator(%state: i64[] shared, %inc: i64[]) {
    ...   %0: i64[] = add %state, %inc
    ...   output "before" = %state
    ...   update %state = %0
    ... }''')
    >>> interpret(program, [np.int64(40), np.int64(2)])
    ((array(40),), (array(42),))
    """
    if len(inputs) != len(program.parameters):
        expected, got = len(program.parameters), len(inputs)
        raise ExecutionError("argument", f"{program.name} takes {expected} arguments, got {got}")
    arguments = [
        _checked(f"{program.name}, parameter {parameter.name}", argument, parameter.type)
        for parameter, argument in zip(program.parameters, inputs, strict=True)
    ]
    functions = program.host if host is None else host
    results = evaluate(program.roots, arguments, program.locations, functions, budget)
    first, last = len(program.outputs), len(program.outputs) + len(program.updates)
    return results[:first], results[first:last]


def evaluate(
    roots: Sequence[Value],
    arguments: Sequence[Array] = (),
    locations: Mapping[Value, Location] | None = None,
    host: Sequence[HostFunction] = (),
    budget: Budget | None = None,
) -> Arrays:
    """The arrays of values with one result each, given those of the arguments that they reach.

    >>> from lltheano_ir.nodes import make
    >>> from lltheano_ir.shapes import integer
    >>> evaluate([make("add", (integer(2), integer(3)))])
    (array(5),)
    """
    results = _Run(locations or {}, host, budget).results(roots, arguments)
    try:
        return tuple(np.array(array, order="C") for array in results)
    except (MemoryError, ValueError) as error:
        raise ExecutionError("memory", str(error)) from None


def _checked(name: str, argument: Any, type_: ValueType) -> Array:
    array = np.asarray(argument)
    if array.dtype != type_.dtype.numpy:
        raise ExecutionError("argument", f"{name} is {type_}, got dtype {array.dtype}")
    if array.ndim != type_.rank:
        raise ExecutionError("argument", f"{name} is {type_}, got shape {array.shape}")
    for axis, (size, one) in enumerate(zip(array.shape, type_.broadcast, strict=True)):
        if one and size != 1:
            message = f"{name} is {type_}: axis {axis} must have size 1, got {size}"
            raise ExecutionError("argument", message, (1, size))
    return array


class _Run:
    """One evaluation; `locations` and `host` functions serve the values of regions too."""

    def __init__(
        self,
        locations: Mapping[Value, Location],
        host: Sequence[HostFunction],
        budget: Budget | None,
    ) -> None:
        self._locations = locations
        self._budget = budget or Budget()
        self._host = host

    def results(self, roots: Sequence[Value], arguments: Sequence[Array]) -> Arrays:
        """The arrays of `roots`, in a scope with these arguments."""
        known: dict[Value, Arrays] = {}
        with self._budget.scope():
            for value in operands_first(roots):
                try:
                    known[value] = self._compute(value, known, arguments)
                except ExecutionError as error:
                    error.value = error.value or value
                    error.location = error.location or self._locations.get(value)
                    raise
        return tuple(known[root][0] for root in roots)

    def _compute(
        self, value: Value, known: Mapping[Value, Arrays], arguments: Sequence[Array]
    ) -> Arrays:
        if value.is_argument:
            return (arguments[value.attributes[0]],)
        if value.is_result:
            return (known[value.operands[0]][value.attributes[0]],)
        arrays = [known[operand][0] for operand in value.operands]
        if value.op.calls_host:
            return self._held(self._call_back(value, arrays))
        if value.regions:
            return self._held(self._run_regions(value, arrays))
        if self._budget.bounded:
            self._pay(value, arrays)
        return _apply(value, arrays)

    def _pay(self, value: Value, arrays: Sequence[Array]) -> None:
        sizes = sizes_of_results(value, arrays)
        self._budget.pay(steps_of(value, arrays, sizes))
        pairs = zip(value.types, sizes, strict=True)
        self._budget.hold(sum(one.dtype.itemsize * size for one, size in pairs))

    def _held(self, arrays: Arrays) -> Arrays:
        self._budget.hold(sum(array.nbytes for array in arrays))
        return arrays

    def _call_back(self, value: Value, arrays: Sequence[Array]) -> Arrays:
        form = callback_form(value.attributes)
        if form.function >= len(self._host):
            raise ExecutionError("value", missing_function(form.function, form.name))
        sizes = [
            (None,) * type_.rank if one is None else tuple(map(int, one))
            for type_, one in zip(form.results, form.sizes(arrays), strict=True)
        ]
        private = [np.array(one, order="C") for one in form.passed(arrays)]
        returned = self._host[form.function].call(private)
        tokens = [np.asarray(arrays[0] + 1)] if form.ordered else []
        return (*tokens, *conforming(form.name, form.results, sizes, returned))

    def _run_regions(self, value: Value, arrays: Sequence[Array]) -> Arrays:
        form = value.form
        if form.repeats:
            return self._run_loop(value, form, arrays)
        chosen = 0 if form.condition is None or arrays[form.condition] else 1
        return self.results(value.regions[chosen].results, form.arguments(arrays))

    def _run_loop(self, value: Value, form: RegionForm, arrays: Sequence[Array]) -> Arrays:
        """Run the body for each step, until the count is reached or it says that it ends."""
        (body,) = value.regions
        steps = _steps_of(form, arrays)
        latest = {one.result: _first_values(one, arrays) for one in form.carried}
        stacks: dict[int, list[Array]] = {place: [] for place in form.stacked}
        with self._budget.scope():
            for step in itertools.count() if steps is None else range(steps):
                self._budget.pay(1)
                changing = _changing(form, step, latest)
                yielded = self.results(body.results, form.arguments(arrays, changing))
                for one in form.carried:
                    latest[one.result] = _handed_on(latest[one.result], yielded[one.result])
                self._held(tuple(yielded[place] for place in stacks))
                for place, rows in stacks.items():
                    rows.append(yielded[place])
                if form.proceeds is not None and not yielded[form.proceeds]:
                    break
        results = {place: values[-1] for place, values in latest.items()}
        results |= {place: _stacked(rows) for place, rows in stacks.items() if rows}
        results |= self._empty_stacks(
            body, form, arrays, [one for one, rows in stacks.items() if not rows]
        )
        return tuple(results[place] for place in sorted(results))

    def _empty_stacks(
        self, body: Region, form: RegionForm, arrays: Sequence[Array], places: Sequence[int]
    ) -> dict[int, Array]:
        """Stacks of no rows, of the sizes that a first row would have had.

        What is handed on has the sizes of the first value. Of the others, a size that is known in
        an iteration alone is 0.
        """
        first = {one.result: _first_values(one, arrays) for one in form.carried}
        handed_on = {body.results[one]: values[0].shape for one, values in first.items()}
        arguments = form.arguments(arrays, _changing(form, 0, first))
        stacks = {}
        for place in places:
            row = body.results[place]
            if row in handed_on:
                stacks[place] = np.empty((0, *handed_on[row]), row.type.dtype.numpy)
                continue
            shapes = Shapes()
            sizes = [
                0 if needs_an_iteration(form.step, size) else int(*self.results([size], arguments))
                for size in map(shapes.told, shapes.sizes(row))
            ]
            for size in sizes:
                if size < 0:
                    raise ExecutionError("value", f"a size cannot be negative, got {size}", (size,))
            stacks[place] = np.empty((0, *sizes), row.type.dtype.numpy)
        return stacks


def _steps_of(form: RegionForm, arrays: Sequence[Array]) -> int | None:
    """How many steps a loop may run; None for any number."""
    if form.count is None:
        return None
    steps = int(arrays[form.count])
    if steps < 0:
        raise ExecutionError("value", f"a loop cannot run {steps} times", (steps,))
    return steps


def _first_values(carried: Carried, arrays: Sequence[Array]) -> list[Array]:
    """What the first step reads: the operand, or as many of its rows as there are arguments."""
    first = arrays[carried.operand]
    return [first] if len(carried.arguments) == 1 else list(first[: len(carried.arguments)])


def _changing(
    form: RegionForm, step: int, latest: Mapping[int, Sequence[Array]]
) -> dict[int, Array]:
    """The arguments of a step that are not the same in all."""
    changing = {} if form.step is None else {form.step: np.asarray(step, np.int64)}
    for one in form.carried:
        changing.update(zip(one.arguments, latest[one.result], strict=True))
    return changing


def _handed_on(latest: Sequence[Array], value: Array) -> list[Array]:
    """What the next step reads; each carried value keeps the sizes that it came in with."""
    for axis, (old, new) in enumerate(zip(latest[-1].shape, value.shape, strict=True)):
        if old != new:
            message = f"a carried value had size {old} on axis {axis} and then {new}"
            raise ExecutionError("sizes", message, (old, new))
    return [*latest[1:], value]


def _stacked(rows: Sequence[Array]) -> Array:
    for row in rows:
        if row.shape != rows[0].shape:
            axis = next(i for i in range(row.ndim) if row.shape[i] != rows[0].shape[i])
            differ = (rows[0].shape[axis], row.shape[axis])
            message = f"rows of sizes {differ[0]} and {differ[1]} on axis {axis} cannot be stacked"
            raise ExecutionError("sizes", message, differ)
    return np.stack(rows)


def _apply(value: Value, arrays: Sequence[Array]) -> Arrays:
    types = [operand.type for operand in value.operands]
    try:
        results = value.op.results(arrays, types, value.attributes)
    except (MemoryError, ValueError) as error:  # NumPy's word for far too much is ValueError
        raise ExecutionError("memory", f"{value.op.name}: {error}") from None
    for array, type_ in zip(results, value.types, strict=True):
        assert _is_of_type(array, type_), f"{value.op.name} gave {array!r} for {type_}"
    return results


def _is_of_type(array: Array, type_: ValueType) -> bool:
    return (
        type(array) is np.ndarray
        and array.dtype == type_.dtype.numpy
        and array.ndim == type_.rank
        and all(size == 1 for size, one in zip(array.shape, type_.broadcast, strict=True) if one)
    )
