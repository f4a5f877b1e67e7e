"""The text of the loop IR: errors with their place, the round trip, and hostile text."""

import contextlib

import pytest
from hypothesis import given, settings, strategies as st

from fuzz.case import Case
from fuzz.strategies.programs import cases
from lltheano_ir.loops.parser import parse_loops, parse_module
from lltheano_ir.loops.printer import format_loops
from lltheano_ir.loops.verify import LoopVerificationError, verify_loops
from lltheano_ir.target import MemorySpace
from lltheano_ir.text.lexer import ParseError
from tests.ir.loop_pipeline import loop_stages

ALL = """loops @"a b"(%x: f64[%n, 1] strides [%s, 1] input, %w: f64[%m] shared) {
  site 0 sizes "sizes {0} and \\"{1}\\""
  let %a: f64 = add f64 1.5, f64 -0.0
  let %t: bool = lt %a, f64 inf
  check %t, site=0, values=[%n, -3]
  load %b: f64 = %x[0, 0]
  alloc %y: f64[%n], slot=3
  alloc %z: i64[] align 8
  constant %k: c64[2] = [(1.0, nan), (0.0, -2.0)]
  view %v: f64[%n] strides [-1] = %y, offset=%n
  contiguous %c: f64[%n, 1] align 1 = %x
  reduce %r: f64 = max %l, %p: i64 = argmax %l over %i in %n, blocked, vector=4, unroll=2 {
    load %l: f64 = %c[%i, 0]
  }
  reduce %q: i64 = add %e over %f in 3, %g in %n, rows {
    let %e: i64 = mul %f, %g
  }
  for %h in %n, sequential {
    if %t {
      store %y[%h] = %r
    } else {
      store %y[%h] = f64 nan
    }
  }
  for %j in %n, vector=8, unroll=4, parallel=%n {
    store %y[%j] = %b
  }
  store %z[] = %p
  call dot(%z) from (%z, %z)
  call trsm(%z) from (%z, %z), triangle=lower, unit=true
  call gemm(%z) from (%z, %z, %z), alpha=%a, beta=f64 -0.5, transpose_a=false
  clock %now
  commit
  tally 2, values=[1, %now, %n]
  output "y\\u00e9" = %z
  update %w = %y
}
"""


def test_every_statement_round_trips() -> None:
    assert format_loops(parse_loops(ALL)) == ALL


@settings(max_examples=30, deadline=None)
@given(case=cases())
def test_lowered_programs_round_trip(case: Case) -> None:
    for name, module in loop_stages(case.program):
        assert parse_module(format_loops(module)) == module, name


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1, column 1: expected `loops`"),
        ("loops f() { }", "line 1, column 7: expected the function's name, such as @f"),
        ("loops @f(%x: f65[] input) { }", "line 1, column 14: no dtype is called 'f65'"),
        ("loops @f(%x: f64[]) { }", "line 1, column 19: expected `input`"),
        ("loops @f() {\n  jump\n}", "line 2, column 3: no statement is called jump"),
        ("loops @f() { store %y[] = 1 }", "line 1, column 20: there is no buffer %y here"),
        ("loops @f() { let %a: i64 = neg %b }", "column 32: there is no scalar %b here"),
        ("loops @f() { alloc %a: f64[] alloc %a: f64[] }", "column 36: %a is defined already"),
        ("loops @f() { for %i in 3 { } let %a: i64 = neg %i }", "there is no scalar %i here"),
        ("loops @f() { reduce %r: f64 = add %v over %i in 3, blocked { } }", "no scalar %v in the"),
        ("loops @f() { for %i in 3, fast { } }", "expected vector, unroll, parallel, sequential"),
        ("loops @f() { reduce %r: i64 = add %i over %i in 3, parallel=1 { } }", "column 52"),
        ('loops @f() { site 1 value "m" }', "sites are numbered in order; this is site 0"),
        ("loops @f(%x: f64[] input) { update %x = %x }", "an update names a shared parameter"),
        ("loops @f() { } }", "line 1, column 16: expected end of text"),
        ("loops @f() { alloc %a: f64[99999999999999999999] }", "column 28"),
        ("loops @f() { let %a: i8 = neg i8 300 }", "column 34"),
        ("loops @f() { alloc %a: f64[] in orbit }", "column 33: expected host"),
        ("loops @f() { alloc %a: f64[] align }", "column 36"),
    ],
)
def test_errors_name_their_place(text: str, message: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_loops(text)
    assert message in str(caught.value)


def test_the_memory_of_the_host_goes_without_saying() -> None:
    text = "loops @f(%x: f64[3] strides [2] align 1 in host input) {\n}\n"
    function = parse_loops(text)
    assert function.parameters[0].buffer.space is MemorySpace.HOST
    assert format_loops(function) == text.replace(" in host", "")


def test_deep_nesting_is_refused_not_overflowed() -> None:
    text = "loops @f() { " + "".join(f"for %i{n} in 2 {{ " for n in range(5000))
    with pytest.raises(ParseError, match="loops inside each other"):
        parse_loops(text)


WORDS = """loops @f ( ) { } %x : f64 [ ] = , input shared let load store for in reduce over if else
alloc check commit call from view offset 1 -1 1.5 nan "a" strides output update site vector
sequential blocked rows hex 999999999999999999999999 \x00"""
PIECES = st.sampled_from(WORDS.split())


def check_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(ParseError, LoopVerificationError):
        verify_loops(parse_loops(text))


@settings(max_examples=300, deadline=None)
@given(pieces=st.lists(PIECES, max_size=40))
def test_hostile_text_is_refused(pieces: list[str]) -> None:
    check_is_read_or_refused(" ".join(pieces))


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_damaged_text_is_refused(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(ALL)))
    stop = data.draw(st.integers(start, min(len(ALL), start + 30)))
    between = " ".join(data.draw(st.lists(PIECES, max_size=3)))
    check_is_read_or_refused(ALL[:start] + between + ALL[stop:])
