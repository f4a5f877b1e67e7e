"""`parse(print(p)) == p`, and the exact text of what is easily got wrong."""

import numpy as np
import pytest

from lltheano_ir.builder import Builder
from lltheano_ir.dtypes import ALL_DTYPES, DType
from lltheano_ir.nodes import Region, argument, make
from lltheano_ir.program import Program
from lltheano_ir.provenance import Location
from lltheano_ir.text import format_program, parse_program
from lltheano_ir.types import BOOL, INDEX, parse_type

ACCUMULATOR = """\
program @accumulator(%state: i64[] shared, %inc: i32[]) {
  %0: i64[] = cast %inc, dtype=i64
  %1: i64[] = add %state, %0
  output "out" = %state
  update %state = %1
}
"""

CONTROL = """\
program @control(%n: i64[], %x: f64[?], %c: bool[]) {
  %0: (f64[?], f64[?,?]) = loop %n, %x, %x, carried=1
    body(%a0: i64[], %a1: f64[?], %a2: f64[?]) {
      %0: f64[?] = mul %a1, %a2
      yield %0, %a1
    }
  %1: f64[?] = if %c, %0#0, %x
    then(%a0: f64[?], %a1: f64[?]) {
      yield %a0
    }
    else(%a0: f64[?], %a1: f64[?]) {
      %0: f64[?] = fused %a1
        body(%a0: f64[?]) {
          %0: f64[?] = neg %a0
          yield %0
        }
      yield %0
    }
  output "y" = %1
  output "all" = %0#1
}
"""

ATTRIBUTES = """\
program @attributes(%x: f32[?,?], %i: i64[?], %n: i64[], %ok: bool[]) {
  %0: f32[?,1,?] = dimshuffle %x, order=[1, new, 0]
  %1: f32[?,?,?] = broadcast %0, %n, axes=[1]
  %2: f32[?,1] = reshape %x, %n, %n, pattern=[?, 1]
  %3: f32[?] = reduce %x, kind=add, axes=[0]
  %4: i64[?] = argreduce %x, kind=max, axis=1
  %5: f32[?,?] = gather %x, %i, axes=[0]
  %6: f32[?] = index %x, %n, axis=0
  %7: f32[?,?] = assert %x, %ok, %n, kind=value, message="not {0} {{}} \\"ok\\"\\n\\u00e9"
  output "a \\"b\\"" = %1
  output "1" = %2
  output "2" = %3
  output "3" = %4
  output "4" = %5
  output "5" = %6
  output "6" = %7
}
"""


@pytest.mark.parametrize("text", [ACCUMULATOR, CONTROL, ATTRIBUTES])
def test_canonical_text_is_printed_as_it_was_read(text: str) -> None:
    program = parse_program(text)
    assert format_program(program) == text
    assert parse_program(format_program(program)) == program


def test_equal_values_of_two_texts_are_identical() -> None:
    first, second = parse_program(ACCUMULATOR), parse_program(ACCUMULATOR)
    assert first.updates[0].value is second.updates[0].value


def constant_program(array: np.ndarray) -> Program:
    b = Builder("f")
    b.output(b.constant(array), "y")
    return b.program()


def text_of_constant(array: np.ndarray) -> str:
    text = format_program(constant_program(array))
    return text.splitlines()[1].strip()


@pytest.mark.parametrize(
    ("array", "text"),
    [
        (np.array(1.5), "%0: f64[] = constant 1.5"),
        (np.array(0.1, np.float32), "%0: f32[] = constant 0.1"),
        (np.array(-0.0), "%0: f64[] = constant -0.0"),
        (np.array([np.nan, -np.inf, np.inf]), "%0: f64[?] = constant [nan, -inf, inf]"),
        (np.array(1e300), "%0: f64[] = constant 1e+300"),
        (np.array([[1], [2]]), "%0: i64[?,1] = constant [[1], [2]]"),
        (np.array(2**64 - 1, np.uint64), "%0: u64[] = constant 18446744073709551615"),
        (np.array([True, False]), "%0: bool[?] = constant [true, false]"),
        (np.array(complex(-0.0, np.inf)), "%0: c128[] = constant (-0.0, inf)"),
        (np.array([], np.float32), '%0: f32[?] = constant hex [0] ""'),
        (np.zeros((2, 0), np.int8), '%0: i8[?,?] = constant hex [2, 0] ""'),
        (np.array(-np.nan, np.float32), '%0: f32[] = constant hex [] "0000c0ff"'),
    ],
)
def test_constants(array: np.ndarray, text: str) -> None:
    if text.endswith('"0000c0ff"'):
        array = np.array(0xFFC00000, np.uint32).view(np.float32)
    assert text_of_constant(array) == text
    program = constant_program(array)
    assert parse_program(format_program(program)) == program


@pytest.mark.parametrize("dtype", ALL_DTYPES, ids=str)
def test_every_bit_pattern_of_a_constant_survives(dtype: DType) -> None:
    rng = np.random.default_rng(5)
    for count in (1, 7, 100):
        data = rng.integers(0, 2 if dtype.is_bool else 256, count * dtype.itemsize, np.uint8)
        program = constant_program(data.view(dtype.numpy))
        assert parse_program(format_program(program)) == program


def test_every_f16_survives() -> None:
    for start in range(0, 1 << 16, 1 << 12):
        array = np.arange(start, start + (1 << 12)).astype(np.uint16).view(np.float16)
        for part in array.reshape(-1, 64)[::8]:
            program = constant_program(part)
            assert parse_program(format_program(program)) == program


def test_a_size_of_one_may_be_dynamic() -> None:
    b = Builder("f")
    b.output(b.constant(np.ones(1), pattern=[False]), "y")
    program = b.program()
    assert "f64[?] = constant [1.0]" in format_program(program)
    assert parse_program(format_program(program)) == program


@pytest.mark.parametrize("name", ["a b", "0", "%x", 'q"q', "é", "back\\slash", "new\nline", "x.y"])
def test_names_that_are_no_identifiers(name: str) -> None:
    b = Builder(name)
    x = b.parameter(name, INDEX, shared=True)
    y = b.parameter("y", INDEX)
    b.output(b.elementwise("add", x, y), name)
    b.update(x, y)
    program = b.program()
    assert parse_program(format_program(program)) == program


def test_locations_are_comments() -> None:
    b = Builder("f")
    x = b.parameter("x", INDEX)
    with b.at(Location("train.py", 12, "cost")):
        y = b.elementwise("neg", x)
    b.output(y, "y")
    program = b.program()
    text = format_program(program)
    assert "  %0: i64[] = neg %x  ; train.py:12 (cost)\n" in text
    assert format_program(program, locations=False) == format_program(parse_program(text))
    assert parse_program(text) == program


def test_a_location_cannot_break_its_line() -> None:
    b = Builder("f")
    with b.at(Location("evil\n}.py", 1)):
        b.output(b.integer(1), "y")
    assert parse_program(format_program(b.program())) == b.program()


def test_a_long_chain_needs_no_recursion() -> None:
    value = argument(0, INDEX)
    for _ in range(20_000):
        value = make("neg", (value,))
    b = Builder("f")
    b.parameter("x", INDEX)
    b.output(value, "y")
    program = b.program()
    assert parse_program(format_program(program)) == program


def test_nested_regions() -> None:
    flag = argument(0, BOOL)
    body = Region((BOOL,), (flag,))
    for _ in range(20):
        inner = make("if", (flag, flag), (), (body, body))
        body = Region((BOOL,), (inner,))
    b = Builder("f")
    b.parameter("x", BOOL)
    b.output(make("fused", (flag,), (), (Region((BOOL,), (flag,)),)), "y")
    program = b.program()
    assert parse_program(format_program(program)) == program


def test_dead_statements_and_names_of_ones_own_are_read() -> None:
    program = parse_program(
        'program @f(%x: i64[]) { %dead: i64[] = neg %x %y: i64[] = abs %x output "y" = %y }'
    )
    assert [value.op.name for value in program.values()] == ["argument", "abs"]
    assert program.parameters[0].type == parse_type("i64[]")
