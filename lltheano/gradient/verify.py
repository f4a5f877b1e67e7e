"""Checking a symbolic gradient against differences of the function's values.

An output that is no scalar is multiplied by random weights and summed. The differences are
central, with a step near the cube root of the precision, where rounding and curvature balance.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lltheano.dispatch import call
from lltheano.errors import GradientError
from lltheano.gradient.engine import grad

__all__ = ["numeric_grad", "verify_grad"]

_STEPS = {"float16": 1e-1, "float32": 5e-3, "float64": 6e-6}
_TOLERANCES = {"float16": 1e-1, "float32": 1e-2, "float64": 1e-6}


class numeric_grad:  # noqa: N801 - Theano's name
    """The gradient of a function of arrays by central differences.

    Args:
        f: takes the arrays and returns a scalar.
        pt: the point, an array or a list of float arrays; it is not written to.
        eps: the step; unless given, one that suits the least precise array.
        out_type: a dtype whose precision the step should suit too.

    `gf` is the gradient: an array, or a list of them where `pt` is one.

    >>> numeric_grad(lambda x: (x * x).sum(), np.array([1.0, 2.0])).gf.round(6)
    array([2., 4.])
    """

    def __init__(
        self,
        f: Callable[..., Any],
        pt: Any,
        eps: float | None = None,
        out_type: str | None = None,
    ) -> None:
        several = isinstance(pt, list | tuple)
        point = [np.array(one) for one in (pt if several else [pt])]
        dtypes = [one.dtype.name for one in point] + ([out_type] if out_type else [])
        for dtype in dtypes:
            if dtype not in _STEPS:
                raise TypeError(f"numeric_grad needs arrays of floats, got {dtype}")
        step = eps if eps is not None else max(_STEPS[dtype] for dtype in dtypes)
        slopes = [_slopes(f, point, place, step) for place in range(len(point))]
        self.gf: Any = slopes if several else slopes[0]


def _slopes(
    f: Callable[..., Any], point: list[NDArray[Any]], place: int, step: float
) -> NDArray[Any]:
    array = point[place]
    slopes = np.zeros_like(array)
    for index in np.ndindex(array.shape):
        ends: list[tuple[float, float]] = []
        for sign in (1, -1):
            moved = array.copy()
            moved[index] += sign * step
            value = f(*point[:place], moved, *point[place + 1 :])
            ends.append((float(moved[index]), float(value)))
        (right, above), (left, below) = ends
        slopes[index] = (above - below) / (right - left)
    return slopes


def verify_grad(  # noqa: PLR0913, PLR0917 - Theano's signature
    fun: Callable[..., Any],
    pt: Sequence[NDArray[Any]],
    n_tests: int = 2,
    rng: Any = None,
    eps: float | None = None,
    out_type: str | None = None,
    abs_tol: float | None = None,
    rel_tol: float | None = None,
    mode: Any = None,
    cast_to_output_type: bool = False,
    no_debug_ref: bool = True,
) -> None:
    """Raise GradientError when a gradient differs from central differences at the point `pt`.

    Args:
        fun: takes as many symbolic variables as `pt` has arrays, and returns one.
        pt: float arrays; axes of size 1 do not broadcast.
        n_tests: how many random weightings of the output to try.
        rng: a NumPy random generator, whose `random` or `uniform` gives the weights.
        eps, out_type: as in `numeric_grad`.
        abs_tol, rel_tol: an element may differ by either; by default what suits the precision.
        mode: the mode of the compiled functions.
        cast_to_output_type: compare in the dtype of the output, not in the most precise one.
        no_debug_ref: kept for Theano's signature.

    TypeError when an array or the output is not of floats.
    """
    arrays = [np.array(one) for one in pt]
    inputs = [call("tensor", one.dtype, (False,) * one.ndim) for one in arrays]
    output = fun(*inputs)
    if output.dtype not in _STEPS:
        raise TypeError(f"verify_grad needs an output of floats, got {output.describe()}")
    loosest = max(_TOLERANCES[one] for one in (output.dtype, *(x.dtype for x in inputs)))
    limits = tuple(loosest if one is None else one for one in (abs_tol, rel_tol))
    shape = call("function", inputs, output.shape, on_unused_input="ignore", mode=mode)(*arrays)
    cost_of, slopes_of = _compiled(inputs, output, cast_to_output_type, mode)
    random = np.random.default_rng(0) if rng is None else rng
    for _ in range(n_tests):
        weights = _weights(random, tuple(shape)).astype(output.dtype)
        numeric = numeric_grad(_fixed(cost_of, weights), arrays, eps, out_type or output.dtype)
        for place, pair in enumerate(zip(slopes_of(*arrays, weights), numeric.gf, strict=True)):
            _compare(place, *pair, *limits)


def _compiled(
    inputs: list[Any], output: Any, cast_to_output_type: bool, mode: Any
) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """The weighted sum of the output, and its gradient, as functions of inputs and weights."""
    weights = output.type()
    cost = call("sum", output * weights, dtype=None if cast_to_output_type else "float64")
    options = {"mode": mode, "on_unused_input": "ignore"}
    given = [*inputs, weights]
    return (
        call("function", given, cost, **options),
        call("function", given, grad(cost, inputs), **options),
    )


def _fixed(cost_of: Callable[..., Any], weights: NDArray[Any]) -> Callable[..., Any]:
    return lambda *arrays: cost_of(*arrays, weights)


def _weights(random: Any, shape: tuple[int, ...]) -> NDArray[Any]:
    """Weights between 0.5 and 1.5, so that no element of the output goes unnoticed."""
    drawn = random.random(shape) if hasattr(random, "random") else random.uniform(size=shape)
    return np.asarray(drawn) + 0.5


def _compare(
    place: int, symbolic: NDArray[Any], numeric: NDArray[Any], abs_tol: float, rel_tol: float
) -> None:
    distance = np.abs(symbolic - numeric)
    scale = np.maximum(np.maximum(np.abs(symbolic), np.abs(numeric)), 1e-8)
    wrong = ~((distance <= abs_tol) | (distance / scale <= rel_tol))
    if wrong.any():
        index = tuple(int(one) for one in np.argwhere(wrong)[0])
        raise GradientError(
            f"the gradient with respect to input {place} is {symbolic[index]} at {index}, by"
            f" differences {numeric[index]}; they differ by {distance[index]:.3g}, more than"
            f" abs_tol={abs_tol} and rel_tol={rel_tol} allow"
        )
