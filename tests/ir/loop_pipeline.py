"""The loop IR of a program as tests ask for it: by the compiler's own list of passes, all of them.

No test names the passes in an order of its own, so that a pass that is added to the pipeline is at
once part of everything that is compared with the reference.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from lltheano_ir.loops.builder import number
from lltheano_ir.loops.nodes import For, LoopModule, Reduce, Statement
from lltheano_ir.loops.walk import map_bodies
from lltheano_ir.lowering.lower import lower
from lltheano_ir.pipeline import LOOP_PASSES, OPTIONAL_LOOP_PASSES, to_loops
from lltheano_ir.program import Program
from lltheano_ir.target import Target
from tests.ir.targets import AVX2

__all__ = ["PIPELINES", "Pipeline", "loop_stages", "scheduled", "shared"]

Pipeline = Callable[[Program, Target], LoopModule]
"""From a program and a machine to what is emitted."""


def scheduled(program: Program, target: Target = AVX2) -> LoopModule:
    """What is emitted for a program when no pass is left out."""
    return to_loops(program, target)


def shared(program: Program, target: Target) -> LoopModule:
    """What is emitted when every pass runs, and each loop that threads may share is worth it."""
    return to_loops(program, target).mapped(
        lambda function: replace(function, body=tuple(map(_fine, function.body)))
    )


def _fine(statement: Statement) -> Statement:
    if isinstance(statement, For | Reduce) and statement.schedule.parallel is not None:
        return replace(statement, schedule=replace(statement.schedule, parallel=number(1)))
    return map_bodies(statement, lambda body: tuple(map(_fine, body)))


def lowered_only(program: Program, target: Target) -> LoopModule:
    """A program lowered, and no pass run: every buffer has memory of its own."""
    return lower(program)


def without_optional(program: Program, target: Target) -> LoopModule:
    """What is emitted when every pass is left out that can be."""
    return to_loops(program, target, without=OPTIONAL_LOOP_PASSES)


PIPELINES: dict[str, Pipeline] = {
    "no pass": lowered_only,
    "no optional pass": without_optional,
    "every pass": shared,
}
"""What must all mean the same."""


def loop_stages(program: Program) -> Iterator[tuple[str, LoopModule]]:
    """The module after lowering and after each pass, with the name of the pass."""
    stages: list[tuple[str, LoopModule]] = []

    def note(name: str, stage: Program | LoopModule) -> None:
        assert isinstance(stage, LoopModule)
        stages.append((name, stage))

    to_loops(program, AVX2, trace=note)
    assert [name for name, _ in stages] == ["lower", *LOOP_PASSES]
    yield from stages
