"""Arrays from a command line."""

import numpy as np
import pytest

from lltheano.cli.errors import CommandError
from lltheano.cli.programs.slots import Slot, read_array, slots_of
from lltheano_ir.dtypes import ALL_DTYPES, DType, bool_, c64, f16, f32, f64, i8, i64, u8
from lltheano_ir.loops.parser import parse_module
from lltheano_ir.text import parse_program


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("3", np.array(3)),
        (" -3 ", np.array(-3)),
        ("[1, 2.5]", np.array([1, 2.5])),
        ("(1, -inf)", np.array([1, -np.inf])),
        ("[true, false]", np.array([True, False])),
        ("True", np.array(True)),
        ("1+2j", np.array(1 + 2j)),
        ("[-0.0]", np.array([-0.0])),
        ("[]", np.array([])),
        ("[[], []]", np.zeros((2, 0))),
    ],
)
def test_literals(text: str, wanted: np.ndarray) -> None:
    found = read_array(text)
    assert found.dtype == wanted.dtype
    assert found.tobytes() == wanted.tobytes()
    assert found.shape == wanted.shape


@pytest.mark.parametrize(
    "text",
    ["", "x", "'text'", "[1, 'a']", "{1: 2}", "f(1)", "1 if x else 2", "[[1], 2]", "(" * 999],
)
def test_what_is_no_literal(text: str) -> None:
    with pytest.raises(CommandError, match="is no array"):
        read_array(text)


@pytest.mark.parametrize(
    ("dtype", "text"),
    [(f32, "0.1"), (f16, "[1, 2]"), (f64, "3"), (c64, "1.5"), (i8, "-128"), (u8, "255.0")],
)
def test_values_that_fit(dtype: DType, text: str) -> None:
    array = read_array(text)
    slot = Slot("x", dtype, (None,) * array.ndim, shared=False)
    assert slot.admit(array).dtype == slot.dtype.numpy


@pytest.mark.parametrize(
    ("dtype", "text"),
    [(i8, "128"), (u8, "-1"), (i8, "0.5"), (i8, "nan"), (bool_, "2"), (f32, "1j"), (i8, "1j")],
)
def test_values_that_do_not(dtype: DType, text: str) -> None:
    slot = Slot("x", dtype, (), shared=False)
    with pytest.raises(CommandError, match="does not fit without loss"):
        slot.admit(read_array(text))


@pytest.mark.parametrize("dtype", ALL_DTYPES, ids=str)
def test_random_arrays_have_the_dtype_and_the_fixed_sizes(dtype: DType) -> None:
    slot = Slot("x", dtype, (None, 1), shared=False)
    array = slot.random(np.random.default_rng(0), {None: (3,)})
    assert (array.dtype, array.shape) == (slot.dtype.numpy, (3, 1))


def test_slots_of_both_irs() -> None:
    program = parse_program('program @f(%x: f64[?,1], %s: i64[] shared) { output "y" = %x }')
    loops = parse_module("loops @f(%x: f64[%n, 1] input, %s: i64[] shared) {\n}\n")
    wanted = (Slot("x", f64, (None, 1), shared=False), Slot("s", i64, (), shared=True))
    assert slots_of(program) == wanted
    assert slots_of(loops) == wanted
    assert [one.type_text for one in wanted] == ["f64[?,1]", "i64[]"]
