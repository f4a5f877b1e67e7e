"""Several scalar ops as one."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from lltheano.graph.clone import clone_replace
from lltheano.graph.core import Variable
from lltheano.lowering import lower
from lltheano.scalar.ops import ScalarOp
from lltheano.scalar.types import Scalar, as_scalar, get_scalar_type
from lltheano.tensor.convert import as_tensor_variable
from lltheano_ir.interpret import interpret

__all__ = ["Composite"]


class Composite(ScalarOp):
    """The op that computes `outputs` from `inputs`, variables without axes.

    Applying it gives the expression itself, with the operands in the place of `inputs`: the
    compiler makes one loop of elementwise ops that follow one another, so that nothing is gained by
    a node that holds them together. An error when an output depends on a leaf that is no input.

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
        self.inputs = [as_scalar(one) for one in inputs]
        self.outputs = [as_scalar(one) for one in outputs]
        self.nin, self.nout = len(self.inputs), len(self.outputs)
        self._program = lower(self.inputs, self.outputs)

    def output_types(self, types: Sequence[Scalar]) -> Sequence[Scalar]:
        """Return the types of the results for operands of these types."""
        found = self(*(one() for one in types))
        results = found if isinstance(found, list) else [found]
        return [get_scalar_type(one.dtype) for one in results]

    def impl(self, *inputs: Any) -> Any:
        """Return the result for numbers, by the reference meaning, or a tuple of several."""
        arrays = [one.type.filter(value) for one, value in zip(self.inputs, inputs, strict=True)]
        results, _ = interpret(self._program, arrays)
        values = tuple(one[()] for one in results)
        return values[0] if self.nout == 1 else values

    def __call__(self, *inputs: Any) -> Any:
        """Return the expression with operands in the place of the inputs."""
        if len(inputs) != self.nin:
            raise TypeError(f"{self} takes {self.nin} operands, got {len(inputs)}")
        given = [as_tensor_variable(one) for one in inputs]
        results = clone_replace(self.outputs, dict(zip(self.inputs, given, strict=True)))
        return results[0] if self.nout == 1 else results

    @cached_property
    def elementwise(self) -> Any:
        """The op itself: it takes operands with axes as well."""
        return self
