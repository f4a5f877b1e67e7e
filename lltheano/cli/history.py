"""The steps by which a function was compiled, made again one by one."""

import time

from lltheano.cli.passes import Step
from lltheano.cli.source import Ir
from lltheano.function import Function
from lltheano_ir.pipeline import to_loops, to_tensor

__all__ = ["compile_steps"]


def compile_steps(function: Function) -> list[Step]:
    """What each pass of the compiler's own pipeline got and gave, in order."""
    compiled = function._program.compiled
    history = _History(compiled.source)
    optimised = to_tensor(compiled.source, trace=history.note)
    to_loops(optimised, compiled.target.vector_bytes, trace=history.note)
    return history.steps


class _History:
    """Takes a step down each time it is called."""

    def __init__(self, start: Ir) -> None:
        self.steps: list[Step] = []
        self._last = start
        self._since = time.perf_counter()

    def note(self, name: str, made: Ir) -> None:
        """A pass of that name has made this of what the pass before it had made."""
        now = time.perf_counter()
        self.steps.append(Step(name, self._last, made, now - self._since))
        self._last, self._since = made, time.perf_counter()
