"""Gradients of saturated expressions, whatever the cost does with them afterwards.

Every expression of `docs/stability.md` is taken through a family of costs, at its own hard point,
and compared with the exact derivative. The interpreter, which rewrites nothing, must give the same
wherever the expression itself is right as it is written.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import config, function
from tests.docs.stability import ROWS, Row, mp
from tests.lltheano.evaluation import evaluate, optimised_value

Cost = Callable[[Any], Any]

WEIGHTS = (0.5, -2.0, 0.75)


def weighted(y: Any) -> Any:
    """Each element of a vector with a weight of its own."""
    values = np.resize(np.array(WEIGHTS, "float32"), 6)
    return T.dot(y, T.constant(values)[: y.shape[0]])


LINEAR: dict[str, tuple[Cost, Callable[[list[Any]], Any]]] = {
    "sum": (lambda y: y.sum(), mp.fsum),
    "mean": (lambda y: y.mean(), lambda ys: mp.fsum(ys) / len(ys)),
    "masked mean": (
        lambda y: (y * T.eq(T.arange(y.shape[0]), 0)).sum() / T.eq(T.arange(y.shape[0]), 0).sum(),
        lambda ys: ys[0],
    ),
    "weights": (weighted, lambda ys: mp.fsum(w * y for w, y in zip(WEIGHTS, ys, strict=False))),
    "divided by a size": (
        lambda y: y.sum() / (3 * y.shape[0]),
        lambda ys: mp.fsum(ys) / 3 / len(ys),
    ),
    "two terms": (
        lambda y: y.mean() + 2 * y.sum(),
        lambda ys: mp.fsum(ys) * (2 + mp.mpf(1) / len(ys)),
    ),
    "reshaped": (lambda y: y.reshape((1, -1)).dimshuffle(1, "x", 0).flatten().sum(), mp.fsum),
    "switched": (
        lambda y: T.switch(T.ge(T.arange(y.shape[0]), 0), y, 0).sum(),
        mp.fsum,
    ),
    "indexed": (lambda y: y[::-1][-1:].sum() + y[T.arange(y.shape[0])].sum(),
                lambda ys: ys[0] + mp.fsum(ys)),
    "joined": (lambda y: T.concatenate([y, 2 * y]).sum(), lambda ys: 3 * mp.fsum(ys)),
}  # fmt: skip
CURVED: dict[str, tuple[Cost, Callable[[list[Any]], Any]]] = {
    "root": (lambda y: T.sqrt(abs(y.sum())), lambda ys: mp.sqrt(abs(mp.fsum(ys)))),
    "logarithm": (lambda y: T.log(abs(y.mean())), lambda ys: mp.log(abs(mp.fsum(ys) / len(ys)))),
    "square": (lambda y: (y.sum() / 8) ** 2, lambda ys: (mp.fsum(ys) / 8) ** 2),
}
CANCELLING = dict.fromkeys(
    (
        *("T.exp(x**2) * T.erfc(x)", "T.exp(-(x * x)) / T.erfc(x)", "(x * T.exp(x)) / T.exp(x)"),
        "T.exp((-x) * x) / T.erfc(x)",
    ),
    1e6,
)
"""Expressions of which the derivative is a difference of nearly equal numbers, and how much more
than by its rounding that is off.
"""
VALUES = [row for row in ROWS if not row.gradient and row.expression != "x * T.log(x)"]


@lru_cache(maxsize=4)
def exact(row: Row, point: tuple[float, ...]) -> tuple[list[Any], list[list[Any]]]:
    """The elements of the expression, and for each number of the point how they move with it."""

    def elements(*xs: Any) -> list[Any]:
        found = row.exact(list(xs))
        return found if isinstance(found, list) else [found]

    with mp.workdps(900):
        at = [mp.mpf(one) for one in point]
        values = elements(*at)
        places = range(len(values))
        slopes = [
            [mp.diff(lambda *xs, i=i: elements(*xs)[i], tuple(at), order) for i in places]
            for order in unit_orders(len(at))
        ]
    return values, slopes


def unit_orders(count: int) -> list[tuple[int, ...]]:
    """The orders of the first derivatives by each of some numbers."""
    return [tuple(int(i == j) for j in range(count)) for i in range(count)]


def exact_gradient(row: Row, cost: Callable[[list[Any]], Any], point: Any) -> Any:
    """By the chain rule, with differences in hundreds of digits."""
    values, slopes = exact(row, tuple(map(float, point)))
    with mp.workdps(900):
        orders = unit_orders(len(values))
        outer = [mp.diff(lambda *ys: cost(list(ys)), tuple(values), order) for order in orders]
        return np.array([float(mp.fdot(outer, one)) for one in slopes])


def variables(row: Row, dtype: str) -> tuple[Any, Any, Any]:
    """The leaf, the expression as a vector, and the point."""
    with config.change_flags(floatX=dtype):
        x = T.vector("x")
        y = eval(row.expression, {"T": T, "x": x})
    with np.errstate(over="ignore", under="ignore"):
        point = np.array(row.point).astype(dtype)
    return x, y.flatten() if y.ndim else y.dimshuffle("x"), point


def check(row: Row, found: Any, wanted: Any, scale: float) -> None:
    """Compare; what cancels in the derivative itself is rounded where the terms are large."""
    limits = np.finfo(found.dtype)
    terms = CANCELLING.get(row.expression, 64)
    rounding = terms * float(limits.eps)
    tiny = float(limits.tiny)
    np.testing.assert_allclose(found, wanted, rtol=rounding, atol=rounding * scale + 1e3 * tiny)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", [*LINEAR, *CURVED])
@pytest.mark.parametrize("row", VALUES, ids=lambda row: f"{row.expression} {row.point}"[-50:])
def test_every_cost_has_a_gradient(row: Row, name: str, dtype: str) -> None:
    cost, exact_cost = (LINEAR | CURVED)[name]
    x, y, point = variables(row, dtype)
    if not np.isfinite(point).all() or np.any((point == 0) != (np.array(row.point) == 0)):
        return  # the point is no number of this dtype
    if name == "logarithm" and row.point[0] < 1e-100 and "sqrt" in row.expression:
        return  # the reciprocal of its square overflows, as docs/stability.md says
    wanted = exact_gradient(row, exact_cost, point)
    value = exact_values(row, point)
    if not in_range(wanted, dtype) or not in_range(value, dtype) or not value.any():
        return
    with np.errstate(over="ignore", under="ignore"):
        squares = value**2
    if name in CURVED and not in_range(squares, dtype):
        return  # so must the cost's own squares be
    gradient = T.grad(cost(y), x)
    scale = float(np.abs(value).max())
    # Rules do not look at the dtype: one is compiled, and stands for both.
    if dtype == "float32":
        found = function([x], gradient)(point)
    else:
        found = optimised_value(gradient, {x: point})
    check(row, found, wanted, scale)
    written = evaluate(y, {x: point})
    if name in LINEAR and np.allclose(written, value, rtol=1e-3, atol=0):
        check(row, evaluate(gradient, {x: point}), wanted, scale)


def exact_values(row: Row, point: Any) -> Any:
    """The elements of the expression."""
    return np.array([float(one) for one in exact(row, tuple(map(float, point)))[0]])


def in_range(values: Any, dtype: str) -> bool:
    """Whether the dtype has room for the values and for what is done with them."""
    limits = np.finfo(dtype)
    sizes = np.abs(values[values != 0])
    return bool(np.isfinite(values).all() and (sizes < limits.max / 1e3).all()
                and (sizes > limits.tiny * 1e3).all())  # fmt: skip
