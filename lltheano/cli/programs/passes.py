"""The compiler's passes by name, applied one after the other, each step verified and kept."""

import inspect
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import click

from lltheano.cli.errors import CommandError
from lltheano.cli.programs.source import Ir, check
from lltheano_ir.decisions import Decision
from lltheano_ir.lowering.lower import lower
from lltheano_ir.passes.fuse import fuse
from lltheano_ir.passes.pipeline import PASSES, optimise
from lltheano_ir.pipeline import LOOP_PASSES, apply_loop_pass, to_loops
from lltheano_ir.program import Program
from lltheano_ir.rewrite.driver import RewriteBudgetError
from lltheano_ir.target import Target
from lltheano_ir.verify import PassError

__all__ = ["PASS_NAMES", "Step", "apply_passes", "compile_steps", "run_pipeline", "summaries"]

LOWER: Final = "lower"

PASS_NAMES: Final = (*PASSES, LOWER, *LOOP_PASSES)
"""Every pass: over the tensor IR, from there to the loop IR, and over that."""

_DECIDING: Final[Mapping[str, Callable[[Program, list[Decision]], Program]]] = {"fuse": fuse}
"""The passes over the tensor IR that have something to explain."""


@dataclass(frozen=True, slots=True)
class Step:
    """A pass that was applied: what it got, what it gave, and how long it took."""

    name: str
    before: Ir
    after: Ir
    seconds: float

    @property
    def changed(self) -> bool:
        """Whether the pass made anything different."""
        return self.before != self.after

    @property
    def stage(self) -> str:
        """The IR that the pass gave: "tensor" or "loops"."""
        return "tensor" if isinstance(self.after, Program) else "loops"


class _Recorder:
    """Called with the name and the result of each pass, it keeps the steps."""

    def __init__(self, start: Ir) -> None:
        self.steps: list[Step] = []
        self._last = start
        self._since = time.perf_counter()

    def __call__(self, name: str, made: Ir) -> None:
        seconds = time.perf_counter() - self._since
        self.steps.append(Step(name, self._last, made, seconds))
        self._last, self._since = made, time.perf_counter()


def compile_steps(program: Program, target: Target, *, without: Collection[str] = ()) -> list[Step]:
    """What each pass makes of a program when it is compiled, as far as the loop IR."""
    recorder = _Recorder(program)
    optimised = optimise(program, trace=recorder, without=without)
    to_loops(optimised, target, trace=recorder, without=without)
    return recorder.steps


def run_pipeline(ir: Ir, decisions: list[Decision], target: Target) -> list[Step]:
    """Apply the passes that the compiler itself applies to the IR that `ir` is of."""
    if not isinstance(ir, Program):
        return apply_passes(ir, list(LOOP_PASSES), decisions, target)
    recorder = _Recorder(ir)
    try:
        optimise(ir, trace=recorder, decisions=decisions, verify_each=True)
    except PassError as error:
        raise CommandError(str(error)) from None
    return recorder.steps


def apply_passes(
    ir: Ir, names: Sequence[str], decisions: list[Decision], target: Target
) -> list[Step]:
    """Apply passes in order; what they decide is appended to `decisions`.

    UsageError for a pass over the other IR; CommandError, naming the pass, when rules do not come
    to an end or what it gives is not well formed.
    """
    recorder = _Recorder(ir)
    for name in names:
        ir = check(_apply(ir, name, decisions, target), f"after pass {name!r}, which is at fault")
        recorder(name, ir)
    return recorder.steps


def _apply(ir: Ir, name: str, decisions: list[Decision], target: Target) -> Ir:
    if isinstance(ir, Program):
        return _apply_to_tensor(ir, name, decisions)
    if name not in LOOP_PASSES:
        raise click.UsageError(
            f"the pass {name!r} works on the tensor IR, and here is loop IR; passes over the loop"
            f" IR are {', '.join(LOOP_PASSES)}"
        )
    return apply_loop_pass(name, ir, target, decisions)


def _apply_to_tensor(program: Program, name: str, decisions: list[Decision]) -> Ir:
    if name in LOOP_PASSES:
        raise click.UsageError(
            f"the pass {name!r} works on the loop IR, and here is tensor IR: put {LOWER!r} first"
        )
    try:
        if name == LOWER:
            return lower(program)
        if name in _DECIDING:
            return _DECIDING[name](program, decisions)
        return PASSES[name](program)
    except RewriteBudgetError as error:
        raise CommandError(f"pass {name!r}: {error}") from None


def summaries() -> Iterator[tuple[str, str]]:
    """Each pass with the IR that it works on and, where it has one, its contract's first line."""
    tensor = [(name, "tensor IR", one) for name, one in PASSES.items()]
    loops = [(name, "loop IR", one) for name, one in LOOP_PASSES.items()]
    for name, works_on, one in [*tensor, (LOWER, "tensor IR to loop IR", lower), *loops]:
        contract = (inspect.getdoc(one) or "").partition("\n")[0]
        yield name, f"{works_on}: {contract}" if contract else works_on
