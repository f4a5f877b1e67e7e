"""Index expressions of all kinds, drawn at random: what is read, written and differentiated is what
NumPy reads and writes.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st
from hypothesis.extra import numpy as arrays

import lltheano.tensor as T
from lltheano import function
from lltheano.graph import Variable
from lltheano.tensor.variables.variable import TensorType
from lltheano_ir.ops.definition import ExecutionError
from tests.lltheano.evaluation import evaluate

Draw = Callable[..., Any]
SHAPES = st.lists(st.integers(0, 4), max_size=4).map(tuple)
DTYPES = ("float64", "float32", "float16", "complex64", "int64", "int8", "uint16", "bool")
SMALL = st.integers(-6, 6)
STEPS = st.integers(-3, 3).filter(bool)


@st.composite
def slices(draw: Draw) -> slice:
    bound = st.none() | SMALL
    return slice(draw(bound), draw(bound), draw(st.none() | STEPS))


@st.composite
def expressions(draw: Draw, shape: tuple[int, ...]) -> tuple[Any, ...]:
    """An index for an array of that shape; the index arrays broadcast together."""
    common = draw(st.sampled_from([(), (1,), (3,), (2, 1), (2, 3)]))
    items: list[Any] = []
    axis = 0
    while True:
        kinds = ["stop", "new", "flag"]
        kinds += ["slice", "point", "array", "mask"] if axis < len(shape) else []
        kind = draw(st.sampled_from(kinds))
        if kind == "stop":
            break
        if kind == "new":
            items.append(None)
        elif kind == "flag":
            items.append(np.bool_(draw(st.booleans())))
        elif kind == "mask":
            width = draw(st.integers(1, len(shape) - axis))
            items.append(draw(arrays.arrays(bool, shape[axis : axis + width])))
            axis += width
        else:
            items.append(draw(item(kind, shape[axis], common)))
            axis += 1
    # NumPy lets a mask of size 0 stand for an axis of any size; here it must be of size 0 too.
    empty = any(isinstance(one, np.ndarray) and one.dtype == bool and not one.size for one in items)
    if not empty and draw(st.booleans()):
        items.insert(draw(st.integers(0, len(items))), Ellipsis)
    return tuple(items)


@st.composite
def item(draw: Draw, kind: str, size: int, common: tuple[int, ...]) -> Any:
    places = st.integers(-size, size - 1)
    if kind == "slice" or (not size and kind == "point"):
        return draw(slices())
    if kind == "point":
        return draw(places)
    shape = draw(st.sampled_from([common, common[-1:], tuple(1 for _ in common)]))
    if not size or draw(st.integers(0, 9)) == 0:
        shape = (0,)
    dtype = draw(st.sampled_from(["int64", "int8", "uint8"]))
    if dtype == "uint8":
        places = st.integers(0, size - 1)
    return draw(arrays.arrays(dtype, shape, elements=places if 0 not in shape else SMALL))


@st.composite
def cases(draw: Draw) -> tuple[Any, tuple[Any, ...]]:
    shape = draw(SHAPES)
    index = draw(expressions(shape))
    assume(not has_mask_that_numpy_would_repeat(index))
    return np.arange(1.0, 1 + np.prod(shape)).reshape(shape), index


def has_mask_that_numpy_would_repeat(index: tuple[Any, ...]) -> bool:
    """A mask with one true element beside arrays: its size, known at run time, is no size 1 that
    broadcasts.
    """
    found = [one for one in index if isinstance(one, np.ndarray | np.bool_)]
    counts = [one.sum() for one in found if one.dtype == bool]
    sizes = {one.shape[-1:] for one in found if one.dtype != bool} | {(one,) for one in counts}
    return bool(counts) and len(sizes - {()}) > 1


def symbolic(draw: Draw, index: tuple[Any, ...]) -> tuple[tuple[Any, ...], dict[Variable, Any]]:
    """The index with some of its parts as variables, and what these are."""
    values: dict[Variable, Any] = {}

    def variable(part: Any) -> Any:
        if isinstance(part, slice):
            return slice(*(variable(one) for one in (part.start, part.stop, part.step)))
        if part is None or part is Ellipsis or draw(st.booleans()):
            return part
        array = np.asarray(part)
        one = TensorType(array.dtype, [size == 1 for size in array.shape])()
        values[one] = array
        return one

    return tuple(variable(part) for part in index), values


def expected(array: Any, index: Any, value: Any, mode: str) -> Any:
    wanted = array.copy()
    if mode == "set":
        wanted[index] = value
    else:
        # NumPy's add.at repeats a value for an index of two axes once too rarely: repeat it here.
        np.add.at(wanted, index, np.broadcast_to(value, array[index].shape).copy())
    return wanted


def fails(array: Any, index: Any) -> bool:
    try:
        array[index]
    except IndexError:
        return True
    return False


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_every_index_reads_what_numpy_reads(data: st.DataObject) -> None:
    array, index = data.draw(cases())
    x = TensorType("float64", [False] * array.ndim)("x")
    parts, values = symbolic(data.draw, index)
    if fails(array, index):
        with pytest.raises((IndexError, ExecutionError)):
            evaluate(x[parts], {x: array, **values})
        return
    found = evaluate(x[parts], {x: array, **values})
    np.testing.assert_array_equal(found, array[index], strict=True)


@st.composite
def written_cases(draw: Draw) -> tuple[Any, Any, Any]:
    """An array, an index, and a value that broadcasts to the part."""
    array, index = draw(cases())
    assume(not fails(array, index))
    shape = array[index].shape
    kept = [draw(st.booleans()) for _ in shape]
    wide = [size if keep else 1 for size, keep in zip(shape, kept, strict=True)]
    first = draw(st.integers(0, len(shape)))
    value = np.arange(1.0, 1 + np.prod(wide[first:])).reshape(wide[first:])
    return array, index, value


@settings(deadline=None, max_examples=60)
@given(st.data(), st.sampled_from(["set", "add"]))
def test_every_index_writes_what_numpy_writes(data: st.DataObject, mode: str) -> None:
    array, index, value = data.draw(written_cases())
    x = TensorType("float64", [False] * array.ndim)("x")
    v = TensorType("float64", [size == 1 for size in value.shape])("v")
    parts, values = symbolic(data.draw, index)
    update = T.set_subtensor if mode == "set" else T.inc_subtensor
    found = evaluate(update(x[parts], v), {x: array, v: value, **values})
    np.testing.assert_array_equal(found, expected(array, index, value, mode))


@settings(deadline=None, max_examples=60)
@given(st.data(), st.sampled_from(["get", "set", "add"]))
def test_the_gradient_of_every_index(data: st.DataObject, mode: str) -> None:
    """All are linear in the array and in the value: one difference each is the slope."""
    array, index, value = data.draw(written_cases())
    x = TensorType("float64", [False] * array.ndim)("x")
    v = TensorType("float64", [size == 1 for size in value.shape])("v")
    parts, values = symbolic(data.draw, index)
    update = {"get": lambda: x[parts] + 0 * v, "set": lambda: T.set_subtensor(x[parts], v)}
    result = update.get(mode, lambda: T.inc_subtensor(x[parts], v))()
    given_values = {x: array, v: value, **values}
    weights = np.cos(np.arange(evaluate(result, given_values).size))

    def cost(a: Any, b: Any) -> float:
        out = a[index] + 0 * b if mode == "get" else expected(a, index, b, mode)
        return float(out.ravel() @ weights)

    found = evaluate(T.grad((result.flatten() * weights).sum(), [x, v]), given_values)
    for place, slope in enumerate(found):
        point = [array, value][place]
        assert slope.shape == point.shape
        for where in np.ndindex(point.shape):
            moved = point.copy()
            moved[where] += 1
            ends = (moved, value) if place == 0 else (array, moved)
            difference = cost(*ends) - cost(array, value)
            np.testing.assert_allclose(slope[where], difference, atol=1e-9)


@settings(deadline=None, max_examples=8)
@given(st.data())
def test_compiled_code_agrees(data: st.DataObject) -> None:
    array, index, value = data.draw(written_cases())
    dtype = data.draw(st.sampled_from(DTYPES))
    array, value = array.astype(dtype), value.astype(dtype)
    backwards = array[::-1] if array.ndim else array
    layout = data.draw(st.sampled_from([array, array.T.copy().T, backwards]))
    x = TensorType(dtype, [False] * array.ndim)("x")
    v = TensorType(dtype, [size == 1 for size in value.shape])("v")
    parts, values = symbolic(data.draw, index)
    results = [x[parts], T.set_subtensor(x[parts], v), T.inc_subtensor(x[parts], v)]
    compiled = function([x, v, *values], results)
    found = compiled(layout, value, *values.values())
    np.testing.assert_array_equal(found[0], layout[index], strict=True)
    for mode, result in zip(["set", "add"], found[1:], strict=True):
        np.testing.assert_array_equal(result, expected(layout, index, value, mode))
