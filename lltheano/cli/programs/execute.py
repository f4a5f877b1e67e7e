"""Running IR on arrays: by its reference interpreter, or as native code.

Both take one array for each parameter and give the outputs, then the new values of the updates.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lltheano.cli.errors import EXHAUSTED, INTERRUPTED, CommandError
from lltheano.cli.programs.slots import Array, Slot, slots_of
from lltheano.cli.programs.source import Ir
from lltheano.function.programs.compiler import callees, compile_lowered
from lltheano.function.programs.faults import explain_failure
from lltheano.runtime import pool
from lltheano.runtime.calls.executable import Executable
from lltheano.runtime.calls.plan import Input, Output, Shared, Update
from lltheano.runtime.errors import ExecutionFailed
from lltheano.runtime.storages.pool_storage import PoolStorage
from lltheano_ir.budget import Budget, SpentError
from lltheano_ir.emit.module import ENTRY, emit_module
from lltheano_ir.interpret import interpret
from lltheano_ir.loops.interpret import LoopMemoryError, interpret_loops
from lltheano_ir.loops.nodes import Callback, LoopModule, Site
from lltheano_ir.loops.walk import statements_in
from lltheano_ir.native.callees import CalleeError
from lltheano_ir.native.mcjit import compile_module
from lltheano_ir.native.shield import shielded
from lltheano_ir.native.target import host_target
from lltheano_ir.nodes import Region, argument, has_callback, inlined
from lltheano_ir.ops.definition import ExecutionError
from lltheano_ir.passes.pipeline import optimise
from lltheano_ir.pipeline import to_loops
from lltheano_ir.program import Program

__all__ = ["result_names", "run_interpreted", "run_native"]


Results = tuple[Array, ...]


def result_names(ir: Ir) -> tuple[tuple[str, bool], ...]:
    """For each result its name, and whether it is an update (of the parameter of that name)."""
    slots = slots_of(ir)
    if isinstance(ir, Program):
        updates = [(slots[update.parameter].name, True) for update in ir.updates]
        return (*((output.name, False) for output in ir.outputs), *updates)
    return tuple(
        (result.name, False) if result.update is None else (slots[result.update].name, True)
        for result in sorted(ir.results, key=lambda one: one.update is not None)
    )


def run_interpreted(
    ir: Ir, arrays: Sequence[Array], *, steps: int | None = None, memory: int | None = None
) -> Results:
    """Run by the interpreter; CommandError when the IR has no result for these arrays, or takes
    more steps, or more bytes at one time, than it may.
    """
    budget = Budget(steps, memory)
    try:
        if isinstance(ir, Program):
            outputs, updates = interpret(ir, arrays, budget=budget)
        else:
            outputs, updates = interpret_loops(ir, arrays, budget=budget)
    except SpentError as error:
        option = "memory" if error.of_memory else "steps"
        raise _exhausted(f"{ir.name}: {error}", option) from None
    except (ExecutionError, LoopMemoryError) as error:
        raise CommandError(f"{ir.name}: {error}") from None
    return outputs + updates


def _exhausted(message: str, option: str) -> CommandError:
    return CommandError(message, hint=f"--{option} bounds it", code=EXHAUSTED)


def run_native(
    ir: Ir, arrays: Sequence[Array], *, keep_results: bool = False, memory: int | None = None
) -> Results:
    """Compile and run once; CommandError when a check of the code fails or memory runs out.

    `memory` is how many bytes its temporaries and results may take at one time.

    With `keep_results` a program is compiled without the passes that change results for the better,
    so that it can be compared with the interpreter.
    """
    if _calls_back(ir):
        raise CommandError(
            f"{ir.name} calls host functions, which only the script that has them can supply; its"
            " text can be transformed and printed, and lltheano dump shows it from the script"
        )
    slots = slots_of(ir)
    # Calls pass inputs before shared parameters, which IR may list in any order.
    order = sorted(range(len(slots)), key=lambda position: slots[position].shared)
    slots = tuple(slots[position] for position in order)
    given = [arrays[position] for position in order]
    try:
        code = _compiled(_reordered(ir, order), keep_results)
    except (CalleeError, NotImplementedError) as error:
        raise CommandError(f"{ir.name} cannot be compiled: {error}") from None
    storages = {
        position: PoolStorage(slot.dtype.numpy, len(slot.sizes), slot.name)
        for position, slot in zip(order, slots, strict=True)
        if slot.shared
    }
    for storage, array in zip(storages.values(), given[len(given) - len(storages) :], strict=True):
        storage.write(array)
    inputs = [_input(slot) for slot in slots if not slot.shared]
    outputs, updated = _results(ir)
    executable = Executable(
        code.address,
        [*inputs, *map(Shared, storages.values())],
        [*outputs, *(Update(storages[position]) for position in updated)],
        keep_alive=code.keep,
        # Or nobody could interrupt it.
        release_gil_from=0,
    )
    seen = [
        f"{slot.name}: {array.dtype} of shape {array.shape}"
        for slot, array in zip(slots, given, strict=True)
    ]
    with pool.bounded(memory):
        result = _call(executable, given[: len(inputs)], code.sites, ir.name, seen, memory)
    return (*result, *(storages[position].read_copy() for position in updated))


def _calls_back(ir: Ir) -> bool:
    if isinstance(ir, Program):
        return has_callback(*ir.roots)
    bodies = (one for function in ir.functions for one in function.body)
    return any(isinstance(one, Callback) for outer in bodies for one in statements_in(outer))


def _call(
    executable: Executable,
    values: Sequence[Array],
    sites: Sequence[Site],
    name: str,
    seen: Sequence[str],
    memory: int | None,
) -> Sequence[Array]:
    try:
        return shielded(executable.run)(values)
    except KeyboardInterrupt:
        # The native code runs on, on its thread, and must not see this process taken down.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(INTERRUPTED)
    except ExecutionFailed as failure:
        raise CommandError(str(explain_failure(failure, sites, name, seen))) from None
    except MemoryError as error:
        if memory is not None:
            raise _exhausted(f"{name}: {error}", "memory") from None
        raise CommandError(f"{name}: {error}") from None


@dataclass(frozen=True, slots=True)
class _Code:
    """Native code: the address of its entry, its checks, and what holds it in memory."""

    address: int
    sites: Sequence[Site]
    keep: object


def _compiled(ir: Ir, keep_results: bool) -> _Code:
    target = host_target()
    if isinstance(ir, Program) and keep_results:
        ir = to_loops(optimise(ir, keep_results=True), target)
    if isinstance(ir, Program):
        compiled = compile_lowered(ir)
        return _Code(compiled.address, compiled.sites, compiled)
    loaded = compile_module(emit_module(ir, target), callees())
    return _Code(loaded.address(ENTRY), ir.sites, loaded)


def _input(slot: Slot) -> Input:
    pattern = tuple(size == 1 for size in slot.sizes)
    return Input(slot.name, slot.dtype.numpy, len(slot.sizes), pattern)


def _results(ir: Ir) -> tuple[list[Output], list[int]]:
    """The outputs, and the position of the parameter of each update."""
    if isinstance(ir, Program):
        types = [output.value.type for output in ir.outputs]
        outputs = [Output(kind.dtype.numpy, kind.rank) for kind in types]
        return outputs, [update.parameter for update in ir.updates]
    buffers = [result.buffer for result in ir.results if result.update is None]
    outputs = [Output(buffer.dtype.numpy, len(buffer.sizes)) for buffer in buffers]
    return outputs, [result.update for result in ir.results if result.update is not None]


def _reordered(ir: Ir, order: Sequence[int]) -> Ir:
    """The same with its parameters in another order, and with outputs before updates."""
    indices = {old: new for new, old in enumerate(order)}
    if isinstance(ir, Program):
        return ir if list(order) == sorted(order) else _reordered_program(ir, order, indices)
    outputs = [result for result in ir.results if result.update is None]
    updates = [
        replace(result, update=indices[result.update])
        for result in ir.results
        if result.update is not None
    ]
    parameters = tuple(ir.parameters[old] for old in order)
    entry = replace(ir.entry, parameters=parameters, results=(*outputs, *updates))
    return LoopModule((entry, *ir.functions[1:]))


def _reordered_program(
    program: Program, order: Sequence[int], indices: Mapping[int, int]
) -> Program:
    types = tuple(parameter.type for parameter in program.parameters)
    moved = [argument(indices[old], kind) for old, kind in enumerate(types)]
    updates = tuple(
        replace(update, parameter=indices[update.parameter]) for update in program.updates
    )
    parameters = tuple(program.parameters[old] for old in order)
    renamed = replace(program, parameters=parameters, updates=updates)
    return renamed.with_roots(inlined(Region(types, program.roots), moved), {})
