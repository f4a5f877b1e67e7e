"""The order in which a program is compiled, read from top to bottom.

    tensor IR   canonicalise, stabilise, canonicalise, cse, dce, sink, batch, fuse   (`optimise`)
    loop IR     lower, dse, interchange, copies, carry, inplace, tile, assign, collapse, inline,
                hoist, vectorise, threads
    LLVM IR     emitted, verified, optimised
    machine     MCJIT, or the cache on disk

Both IRs are verified when their passes are through, and on request after each. Each step can be
watched: a `Trace` is called with the name of the step and what it made.
"""

from collections.abc import Callable, Collection
from functools import wraps
from typing import TypeAlias

from lltheano_ir.decisions import Decision
from lltheano_ir.loops.nodes import LoopFunction, LoopModule
from lltheano_ir.loops.verify import LoopVerificationError, verify_loops
from lltheano_ir.lowering.lower import lower
from lltheano_ir.memory.assign import assign_buffers
from lltheano_ir.memory.carried import carry_in_place
from lltheano_ir.memory.copies import remove_copies
from lltheano_ir.memory.dead import remove_dead_stores
from lltheano_ir.memory.inplace import update_in_place
from lltheano_ir.program import Program
from lltheano_ir.provenance import Origin
from lltheano_ir.rewrite.sizes import SizeAlgebra
from lltheano_ir.schedule import (
    collapse_loops,
    hoist_invariants,
    inline_producers,
    interchange_reductions,
    share_among_threads,
    tile_rows,
    vectorise,
)
from lltheano_ir.target import Target
from lltheano_ir.verify import PassError

__all__ = ["LOOP_PASSES", "OPTIONAL_LOOP_PASSES", "Trace", "apply_loop_pass", "to_loops"]

Trace: TypeAlias = Callable[[str, Program | LoopModule], None]
"""Called after each step with its name and its result."""

LoopPass: TypeAlias = Callable[[LoopFunction, Target, list[Decision]], LoopFunction]


def _handed(loop_pass: Callable[..., LoopFunction], *names: str) -> LoopPass:
    """A pass that is handed those of `target` and `decisions` that it has a use for."""

    @wraps(loop_pass)
    def run(function: LoopFunction, target: Target, decisions: list[Decision]) -> LoopFunction:
        offered = {"target": target, "decisions": decisions}
        return loop_pass(function, **{name: offered[name] for name in names})

    return run


LOOP_PASSES: dict[str, LoopPass] = {
    "dse": _handed(remove_dead_stores),
    "interchange": _handed(interchange_reductions, "target"),
    "copies": _handed(remove_copies, "decisions"),
    "carry": _handed(carry_in_place, "decisions"),
    "inplace": _handed(update_in_place, "decisions"),
    "tile": _handed(tile_rows, "target", "decisions"),
    "assign": _handed(assign_buffers, "decisions"),
    "collapse": _handed(collapse_loops),
    "inline": _handed(inline_producers, "decisions"),
    "hoist": _handed(hoist_invariants, "decisions"),
    "vectorise": _handed(vectorise, "target"),
    "threads": _handed(share_among_threads, "decisions"),
}
"""The passes over the functions of the loop IR, in order; each takes the target and adds to the
decisions."""


OPTIONAL_LOOP_PASSES = (
    "interchange",
    "copies",
    "carry",
    "inplace",
    "tile",
    "collapse",
    "inline",
    "hoist",
    "threads",
)
"""The passes over the loop IR that can be left out; without them programs are slower."""


def to_loops(
    program: Program,
    target: Target,
    *,
    decisions: list[Decision] | None = None,
    trace: Trace | None = None,
    without: Collection[str] = (),
    verify_each: bool = False,
    origins: dict[str, Origin] | None = None,
) -> LoopModule:
    """Bring an optimised tensor program to the loop IR that is emitted.

    `trace` is called after each step; choices are appended to `decisions`. Passes in `without` are
    left out. With `verify_each` the module is verified after each step, and PassError names the one
    that broke it. What the names of the entry were made for is added to `origins`.
    """
    noted: list[Decision] = decisions if decisions is not None else []
    module = lower(program, SizeAlgebra().normal, origins=origins)
    for name in ("lower", *LOOP_PASSES):
        if name in without:
            continue
        if name != "lower":
            module = apply_loop_pass(name, module, target, noted)
        if verify_each:
            _verify_after(name, module)
        if trace is not None:
            trace(name, module)
    verify_loops(module)
    return module


def _verify_after(name: str, module: LoopModule) -> None:
    try:
        verify_loops(module)
    except LoopVerificationError as error:
        raise PassError(name, error) from error


def apply_loop_pass(
    name: str, module: LoopModule, target: Target, decisions: list[Decision]
) -> LoopModule:
    """Run one of `LOOP_PASSES` on every function of a module."""
    return module.mapped(lambda function: LOOP_PASSES[name](function, target, decisions))
