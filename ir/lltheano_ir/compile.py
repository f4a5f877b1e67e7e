"""A program of the tensor IR made into native code that can be called and looked into.

Code that a cache already holds is loaded without passing through any stage; the stages are then
made when somebody asks for them. Invariant: it cannot be seen which of the two happened, but by
`LoadedCode.from_cache` and the time that it took.
"""

import ctypes
from collections.abc import Callable, Collection, Mapping
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lltheano_ir.abi import COUNTERS, Counter
from lltheano_ir.decisions import Decision
from lltheano_ir.emit.frame import FrameLayout, frame_layout
from lltheano_ir.emit.module import ENTRY, emit_module
from lltheano_ir.loops.nodes import LoopModule, Site
from lltheano_ir.loops.printer import format_loops
from lltheano_ir.native.callees import CalleeTable
from lltheano_ir.native.machine import llvm_lock
from lltheano_ir.native.mcjit import LoadedCode, compile_module, load_cached, module_key
from lltheano_ir.native.object_cache import ObjectCache
from lltheano_ir.native.optimise import assembly, optimise, verify_module
from lltheano_ir.native.shield import shielded
from lltheano_ir.native.target import host_target
from lltheano_ir.passes.pipeline import OPTIONAL_PASSES, optimise as optimise_program
from lltheano_ir.pipeline import OPTIONAL_LOOP_PASSES, Trace, to_loops
from lltheano_ir.profiling.instrument import instrument
from lltheano_ir.profiling.regions import Region
from lltheano_ir.program import Program
from lltheano_ir.program_cache import Shortcut, find_shortcut, keep_shortcut, program_key
from lltheano_ir.provenance import Origin
from lltheano_ir.records import record
from lltheano_ir.stopwatch import Stopwatch
from lltheano_ir.target import Target
from lltheano_ir.text import format_program
from lltheano_ir.verify import verify

__all__ = ["STAGES", "Compiled", "Steps", "compile_program", "follow"]


@record(frozen=True)
class Steps:
    """What becomes of a program on its way to machine code.

    Attributes
    ----------
    program
        The program after the passes over the tensor IR.
    loops
        The loop IR that is emitted.
    llvm
        The LLVM IR as emitted.
    decisions
        What was fused, done in place, or given the memory of something else, and what was not.
    regions
        What each row of the counters counts, in a program that is profiled.
    """

    program: Program
    loops: LoopModule
    llvm: str
    decisions: tuple[Decision, ...]
    regions: tuple[Region, ...] = ()

    @property
    def in_place(self) -> tuple[bool, ...]:
        """For each update, whether it writes the memory of the shared parameter itself."""
        own = {one.buffer for one in self.loops.parameters if one.shared}
        return tuple(one.buffer in own for one in self.loops.results if one.update is not None)


@record(frozen=True)
class Compiled:
    """Native code, and every stage that led to it.

    Attributes
    ----------
    source
        The program as it was given.
    target
        The machine that it was compiled for.
    code
        The loaded code; it lives as long as this object.
    in_place
        For each update, whether it writes the memory of the shared parameter itself.
    without
        The passes that were left out.
    profile
        Whether it counts what its regions do.
    """

    source: Program
    target: Target
    code: LoadedCode
    in_place: tuple[bool, ...]
    without: frozenset[str] = frozenset()
    profile: bool = False

    @cached_property
    def steps(self) -> Steps:
        """The stages between the program and its code."""
        profile = Stopwatch() if self.profile else None
        return follow(self.source, self.target, without=self.without, profile=profile)

    @property
    def program(self) -> Program:
        """The program after the passes over the tensor IR."""
        return self.steps.program

    @property
    def loops(self) -> LoopModule:
        """The loop IR that was emitted."""
        return self.steps.loops

    @property
    def llvm(self) -> str:
        """The LLVM IR as emitted."""
        return self.steps.llvm

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """What was fused, done in place, or given the memory of something else, or was not."""
        return self.steps.decisions

    @property
    def regions(self) -> tuple[Region, ...]:
        """What each row of the counters counts, in a program that is profiled."""
        return self.steps.regions

    @property
    def counters(self) -> NDArray[np.int64]:
        """What the regions have counted so far, in rows of `lltheano_ir.abi.Counter`.

        A view of the memory that compiled code adds to, which lasts as long as the code.
        """
        if not self.profile:
            raise ValueError(f"{self.source.name} is not profiled")
        rows = ctypes.c_int64 * len(Counter) * len(self.regions)
        return np.asarray(rows.from_address(self.code.address(COUNTERS)), np.int64)

    @property
    def layout(self) -> FrameLayout:
        """How the entry is called."""
        return frame_layout(self.loops)

    @property
    def address(self) -> int:
        """The address of the entry, `int32_t entry(int64_t *frame)`."""
        return self.code.address(ENTRY)

    @property
    def sites(self) -> tuple[Site, ...]:
        """What each failing check means."""
        return self.loops.sites

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


@shielded
def _optimised(text: str, target: Target) -> str:
    with llvm_lock:
        module = verify_module(text)
        optimise(module, target)
        return str(module)


@shielded
def _assembly(text: str, target: Target) -> str:
    with llvm_lock:
        module = verify_module(text)
        optimise(module, target)
        return assembly(module, target)


STAGES: Mapping[str, Callable[[Compiled], str]] = {
    "source": lambda compiled: format_program(compiled.source),
    "tensor": lambda compiled: format_program(compiled.program),
    "loops": lambda compiled: format_loops(compiled.loops),
    "llvm": lambda compiled: compiled.llvm,
    "llvm-opt": lambda compiled: _optimised(compiled.llvm, compiled.target),
    "asm": lambda compiled: _assembly(compiled.llvm, compiled.target),
}
"""The printable stages of a compiled program, in order."""


def compile_program(
    program: Program,
    callees: CalleeTable,
    *,
    target: Target | None = None,
    cache: ObjectCache | None = None,
    trace: Trace | None = None,
    without: Collection[str] = (),
    verify_each: bool = False,
    profile: Stopwatch | None = None,
) -> Compiled:
    """Compile a program for this machine.

    Parameters
    ----------
    program
        A program; it is verified first.
    callees
        What native code may call: `lltheano_pool_alloc`, `lltheano_pool_free`, `lltheano_poll`
        (see `lltheano_ir.emit.loops.interrupts`), and the routines
        that the program needs (`lltheano_ir.native.libraries.standard_callees` has those of the
        libraries).
    target
        The machine, whose code this process can run; the host by default.
    cache
        Where compiled objects are kept.
    trace
        Called after each pass, with its name and its result.
    without
        Passes to leave out; those that can be are `OPTIONAL_PASSES` and `OPTIONAL_LOOP_PASSES`.
    verify_each
        Whether both IRs are verified after each pass; every pass is then run, whatever the cache
        knows.
    profile
        Has the program count what its regions do, and how long they take, for which it calls
        `lltheano_clock` (see `lltheano_ir.emit.counters`); told of each step of the compilation.

    Raises
    ------
    VerificationError
        The program is not well formed.
    PassError
        What a pass made is not, which only `verify_each` finds out.
    CalleeError
        It needs a routine that `callees` does not have.
    """
    chosen = target or host_target()
    verify(program)
    omitted = _checked(without)
    counts = profile is not None
    key = program_key(program, chosen, omitted, profile=counts) if cache is not None else None
    if cache is not None and key is not None and trace is None and not verify_each:
        known = _known(key, callees, cache)
        if profile is not None:
            profile.lap("look into the cache")
        if known is not None:
            return Compiled(program, chosen, *known, omitted, counts)
    steps = follow(
        program,
        chosen,
        trace=trace,
        without=omitted,
        verify_each=verify_each,
        profile=profile,
    )
    code = compile_module(steps.llvm, callees, target=chosen, cache=cache, stopwatch=profile)
    if cache is not None and key is not None:
        keep_shortcut(cache, key, Shortcut(module_key(steps.llvm, chosen), steps.in_place))
    compiled = Compiled(program, chosen, code, steps.in_place, omitted, counts)
    # As `cached_property` itself would keep them.
    vars(compiled)["steps"] = steps
    return compiled


def follow(
    program: Program,
    target: Target,
    *,
    trace: Trace | None = None,
    without: Collection[str] = (),
    verify_each: bool = False,
    profile: Stopwatch | None = None,
) -> Steps:
    """Bring a program from stage to stage, up to LLVM IR.

    The options are those of `compile_program`. The same program gives the same steps, but for the
    places in the user's source that they name.
    """
    watch = profile or Stopwatch()
    decisions: list[Decision] = []
    origins: dict[str, Origin] | None = {} if profile is not None else None
    optimised = optimise_program(
        program,
        decisions=decisions,
        trace=_timed("tensor IR", trace, watch),
        without=without,
        verify_each=verify_each,
    )
    watch.lap("tensor IR: verify")
    loops = to_loops(
        optimised,
        target,
        decisions=decisions,
        trace=_timed("loop IR", trace, watch),
        without=without,
        verify_each=verify_each,
        origins=origins,
    )
    watch.lap("loop IR: verify")
    regions: tuple[Region, ...] = ()
    if origins is not None:
        loops, regions = instrument(loops, origins)
        watch.lap("loop IR: instrument")
    llvm = emit_module(loops, target)
    watch.lap("LLVM IR: emit")
    return Steps(optimised, loops, llvm, tuple(decisions), regions)


def _timed(stage: str, trace: Trace | None, watch: Stopwatch) -> Trace:
    """A trace that takes the time, and tells another one."""

    def note(name: str, made: Program | LoopModule) -> None:
        watch.lap(f"{stage}: {name}")
        if trace is not None:
            trace(name, made)

    return note


def _checked(without: Collection[str]) -> frozenset[str]:
    optional = (*OPTIONAL_PASSES, *OPTIONAL_LOOP_PASSES)
    for name in without:
        if name not in optional:
            raise ValueError(f"{name} is no pass that can be left out; {', '.join(optional)} are")
    return frozenset(without)


def _known(
    key: str, callees: CalleeTable, cache: ObjectCache
) -> tuple[LoadedCode, tuple[bool, ...]] | None:
    """A program's code from the cache, with what is done in place; or None."""
    shortcut = find_shortcut(cache, key)
    code = load_cached(shortcut.module, callees, cache) if shortcut is not None else None
    if shortcut is None or code is None:
        return None
    return code, shortcut.in_place
