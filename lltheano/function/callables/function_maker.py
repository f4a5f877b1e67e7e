"""What a function was made of, under the names by which Theano's programs ask for it."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from lltheano import graph as graphs
from lltheano.function.modes.mode import Mode
from lltheano.function.requests.gather import Gathered
from lltheano.function.requests.inputs import In, Out
from lltheano.function.requests.reading import Request

if TYPE_CHECKING:
    from lltheano.graph.editing.function_graph import FunctionGraph

__all__ = ["FunctionMaker"]


class FunctionMaker:
    """What a function was made of.

    Attributes
    ----------
    mode
        The mode that it was compiled in.
    inputs, outputs
        As they were asked for; `expanded_inputs` and `indices` say the same, as Theano's programs
        ask for it.
    name, on_unused_input
        Options of `function`.
    linker
        The name of the mode's linker.
    accept_inplace
        True: what is overwritten is a copy where it has to be.
    """

    accept_inplace = True

    def __init__(self, request: Request, graph: Gathered) -> None:
        self.name = request.name
        self.on_unused_input = request.on_unused_input
        self.linker = request.mode.linker
        self.expanded_inputs = list(request.inputs)
        self.indices = [
            (operand, [index], [operand]) for index, operand in enumerate(request.inputs)
        ]
        self.mode: Mode = request.mode
        self.inputs: Sequence[In] = request.inputs
        self.outputs: Sequence[Out] = request.outputs.specs
        self._graph = graph

    @cached_property
    def fgraph(self) -> "FunctionGraph":
        """A copy of the complete graph, as it was before any pass: `f.stages` shows what those did.

        Its inputs are the parameters, then the shared variables; its outputs are those of the
        function, then the new values of shared variables. It may be edited, without effect on the
        function.
        """
        graph = self._graph
        inputs = [*(one for _, one in graph.parameters), *graph.shared]
        first = len(graph.outputs)
        mapping = {first + i: inputs.index(update) for i, update in enumerate(graph.updates)}
        return graphs.FunctionGraph(inputs, graph.roots, update_mapping=mapping)
