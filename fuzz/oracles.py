"""What must hold for every case: each oracle raises `Disagreement`, or an error of its own.

An oracle knows nothing of how cases are made; a case is a program with one array a parameter.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from fuzz.case import Case
from fuzz.comparison import within
from fuzz.native import NativeProgram
from fuzz.tolerance import count_of, decided_by_inexact, loops_are_exact, tolerances
from lltheano_ir.interpret import interpret
from lltheano_ir.loops.interpret import interpret_loops
from lltheano_ir.loops.nodes import LoopModule
from lltheano_ir.loops.parser import parse_module
from lltheano_ir.loops.printer import format_loops
from lltheano_ir.loops.verify import verify_loops
from lltheano_ir.lowering.lower import lower
from lltheano_ir.ops.definition import ExecutionError
from lltheano_ir.passes.dce import remove_dead
from lltheano_ir.passes.pipeline import PASSES, optimise
from lltheano_ir.pipeline import LOOP_PASSES, apply_loop_pass
from lltheano_ir.program import Program
from lltheano_ir.target import cross_target
from lltheano_ir.text import format_program, parse_program
from lltheano_ir.verify import verify

__all__ = [
    "Disagreement",
    "interpreter_is_safe",
    "loop_passes_keep_meaning",
    "native_agrees",
    "tensor_passes_keep_meaning",
    "text_round_trips",
]

Array: TypeAlias = NDArray[Any]
Results: TypeAlias = tuple[Array, ...]
Outcome: TypeAlias = Results | ExecutionError

VECTOR_BYTES = (16, 32, 64)

INEXACT_PASSES = ("stabilise", "cancel")
"""Passes whose rules change results; what they promise is tested with the passes themselves."""


class Disagreement(AssertionError):  # noqa: N818 - it is the fuzzer's finding, not a fault in it
    """Two ways of computing the same came to different results."""


def outcome(run: Callable[[], tuple[Sequence[Array], Sequence[Array]]]) -> Outcome:
    """The outputs and new values of a run, or the error with which it failed as it may."""
    try:
        outputs, updates = run()
    except ExecutionError as error:
        return error
    return (*map(np.asarray, outputs), *map(np.asarray, updates))


def _reference(case: Case) -> Outcome:
    return outcome(lambda: interpret(case.program, case.inputs))


def _is_memory(one: Outcome) -> bool:
    return isinstance(one, ExecutionError) and one.kind == "memory"


def _compare(what: str, case: Case, found: Outcome, wanted: Outcome, *, exact: bool) -> None:
    """Raise Disagreement unless `found` is `wanted`, to within the tolerance if not `exact`."""
    if _is_memory(found) or _is_memory(wanted):
        return  # How much memory there is, and where a program asks for it, is no part of meaning.
    program = case.program
    if isinstance(wanted, ExecutionError) and not isinstance(found, ExecutionError):
        program = remove_dead(program)  # What nobody needs need not be computed, and then not fail.
        wanted = outcome(lambda: interpret(program, case.inputs))
    if isinstance(found, ExecutionError) or isinstance(wanted, ExecutionError):
        if type(found) is not type(wanted) and (exact or not decided_by_inexact(program)):
            raise Disagreement(f"{what} gave {found!s:.300}, the interpreter {wanted!s:.300}")
        return
    bounds = [np.zeros(one.shape) for one in wanted]
    if not exact and decided_by_inexact(program):
        return
    if not exact:
        bounds = tolerances(program, case.inputs)
    for number, (one, other, bound) in enumerate(zip(found, wanted, bounds, strict=True)):
        if not within(one, other, bound):
            raise Disagreement(f"{what}, result {number}: {one!r}, the interpreter: {other!r}")


def interpreter_is_safe(case: Case) -> None:
    """The interpreter gives results of the declared types, or an ExecutionError."""
    found = _reference(case)
    if isinstance(found, ExecutionError):
        return
    results = case.program.roots[: count_of(case.program)]
    for value, array in zip(results, found, strict=True):
        if array.dtype != value.type.dtype.numpy or array.ndim != value.rank:
            raise Disagreement(f"{value!r} was computed as {array.dtype} of shape {array.shape}")


def text_round_trips(case: Case) -> None:
    """Programs, and their loop IR, are read back as they were written."""
    text = format_program(case.program)
    if parse_program(text) != case.program:
        raise Disagreement(f"read back as\n{format_program(parse_program(text))}")
    module = lower(case.program)
    if parse_module(format_loops(module)) != module:
        raise Disagreement(f"loop IR is not read back:\n{format_loops(module)}")


def tensor_passes_keep_meaning(case: Case) -> None:
    """Each pass over the tensor IR, and all of them in order, leave the results bit for bit."""
    wanted = _reference(case)
    passes: dict[str, Callable[[Program], Program]] = {
        name: one for name, one in PASSES.items() if name not in INEXACT_PASSES
    }
    passes["all passes"] = lambda program: optimise(program, keep_results=True)
    for name, one in passes.items():
        after = verify(one(case.program))
        found = outcome(lambda after=after: interpret(after, case.inputs))  # type: ignore[misc]
        _compare(name, case, found, wanted, exact=True)


_TARGET = cross_target("x86_64-unknown-linux-gnu", features=("+avx", "+avx2"))
"""What loops are scheduled for: the same on every machine, so that a case can be repeated."""


def loop_passes_keep_meaning(case: Case) -> None:
    """Lowering, of the program as it is and when fused, and each loop pass, keep the results."""
    wanted = _reference(case)
    for program in (case.program, optimise(case.program, keep_results=True)):
        module = lower(program)
        _check_loops("lower", case, module, wanted)
        for name in LOOP_PASSES:
            module = apply_loop_pass(name, module, _TARGET, [])
            _check_loops(name, case, module, wanted)


def _check_loops(name: str, case: Case, module: LoopModule, wanted: Outcome) -> None:
    verify_loops(module)
    host = case.program.host
    found = outcome(lambda: interpret_loops(module, case.inputs, host))
    _compare(name, case, found, wanted, exact=loops_are_exact(case.program))


def native_agrees(case: Case) -> None:
    """Machine code gives what the interpreter gives for inputs of any layout, and fails cleanly."""
    wanted = _reference(case)
    if _is_memory(wanted):
        return
    width = VECTOR_BYTES[case.variant % len(VECTOR_BYTES)]
    program = NativeProgram(case.program, width)
    for arrays in (case.inputs, case.relaid()):
        found = outcome(lambda arrays=arrays: program.run(arrays))  # type: ignore[misc]
        _compare(f"native code, vectors of {width} bytes", case, found, wanted, exact=False)
