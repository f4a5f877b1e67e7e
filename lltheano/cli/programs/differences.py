"""What a pass changed, as a unified diff."""

import difflib

from lltheano.cli.programs.passes import Step
from lltheano.cli.programs.source import format_ir
from lltheano_ir.program import Program

__all__ = ["unified"]


def unified(step: Step) -> str:
    """The lines that a pass took away and put in, with some around them.

    A pass that changed nothing, or that made another IR out of what it got, is one line that says
    so.
    """
    if not step.changed:
        return f"; {step.name} changed nothing\n"
    if isinstance(step.before, Program) is not isinstance(step.after, Program):
        return f"; {step.name} made loop IR of the tensor IR\n"
    before, after = (
        format_ir(one, locations=False).splitlines(keepends=True)
        for one in (step.before, step.after)
    )
    return "".join(difflib.unified_diff(before, after, f"before {step.name}", f"after {step.name}"))
