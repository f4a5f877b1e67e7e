"""The passes over the tensor IR by name, and the order in which they are run."""

from collections.abc import Callable, Collection, Mapping
from functools import partial

from lltheano_ir.decisions import Decision
from lltheano_ir.passes.batch import batch
from lltheano_ir.passes.cancel import cancel
from lltheano_ir.passes.canonicalise import canonicalise
from lltheano_ir.passes.cse import merge_common
from lltheano_ir.passes.dce import remove_dead
from lltheano_ir.passes.fold import fold
from lltheano_ir.passes.fuse import fuse
from lltheano_ir.passes.sink import sink
from lltheano_ir.passes.sizes import simplify_sizes
from lltheano_ir.passes.stabilise import stabilise
from lltheano_ir.program import Program
from lltheano_ir.verify import PassError, VerificationError, verify

__all__ = ["CHANGING_PASSES", "OPTIONAL_PASSES", "PASSES", "Trace", "optimise", "run_passes"]

Trace = Callable[[str, Program], None]
"""Called after each pass with its name and the program that it made."""

PASSES: Mapping[str, Callable[[Program], Program]] = {
    "canonicalise": canonicalise,
    "fold": fold,
    "cse": merge_common,
    "dce": remove_dead,
    "shapes": simplify_sizes,
    "stabilise": stabilise,
    "cancel": cancel,
    "sink": sink,
    "batch": batch,
    "fuse": fuse,
}
"""Every pass by the name that pipelines are written with."""


OPTIONAL_PASSES = ("canonicalise", "stabilise", "cse", "sink", "batch", "fuse")
"""The passes of `optimise` that can be left out, in order; without them programs are slower."""


CHANGING_PASSES = ("stabilise", "batch")
"""Those that change results: to better ones, or to others as good."""


def optimise(
    program: Program,
    *,
    trace: Trace | None = None,
    decisions: list[Decision] | None = None,
    keep_results: bool = False,
    without: Collection[str] = (),
    verify_each: bool = False,
) -> Program:
    """The program as it is lowered: simplified, stabilised and fused.

    `trace` is called after each pass; choices are appended to `decisions`. With `keep_results` no
    pass that changes results is run, so that they agree with the interpreter's bit for bit, but for
    the ops that have an error bound. Passes in `without` are left out. With `verify_each` the
    program is verified after each pass, and PassError names the one that broke it.
    """
    omitted = {*without, *(CHANGING_PASSES if keep_results else ())}

    def noted(name: str, result: Program) -> Program:
        if verify_each:
            _verify_after(name, result)
        if trace is not None:
            trace(name, result)
        return result

    def tidied(program: Program) -> Program:
        if "canonicalise" in omitted:
            return program
        return noted("canonicalise", canonicalise(program))

    verify(program)
    # Both sides of a stabilising rule are looked for in canonical form, and what it leaves
    # (a negation of a negation, an exponential that nothing needs) is tidied up after.
    program = tidied(program)
    if "stabilise" not in omitted:
        before, program = program, noted("stabilise", stabilise(program))
        if program is not before:
            program = tidied(program)
    if "cse" not in omitted:
        program = noted("cse", merge_common(program))
    program = noted("dce", remove_dead(program))
    # The last two: the others look through regions, but none would take a fused one apart, and what
    # sinks into a branch is not made ahead of a loop.
    late: dict[str, Callable[[Program], Program]] = {
        "sink": sink,
        "batch": partial(batch, decisions=decisions),
        "fuse": partial(fuse, decisions=decisions),
    }
    for name, late_pass in late.items():
        if name not in omitted:
            program = noted(name, late_pass(program))
    return verify(program)


def _verify_after(name: str, program: Program) -> None:
    try:
        verify(program)
    except VerificationError as error:
        raise PassError(name, error) from error


def run_passes(program: Program, names: list[str], *, trace: Trace | None = None) -> Program:
    """Run the passes called `names` in that order, verifying after each; ValueError for others.

    >>> from lltheano_ir.text import parse_program
    >>> program = parse_program('program @f(%x: f64[]) { output "y" = %x }')
    >>> run_passes(program, ["canonicalise", "fuse"]) == program
    True
    """
    unknown = [name for name in names if name not in PASSES]
    if unknown:
        raise ValueError(f"no pass is called {unknown[0]!r}; the passes are {', '.join(PASSES)}")
    for name in names:
        program = verify(PASSES[name](program))
        if trace is not None:
            trace(name, program)
    return program
