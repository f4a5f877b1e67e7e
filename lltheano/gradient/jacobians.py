"""Matrices of derivatives, row by row in a native loop, and products with them.

A row of a Jacobian is the gradient of one element. The gradient of the element with an index that
is a variable is one graph; it is computed for every index by one loop of the compiled program.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, overload

from lltheano.config import config
from lltheano.gradient.barriers import disconnected_grad
from lltheano.gradient.engine import grad
from lltheano.graph import Variable
from lltheano.graph.boundary import boundary
from lltheano.interfaces.layers import language

if TYPE_CHECKING:
    from lltheano.tensor.variables.variable import TensorVariable

__all__ = ["format_as", "hessian", "hessian_vector_product", "jacobian"]


def format_as(use_list: bool, use_tuple: bool, outputs: Any) -> Any:
    """Return `outputs`, a variable or several, as a list, as a tuple, or as one variable.

    ValueError when both flags are set, or when neither is and there are several outputs.

    >>> format_as(True, False, (1, 2)), format_as(False, True, 3), format_as(False, False, [4])
    ([1, 2], (3,), 4)
    """
    if use_list and use_tuple:
        raise ValueError("format_as gives a list or a tuple, not both")
    several = list(outputs) if isinstance(outputs, list | tuple) else [outputs]
    if use_list or use_tuple:
        return several if use_list else tuple(several)
    if len(several) != 1:
        raise ValueError(f"format_as: {len(several)} outputs cannot be given as one")
    return several[0]


def _formatted(wrt: Any, results: list[Any]) -> Any:
    return format_as(isinstance(wrt, list), isinstance(wrt, tuple), results)


def _targets(wrt: Any) -> list[Any]:
    return list(wrt) if isinstance(wrt, list | tuple) else [wrt]


def _described(x: Any) -> str:
    return x.describe() if isinstance(x, Variable) else f"{x!r:.80}"


@overload
def jacobian(
    expression: Any,
    wrt: Variable,
    consider_constant: Sequence[Variable] | None = None,
    disconnected_inputs: str = "raise",
) -> "TensorVariable": ...
@overload
def jacobian(
    expression: Any,
    wrt: list[Any],
    consider_constant: Sequence[Variable] | None = None,
    disconnected_inputs: str = "raise",
) -> "list[TensorVariable]": ...
@overload
def jacobian(
    expression: Any,
    wrt: tuple[Any, ...],
    consider_constant: Sequence[Variable] | None = None,
    disconnected_inputs: str = "raise",
) -> "tuple[TensorVariable, ...]": ...
@boundary
def jacobian(
    expression: Any,
    wrt: Any,
    consider_constant: Sequence[Variable] | None = None,
    disconnected_inputs: str = "raise",
) -> Any:
    """Return the derivative of each element of `expression` by each element of `wrt`.

    The Jacobian has the axis of `expression` first, then those of the variable. Its rows are
    computed one after the other by a loop of the compiled program, which keeps nothing of a row
    but the row; what does not depend on the row is computed once. It can be differentiated.

    ValueError when `expression` has more than one axis: flatten it first. TypeError for what is
    no variable.

    Parameters
    ----------
    expression
        A vector, or a scalar, whose Jacobian is its gradient.
    wrt
        A variable, or a list or tuple of them; the result is one Jacobian, or as many.
    consider_constant, disconnected_inputs
        As in `grad`.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> x = T.dvector("x")
    >>> jacobian(x**2, x).eval({x: [1.0, 2.0]}).tolist()
    [[2.0, 0.0], [0.0, 4.0]]
    """
    if not isinstance(expression, Variable):
        raise TypeError(f"jacobian takes a symbolic variable, got {_described(expression)}")
    vector: Any = expression
    rank = getattr(vector, "ndim", None)
    if rank not in (0, 1):
        raise ValueError(
            f"jacobian takes a vector, got {expression.describe()}; use .flatten() to make it one"
        )
    index = None if rank == 0 else language.lscalar()
    if index is not None and config.compute_test_value != "off":
        index.tag.test_value = 0
    slopes = grad(
        vector if index is None else vector[index],
        _targets(wrt),
        consider_constant=consider_constant,
        disconnected_inputs=disconnected_inputs,
        add_names=False,
    )
    if index is not None:
        slopes = _stacked(index, slopes, vector)
    return _formatted(wrt, slopes)


def _stacked(index: Any, rows: list[Any], vector: Any) -> list[Any]:
    count = vector.shape[0]
    stacks = language.map_index(index, rows, count)
    return [
        language.patternbroadcast(stack, (*vector.broadcastable, *stack.broadcastable[1:]))
        for stack in stacks
    ]


@overload
def hessian(
    cost: Any,
    wrt: Variable,
    consider_constant: Sequence[Variable] | None = None,
    disconnected_inputs: str = "raise",
) -> "TensorVariable": ...
@overload
def hessian(
    cost: Any,
    wrt: list[Any],
    consider_constant: Sequence[Variable] | None = None,
    disconnected_inputs: str = "raise",
) -> "list[TensorVariable]": ...
@overload
def hessian(
    cost: Any,
    wrt: tuple[Any, ...],
    consider_constant: Sequence[Variable] | None = None,
    disconnected_inputs: str = "raise",
) -> "tuple[TensorVariable, ...]": ...
@boundary
def hessian(
    cost: Any,
    wrt: Any,
    consider_constant: Sequence[Variable] | None = None,
    disconnected_inputs: str = "raise",
) -> Any:
    """Return the matrix of second derivatives of a scalar by the elements of a vector.

    TypeError when the cost is no scalar, ValueError when a variable of `wrt` is no vector.

    Parameters
    ----------
    cost
        A scalar.
    wrt
        A vector, or a list or tuple of them; the result is one matrix, or as many: the blocks on
        the diagonal of the Hessian by all of them.
    consider_constant, disconnected_inputs
        As in `grad`.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> x = T.dvector("x")
    >>> hessian((x**3).sum(), x).eval({x: [1.0, 2.0]}).tolist()
    [[6.0, 0.0], [0.0, 12.0]]
    """
    targets = _targets(wrt)
    for target in targets:
        if getattr(target, "ndim", None) != 1:
            raise ValueError(
                f"hessian takes vectors as wrt, got {_described(target)}; make the cost a function"
                " of a vector, and of parts of it reshaped"
            )
    slopes = grad(
        cost, targets, consider_constant=consider_constant, disconnected_inputs=disconnected_inputs
    )
    pairs = zip(slopes, targets, strict=True)
    blocks = [jacobian(slope, one, consider_constant, "ignore") for slope, one in pairs]
    return _formatted(wrt, blocks)


@boundary
def hessian_vector_product(cost: Any, wrt: Any, p: Any, **grad_kwargs: Any) -> Any:
    """Return the product of the Hessian of a scalar with `p`, without making the Hessian.

    The product is the gradient of <gradient, p> (Pearlmutter, Fast exact multiplication by the
    Hessian, 1994), so that it costs a few times what the gradient does. With several variables the
    Hessian is that by all of them.

    ValueError when there are not as many of `p` as of `wrt`.

    Parameters
    ----------
    cost
        A scalar.
    wrt
        A variable of any rank, or a list or tuple of them.
    p
        For each variable of `wrt` one of its type.
    grad_kwargs
        As in `grad`.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> x, p = T.dvectors("x", "p")
    >>> product = hessian_vector_product((x**3).sum(), x, p)
    >>> product.eval({x: [1.0, 2.0], p: [1.0, 0.5]}).tolist()
    [6.0, 6.0]
    """
    targets, directions = _targets(wrt), _targets(p)
    if len(targets) != len(directions):
        raise ValueError(f"wrt has {len(targets)} variables and p has {len(directions)}")
    slopes = grad(cost, targets, **grad_kwargs)
    pairs = zip(slopes, map(disconnected_grad, directions), strict=True)
    terms = [(slope * direction).sum() for slope, direction in pairs]
    total: Any = sum(terms[1:], terms[0])
    products = grad(total, targets, **{**grad_kwargs, "disconnected_inputs": "ignore"})
    return _formatted(wrt, products)
