"""The fixed order in which floating point numbers are added and multiplied up.

Rounding makes the order of a sum part of what it is. Ours is written here once, depends on the
sizes alone (not on the machine, the layout, what the sum is fused with, or the number of threads),
and lends itself to vector code:

* Along the last axis the elements are dealt in turn to `lanes(dtype)` lanes (128 bytes' worth),
  block by block of `BLOCK_STEPS` elements a lane. A lane adds its elements in order. A block's
  lanes are then folded in halves: lane k takes lane k + half, until one is left.
* Along the other axes, which are taken together in row-major order, the elements at one place of
  the kept axes are added block by block of `BLOCK_ROWS`, those of a block one after another.
* The blocks of either kind are combined pairwise like the leaves of a balanced tree: neighbours
  first, an odd last one passes through.

An element thus takes part in at most `BLOCK_STEPS` - 1 + log2(lanes) + log2(blocks) additions along
the last axis, and `BLOCK_ROWS` - 1 + log2(blocks) along the others. The error of a sum is at most
that number of roundings of the sum of absolute values (Higham, Accuracy and Stability of Numerical
Algorithms, section 4.2): it grows with the logarithm of the length, as in NumPy's pairwise
summation, which NumPy uses along one axis only. (The relative error of a product grows with the
number of its factors in any order.) Blocks are independent of each other, so several cores may
share them and give the same bits.

>>> fold_last_axis("add", np.array([[1.0, 2.0, 3.0]]))
array([6.])
"""

from collections.abc import Callable

import numpy as np

from lltheano_ir.dtypes import DType, dtype_of
from lltheano_ir.ops.definition import Array
from lltheano_ir.ops.elementwise.complexes import product

__all__ = [
    "BLOCK_ROWS",
    "BLOCK_STEPS",
    "LANE_BYTES",
    "fold_last_axis",
    "fold_leading_axes",
    "is_rounded",
    "lanes",
    "neutral",
]

LANE_BYTES = 128
"""The width of the row of partial sums: four 256-bit registers, enough to hide the latency of an
add.
"""

BLOCK_STEPS = 64
"""Elements that a lane takes in one block."""

BLOCK_ROWS = 128
"""Elements that are added one after another along axes other than the last; a power of two."""


def lanes(dtype: DType) -> int:
    """The number of partial results that a reduction over the last axis keeps.

    >>> from lltheano_ir.dtypes import f32, f64
    >>> lanes(f32), lanes(f64)
    (32, 16)
    """
    return LANE_BYTES // dtype.itemsize


def is_rounded(kind: str, dtype: DType) -> bool:
    """Whether a reduction rounds, so that its order matters: a sum or product of floats.

    >>> from lltheano_ir.dtypes import f32, i64
    >>> is_rounded("add", f32), is_rounded("add", i64), is_rounded("max", f32)
    (True, False, False)
    """
    return kind in ("add", "mul") and (dtype.is_float or dtype.is_complex)


_STEPS: dict[str, Callable[[Array, Array], Array]] = {"add": np.add, "mul": product}


def neutral(kind: str, dtype: np.dtype[np.generic]) -> Array:
    """The element that changes nothing: -0.0 for a floating sum (0.0 would turn -0.0 into 0.0), 1
    for a product.
    """
    if kind == "add":
        zero = {"f": -0.0, "c": complex(-0.0, -0.0)}.get(dtype.kind, 0)
        return np.asarray(zero, dtype=dtype)
    return np.asarray(1, dtype=dtype)


def fold_last_axis(kind: str, x: Array) -> Array:
    """Reduce the last axis of `x` by "add" or "mul" in the fixed order, removing it."""
    function = _STEPS[kind]
    count = x.shape[-1]
    if count == 0:
        return np.full(x.shape[:-1], 0 if kind == "add" else 1, dtype=x.dtype)
    width = lanes(dtype_of(x.dtype))
    steps = min(BLOCK_STEPS, -(-count // width))
    blocks = -(-count // (width * steps))
    padded = np.full((*x.shape[:-1], blocks * steps * width), neutral(kind, x.dtype), x.dtype)
    padded[..., :count] = x
    partial = padded.reshape(*x.shape[:-1], blocks, steps, width)
    total = partial[..., 0, :]
    for step in range(1, steps):
        total = function(total, partial[..., step, :])
    while total.shape[-1] > 1:
        half = total.shape[-1] // 2
        total = function(total[..., :half], total[..., half:])
    return _fold_pairwise(kind, np.moveaxis(total[..., 0], -1, 0))


def _fold_pairwise(kind: str, blocks: Array) -> Array:
    """Combine the parts along the first axis, of which there is one at least."""
    while len(blocks) > 1:
        even = len(blocks) // 2 * 2
        pairs = _STEPS[kind](blocks[0:even:2], blocks[1:even:2])
        blocks = np.concatenate([pairs, blocks[even:]])
    return np.asarray(blocks[0])


def fold_leading_axes(kind: str, x: Array, axes: tuple[int, ...]) -> Array:
    """Reduce `axes` of `x` by "add" or "mul" in the fixed order of the axes
    that are not the last.

    >>> fold_leading_axes("add", np.ones((300, 2), np.float32), (0,))
    array([300., 300.], dtype=float32)
    """
    moved = np.moveaxis(x, axes, range(len(axes)))
    kept = moved.shape[len(axes) :]
    rows = moved.reshape(int(np.prod(moved.shape[: len(axes)], dtype=np.int64)), *kept)
    if len(rows) == 0:
        return np.full(kept, 0 if kind == "add" else 1, dtype=x.dtype)
    count = len(rows) // BLOCK_ROWS
    whole = count * BLOCK_ROWS
    in_blocks = rows[:whole].reshape(count, BLOCK_ROWS, *kept)
    blocks = [_fold_in_order(kind, in_blocks)] if whole else []
    if whole < len(rows):
        blocks.append(_fold_in_order(kind, rows[np.newaxis, whole:]))
    return np.asarray(_fold_pairwise(kind, np.concatenate(blocks)), dtype=x.dtype)


def _fold_in_order(kind: str, blocks: Array) -> Array:
    """Combine along the second axis, one element after another."""
    total = blocks[:, 0]
    for step in range(1, blocks.shape[1]):
        total = _STEPS[kind](total, blocks[:, step])
    return total
