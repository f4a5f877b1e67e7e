"""Convolutions and pooling of fuzzed graphs: in the tensor language, and by NumPy's windows."""

import itertools
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

import lltheano.tensor as T
from lltheano.tensor.signal.pool import pool_2d

__all__ = ["convolved", "pooled", "symbolic_convolution", "symbolic_pool"]

Array: TypeAlias = NDArray[Any]
Pair: TypeAlias = Sequence[int]


def symbolic_convolution(
    x: Any, w: Any, border: Any, step: Pair, dilation: Pair, flips: bool, groups: int
) -> Any:
    """The convolution of one image with filters, as tensors of three axes."""
    filters = w.dimshuffle(0, "x", 1, 2) if groups > 1 else w.dimshuffle("x", 0, 1, 2)
    return T.nnet.conv2d(
        x.dimshuffle("x", 0, 1, 2),
        filters,
        border_mode=border if isinstance(border, str) else tuple(map(tuple, border)),
        subsample=tuple(step),
        filter_dilation=tuple(dilation),
        filter_flip=flips,
        num_groups=groups,
    )[0]


def convolved(
    x: Array, w: Array, border: Any, step: Pair, dilation: Pair, flips: bool, groups: int
) -> Array:
    """What `symbolic_convolution` stands for; ValueError for sizes that do not go together."""
    if x.ndim != 3 or w.ndim != 3 or len(x) != len(w) or groups not in (1, len(x)):
        raise ValueError("channels differ")
    if x.dtype.kind != "f" or w.dtype.kind != "f" or not w.size:
        raise TypeError("convolutions of floats")
    spans = [(size - 1) * apart for size, apart in zip(w.shape[1:], dilation, strict=True)]
    framed = np.pad(x, [(0, 0), *_sides(border, spans)])
    windows = sliding_window_view(framed, [span + 1 for span in spans], axis=(1, 2))
    windows = windows[:, :: step[0], :: step[1], :: dilation[0], :: dilation[1]]
    if flips:
        w = w[:, ::-1, ::-1]
    products = windows * w[:, np.newaxis, np.newaxis]
    by_channel = products.sum(axis=(3, 4))
    return np.asarray(by_channel if groups > 1 else by_channel.sum(axis=0, keepdims=True))


def _sides(border: Any, spans: Sequence[int]) -> list[tuple[int, int]]:
    if border == "valid":
        return [(0, 0) for _ in spans]
    if border == "full":
        return [(span, span) for span in spans]
    if border == "half":
        return [((span + 1) // 2, (span + 1) // 2) for span in spans]
    return [(before, after) for before, after in border]


def symbolic_pool(x: Any, window: Pair, step: Pair, pad: Pair, ignores: bool, mode: str) -> Any:
    """The last two axes pooled."""
    return pool_2d(x, tuple(window), ignores, tuple(step), tuple(pad), mode)


def pooled(x: Array, window: Pair, step: Pair, pad: Pair, ignores: bool, mode: str) -> Array:
    """What `symbolic_pool` stands for: one window after the other."""
    if x.ndim < 2 or x.dtype.kind != "f" or 0 in x.shape[-2:]:
        raise TypeError("pooling of images of floats")
    sizes = [size + 2 * side for size, side in zip(x.shape[-2:], pad, strict=True)]
    starts = [
        _starts(size, length, apart, ignores)
        for size, length, apart in zip(sizes, window, step, strict=True)
    ]
    if not all(starts):
        raise ValueError("no window fits")
    images: Any = x
    result: Any = np.empty((*x.shape[:-2], *map(len, starts)), x.dtype)
    for place in itertools.product(*(range(len(one)) for one in starts)):
        ends = [
            (starts[axis][at], min(starts[axis][at] + window[axis], sizes[axis]))
            for axis, at in enumerate(place)
        ]
        inside = [
            slice(max(start - side, 0), max(end - side, 0))
            for (start, end), side in zip(ends, pad, strict=True)
        ]
        held = images[(..., *inside)]
        whole = int(np.prod([end - start for start, end in ends]))
        result[(..., *place)] = _of_window(held, whole, mode)
    return np.asarray(result)


def _starts(size: int, length: int, step: int, ignores: bool) -> list[int]:
    """Where windows begin: inside wholly, or until one reaches the end."""
    if ignores:
        return list(range(0, size - length + 1, step))
    starts = [0]
    while starts[-1] + max(step, length) < size:
        starts.append(starts[-1] + step)
    return starts


def _of_window(held: Array, whole: int, mode: str) -> Array:
    if mode == "max":
        return np.asarray(held.max(axis=(-2, -1)))
    total = held.sum(axis=(-2, -1), dtype=held.dtype)
    if mode == "sum":
        return np.asarray(total)
    count = whole if mode == "average_inc_pad" else held.shape[-2] * held.shape[-1]
    return np.asarray(total / held.dtype.type(count))
