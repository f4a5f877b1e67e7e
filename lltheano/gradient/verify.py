"""Checking a symbolic gradient against differences of the function's values.

An output that is no scalar is multiplied by random weights and summed. The differences are
central, with a step near the cube root of the precision, where rounding and curvature balance.
"""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lltheano.errors import GradientError
from lltheano.gradient.engine import grad
from lltheano.interfaces.layers import compilation, language

__all__ = ["numeric_grad", "verify_grad"]

_STEPS = {"float16": 1e-1, "float32": 5e-3, "float64": 6e-6, "complex64": 5e-3, "complex128": 6e-6}
_TOLERANCES = {
    "float16": 1e-1,
    "float32": 1e-2,
    "float64": 1e-6,
    "complex64": 1e-2,
    "complex128": 1e-6,
}


class numeric_grad:  # noqa: N801 - Theano's name
    """The gradient of a function of arrays by central differences.

    That by a complex number x + iy is d/dx + i d/dy, as `grad` has it.

    `gf` is the gradient: an array, or a list of them where `pt` is one. `type_eps` has the step for
    each dtype, by name.

    Parameters
    ----------
    f
        Takes the arrays and returns a real scalar.
    pt
        The point, an array or a list of float or complex arrays; it is not written to.
    eps
        The step; unless given, one that suits the least precise array.
    out_type
        A dtype whose precision the step should suit too.

    Examples
    --------
    >>> numeric_grad(lambda x: (x * x).sum(), np.array([1.0, 2.0])).gf.round(6)
    array([2., 4.])
    """

    type_eps: ClassVar[dict[str, float]] = _STEPS

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
            _require_floats(dtype)
        step = eps if eps is not None else max(self.type_eps[dtype] for dtype in dtypes)
        slopes = [_slopes(f, point, index, step) for index in range(len(point))]
        self.gf: Any = slopes if several else slopes[0]

    @staticmethod
    def abs_rel_err(a: Any, b: Any) -> tuple[Any, Any]:
        """Return |a - b|, and the same divided by the greater of |a|, |b| and 1e-8. Where `a` and
        `b` are equal infinities both are 0; where one is NaN both are infinite.

        >>> numeric_grad.abs_rel_err(np.array([1.0, 2.0]), np.array([1.0, 4.0]))
        (array([0., 2.]), array([0. , 0.5]))
        """
        a, b = np.asarray(a), np.asarray(b)
        with np.errstate(invalid="ignore"):
            distance = np.where(a == b, 0.0, np.abs(a - b))
            scale = np.maximum(np.maximum(np.abs(a), np.abs(b)), 1e-8)
            relative = np.where(distance == 0, 0.0, distance / scale)
        unordered = np.isnan(distance) | np.isnan(relative)
        return np.where(unordered, np.inf, distance), np.where(unordered, np.inf, relative)

    def abs_rel_errors(self, g_pt: Sequence[Any]) -> list[tuple[Any, Any]]:
        """Return `abs_rel_err` of each array of `g_pt` and the one of `gf` at its place.

        ValueError when the shapes differ.
        """
        result = self.gf if isinstance(self.gf, list) else [self.gf]
        if len(g_pt) != len(result):
            raise ValueError(f"there are {len(result)} gradients to compare with, got {len(g_pt)}")
        for index, (one, other) in enumerate(zip(g_pt, result, strict=True)):
            if np.shape(one) != np.shape(other):
                raise ValueError(
                    f"gradient {index} has shape {np.shape(one)}, the numeric one {np.shape(other)}"
                )
        return [self.abs_rel_err(one, other) for one, other in zip(g_pt, result, strict=True)]

    def max_err(self, g_pt: Any, abs_tol: float, rel_tol: float) -> tuple[int, int, float, float]:
        """Return where `g_pt` is farthest from `gf`, relative to what is allowed: the argument, the
        place in it in row-major order, the absolute and the relative error.

        An error is as large as the lesser of its ratios to `abs_tol` and `rel_tol`.
        """
        gradients = g_pt if isinstance(g_pt, list | tuple) else [g_pt]
        worst, greatest = (0, 0, 0.0, 0.0), -1.0
        for index, (absolute, relative) in enumerate(self.abs_rel_errors(gradients)):
            if absolute.size:
                excess = np.minimum(absolute / abs_tol, relative / rel_tol)
                position = int(np.argmax(excess))
                if excess.flat[position] > greatest:
                    greatest = float(excess.flat[position])
                    errors = float(absolute.flat[position]), float(relative.flat[position])
                    worst = (index, position, *errors)
        return worst


def _require_floats(dtype: str) -> None:
    if dtype not in _STEPS:
        raise TypeError(f"a gradient by differences needs arrays of float or complex, got {dtype}")


def _slopes(
    f: Callable[..., Any], point: list[NDArray[Any]], place: int, step: float
) -> NDArray[Any]:
    array = point[place]
    slopes = np.zeros_like(array)
    directions = (1, 1j) if array.dtype.kind == "c" else (1,)
    for index in np.ndindex(array.shape):
        for direction in directions:
            ends = []
            for sign in (1, -1):
                moved = array.copy()
                moved[index] += sign * step * direction
                value = f(*point[:place], moved, *point[place + 1 :])
                ends.append((moved[index].item(), float(value)))
            (right, above), (left, below) = ends
            slopes[index] += direction * (above - below) / abs(right - left)
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

    An output of integers changes in steps, so that its gradient is zero; so is that by an argument
    on which the output does not depend. TypeError when an array is not of float or complex numbers.

    Parameters
    ----------
    fun
        Takes as many symbolic variables as `pt` has arrays, and returns one.
    pt
        Float or complex arrays; axes of size 1 broadcast.
    n_tests
        How many random weightings of the output to try.
    rng
        A NumPy random generator, whose `random` or `uniform` gives the weights.
    eps, out_type
        As in `numeric_grad`.
    abs_tol, rel_tol
        An element may differ by either; by default what suits the precision.
    mode
        The mode of the compiled functions.
    cast_to_output_type
        Compare in the dtype of the output, not in the most precise one.
    no_debug_ref
        Kept for Theano's signature.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> verify_grad(lambda x, y: T.exp(x) * y, [np.array([0.5, 1.0]), np.array([2.0, 3.0])])
    """
    arrays = [np.array(one) for one in pt]
    for array in arrays:
        _require_floats(array.dtype.name)
    inputs = [language.tensor(array.dtype, [size == 1 for size in array.shape]) for array in arrays]
    output = fun(*inputs)
    # An integer result is a step, of slope 0; its sum is one of floats.
    precision = output.dtype if output.dtype in _STEPS else "float64"
    loosest: float = max(_TOLERANCES[one] for one in (precision, *(x.dtype for x in inputs)))
    limits = loosest if abs_tol is None else abs_tol, loosest if rel_tol is None else rel_tol
    shape = compilation.function(inputs, output.shape, on_unused_input="ignore", mode=mode)(*arrays)
    cost_of, slopes_of = _compiled(inputs, output, cast_to_output_type, mode)
    random = np.random.default_rng(0) if rng is None else rng
    for _ in range(n_tests):
        weights = _weights(random, tuple(shape))
        if output.dtype in ("complex64", "complex128"):
            weights = weights + 1j * _weights(random, tuple(shape))
        weights = weights.astype(precision)
        numeric = numeric_grad(_fixed(cost_of, weights), arrays, eps, out_type or precision)
        slopes = slopes_of(*arrays, weights)
        place, position, absolute, relative = numeric.max_err(slopes, *limits)
        if absolute > limits[0] and relative > limits[1]:
            slope, expected = (one[place].flat[position].item() for one in (slopes, numeric.gf))
            shape = arrays[place].shape
            raise GradientError(
                place, position, shape, slope, expected, absolute, relative, *limits
            )


def _compiled(
    inputs: list[Any], output: Any, cast_to_output_type: bool, mode: Any
) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """The weighted sum of the output, and its gradient, as functions of inputs and weights."""
    weights = output.type.clone(dtype=output.dtype if output.dtype in _STEPS else "float64")()
    weighted = language.real(output * weights)
    cost = language.sum(weighted, dtype=None if cast_to_output_type else "float64")
    options = {"mode": mode, "on_unused_input": "ignore"}
    variables = [*inputs, weights]
    return (
        compilation.function(variables, cost, **options),
        compilation.function(
            variables, grad(cost, inputs, disconnected_inputs="ignore"), **options
        ),
    )


def _fixed(cost_of: Callable[..., Any], weights: NDArray[Any]) -> Callable[..., Any]:
    return lambda *arrays: cost_of(*arrays, weights)


def _weights(random: Any, shape: tuple[int, ...]) -> NDArray[Any]:
    """Weights between 0.5 and 1.5, so that no element of the output goes unnoticed."""
    drawn = random.random(shape) if hasattr(random, "random") else random.uniform(size=shape)
    return np.asarray(drawn) + 0.5


verify_grad.E_grad = GradientError  # type: ignore[attr-defined]
"""The error for a gradient that differs, where Theano's programs look for it."""
