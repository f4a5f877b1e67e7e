"""The cases of the golden files mean the same before a pass and after it, whatever its text.

Each case is run on some arrays, by the interpreters and, where it is loop IR, in native code too:
sizes that are equal, sizes that differ, and none; elements with both zeros, infinities and NaN.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fuzz.comparison import same_bits
from lltheano_ir.dtypes import DType
from lltheano_ir.interpret import interpret
from lltheano_ir.loops.interpret import LoopMemoryError, interpret_loops
from lltheano_ir.loops.nodes import LoopFunction, LoopModule, Number
from lltheano_ir.loops.parser import parse_module
from lltheano_ir.ops.definition import ExecutionError
from lltheano_ir.passes.pipeline import run_passes
from lltheano_ir.text import parse_program
from lltheano_ir.types import ValueType
from tests.ir.emit.harness import EntryError, compiled
from tests.ir.goldens import cases_of
from tests.ir.memory.test_goldens import PASSES as MEMORY_PASSES
from tests.ir.schedule.test_goldens import PASSES as SCHEDULE_PASSES

Array = NDArray[Any]
HERE = Path(__file__).parent
FLOATS = (0.0, 1.5, -0.0, -2.0, np.nan, 3.0, np.inf, 0.5, -np.inf, 7.0)
SIZES: tuple[Callable[[Iterator[int]], int], ...] = (
    lambda numbers: 3,
    lambda numbers: 2 + next(numbers) % 3,
    lambda numbers: 0,
    lambda numbers: 1,
)
"""All sizes 3; sizes that differ; no elements; one."""


def elements(dtype: DType, shape: Sequence[int], first: int) -> Array:
    """An array with the special elements in turn; integers are small, as indices are."""
    size = int(np.prod(shape, dtype=int))
    places = np.arange(first, first + size)
    if dtype.is_float or dtype.is_complex:
        values = np.array(FLOATS)[places % len(FLOATS)]
        values = values + (1j * np.array(FLOATS)[places[::-1] % 4] if dtype.is_complex else 0)
    else:
        values = places % 2 if dtype.is_bool else places % 3
    return values.astype(dtype.numpy).reshape(shape)


def loop_inputs(function: LoopFunction, choose: Callable[[Iterator[int]], int]) -> list[Array]:
    """An array for each parameter, by the names of its sizes."""
    sizes: dict[str, int] = {}
    numbers, arrays = count(), []
    for position, parameter in enumerate(function.parameters):
        shape = []
        for operand in parameter.buffer.sizes:
            if isinstance(operand, Number):
                shape.append(int(operand.literal.array()))
            else:
                shape.append(sizes.setdefault(operand.name, choose(numbers)))
        arrays.append(elements(parameter.buffer.dtype, shape, 3 * position))
    return arrays


def tensor_inputs(
    types: Sequence[ValueType], choose: Callable[[Iterator[int]], int]
) -> list[Array]:
    numbers = count()
    return [
        elements(one.dtype, [1 if wide else choose(numbers) for wide in one.broadcast], 3 * place)
        for place, one in enumerate(types)
    ]


def outcome(run: Callable[..., Sequence[Sequence[Array]]], *arguments: Any) -> list[Array] | str:
    """The outputs and new values, or that the run failed as it may."""
    try:
        return [np.asarray(array) for group in run(*arguments) for array in group]
    except (ExecutionError, EntryError):
        return "failed"


def natively(module: LoopModule, arrays: Sequence[Array]) -> Sequence[Sequence[Array]]:
    return [compiled(module)(*map(np.array, arrays))]


def assert_same(found: list[Array] | str, expected: list[Array] | str, text: str) -> None:
    if isinstance(found, str) or isinstance(expected, str):
        assert found == expected, text
        return
    for one, other in zip(found, expected, strict=True):
        assert same_bits(one, other), (text, one, other)


LOOP_FILES = sorted(
    path for folder in ("memory", "schedule") for path in (HERE / folder / "cases").glob("*/*.ir")
)
TENSOR_FILES = sorted(
    path for path in (HERE / "passes" / "cases").glob("*/*.ir") if path.parent.name != "stabilise"
)
"""The cases of passes that change no results."""


@pytest.mark.parametrize("path", LOOP_FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_loops_mean_the_same(path: Path) -> None:
    for text in cases_of(path):
        before = parse_module(text)
        after = before.mapped(partial(after_pass, path.parent.name))
        runs = 0
        for choose in SIZES:
            arrays = loop_inputs(before.entry, choose)
            try:
                expected = outcome(interpret_loops, before, arrays)
            except LoopMemoryError:
                continue  # It is not for such sizes.
            runs += 1
            assert_same(outcome(interpret_loops, after, arrays), expected, text)
            native = outcome(natively, before, arrays)
            assert_same(outcome(natively, after, arrays), native, text)
        assert runs, text


def after_pass(name: str, function: LoopFunction) -> LoopFunction:
    if name in MEMORY_PASSES:
        return MEMORY_PASSES[name](function, [])
    return SCHEDULE_PASSES[name](function)


@pytest.mark.parametrize("path", TENSOR_FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_programs_mean_the_same(path: Path) -> None:
    for text in cases_of(path):
        before = parse_program(text)
        after = run_passes(before, path.parent.name.split("+"))
        for choose in SIZES:
            arrays = tensor_inputs([one.type for one in before.parameters], choose)
            expected = outcome(interpret, before, arrays)
            if expected != "failed":  # A failure may go away with what nothing needs.
                assert_same(outcome(interpret, after, arrays), expected, text)
