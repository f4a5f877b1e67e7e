"""The loop IR of a program as tests ask for it: by the compiler's own list of passes, all of them.

No test names the passes in an order of its own, so that a pass that is added to the pipeline is at
once part of everything that is compared with the reference.
"""

from collections.abc import Callable, Iterator

from lltheano_ir.loops.nodes import LoopModule
from lltheano_ir.lowering.lower import lower
from lltheano_ir.pipeline import LOOP_PASSES, OPTIONAL_LOOP_PASSES, to_loops
from lltheano_ir.program import Program
from lltheano_ir.target import Target
from tests.ir.targets import AVX2

__all__ = ["PIPELINES", "Pipeline", "loop_stages", "scheduled"]

Pipeline = Callable[[Program, Target], LoopModule]
"""From a program and a machine to what is emitted."""


def scheduled(program: Program, target: Target = AVX2) -> LoopModule:
    """What is emitted for a program when no pass is left out."""
    return to_loops(program, target)


def lowered_only(program: Program, target: Target) -> LoopModule:
    """A program lowered, and no pass run: every buffer has memory of its own."""
    return lower(program)


def without_optional(program: Program, target: Target) -> LoopModule:
    """What is emitted when every pass is left out that can be."""
    return to_loops(program, target, without=OPTIONAL_LOOP_PASSES)


PIPELINES: dict[str, Pipeline] = {
    "no pass": lowered_only,
    "no optional pass": without_optional,
    "every pass": scheduled,
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
