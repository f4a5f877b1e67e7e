"""Losses in the many ways to write them: values, gradients and right products are those of exact
arithmetic, at logits where every exponential over- or underflows.
"""

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import config, function
from lltheano.gradient import Rop

mp: Any = mpmath.mp  # its functions are made at run time, unseen by type checkers
Exact = Callable[[list[Any]], Any]

POINTS = ((0.25, -0.5, 1.5), (40.0, -45.0, 30.0), (200.0, -190.0, 210.0), (-995.0, -1000.0, 990.0))
TOLERANCE = {"float32": 2e-4, "float64": 1e-11}
WEIGHTS = (0.2, 0.3, 0.5)


def total(xs: list[Any]) -> Any:
    return mp.fsum(mp.exp(x) for x in xs)


def log_sigmoid(x: Any) -> Any:
    return -mp.log(1 + mp.exp(-x))


def each(formula: Callable[[Any], Any]) -> Exact:
    return lambda xs: mp.fsum(formula(x) for x in xs)


def logistic(x: Any, name: str) -> Any:
    forms: dict[str, Callable[[], Any]] = {
        "tanh of half": lambda: 0.5 * (1 + T.tanh(x / 2)),
        "half of tanh": lambda: T.tanh(0.5 * x) * 0.5 + 0.5,
        "a half less tanh": lambda: (1 - T.tanh(-x / 2)) / 2,
        "two exponentials": lambda: T.exp(x / 2) / (T.exp(x / 2) + T.exp(-x / 2)),
        "softplus": lambda: T.exp(-T.nnet.softplus(-x)),
    }
    return forms[name]()


LOGISTIC = ("tanh of half", "half of tanh", "a half less tanh", "two exponentials", "softplus")
DENSITIES: Any = (
    lambda x: 0.3 * T.exp(-((x - 1) ** 2) / 2) + 0.7 * T.exp(-((x + 1) ** 2) / 8),
    lambda x: 0.3 * mp.exp(-((x - 1) ** 2) / 2) + 0.7 * mp.exp(-((x + 1) ** 2) / 8),
)
LOSSES: dict[str, tuple[Callable[[Any], Any], Exact]] = {
    **{
        f"log of {name}": (
            lambda x, name=name: T.log(logistic(x, name)).sum(),  # type: ignore[misc]
            each(log_sigmoid),
        )
        for name in LOGISTIC
    },
    "log(cosh(x))": (lambda x: T.log(T.cosh(x)).sum(), each(lambda x: mp.log(mp.cosh(x)))),
    "log(exp(x) + exp(-x))": (
        lambda x: T.log(T.exp(x) + T.exp(-x)).sum(),
        each(lambda x: mp.log(2 * mp.cosh(x))),
    ),
    "log(1 - tanh(x)**2)": (
        lambda x: T.log(1 - T.tanh(x) ** 2).sum(),
        each(lambda x: -2 * mp.log(mp.cosh(x))),
    ),
    "tanh written out": (
        lambda x: ((T.exp(x) - T.exp(-x)) / (T.exp(x) + T.exp(-x))).sum(),
        each(mp.tanh),
    ),
    "a product of sigmoids": (
        lambda x: T.log(T.prod(T.nnet.sigmoid(x))),
        each(log_sigmoid),
    ),
    "two sigmoids": (
        lambda x: T.log(T.nnet.sigmoid(x) * T.nnet.sigmoid(-x)).sum(),
        each(lambda x: log_sigmoid(x) + log_sigmoid(-x)),
    ),
    "a root of a sigmoid": (
        lambda x: T.log(T.sqrt(T.nnet.sigmoid(x))).sum(),
        each(lambda x: log_sigmoid(x) / 2),
    ),
    "log odds": (
        lambda x: T.log(T.nnet.sigmoid(x) / (1 - T.nnet.sigmoid(x))).sum(),
        each(lambda x: x),
    ),
    "log of a mean of exponentials": (
        lambda x: T.log(T.exp(x).mean()),
        lambda xs: mp.log(total(xs) / len(xs)),
    ),
    "log of 1 and a sum": (
        lambda x: T.log(1 + T.exp(x).sum()),
        lambda xs: mp.log(1 + total(xs)),
    ),
    "weights in a wider dtype": (
        lambda x: T.log((np.array([0.2, 0.3, 0.5]) * T.exp(x)).sum()),
        lambda xs: mp.log(mp.fsum(w * mp.exp(x) for w, x in zip(WEIGHTS, xs, strict=True))),
    ),
    "joined exponentials": (
        lambda x: T.log(T.concatenate([T.exp(x), 2 * T.exp(2 * x)]).sum()),
        lambda xs: mp.log(total(xs) + 2 * total([2 * x for x in xs])),
    ),
    "chosen exponentials": (
        lambda x: T.log(T.switch(T.gt(x, 0), T.exp(x), T.exp(2 * x)).sum()),
        lambda xs: mp.log(total([x if x > 0 else 2 * x for x in xs])),
    ),
    "a mixture of two densities": (
        lambda x: T.log(DENSITIES[0](x)).sum(),
        each(lambda x: mp.log(DENSITIES[1](x))),
    ),
    "stacked densities": (
        lambda x: T.log(T.stack([T.exp(-(x**2)), 3 * T.exp(-((x - 2) ** 2))]).sum(0)).sum(),
        each(lambda x: mp.log(mp.exp(-(x**2)) + 3 * mp.exp(-((x - 2) ** 2)))),
    ),
    "log to base 2": (
        lambda x: T.log2(T.nnet.sigmoid(x)).sum(),
        each(lambda x: log_sigmoid(x) / mp.log(2)),
    ),
    "a normal distribution": (
        lambda x: T.log(0.5 * (1 + T.erf(x / 40))).sum(),
        each(lambda x: mp.log(mp.erfc(-x / 40) / 2)),
    ),
    "softmax, reordered": (
        lambda x: T.log((T.exp(x)[::-1] / T.exp(x).sum())[::-1])[0],
        lambda xs: xs[0] - mp.log(total(xs)),
    ),
    "softmax, filled": (
        lambda x: T.log(T.exp(x) / T.alloc(T.exp(x).sum(), x.shape[0])).sum(),
        lambda xs: mp.fsum(xs) - 3 * mp.log(total(xs)),
    ),
    "softmax, repeated": (
        lambda x: T.log(T.repeat(T.exp(x) / T.exp(x).sum(), 2)).sum(),
        lambda xs: 2 * mp.fsum(xs) - 6 * mp.log(total(xs)),
    ),
    "softmax, sorted": (
        lambda x: T.log(T.sort(T.exp(x) / T.exp(x).sum()))[2],
        lambda xs: max(xs) - mp.log(total(xs)),
    ),
    "softmax, its maximum": (
        lambda x: T.log((T.exp(x) / T.exp(x).sum()).max()),
        lambda xs: max(xs) - mp.log(total(xs)),
    ),
    "a part of a softmax": (
        lambda x: T.log((T.exp(x) / T.exp(x).sum())[:2].sum()),
        lambda xs: mp.log(total(xs[:2])) - mp.log(total(xs)),
    ),
}  # fmt: skip
DIFFERENCES = ("tanh written out", "softmax", "a part of a softmax")
"""Losses whose derivatives are differences of numbers near 1, which is what is rounded."""


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_is_right_at_every_logit(name: str, dtype: str) -> None:
    """In value, gradient and right product."""
    build, exact = LOSSES[name]
    tangent = np.array([0.5, 1.25, -0.75], dtype)
    with config.change_flags(floatX=dtype):
        x, v = T.vectors("x", "v")
        cost = T.cast(build(x), dtype)
        run = function([x, v], [cost, T.grad(cost, x), Rop(cost, x, v)])
    for point in POINTS:
        value, gradient, product = run(np.array(point, dtype), tangent)
        wanted, slopes = exact_derivatives(exact, point)
        limit = TOLERANCE[dtype]
        np.testing.assert_allclose(value, wanted, rtol=limit, atol=limit)
        rounded = 1.0 if name.startswith(DIFFERENCES) else np.abs(slopes).max()
        tiny = limit * rounded + 1e-37
        np.testing.assert_allclose(gradient, slopes, rtol=limit, atol=tiny)
        np.testing.assert_allclose(product, slopes @ tangent, rtol=limit, atol=3 * tiny)


def exact_derivatives(exact: Exact, point: tuple[float, ...]) -> tuple[float, Any]:
    """The value, and the gradient by differences in hundreds of digits."""
    with mp.workdps(1000):
        step = mp.mpf(10) ** -60
        xs = [mp.mpf(one) for one in point]
        slopes = []
        for place in range(len(xs)):
            above, below = ([*xs[:place], xs[place] + sign * step, *xs[place + 1 :]]
                            for sign in (1, -1))  # fmt: skip
            slopes.append(float((exact(above) - exact(below)) / (2 * step)))
        return float(exact(xs)), np.array(slopes)
