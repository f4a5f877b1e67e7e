"""Applications: an op with its inputs and outputs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lltheano.config import config
from lltheano.graph.core.variables import Node, Variable, copy_notes
from lltheano.graph.pickling import reduce_application
from lltheano.graph.provenance import SourceLine, caller
from lltheano.interfaces.layers import test_values

if TYPE_CHECKING:
    from lltheano.graph.core.op import Op
    from lltheano.graph.editing.function_graph import FunctionGraph

__all__ = ["Apply", "applied", "is_foreign"]


class Apply(Node):
    """An op applied to inputs; it owns the variables in `outputs`.

    >>> import lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> node = T.exp(x).owner
    >>> node.op, node.inputs, node.outputs
    (exp, [x], [exp])
    """

    def __init__(self, op: "Op", inputs: Sequence[Variable], outputs: Sequence[Variable]) -> None:
        for variable in (*inputs, *outputs):
            if not isinstance(variable, Variable):
                raise TypeError(f"{op} was applied to {variable!r}, which is not a Variable")
        self.op = op
        self.fgraph: FunctionGraph | None = None
        self.inputs = list(inputs)
        self.outputs = list(outputs)
        self.source = outputs[0].source if outputs else caller()
        for index, output in enumerate(outputs):
            if output.owner is not None:
                raise ValueError(f"{output.describe()} is already computed by {output.owner.op}")
            output.owner, output.index, output.source = self, index, self.source

    def get_parents(self) -> "list[Node]":
        """Return the inputs."""
        return list(self.inputs)

    @property
    def nin(self) -> int:
        """The number of inputs."""
        return len(self.inputs)

    @property
    def nout(self) -> int:
        """The number of outputs."""
        return len(self.outputs)

    @property
    def out(self) -> Variable:
        """The only output; ValueError when there are several."""
        if len(self.outputs) != 1:
            raise ValueError(f"{self.op} has {len(self.outputs)} outputs: take one from .outputs")
        return self.outputs[0]

    def clone_with_new_inputs(self, inputs: Sequence[Variable]) -> "Apply":
        """Apply the op to other inputs.

        The types of the outputs follow those of the inputs; names and notes are kept. An op from
        outside of this package is asked for its types only when those of its inputs change, since
        its `make_node` may take something else than inputs.
        """
        pairs = zip(self.inputs, inputs, strict=True)
        if is_foreign(self.op) and all(old.type == new.type for old, new in pairs):
            outputs = [output.type.make_variable() for output in self.outputs]
            fresh = Apply(self.op, inputs, outputs)
        else:
            fresh = self.op.make_node(*inputs)
        fresh.source = self.source
        for old, new in zip(self.outputs, fresh.outputs, strict=True):
            new.name, new.source = old.name, old.source
            copy_notes(old, new)  # its test value too, which stays where none can be computed
        applied(fresh, required=False)
        return fresh

    def __reduce__(self) -> tuple[Any, ...]:
        return reduce_application(self)

    def __setstate__(self, state: tuple[SourceLine | None, Sequence[dict[str, Any]]]) -> None:
        self.source, states = state
        for output, attributes in zip(self.outputs, states, strict=True):
            vars(output).update(attributes)

    def __repr__(self) -> str:
        return f"{self.op}({', '.join(map(str, self.inputs))})"


def is_foreign(op: "Op") -> bool:
    """Whether the class of an op is not one of this package's."""
    return not type(op).__module__.startswith("lltheano.")


def applied(node: Apply, *, required: bool = True) -> None:
    """Compute the test values of an application that has been made, where that is wanted.

    Unless they are `required` nothing is said about inputs that have none.
    """
    if config.compute_test_value != "off":
        test_values.compute_test_values(node, required=required)
