"""Recipes of symbolic graphs, each with arrays for its leaves.

A recipe grows step by step, and each step is computed by NumPy at once, so that only steps whose
operands fit are kept.
"""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from fuzz.graph_ops import GRAPH_OPS
from fuzz.graphs import GraphCase, Leaf, Recipe, Step
from fuzz.strategies.arrays import arrays
from lltheano.tensor.variables.variable import TensorType
from lltheano_ir.dtypes import dtype_of

__all__ = ["graph_cases"]

Array: TypeAlias = NDArray[Any]

_DTYPES = (
    *("float64", "float64", "float32", "int64", "int32", "int8", "uint8", "bool"),
    *("complex128", "complex64"),
)
_SIZES = (2, 3, 5, 17)


@dataclass
class _Growth:
    """What there is so far: for each leaf and step its array and the variable of the graph."""

    draw: st.DrawFn
    arrays: list[Array] = field(default_factory=list)
    variables: list[Any] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)

    def pick(self, wanted: Callable[[Array], bool] = lambda array: True) -> int | None:
        """The position of an array that is `wanted`, if there is one."""
        found = [i for i, array in enumerate(self.arrays) if wanted(array)]
        return self.draw(st.sampled_from(found)) if found else None


_ELEMENTWISE = (
    *("add", "sub", "mul", "maximum", "minimum", "switch", "lt", "eq", "complex", "fmax"),
    *("logical_and", "logical_or"),
)

Settings: TypeAlias = Callable[[_Growth, Sequence[Array]], tuple[Any, ...] | None]


def _axis(growth: _Growth, operands: Sequence[Array]) -> tuple[Any, ...] | None:
    if not operands[0].ndim:
        return None
    axes = [None, *range(operands[0].ndim)]
    return (growth.draw(st.sampled_from(axes)),)


def _one_axis(growth: _Growth, operands: Sequence[Array]) -> tuple[Any, ...] | None:
    if not operands[0].ndim:
        return None
    return (growth.draw(st.integers(0, operands[0].ndim - 1)),)


def _order(growth: _Growth, operands: Sequence[Array]) -> tuple[Any, ...]:
    order: list[int | None] = list(growth.draw(st.permutations(range(operands[0].ndim))))
    if len(order) < 3:
        order.insert(growth.draw(st.integers(0, len(order))), None)
    return (order,)


def _sizes(growth: _Growth, operands: Sequence[Array]) -> tuple[Any, ...]:
    size = operands[0].size
    return (growth.draw(st.sampled_from([[size], [-1], [1, size], [-1, 1], [size, 1]])),)


def _key(growth: _Growth, operands: Sequence[Array]) -> tuple[Any, ...] | None:
    if not operands[0].ndim:
        return None
    return ([_part(growth, size) for size in operands[0].shape],)


def _part(growth: _Growth, size: int) -> Any:
    if size and growth.draw(st.booleans()):
        return growth.draw(st.integers(-size, size - 1))
    ends = st.one_of(st.none(), st.integers(-size - 2, size + 2))
    step = growth.draw(st.sampled_from((None, 1, 2, -1, -2)))
    return [growth.draw(ends), growth.draw(ends), step]


def _places(growth: _Growth, operands: Sequence[Array]) -> tuple[Any, ...] | None:
    if not operands[0].ndim or not operands[0].shape[0]:
        return None
    size = operands[0].shape[0]
    return (growth.draw(st.lists(st.integers(-size, size - 1), min_size=1, max_size=4)),)


def _repetitions(growth: _Growth, operands: Sequence[Array]) -> tuple[Any, ...]:
    return (growth.draw(st.sampled_from([0, 1, 2, [2, 1], [1, 3]])),)


def _shift(growth: _Growth, operands: Sequence[Array]) -> tuple[Any, ...]:
    axes = [None, *range(operands[0].ndim)]
    return growth.draw(st.integers(-5, 5)), growth.draw(st.sampled_from(axes))


def _times(growth: _Growth, operands: Sequence[Array]) -> tuple[Any, ...]:
    axes = [None, *range(operands[0].ndim)]
    return growth.draw(st.integers(0, 3)), growth.draw(st.sampled_from(axes))


def _offset(growth: _Growth, operands: Sequence[Array]) -> tuple[Any, ...]:
    return (growth.draw(st.integers(-2, 2)),)


def _dtype(growth: _Growth, operands: Sequence[Array]) -> tuple[Any, ...]:
    whole, floats = ("complex128", "complex64"), ("float64", "float32")
    wide = {"c": whole, "f": (*floats, *whole)}.get(operands[0].dtype.kind, _DTYPES)
    return (growth.draw(st.sampled_from(wide)),)


def _last_axis(growth: _Growth, operands: Sequence[Array]) -> tuple[Any, ...] | None:
    return (-1,) if operands[0].ndim else None


def _last_axis_of_integers(growth: _Growth, operands: Sequence[Array]) -> tuple[Any, ...] | None:
    """The order of floats hangs on how they were rounded."""
    return None if operands[0].dtype.kind == "f" else _last_axis(growth, operands)


def _single_axis(growth: _Growth, operands: Sequence[Array]) -> tuple[Any, ...] | None:
    """An axis of size 1, if there is one."""
    axes = [axis for axis, size in enumerate(operands[0].shape) if size == 1]
    return (growth.draw(st.sampled_from(axes)),) if axes else None


def _two_axes(growth: _Growth, operands: Sequence[Array]) -> tuple[Any, ...] | None:
    found = _one_axis(growth, operands), _one_axis(growth, operands)
    return None if found[0] is None or found[1] is None else (*found[0], *found[1])


def _bounds(growth: _Growth, operands: Sequence[Array]) -> tuple[Any, ...]:
    low, high = sorted(growth.draw(st.lists(st.integers(-5, 5), min_size=2, max_size=2)))
    return low, high


def _pair(growth: _Growth, low: int, high: int) -> list[int]:
    return [growth.draw(st.integers(low, high)) for _ in range(2)]


def _convolution(growth: _Growth, operands: Sequence[Array]) -> tuple[Any, ...]:
    """Border, step, dilation, whether filters are turned around, and groups."""
    pads = [_pair(growth, 0, 3), _pair(growth, 0, 3)]
    border = growth.draw(st.sampled_from(["valid", "full", "half", pads]))
    groups = growth.draw(st.sampled_from([1, len(operands[0]) if operands[0].ndim else 1]))
    numbers = _pair(growth, 1, 3), _pair(growth, 1, 2)
    return (border, *numbers, growth.draw(st.booleans()), max(groups, 1))


def _pool(growth: _Growth, operands: Sequence[Array]) -> tuple[Any, ...]:
    """Window, step, padding, whether borders are ignored, and the mode."""
    window, ignores = _pair(growth, 1, 4), growth.draw(st.booleans())
    pad = [growth.draw(st.integers(0, length - 1)) if ignores else 0 for length in window]
    modes = ["max", "max", "sum", "average_inc_pad", "average_exc_pad"]
    return window, _pair(growth, 1, 4), pad, ignores, growth.draw(st.sampled_from(modes))


_SETTINGS: Mapping[str, Settings] = {
    **dict.fromkeys(("sum", "mean", "max", "min", "any", "all", "std", "var", "prod"), _axis),
    **dict.fromkeys(("ptp", "median", "logsumexp", "cumsum", "cumprod"), _axis),
    **dict.fromkeys(("nansum", "nanmax", "nanmin", "count_nonzero"), _axis),
    **dict.fromkeys(("argmax", "argmin"), _one_axis),
    "sort": _last_axis,
    "argsort": _last_axis_of_integers,
    "triu": _offset,
    "squeeze": _single_axis,
    "clip": _bounds,
    "diff": lambda growth, operands: (1, *(_one_axis(growth, operands) or (-1,))),
    "swapaxes": _two_axes,
    "dimshuffle": _order,
    "reshape": _sizes,
    "index": _key,
    "set_subtensor": _key,
    "inc_subtensor": _key,
    "take": _places,
    "concatenate": _one_axis,
    "tile": _repetitions,
    "repeat": _times,
    "roll": _shift,
    "flip": _axis,
    "diagonal": _offset,
    "tril": _offset,
    "conv2d": _convolution,
    "pool_2d": _pool,
    "cast": _dtype,
}


@st.composite
def graph_cases(draw: st.DrawFn, most_steps: int = 8) -> GraphCase:
    """A graph of up to `most_steps` ops over up to three leaves, and arrays for them."""
    growth = _Growth(draw)
    leaves = tuple(_leaf(growth) for _ in range(draw(st.integers(1, 3))))
    inputs = tuple(growth.arrays)
    for _ in range(draw(st.integers(1, most_steps))):
        _take_step(growth)
    positions = st.integers(0, len(growth.arrays) - 1)
    outputs = (len(growth.arrays) - 1, *draw(st.lists(positions, max_size=2)))
    floats = [i for i, one in enumerate(growth.arrays) if one.dtype.kind == "f"]
    derived = draw(st.sampled_from([None, *floats]))
    if not any(inputs[i].dtype.kind == "f" for i in range(len(inputs))):
        derived = None
    updates = _updates(growth, leaves)
    recipe = Recipe(leaves, tuple(growth.steps), outputs, updates, derived)
    return GraphCase(recipe, inputs, draw(st.integers(0, 5)))


def _leaf(growth: _Growth) -> Leaf:
    draw = growth.draw
    dtype = draw(st.sampled_from(_DTYPES))
    rank = draw(st.sampled_from((0, 1, 1, 2, 2, 3)))
    pattern = tuple(draw(st.sampled_from((False, False, False, True))) for _ in range(rank))
    common = growth.arrays[0].shape[-1] if growth.arrays and growth.arrays[0].ndim else 3
    sizes = st.sampled_from((common, common, common, *_SIZES, 0))
    shape = tuple(1 if one else draw(sizes) for one in pattern)
    growth.arrays.append(draw(arrays(dtype_of(dtype), shape)))
    growth.variables.append(TensorType(dtype, pattern)(f"x{len(growth.variables)}"))
    return Leaf(dtype, pattern, draw(st.booleans()))


def _take_step(growth: _Growth) -> None:
    name = growth.draw(st.sampled_from(sorted(GRAPH_OPS)))
    op = GRAPH_OPS[name]
    positions = [growth.pick() for _ in range(op.arity)]
    operands = [growth.arrays[position] for position in positions if position is not None]
    settings = _SETTINGS[name](growth, operands) if name in _SETTINGS else ()
    if settings is None:
        return
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            found = np.asarray(op.numpy(*operands, *settings))
    except (ValueError, IndexError, TypeError):
        return
    step = Step(name, tuple(p for p in positions if p is not None), settings)
    if _fits(growth, step, found):
        growth.steps.append(step)
        growth.arrays.append(found)


def _fits(growth: _Growth, step: Step, found: Array) -> bool:
    """Make the step's node of the graph, if the tensor language has the op for these operands."""
    variables = [growth.variables[position] for position in step.operands]
    shapes = [growth.arrays[position].shape for position in step.operands]
    if step.op in _ELEMENTWISE and not _agree(variables, shapes):
        return False
    try:
        made = GRAPH_OPS[step.op].symbolic(*variables, *step.settings)
    except (TypeError, ValueError, IndexError):
        return False
    growth.variables.append(made)
    return True


def _agree(variables: Sequence[Any], shapes: Sequence[tuple[int, ...]]) -> bool:
    """Whether sizes agree on all axes that do not broadcast: a size of 1 does not stretch there."""
    rank = max(len(shape) for shape in shapes)
    for axis in range(1, rank + 1):
        sizes = {
            shape[-axis]
            for variable, shape in zip(variables, shapes, strict=True)
            if len(shape) >= axis and not variable.broadcastable[-axis]
        }
        if len(sizes) > 1:
            return False
    return True


def _updates(growth: _Growth, leaves: Sequence[Leaf]) -> tuple[tuple[int, int], ...]:
    """A new value of its type for some of the shared leaves."""
    found = []
    for position, leaf in enumerate(leaves):
        type_ = growth.variables[position].type
        fitting = [i for i, one in enumerate(growth.variables) if one.type == type_]
        if leaf.shared and growth.draw(st.booleans()):
            found.append((position, growth.draw(st.sampled_from(fitting))))
    return tuple(found)
