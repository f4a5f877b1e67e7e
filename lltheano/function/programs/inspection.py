"""What can be seen of a compiled function: its native entry, and each stage that led to it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from lltheano.graph import Variable, applies
from lltheano_ir.decisions import Decision
from lltheano_ir.host import HostFunction
from lltheano_ir.records import record

if TYPE_CHECKING:
    from lltheano_ir.compile import Compiled
    from lltheano_ir.emit.frame import FrameLayout

__all__ = ["Entry", "Stages", "calls_back", "format_graph"]


@record(frozen=True, slots=True)
class Entry:
    """Where a function's machine code is and how it is called.

    Attributes
    ----------
    address
        The address of the code in this process; valid as long as the function lives.
    layout
        The fields of the frame of 8-byte words that it takes: for each parameter a data pointer,
        sizes in elements and strides in bytes, for each result a data pointer and sizes, then the
        report of a failed check.
    buffers
        The buffer plan: what each temporary holds, what shares memory, and what is done in place,
        with the reasons.
    """

    address: int
    layout: "FrameLayout"
    buffers: str

    @property
    def signature(self) -> str:
        """The declaration of the entry in C."""
        return self.layout.c_source.rpartition("\n")[2]

    @property
    def frame(self) -> str:
        """The declaration in C of the struct that it takes."""
        return self.layout.c_source.rpartition("\n")[0]

    def __str__(self) -> str:
        return f"{self.layout.c_source}  /* at {self.address:#x} */"


class Stages(Mapping[str, str]):
    """The text of each stage by its name, in order; a text is made when it is asked for."""

    def __init__(self, graph: str, compiled: "Compiled") -> None:
        self._graph = graph
        self._compiled = compiled

    def __getitem__(self, name: str) -> str:
        if name == "graph":
            return self._graph
        if name not in self._compiled.stages:
            raise KeyError(f"no stage is called {name!r}; the stages are {', '.join(self)}")
        return self._compiled.stage(name)

    def __iter__(self) -> Iterator[str]:
        return iter(("graph", *self._compiled.stages))

    def __len__(self) -> int:
        return 1 + len(self._compiled.stages)


def format_graph(
    outputs: Sequence[Variable], updates: Sequence[tuple[Variable, Variable]] = ()
) -> str:
    """Write a graph one application a line, each with its type and the user's line.

    >>> import lltheano.tensor as T
    >>> x = T.dvector("x")
    >>> print(format_graph([x + 1.5]))  # doctest: +ELLIPSIS
    %0 = ...
    """
    names: dict[Variable, str] = {}
    lines = []
    for node in applies([*outputs, *(value for _, value in updates)]):
        inputs = ", ".join(names.get(operand, str(operand)) for operand in node.inputs)
        for output in node.outputs:
            names[output] = f"%{len(names)}"
        listed = ", ".join(names[output] for output in node.outputs)
        types = ", ".join(repr(output.type) for output in node.outputs)
        location = f"  # {node.source}" if node.source is not None else ""
        lines.append(f"{listed} = {node.op}({inputs}) : {types}{location}")
    lines += [f"return {names.get(output, str(output))}" for output in outputs]
    lines += [f"update {target} = {names.get(value, str(value))}" for target, value in updates]
    return "\n".join(lines)


def calls_back(host: Iterable[HostFunction]) -> Iterator[Decision]:
    """What compiled code leaves to Python, as decisions among the compiler's."""
    for function in host:
        often = "once each time, in order" if function.ordered else "where its results are needed"
        reason = f"computed in Python, under the GIL: it is called back {often}"
        yield Decision("calls Python", function.name, True, reason, function.location)
