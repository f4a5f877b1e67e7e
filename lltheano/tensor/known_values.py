"""Values that are known while the graph is built."""

from typing import Any

from numpy.typing import NDArray

from lltheano.errors import NotScalarConstantError
from lltheano.tensor.comparison import Cast
from lltheano.tensor.convert import as_tensor_variable
from lltheano.tensor.creation import Alloc, Fill
from lltheano.tensor.dimshuffle import DimShuffle
from lltheano.tensor.variable import TensorConstant, TensorVariable

__all__ = ["get_scalar_constant_value"]


def get_scalar_constant_value(
    orig_v: Any,
    elemwise: bool = True,
    only_process_constants: bool = False,
    max_recur: int = 10,
) -> NDArray[Any]:
    """Return the one value of a scalar or of all elements of a tensor, as an array without axes.

    It is looked for in constants of one element, behind reordered and repeated axes, and with
    `elemwise` behind casts; through at most `max_recur` ops, with `only_process_constants` none.
    NotScalarConstantError when the value is not known while the graph is built.

    >>> from lltheano.tensor.convert import constant
    >>> int(get_scalar_constant_value(constant(3).astype("float32")))
    3
    """
    variable = as_tensor_variable(orig_v)
    casts: list[str] = []
    for _ in range(0 if only_process_constants else max_recur):
        source = _source(variable, elemwise)
        if source is None:
            break
        if source.dtype != variable.dtype:
            casts.append(variable.dtype)
        variable = source
    if not isinstance(variable, TensorConstant) or variable.data.size != 1:
        raise NotScalarConstantError(f"the value of {variable.describe()} is not known yet")
    value = variable.data.reshape(())
    for dtype in reversed(casts):
        value = value.astype(dtype)
    return value


def _source(variable: TensorVariable, through_casts: bool) -> TensorVariable | None:
    """The operand from which an op that moves or repeats elements takes them."""
    if variable.owner is None:
        return None
    op, inputs = variable.owner.op, variable.owner.inputs
    if isinstance(op, DimShuffle | Alloc) or (isinstance(op, Cast) and through_casts):
        return as_tensor_variable(inputs[0])
    return as_tensor_variable(inputs[1]) if isinstance(op, Fill) else None
