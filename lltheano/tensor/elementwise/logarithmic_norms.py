"""The relative gradient of a norm, the root of a sum of squares, which goes by the unit vector.

The formula of the root divides by it, and that of the square multiplies by the operand. Where the
gradient of the root is about its inverse, as under a logarithm, the quotient overflows or
underflows, though the product does not.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lltheano.gradient.relative import Facts, Part
from lltheano.interfaces.layers import language
from lltheano.tensor.reducers.ops import Sum
from lltheano.tensor.shapes.dimshuffle import DimShuffle

if TYPE_CHECKING:
    from lltheano.tensor.elementwise.logarithmic import Pair

__all__ = ["is_norm", "norm_parts"]


def is_norm(x: Any, facts: Facts) -> bool:
    """Whether `x` is the root of a sum of squares along axes, and nobody asks for its gradient."""
    node = None if facts.is_held(x) else x.owner
    if node is None:
        return False
    if isinstance(node.op, DimShuffle):
        return is_norm(node.inputs[0], facts)
    is_power = node.op is language.pow and facts.number(node.inputs[1]) == 0.5
    if not is_power and node.op is not language.sqrt:
        return False
    path = _path_to_squares(node.inputs[0], facts)
    return path is not None and _base_of_square(path[-1].inputs[0], facts) is not None


def norm_parts(
    inputs: Sequence[Any], norm: Any, g: Any, u: Any, facts: Facts
) -> "list[Pair | Part] | None":
    """What the elements get of the gradients of their norm, (x / norm) * (g + u / norm), and the
    operands of the root nothing; None where the first of those is no sum of squares.
    """
    path = _path_to_squares(inputs[0], facts)
    base = None if path is None else _base_of_square(path[-1].inputs[0], facts)
    if path is None or base is None:
        return None
    total = u / norm if g is None else g + u / norm
    unit = base / _spread(norm, path)
    return [*[(None, None)] * len(inputs), Part(base, plain=unit * _spread(total, path))]


def _path_to_squares(x: Any, facts: Facts) -> list[Any] | None:
    """The applications from the operand of a root back to the sum, which axes of size 1 may
    follow.
    """
    node = None if facts.is_held(x) else x.owner
    if node is None:
        return None
    if isinstance(node.op, Sum):
        return [node]
    if not isinstance(node.op, DimShuffle):
        return None
    rest = _path_to_squares(node.inputs[0], facts)
    return None if rest is None else [node, *rest]


def _base_of_square(x: Any, facts: Facts) -> Any:
    """The real operand of a square."""
    node = None if facts.is_held(x) else x.owner
    if node is None or x.dtype not in ("float16", "float32", "float64"):
        return None
    is_power = node.op is language.pow and facts.number(node.inputs[1]) == 2
    is_product = node.op is language.mul and len(node.inputs) == 2 and len(set(node.inputs)) == 1
    base = node.inputs[0]
    is_square = is_power or is_product or node.op is language.sqr
    return base if is_square and base.type == x.type else None


def _spread(values: Any, path: list[Any]) -> Any:
    """Values of the sums, at all elements that each was made of."""
    for node in path:
        (values,) = node.op.L_op(node.inputs, node.outputs, [values])
    return values
