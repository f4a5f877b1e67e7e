"""The cases: what a user writes in LLTheano beside what the same user writes in NumPy."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

import lltheano
import lltheano.tensor as T
from lltheano import Function, function, shared

__all__ = ["CASES", "Case", "Trial", "chain", "multiply_add"]

Array = NDArray[Any]

SIZES = (1_000, 100_000, 10_000_000)
DTYPES = ("float32", "float64")


@dataclass(frozen=True)
class Trial:
    """A case made ready: two calls that do the same, their results, and what `ours` calls."""

    ours: Callable[[], Any]
    peer: Callable[[], Any]
    results: Callable[[], tuple[Any, Any]]
    function: Function


@dataclass(frozen=True)
class Case:
    """The ratio peer / ours must reach `mark`, or else ours take `most` microseconds at most."""

    name: str
    make: Callable[[], Trial]
    mark: float = 1.0
    most: float | None = None


def _accumulator() -> Trial:
    state = shared(0)
    inc = T.iscalar("inc")
    accumulate = function([inc], state, updates=[(state, state + inc)])
    plain = {"state": np.asarray(0)}

    def peer() -> Array:
        old = plain["state"]
        plain["state"] = np.add(old, 1)
        return old

    def results() -> tuple[Any, Any]:
        state.set_value(0)
        plain["state"] = np.asarray(0)
        return [accumulate(1) for _ in range(3)], [peer() for _ in range(3)]

    return Trial(lambda: accumulate(1), peer, results, accumulate)


def _normal(count: int, size: int, dtype: str) -> list[Array]:
    generator = np.random.default_rng(7)
    return [generator.normal(size=size).astype(dtype) for _ in range(count)]


def _pure(
    expression: Callable[..., Any], reference: Callable[..., Any], arrays: list[Array]
) -> Trial:
    """A function of arrays, written once for both but for the module that its functions are of."""
    dtype = str(arrays[0].dtype)
    variables = [
        T.TensorType(dtype, (False,) * array.ndim)(f"x{i}") for i, array in enumerate(arrays)
    ]
    compiled = function(variables, expression(*variables))
    return Trial(
        lambda: compiled(*arrays),
        lambda: reference(*arrays),
        lambda: (compiled(*arrays), reference(*arrays)),
        compiled,
    )


def multiply_add(size: int, dtype: str) -> Trial:
    """One multiplication and one addition: nothing but memory to wait for."""

    def expression(a: Any, b: Any, c: Any) -> Any:
        return a * b + c

    return _pure(expression, expression, _normal(3, size, dtype))


def chain(size: int, dtype: str) -> Trial:
    """Three transcendental functions and what is between them, fused."""
    return _pure(
        lambda a, b, c, d: T.tanh(a * b) + T.exp(-c * c) * T.sin(d),
        lambda a, b, c, d: np.tanh(a * b) + np.exp(-c * c) * np.sin(d),
        _normal(4, size, dtype),
    )


def _sum(axis: int | None, dtype: str) -> Trial:
    (x,) = _normal(1, 1024 * 1024, dtype)
    return _pure(lambda v: v.sum(axis=axis), lambda v: v.sum(axis=axis), [x.reshape(1024, 1024)])


def _cumsum(axis: int, dtype: str) -> Trial:
    (x,) = _normal(1, 1024 * 1024, dtype)
    return _pure(lambda v: T.cumsum(v, axis), lambda v: np.cumsum(v, axis), [x.reshape(1024, 1024)])


def _ordered(name: str, size: int, dtype: str) -> Trial:
    """A function of both modules that puts a vector in order; ours keep the order of ties."""
    peer = partial(np.argsort, kind="stable") if name == "argsort" else getattr(np, name)
    return _pure(getattr(T, name), peer, _normal(1, size, dtype))


def _training_step(batch: int, dtype: str) -> Trial:
    """Softmax regression on images of 64 pixels and ten classes: one step of gradient descent."""
    generator = np.random.default_rng(3)
    images = generator.random((batch, 64)).astype(dtype)
    labels = generator.integers(0, 10, batch)
    start = (0.01 * generator.normal(size=(64, 10))).astype(dtype)
    rate = np.asarray(0.1, dtype)
    x = T.TensorType(dtype, (False, False))("x")
    y = T.lvector("y")
    weights, bias = shared(start, "W"), shared(np.zeros(10, dtype), "b")
    p = T.nnet.softmax(T.dot(x, weights) + bias)
    cost = -T.mean(T.log(p)[T.arange(y.shape[0]), y])
    slopes = lltheano.grad(cost, [weights, bias])
    updates = [(weights, weights - rate * slopes[0]), (bias, bias - rate * slopes[1])]
    step = function([x, y], cost, updates=updates)
    plain = [start.copy(), np.zeros(10, dtype)]

    def peer() -> Any:
        z = images @ plain[0] + plain[1]
        e = np.exp(z - z.max(axis=1, keepdims=True))
        q = e / e.sum(axis=1, keepdims=True)
        rows = np.arange(batch)
        value = -np.log(q[rows, labels]).mean()
        q[rows, labels] -= 1
        q /= dtype_of_batch
        plain[0] -= rate * (images.T @ q)
        plain[1] -= rate * q.sum(axis=0)
        return value

    dtype_of_batch = np.asarray(batch, dtype)

    def results() -> tuple[Any, Any]:
        weights.set_value(start)
        bias.set_value(np.zeros(10, dtype))
        plain[:] = [start.copy(), np.zeros(10, dtype)]
        return [step(images, labels) for _ in range(3)], [peer() for _ in range(3)]

    return Trial(lambda: step(images, labels), peer, results, step)


def _cases() -> Iterator[Case]:
    yield Case("call: accumulator", _accumulator, most=3.0)
    for dtype in DTYPES:
        for size in SIZES:
            yield Case(f"a*b+c, n={size:.0e} {dtype}", partial(multiply_add, size, dtype))
        for size in SIZES:
            yield Case(f"tanh-exp-sin, n={size:.0e} {dtype}", partial(chain, size, dtype))
        for axis in (None, 0, 1):
            yield Case(f"sum 1024x1024, axis {axis} {dtype}", partial(_sum, axis, dtype))
        for axis in (0, 1):
            yield Case(f"cumsum 1024x1024, axis {axis} {dtype}", partial(_cumsum, axis, dtype))
        for size in (100_000, 1_000_000):
            for one in ("sort", "argsort", "unique"):
                yield Case(f"{one}, n={size:.0e} {dtype}", partial(_ordered, one, size, dtype))
        for batch in (60, 600):
            name = f"softmax regression step, {batch}x64x10 {dtype}"
            yield Case(name, partial(_training_step, batch, dtype))


CASES = tuple(_cases())
"""Every case of the first marks. The accumulator's mark is its own time, not NumPy's."""
