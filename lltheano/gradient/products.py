"""Products of Jacobians with vectors, from the left and from the right."""

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, overload

from lltheano.config import config
from lltheano.errors import DisconnectedInputError, MethodNotDefined
from lltheano.gradient.barriers import passed_on
from lltheano.gradient.engine import absent, connected, grad, note_written, zeros_of
from lltheano.graph import (
    Apply,
    DisconnectedType,
    NullType,
    Op,
    Variable,
    ZeroType,
    clone_replace,
    io_toposort,
)
from lltheano.graph.boundary import boundary
from lltheano.graph.written import varies_as_written
from lltheano.interfaces.layers import language

if TYPE_CHECKING:
    from lltheano.tensor.variables.variable import TensorVariable

__all__ = ["Lop", "Rop"]

_ABSENT = (DisconnectedType, ZeroType)


def _listed(given: Any) -> list[Any]:
    return list(given) if isinstance(given, list | tuple) else [given]


def _paired(variables: Any, points: Any, what: str, *, ranks: bool = True) -> list[tuple[Any, Any]]:
    left, right = _listed(variables), _listed(points)
    if len(left) != len(right):
        raise ValueError(f"{what} has {len(left)} variables and eval_points {len(right)}")
    for one, point in zip(left, right, strict=True):
        if ranks and getattr(one, "ndim", None) != getattr(point, "ndim", None):
            raise ValueError(
                f"the point {_described(point)} has not the rank of {_described(one)}, to which it"
                " belongs"
            )
    return list(zip(left, right, strict=True))


def _described(x: Any) -> str:
    return x.describe() if isinstance(x, Variable) else f"{x!r:.80}"


@overload
def Lop(
    f: Any,
    wrt: Variable,
    eval_points: Any,
    consider_constant: Sequence[Variable] | None = None,
    disconnected_inputs: str = "raise",
) -> "TensorVariable": ...
@overload
def Lop(
    f: Any,
    wrt: list[Any],
    eval_points: Any,
    consider_constant: Sequence[Variable] | None = None,
    disconnected_inputs: str = "raise",
) -> "list[TensorVariable]": ...
@overload
def Lop(
    f: Any,
    wrt: tuple[Any, ...],
    eval_points: Any,
    consider_constant: Sequence[Variable] | None = None,
    disconnected_inputs: str = "raise",
) -> "tuple[TensorVariable, ...]": ...
@boundary
def Lop(  # noqa: N802 - the field's name
    f: Any,
    wrt: Any,
    eval_points: Any,
    consider_constant: Sequence[Variable] | None = None,
    disconnected_inputs: str = "raise",
) -> Any:
    """Return the product of `eval_points`, one for each of `f`, with the Jacobian of `f` by `wrt`.

    For a scalar `f` and the point 1 it is the gradient. One result, or a list when `wrt` is one.
    A
    point of fewer axes is repeated. ValueError when there are not as many points as variables in
    `f`, or of more axes.

    >>> import lltheano.tensor as T
    >>> x, v = T.dvectors("x", "v")
    >>> Lop(x**2, x, v).eval({x: [1.0, 2.0], v: [10.0, 1.0]}).tolist()
    [20.0, 4.0]
    """
    pairs = _paired(f, eval_points, "f", ranks=False)
    # One result may be computed from another: each gets a variable of its own, so that what it
    # receives from the other is added to its own point.
    return grad(
        None,
        wrt,
        consider_constant=consider_constant,
        disconnected_inputs=disconnected_inputs,
        known_grads={passed_on(one): point for one, point in pairs},
    )


@overload
def Rop(
    f: Variable,
    wrt: Any,
    eval_points: Any,
    disconnected_outputs: str = "raise",
    return_disconnected: str = "zero",
) -> "TensorVariable": ...
@overload
def Rop(
    f: list[Any],
    wrt: Any,
    eval_points: Any,
    disconnected_outputs: str = "raise",
    return_disconnected: str = "zero",
) -> "list[TensorVariable]": ...
@overload
def Rop(
    f: tuple[Any, ...],
    wrt: Any,
    eval_points: Any,
    disconnected_outputs: str = "raise",
    return_disconnected: str = "zero",
) -> "tuple[TensorVariable, ...]": ...
@boundary
def Rop(  # noqa: N802 - the field's name
    f: Any,
    wrt: Any,
    eval_points: Any,
    disconnected_outputs: str = "raise",
    return_disconnected: str = "zero",
) -> Any:
    """Return the product of the Jacobian of `f` by `wrt` with `eval_points`, one for each of `wrt`.

    The left product, which is linear in its point, is differentiated once more (the transpose of
    the transpose), for all ops together, so that it is right wherever gradients are. Only through
    an op that defines `R_op`, which is asked for it, tangents are carried forward.

    Parameters
    ----------
    f
        A variable, or a list or tuple of them; the result is one product, or as many.
    wrt, eval_points
        As many variables as points.
    disconnected_outputs
        What to do when a variable of `f` does not depend on `wrt`: "raise" a
        DisconnectedInputError, "warn", or "ignore".
    return_disconnected
        What such a variable gets: "zero", "none", or "disconnected".

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> x, v = T.dvectors("x", "v")
    >>> Rop(x[0] * x, x, v).eval({x: [2.0, 3.0], v: [1.0, 10.0]}).tolist()
    [4.0, 23.0]
    """
    tangents: dict[Variable, Any] = {
        one: _of_pattern(point, one) for one, point in _paired(wrt, eval_points, "wrt")
    }
    _check_options(disconnected_outputs, return_disconnected)
    outputs = _listed(f)
    order = io_toposort(list(tangents), outputs)
    varying = connected(order, list(tangents), set())
    for node in order:
        if type(node.op).R_op is not Op.R_op and any(one in varying for one in node.inputs):
            _push(node, tangents, varying)
    results = []
    for one in outputs:
        tangent = _tangent(one, tangents) if one in varying else None
        if tangent is not None:
            results.append(tangent)
        elif one in varying or any(varies_as_written([one], x) for x in _listed(wrt)):
            results.append(zeros_of(one))
        else:
            _report(one, wrt, disconnected_outputs.lower())
            results.append(absent(one, return_disconnected.lower()))
    note_written(
        [one for one in results if one is not None],
        [*outputs, *_listed(wrt), *(one for one in _listed(eval_points))],
    )
    if isinstance(f, list | tuple):
        return results if isinstance(f, list) else tuple(results)
    return results[0]


def _check_options(disconnected_outputs: str, return_disconnected: str) -> None:
    choices = {
        "disconnected_outputs": (disconnected_outputs, ("raise", "warn", "ignore")),
        "return_disconnected": (return_disconnected, ("zero", "none", "disconnected")),
    }
    for name, (got, allowed) in choices.items():
        if str(got).lower() not in allowed:
            raise ValueError(f"Rop: {name} takes {', '.join(allowed)}, got {got!r}")


def _report(output: Variable, wrt: Any, choice: str) -> None:
    names = ", ".join(_described(one) for one in _listed(wrt))
    message = (
        f"Rop: {output.describe()} does not depend on {names}; pass disconnected_outputs='ignore'"
        " if that is meant"
    )
    if choice == "raise":
        raise DisconnectedInputError(message)
    if choice == "warn":
        warnings.warn(message, stacklevel=4)


def _push(node: Apply, tangents: dict[Variable, Any], varying: set[Variable]) -> None:
    """Find the tangents of the outputs of an application that says how, and note them."""
    points = [_tangent(one, tangents) if one in varying else None for one in node.inputs]
    if all(one is None for one in points):
        return
    try:
        found = list(node.op.R_op(node.inputs, points))
    except MethodNotDefined:
        return
    if len(found) != node.nout:
        raise ValueError(f"R_op of {node.op} returned {len(found)} terms for {node.nout} outputs")
    for output, tangent in zip(node.outputs, found, strict=True):
        if tangent is not None and not isinstance(tangent.type, _ABSENT):
            tangents[output] = _of_pattern(tangent, output)


def _of_pattern(tangent: Any, variable: Any) -> Any:
    """A tangent under the broadcast pattern of the variable that it is of."""
    if getattr(tangent, "ndim", None) != getattr(variable, "ndim", None):
        return tangent
    return language.patternbroadcast(tangent, variable.broadcastable)


def _tangent(x: Variable, tangents: Mapping[Variable, Any]) -> Any:
    """The tangent of a variable from those that are known, by its gradient; None where it is 0."""
    if x in tangents:
        return tangents[x]
    with config.change_flags(compute_test_value="off"):  # the seed has no test value
        product, seed = _product(x, tangents)
    if product is None or isinstance(product.type, _ABSENT):
        return None
    # The product does not depend on the seed, in which the gradient is linear, except for sizes.
    (found,) = clone_replace([product], {seed: zeros_of(x)})
    return _of_pattern(found, x)


def _product(x: Variable, tangents: Mapping[Variable, Any]) -> tuple[Any, Any]:
    """The tangent of a variable in terms of a seed, or None; and the seed."""
    seed: Any = zeros_of(x).type()
    options: dict[str, Any] = {
        "disconnected_inputs": "ignore",
        "add_names": False,
        "return_disconnected": "none",
        "null_gradients": "return",
    }
    points = list(tangents)
    terms = grad(None, points, consider_constant=points, known_grads={x: seed}, **options)
    known = {}
    for one, term in zip(points, terms, strict=True):
        if term is not None and isinstance(term.type, NullType):
            raise MethodNotDefined(
                f"Rop: {x.describe()} has no derivative by {one.describe()}: {term.type.why}"
            )
        if term is not None and not isinstance(term.type, _ABSENT):
            known[passed_on(term)] = tangents[one]
    return (grad(None, seed, known_grads=known, **options) if known else None), seed
