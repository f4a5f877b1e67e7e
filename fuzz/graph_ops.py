"""The ops of fuzzed graphs: how each is written in the tensor language, and what NumPy calls it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

import lltheano.tensor as T
from fuzz.images import convolved, pooled, symbolic_convolution, symbolic_pool
from lltheano.ifelse import ifelse

__all__ = ["GRAPH_OPS", "GraphOp"]

Array: TypeAlias = NDArray[Any]
Meaning: TypeAlias = Callable[..., Any]


@dataclass(frozen=True)
class GraphOp:
    """How an op is written in the tensor language, and what NumPy calls it.

    Both are called with the operands and then the settings.
    """

    symbolic: Meaning
    numpy: Meaning
    arity: int


def _same(name: str, arity: int) -> GraphOp:
    return GraphOp(getattr(T, name), getattr(np, name), arity)


def _shuffled(x: Array, order: Sequence[int | None]) -> Array:
    kept = [axis for axis in order if axis is not None]
    dropped = tuple(axis for axis in range(x.ndim) if axis not in kept)
    moved = np.transpose(x, [*kept, *dropped])
    moved = moved.reshape(moved.shape[: len(kept)])
    return np.expand_dims(moved, tuple(i for i, axis in enumerate(order) if axis is None))


def _joined(x: Array, y: Array) -> Array:
    """The complex numbers with these parts, as Theano has it: c64 where both fit float32."""
    if "c" in x.dtype.kind + y.dtype.kind:
        raise TypeError("the parts must be real")
    parts = np.broadcast_arrays(x, y)
    wide = any(one.dtype.itemsize >= (8 if one.dtype.kind == "f" else 4) for one in parts)
    result = np.empty(parts[0].shape, "complex128" if wide else "complex64")
    result.real, result.imag = parts
    return result


def _softmax(x: Array) -> Array:
    if x.ndim == 1:
        x = x[np.newaxis]  # as in Theano, a vector is taken for a row
    raised = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))


def _keys(key: Sequence[Any]) -> tuple[Any, ...]:
    """An index from its written form: numbers, null for a new axis, and [start, stop, step]."""
    return tuple(slice(*one) if isinstance(one, list | tuple) else one for one in key)


def _written(x: Array, new: Array, key: Sequence[Any], *, add: bool) -> Array:
    result = x.copy()
    if add:
        result[_keys(key)] += new
    else:
        result[_keys(key)] = new
    return result


def _picked(x: Array, index: Array) -> Array:
    _require_fit(x, index)
    return np.asarray(x[index])


def _cleared(x: Array, index: Array) -> Array:
    _require_fit(x, index)
    result = x.copy()
    result[index] = 0
    return result


def _require_fit(x: Array, mask: Array) -> None:
    """NumPy lets a mask without elements stand for axes of any size; T does not."""
    if mask.dtype == bool and mask.shape != x.shape[: mask.ndim]:
        raise IndexError("a mask of another shape")


def _chosen(c: Array, x: Array, y: Array) -> Array:
    if x.dtype != y.dtype or x.ndim != y.ndim:
        raise TypeError("what a branch gives is of one type")
    return x if c.any() else y


def _logsumexp(x: Array, axis: Any) -> Array:
    top = np.max(x, axis=axis, keepdims=True)
    return np.asarray(
        np.squeeze(np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)) + top, axis)
    )


GRAPH_OPS: Mapping[str, GraphOp] = {
    **{name: _same(name, 2) for name in ("maximum", "minimum")},
    **{name: _same(name, 1) for name in ("tanh", "cos")},
    "floor": GraphOp(T.floor, lambda x: np.floor(x * 1.0), 1),  # as in Theano, gives floats
    "add": GraphOp(lambda x, y: x + y, lambda x, y: x + y, 2),
    "sub": GraphOp(lambda x, y: x - y, lambda x, y: x - y, 2),
    "mul": GraphOp(lambda x, y: x * y, lambda x, y: x * y, 2),
    "neg": GraphOp(lambda x: -x, lambda x: -x, 1),
    **{name: _same(name, 1) for name in ("conj", "exp", "imag", "real")},
    "complex": GraphOp(T.complex, _joined, 2),
    "sqr": GraphOp(T.sqr, lambda x: x * x, 1),
    "sigmoid": GraphOp(T.sigmoid, lambda x: 1 / (1 + np.exp(-x)), 1),
    "switch": GraphOp(T.switch, np.where, 3),
    "lt": GraphOp(T.lt, np.less, 2),
    "eq": GraphOp(T.eq, np.equal, 2),
    "sum": GraphOp(T.sum, np.sum, 1),
    "mean": GraphOp(T.mean, np.mean, 1),
    "max": GraphOp(T.max, np.max, 1),
    "argmax": GraphOp(T.argmax, np.argmax, 1),
    **{
        name: _same(name, 1)
        for name in ("prod", "min", "any", "all", "std", "var", "ptp", "median")
    },
    **{name: _same(name, 1) for name in ("argmin", "cumsum", "cumprod", "sort", "squeeze")},
    "argsort": GraphOp(T.argsort, lambda x, axis: np.argsort(x, axis, stable=True), 1),
    "logsumexp": GraphOp(T.logsumexp, _logsumexp, 1),
    "abs": GraphOp(abs, np.abs, 1),
    "clip": GraphOp(T.clip, lambda x, *ends: np.clip(x.astype(np.result_type(x, "i1")), *ends), 1),
    "round": GraphOp(T.round, lambda x: np.round(x * 1.0), 1),
    "diff": GraphOp(T.diff, np.diff, 1),
    "swapaxes": GraphOp(T.swapaxes, np.swapaxes, 1),
    "stack": GraphOp(lambda x, y: T.stack([x, y]), lambda x, y: np.stack([x, y]), 2),
    "triu": GraphOp(T.triu, np.triu, 1),
    "outer": GraphOp(T.outer, np.outer, 2),
    "nonzero_values": GraphOp(lambda x: x.nonzero_values(), lambda x: x[x.nonzero()], 1),
    "where_above": GraphOp(lambda x, y: x[x > y], lambda x, y: x[x > y], 2),
    "unique": GraphOp(T.unique, np.unique, 1),
    "searchsorted": GraphOp(
        lambda x, y: T.searchsorted(T.sort(x), y), lambda x, y: np.searchsorted(np.sort(x), y), 2
    ),
    "dot": GraphOp(T.dot, np.dot, 2),
    **{name: _same(name, 2) for name in ("matmul", "kron", "logical_and", "logical_or", "fmax")},
    **{name: _same(name, 1) for name in ("nansum", "nanmax", "nanmin", "count_nonzero")},
    **{name: _same(name, 1) for name in ("isfinite", "logical_not", "atleast_2d")},
    "hstack": GraphOp(lambda x, y: T.hstack([x, y]), lambda x, y: np.hstack([x, y]), 2),
    "vstack": GraphOp(lambda x, y: T.vstack([x, y]), lambda x, y: np.vstack([x, y]), 2),
    "einsum": GraphOp(
        lambda x, y: T.einsum("...i,...i->...", x, y),
        lambda x, y: np.einsum("...i,...i->...", x, y),
        2,
    ),
    "softmax": GraphOp(T.nnet.softmax, _softmax, 1),
    "transpose": GraphOp(lambda x: x.T, lambda x: x.T, 1),
    "dimshuffle": GraphOp(
        lambda x, order: x.dimshuffle(*(("x" if one is None else one) for one in order)),
        _shuffled,
        1,
    ),
    "flatten": GraphOp(lambda x: x.flatten(), np.ravel, 1),
    "reshape": GraphOp(lambda x, sizes: x.reshape(tuple(sizes)), np.reshape, 1),
    "index": GraphOp(lambda x, key: x[_keys(key)], lambda x, key: x[_keys(key)], 1),
    "take": GraphOp(lambda x, where: x[list(where)], lambda x, where: x[list(where)], 1),
    "set_subtensor": GraphOp(
        lambda x, new, key: T.set_subtensor(x[_keys(key)], new),
        lambda x, new, key: _written(x, new, key, add=False),
        2,
    ),
    "inc_subtensor": GraphOp(
        lambda x, new, key: T.inc_subtensor(x[_keys(key)], new),
        lambda x, new, key: _written(x, new, key, add=True),
        2,
    ),
    "pick": GraphOp(lambda x, index: x[index], _picked, 2),
    "clear": GraphOp(lambda x, index: T.set_subtensor(x[index], 0), _cleared, 2),
    "tile": GraphOp(T.tile, np.tile, 1),
    "repeat": GraphOp(T.repeat, np.repeat, 1),
    "roll": GraphOp(T.roll, np.roll, 1),
    "flip": GraphOp(T.flip, np.flip, 1),
    "diagonal": GraphOp(T.diagonal, np.diagonal, 1),
    "tril": GraphOp(T.tril, np.tril, 1),
    "concatenate": GraphOp(
        lambda x, y, axis: T.concatenate([x, y], axis),
        lambda x, y, axis: np.concatenate([x, y], axis),
        2,
    ),
    "ifelse": GraphOp(lambda c, x, y: ifelse(T.any(c), x, y), _chosen, 3),
    "conv2d": GraphOp(symbolic_convolution, convolved, 2),
    "pool_2d": GraphOp(symbolic_pool, pooled, 1),
    "cast": GraphOp(T.cast, lambda x, dtype: x.astype(dtype), 1),
}
"""Every op that recipes use, by the name that they are written with."""
