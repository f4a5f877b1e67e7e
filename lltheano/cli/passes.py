"""The compiler's passes by name, applied one after the other, each step verified and kept."""

import inspect
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import click

from lltheano.cli.errors import CommandError
from lltheano.cli.source import Ir, check
from lltheano_ir.decisions import Decision
from lltheano_ir.loops.nodes import LoopFunction
from lltheano_ir.lowering.lower import lower
from lltheano_ir.native.target import host_target
from lltheano_ir.passes.canonicalise import canonicalise
from lltheano_ir.passes.fold import fold
from lltheano_ir.pipeline import LOOP_PASSES
from lltheano_ir.program import Program
from lltheano_ir.rewrite.driver import RewriteBudgetError

__all__ = ["PASS_NAMES", "Step", "apply_passes", "default_passes", "summaries"]

TENSOR_PASSES = {"canonicalise": canonicalise, "fold": fold}

LOWER: Final = "lower"

PASS_NAMES: Final = (*TENSOR_PASSES, LOWER, *LOOP_PASSES)
"""Every pass, in the order of the compiler's own pipeline."""


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


def default_passes(ir: Ir) -> list[str]:
    """The compiler's own passes over the IR that `ir` is of."""
    return list(TENSOR_PASSES) if isinstance(ir, Program) else list(LOOP_PASSES)


def summaries() -> Iterator[tuple[str, str]]:
    """Each pass with the IR that it works on and, where it has one, its contract's first line."""
    tensor = [(name, "tensor IR", one) for name, one in TENSOR_PASSES.items()]
    loops = [(name, "loop IR", one) for name, one in LOOP_PASSES.items()]
    for name, works_on, one in [*tensor, (LOWER, "tensor IR to loop IR", lower), *loops]:
        contract = (inspect.getdoc(one) or "").partition("\n")[0]
        yield name, f"{works_on}: {contract}" if contract else works_on


def apply_passes(
    ir: Ir, names: Sequence[str], decisions: list[Decision], vector_bytes: int | None = None
) -> list[Step]:
    """Apply passes in order; what they decide is appended to `decisions`.

    UsageError for a pass over the other IR; CommandError, naming the pass, when rules do not come
    to an end or what it gives is not well formed.
    """
    steps = []
    for name in names:
        start = time.perf_counter()
        after = _apply(ir, name, decisions, vector_bytes)
        steps.append(Step(name, ir, after, time.perf_counter() - start))
        ir = check(after, f"after pass {name!r}, which is at fault")
    return steps


def _apply(ir: Ir, name: str, decisions: list[Decision], vector_bytes: int | None) -> Ir:
    if isinstance(ir, Program):
        return _apply_to_tensor(ir, name, decisions)
    if name not in LOOP_PASSES:
        raise click.UsageError(
            f"the pass {name!r} works on the tensor IR, and here is loop IR; passes over the loop"
            f" IR are {', '.join(LOOP_PASSES)}"
        )
    width = host_target().vector_bytes if vector_bytes is None else vector_bytes
    return LOOP_PASSES[name](ir, width, decisions)


def _apply_to_tensor(program: Program, name: str, decisions: list[Decision]) -> Ir:
    if name in LOOP_PASSES:
        raise click.UsageError(
            f"the pass {name!r} works on the loop IR, and here is tensor IR; put {LOWER!r} before it"
        )
    try:
        return lower(program) if name == LOWER else TENSOR_PASSES[name](program)
    except RewriteBudgetError as error:
        raise CommandError(f"pass {name!r}: {error}") from None
