"""Products of Jacobians with vectors, from the left and from the right."""

from collections.abc import Mapping, Sequence
from typing import Any

from lltheano.gradient.engine import grad
from lltheano.graph import Variable, clone_replace

__all__ = ["Lop", "Rop"]


def _listed(given: Any) -> list[Any]:
    return list(given) if isinstance(given, list | tuple) else [given]


def Lop(  # noqa: N802 - the field's name
    f: Any,
    wrt: Any,
    eval_points: Any,
    consider_constant: Sequence[Variable] | None = None,
    disconnected_inputs: str = "raise",
) -> Any:
    """Return the product of `eval_points`, one for each of `f`, with the Jacobian of `f` by `wrt`.

    For a scalar `f` and the point 1 it is the gradient. One result, or a list when `wrt` is one.
    """
    pairs = _paired(f, eval_points, "f")
    return grad(
        None,
        wrt,
        consider_constant=consider_constant,
        disconnected_inputs=disconnected_inputs,
        known_grads=pairs,
    )


def _paired(variables: Any, points: Any, what: str) -> Mapping[Any, Any]:
    left, right = _listed(variables), _listed(points)
    if len(left) != len(right):
        raise ValueError(f"{what} has {len(left)} variables and eval_points {len(right)}")
    return dict(zip(left, right, strict=True))


def Rop(  # noqa: N802 - the field's name
    f: Any,
    wrt: Any,
    eval_points: Any,
    disconnected_outputs: str = "raise",
    return_disconnected: str = "zero",
) -> Any:
    """Return the product of the Jacobian of `f` by `wrt` with `eval_points`, one for each of `wrt`.

    It is found by differentiating the left product, which is linear in its point, once more. One
    result, or a list when `f` is one.
    """
    outputs, inputs = _listed(f), _listed(wrt)
    _paired(inputs, eval_points, "wrt")
    points = [one.type() for one in outputs]
    left = Lop(outputs, inputs, points, disconnected_inputs="ignore")
    pairs = zip(left, _listed(eval_points), strict=True)
    known = dict(pairs)
    right = grad(
        None,
        points,
        disconnected_inputs=disconnected_outputs,
        known_grads=known,
        return_disconnected=return_disconnected,
    )
    present = [one for one in right if one is not None]
    replaced = iter(clone_replace(present, dict(zip(points, outputs, strict=True))))
    results = [None if one is None else next(replaced) for one in right]
    return results if isinstance(f, list | tuple) else results[0]
