"""The reference interpreter: runs a program with NumPy, by the meaning that each op declares.

It is the semantics of the tensor IR: constant folding, the checking mode and every fuzz oracle call
it, and compiled code must agree with it. It is slow, and right.

Invariants: no argument is written to; every result is a fresh row-major array of exactly the
declared dtype and rank; the meaning of an op is only ever given arrays of the types that the op's
type rule admitted.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from lltheano_ir.budget import Budget, sizes_of_results, steps_of
from lltheano_ir.host import HostFunction, conforming, missing_function
from lltheano_ir.nodes import Region, Value, has_callback, operands_first
from lltheano_ir.ops.callback import callback_form
from lltheano_ir.ops.definition import Array, ExecutionError
from lltheano_ir.program import Program
from lltheano_ir.provenance import Location
from lltheano_ir.shapes import Shapes
from lltheano_ir.types import TensorType

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
        wanted, got = len(program.parameters), len(inputs)
        raise ExecutionError("argument", f"{program.name} takes {wanted} arguments, got {got}")
    arguments = [
        _checked(f"{program.name}, parameter {parameter.name}", given, parameter.type)
        for parameter, given in zip(program.parameters, inputs, strict=True)
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
    found = _Run(locations or {}, host, budget).results(roots, arguments)
    try:
        return tuple(np.array(array, order="C") for array in found)
    except (MemoryError, ValueError) as error:
        raise ExecutionError("memory", str(error)) from None


def _checked(name: str, given: Any, wanted: TensorType) -> Array:
    array = np.asarray(given)
    if array.dtype != wanted.dtype.numpy:
        raise ExecutionError("argument", f"{name} is {wanted}, got dtype {array.dtype}")
    if array.ndim != wanted.rank:
        raise ExecutionError("argument", f"{name} is {wanted}, got shape {array.shape}")
    for axis, (size, one) in enumerate(zip(array.shape, wanted.broadcast, strict=True)):
        if one and size != 1:
            message = f"{name} is {wanted}: axis {axis} must have size 1, got {size}"
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
        self._control: dict[str, Callable[[Value, Sequence[Array]], Arrays]] = {
            "if": self._run_if,
            "loop": self._run_loop,
            "fused": lambda value, arrays: self.results(value.regions[0].results, arrays),
            "callback": self._call_back,
        }

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
        name = value.op.name
        if name == "argument":
            return (arguments[value.attributes[0]],)
        if name == "result":
            return (known[value.operands[0]][value.attributes[0]],)
        arrays = [known[operand][0] for operand in value.operands]
        if name in self._control:
            return self._held(self._control[name](value, arrays))
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
        given = self._host[form.function].call(private)
        tokens = [np.asarray(arrays[0] + 1)] if form.ordered else []
        return (*tokens, *conforming(form.name, form.results, sizes, given))

    def _run_if(self, value: Value, arrays: Sequence[Array]) -> Arrays:
        chosen, otherwise = value.regions
        return self.results((chosen if arrays[0] else otherwise).results, arrays[1:])

    def _run_loop(self, value: Value, arrays: Sequence[Array]) -> Arrays:
        (body,), (count,) = value.regions, value.attributes
        carried, captured = tuple(arrays[1 : 1 + count]), arrays[1 + count :]
        steps = int(arrays[0])
        if steps < 0:
            raise ExecutionError("value", f"a loop cannot run {steps} times", (steps,))
        stacks: list[list[Array]] = [[] for _ in body.results[count:]]
        with self._budget.scope():
            for step in range(steps):
                self._budget.pay(1)
                found = self.results(
                    body.results, [np.asarray(step, np.int64), *carried, *captured]
                )
                _require_sizes(carried, found[:count])
                carried = found[:count]
                for stack, row in zip(stacks, self._held(found[count:]), strict=True):
                    stack.append(row)
        if not steps:
            return carried + self._empty_stacks(body, count, arrays)
        return carried + tuple(_stacked(stack) for stack in stacks)

    def _empty_stacks(self, body: Region, carried: int, arrays: Sequence[Array]) -> Arrays:
        """Stacks of no rows, of the sizes that a first row would have had.

        A size that only a host function can tell is 0.
        """
        sizes = [Shapes().sizes(row) for row in body.results[carried:]]
        arguments = [np.asarray(0, np.int64), *arrays[1:]]
        shapes = [
            [0 if has_callback(size) else int(*self.results([size], arguments)) for size in one]
            for one in sizes
        ]
        for size in (size for shape in shapes for size in shape):
            if size < 0:
                raise ExecutionError("value", f"a size cannot be negative, got {size}", (size,))
        return tuple(
            np.empty((0, *shape), row.type.dtype.numpy)
            for row, shape in zip(body.results[carried:], shapes, strict=True)
        )


def _require_sizes(old: Arrays, new: Arrays) -> None:
    """A carried value keeps the sizes that it came in with."""
    for before, after in zip(old, new, strict=True):
        for axis, (one, other) in enumerate(zip(before.shape, after.shape, strict=True)):
            if one != other:
                message = f"a carried value had size {one} on axis {axis} and then {other}"
                raise ExecutionError("sizes", message, (one, other))


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
        found = value.op.results(arrays, types, value.attributes)
    except (MemoryError, ValueError) as error:  # NumPy's word for far too much is ValueError
        raise ExecutionError("memory", f"{value.op.name}: {error}") from None
    for array, wanted in zip(found, value.types, strict=True):
        assert _is_of_type(array, wanted), f"{value.op.name} gave {array!r} for {wanted}"
    return found


def _is_of_type(array: Array, wanted: TensorType) -> bool:
    return (
        type(array) is np.ndarray
        and array.dtype == wanted.dtype.numpy
        and array.ndim == wanted.rank
        and all(size == 1 for size, one in zip(array.shape, wanted.broadcast, strict=True) if one)
    )
