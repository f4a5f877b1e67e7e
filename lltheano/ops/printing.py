"""Looking at values while a compiled function runs: `Print`."""

import sys
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from lltheano.graph import Apply, Op, Variable
from lltheano.tensor.variables.convert import as_tensor_variable

__all__ = ["Print"]


def print_attributes(op: "Print", value: Any) -> None:
    """Write the message, and each attribute of the value that `op` names, to standard output."""
    for attribute in op.attrs:
        found = getattr(value, attribute)
        shown = found() if callable(found) else found
        sys.stdout.write(f"{op.message} {attribute} = {shown}\n")


class Print(Op):
    """Print a value whenever it is computed, and pass it on.

    The value is printed once for each application whose result something depends on, in the order
    of the applications, and also when the function fails after that. The gradient passes through
    and is not printed.

    Parameters
    ----------
    message
        What is printed before each attribute.
    attrs
        The names of attributes of the array to print; methods are called. "__str__" is the value
        itself.
    global_fn
        Called with this op and the array instead of printing, on the thread that calls the
        function. What it raises reaches the caller.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> x = T.dvector("x")
    >>> y = Print("x:", attrs=("__str__", "shape"))(x).sum()
    >>> y.eval({x: [1.0, 2.0]})
    x: __str__ = [1. 2.]
    x: shape = (2,)
    array(3.)
    """

    __props__ = ("message", "attrs", "global_fn")
    ordered = True
    view_map: ClassVar[dict[int, list[int]]] = {0: [0]}

    def __init__(
        self,
        message: str = "",
        attrs: Sequence[str] = ("__str__",),
        global_fn: Callable[["Print", Any], None] = print_attributes,
    ) -> None:
        if isinstance(attrs, str):
            raise TypeError(f"Print: attrs is a tuple of names, such as ({attrs!r},)")
        self.message = message
        self.attrs = tuple(attrs)
        self.global_fn = global_fn

    def make_node(self, x: Any) -> Apply:
        """Any tensor."""
        x = as_tensor_variable(x)
        return Apply(self, [x], [x.type()])

    def perform(
        self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[list[Any]]
    ) -> None:
        """Print the value and pass it on."""
        output_storage[0][0] = inputs[0]
        self.global_fn(self, inputs[0])

    def grad(
        self, inputs: Sequence[Variable], output_gradients: Sequence[Variable]
    ) -> list[Variable]:
        """The gradient passes unchanged."""
        return list(output_gradients)

    def R_op(  # noqa: N802
        self, inputs: Sequence[Variable], eval_points: Sequence[Variable | None]
    ) -> list[Variable | None]:
        """The tangent passes unchanged."""
        return list(eval_points)

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        """That of the input."""
        return list(shapes)

    def __str__(self) -> str:
        return f"Print{{{self.message!r}}}"
