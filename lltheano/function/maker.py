"""What a function was made of, under the names by which Theano's programs ask for it."""

from collections.abc import Sequence

from lltheano.function.gather import Gathered
from lltheano.function.inputs import In, Out
from lltheano.function.modes import Mode
from lltheano.function.requests import Request
from lltheano.graph import Apply, Variable, io_toposort, variables

__all__ = ["FunctionMaker", "GraphView"]


class GraphView:
    """The complete graph that a function computes, for reading.

    It is the graph as it was before any pass of the compiler: `f.stages` shows what passes made.

    Attributes
    ----------
    inputs
        The parameters, then the shared variables.
    outputs
        What is computed: the outputs, then the new values of shared variables.
    """

    def __init__(self, graph: Gathered) -> None:
        self.inputs: list[Variable] = [one for _, one in graph.parameters]
        self.inputs += graph.shared
        self.outputs: list[Variable] = list(graph.roots)

    def toposort(self) -> list[Apply]:
        """Return the applications, each after those whose results it uses."""
        return io_toposort(self.inputs, self.outputs)

    @property
    def apply_nodes(self) -> set[Apply]:
        """The applications."""
        return set(self.toposort())

    @property
    def variables(self) -> set[Variable]:
        """The variables, those between inputs and outputs among them."""
        return set(variables(self.inputs, self.outputs))


class FunctionMaker:
    """What a function was made of.

    Attributes
    ----------
    mode
        The mode that it was compiled in.
    inputs, outputs
        As they were asked for.
    fgraph
        The complete graph.
    """

    def __init__(self, request: Request, graph: Gathered) -> None:
        self.mode: Mode = request.mode
        self.inputs: Sequence[In] = request.inputs
        self.outputs: Sequence[Out] = request.outputs.specs
        self.fgraph = GraphView(graph)
