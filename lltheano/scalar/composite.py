"""Several scalar ops as one."""

from collections.abc import Sequence
from typing import Any

from lltheano.errors import MissingInputError
from lltheano.graph.clone import clone_replace
from lltheano.graph.core import Constant, Variable
from lltheano.graph.walk import inputs as leaves_of
from lltheano.scalar.composed import ComposedScalarOp
from lltheano.scalar.types import as_scalar

__all__ = ["Composite"]


class Composite(ComposedScalarOp):
    """The op that computes `outputs` from `inputs`, variables without axes.

    The compiler makes one loop of elementwise ops that follow one another, so that nothing is
    gained or lost by a node that holds them together. MissingInputError when an output depends on
    a leaf that is no input.

    >>> from lltheano import scalar
    >>> x, y = scalar.float64("x"), scalar.float64("y")
    >>> norm = Composite([x, y], [scalar.sqrt(x * x + y * y)])
    >>> norm.impl(3.0, 4.0)
    np.float64(5.0)
    >>> norm([3.0, 5.0], [4.0, 12.0]).eval()
    array([ 5., 13.])
    """

    def __init__(
        self, inputs: Sequence[Variable], outputs: Sequence[Variable], name: str | None = None
    ) -> None:
        super().__init__(None, name or "Composite")
        self.inputs = [as_scalar(operand) for operand in inputs]
        self.outputs = [as_scalar(output) for output in outputs]
        self.nin, self.nout = len(self.inputs), len(self.outputs)
        for one in leaves_of(self.outputs, self.inputs):
            if one not in self.inputs and not isinstance(one, Constant):
                raise MissingInputError(f"{self} needs {one.describe()}; add it to the inputs")

    def impl(self, *inputs: Any) -> Any:
        """Return the result for numbers of the inputs' types, or a tuple of several."""
        given = zip(self.inputs, inputs, strict=True)
        return super().impl(*(one.type.filter(value) for one, value in given))

    def expression(self, *operands: Any) -> Any:
        """The expression with the operands in the place of the inputs."""
        table = dict(zip(self.inputs, operands, strict=True))
        return clone_replace(self.outputs, table)
