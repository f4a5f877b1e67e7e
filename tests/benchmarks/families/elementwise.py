"""Elementwise expressions over vectors, in caches and out of them."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

import lltheano.tensor as T
from lltheano import function
from tests.benchmarks.families.case import Case, Computation

__all__ = ["cases"]

SIZES = (1_000, 100_000, 10_000_000)

Expression = Callable[..., Any]


def multiply_add(of: Any, a: Any, b: Any, c: Any) -> Any:
    """Nothing but memory to wait for."""
    return a * b + c


def tanh_exp(of: Any, a: Any, b: Any, c: Any, d: Any) -> Any:
    """Three transcendental functions and what is between them, of the module `of`."""
    return of.tanh(a * b) + of.exp(-c * c) * of.sin(d)


def _normal(count: int, size: int, dtype: str) -> Sequence[NDArray[Any]]:
    generator = np.random.default_rng(7)
    return [generator.normal(size=size).astype(dtype) for _ in range(count)]


def _lltheano(expression: Expression, count: int, dtype: str) -> Computation:
    variables = [T.TensorType(dtype, (False,))(name) for name in "abcd"[:count]]
    compiled: Computation = function(variables, expression(T, *variables))
    return compiled


def _jax(expression: Expression, dtype: str) -> Computation:
    jax = import_module("jax")
    if dtype == "float64":
        jax.config.update("jax_enable_x64", True)
    compiled = jax.jit(partial(expression, jax.numpy))
    return lambda *arrays: np.asarray(compiled(*arrays))


def _torch(expression: Expression) -> Computation:
    torch = import_module("torch")
    return lambda *arrays: expression(torch, *map(torch.from_numpy, arrays)).numpy()


def _numexpr(text: str) -> Computation:
    numexpr = import_module("numexpr")
    return lambda *arrays: numexpr.evaluate(text, dict(zip("abcd", arrays, strict=False)))


def _numba_multiply_add() -> Computation:
    numba = import_module("numba")

    def loop(a: Any, b: Any, c: Any) -> Any:
        out = np.empty_like(a)
        for i in numba.prange(a.size):
            out[i] = a[i] * b[i] + c[i]
        return out

    compiled: Computation = numba.njit(parallel=True)(loop)
    return compiled


def _numba_tanh_exp() -> Computation:
    numba = import_module("numba")

    def loop(a: Any, b: Any, c: Any, d: Any) -> Any:
        out = np.empty_like(a)
        for i in numba.prange(a.size):
            out[i] = np.tanh(a[i] * b[i]) + np.exp(-c[i] * c[i]) * np.sin(d[i])
        return out

    compiled: Computation = numba.njit(parallel=True)(loop)
    return compiled


def cases(sizes: Sequence[int] = SIZES) -> Iterator[Case]:
    """Every case of the family, at these sizes."""
    kinds: list[tuple[str, Expression, int, int, str, Callable[[], Computation]]] = [
        ("fma", multiply_add, 3, 2, "a*b+c", _numba_multiply_add),
        ("tanhexp", tanh_exp, 4, 8, "tanh(a*b)+exp(-c*c)*sin(d)", _numba_tanh_exp),
    ]
    for name, expression, count, flops, text, loop in kinds:
        for dtype in ("float32", "float64"):
            implementations: dict[str, Callable[[], Computation]] = {
                "lltheano": partial(_lltheano, expression, count, dtype),
                "numba": loop,
                "numexpr": partial(_numexpr, text),
                "jax": partial(_jax, expression, dtype),
                "torch": partial(_torch, expression),
            }
            for size in sizes:
                yield Case(
                    f"elementwise/{name}/n{size:.0e}/{dtype}",
                    partial(_normal, count, size, dtype),
                    partial(expression, np),
                    implementations,
                    (count + 1) * size * np.dtype(dtype).itemsize,
                    flops * size,
                )
