"""A program of the tensor IR made into native code that can be called and looked into."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lltheano_ir.decisions import Decision
from lltheano_ir.emit.frame import FrameLayout, frame_layout
from lltheano_ir.emit.module import ENTRY, emit_function
from lltheano_ir.loops.nodes import LoopFunction, Site
from lltheano_ir.loops.printer import format_loops
from lltheano_ir.native.callees import CalleeTable
from lltheano_ir.native.machine import llvm_lock
from lltheano_ir.native.mcjit import LoadedCode, compile_module
from lltheano_ir.native.object_cache import ObjectCache
from lltheano_ir.native.optimise import assembly, optimise, verify_module
from lltheano_ir.native.target import Target, host_target
from lltheano_ir.passes.pipeline import optimise as optimise_program
from lltheano_ir.pipeline import Trace, to_loops
from lltheano_ir.program import Program
from lltheano_ir.text import format_program

__all__ = ["STAGES", "Compiled", "compile_program"]


@dataclass(frozen=True)
class Compiled:
    """Native code, and every stage that led to it.

    Attributes
    ----------
    source
        The program as it was given.
    program
        The same after the passes over the tensor IR.
    function
        The loop IR that was emitted.
    llvm
        The LLVM IR as emitted.
    code
        The loaded code; it lives as long as this object.
    layout
        How the entry is called.
    decisions
        What was fused, done in place, or given the memory of something else, and what was not.
    """

    source: Program
    program: Program
    function: LoopFunction
    llvm: str
    code: LoadedCode
    layout: FrameLayout
    target: Target
    decisions: tuple[Decision, ...]

    @property
    def address(self) -> int:
        """The address of the entry, `int32_t entry(int64_t *frame)`."""
        return self.code.address(ENTRY)

    @property
    def sites(self) -> tuple[Site, ...]:
        """What each failing check means."""
        return self.function.sites

    @property
    def stages(self) -> tuple[str, ...]:
        """The names that `stage` takes, in order."""
        return tuple(STAGES)

    def stage(self, name: str) -> str:
        """The text of one of `STAGES`; ValueError for another name.

        The texts after "llvm" are made anew when they are asked for.
        """
        if name not in STAGES:
            raise ValueError(f"no stage is called {name!r}; the stages are {', '.join(STAGES)}")
        return STAGES[name](self)


def _optimised(compiled: Compiled) -> str:
    with llvm_lock:
        module = verify_module(compiled.llvm)
        optimise(module, compiled.target)
        return str(module)


def _assembly(compiled: Compiled) -> str:
    with llvm_lock:
        module = verify_module(compiled.llvm)
        optimise(module, compiled.target)
        return assembly(module, compiled.target)


STAGES: Mapping[str, Callable[[Compiled], str]] = {
    "source": lambda compiled: format_program(compiled.source),
    "tensor": lambda compiled: format_program(compiled.program),
    "loops": lambda compiled: format_loops(compiled.function),
    "llvm": lambda compiled: compiled.llvm,
    "llvm-opt": _optimised,
    "asm": _assembly,
}
"""The printable stages of a compiled program, in order."""


def compile_program(
    program: Program,
    callees: CalleeTable,
    *,
    target: Target | None = None,
    cache: ObjectCache | None = None,
    trace: Trace | None = None,
) -> Compiled:
    """Compile a program for this machine.

    Parameters
    ----------
    program
        A program; it is verified first.
    callees
        What native code may call: `lltheano_pool_alloc`, `lltheano_pool_free`, and the routines that the
        program needs (`lltheano_ir.native.libraries.standard_callees` has those of the libraries).
    target
        The machine, whose code this process can run; the host by default.
    cache
        Where compiled objects are kept.
    trace
        Called after each pass, with its name and its result.

    Raises
    ------
    VerificationError
        The program is not well formed.
    CalleeError
        It needs a routine that `callees` does not have.
    """
    chosen = target or host_target()
    decisions: list[Decision] = []
    optimised = optimise_program(program, decisions=decisions, trace=trace)
    function = to_loops(optimised, chosen.vector_bytes, decisions=decisions, trace=trace)
    llvm = emit_function(function, vector_bytes=chosen.vector_bytes)
    code = compile_module(llvm, callees, target=chosen, cache=cache)
    return Compiled(
        program,
        optimised,
        function,
        llvm,
        code,
        frame_layout(function),
        chosen,
        tuple(decisions),
    )
