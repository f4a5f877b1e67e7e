"""What is no program is a ParseError with a place, whatever it is."""

import random

import pytest

from lltheano_ir.text import ParseError, format_program, parse_program

GOOD = """\
program @f(%x: f64[?], %s: i64[] shared) {
  %0: f64[?] = add %x, %x
  %1: (i64[], i64[?]) = loop %s, %s, carried=1
    body(%a0: i64[], %a1: i64[]) {
      yield %a1, %a0
    }
  %2: f64[?,1] = constant [[1.5], [nan]]
  output "y" = %0
  output "z" = %1#1
  output "c" = %2
  update %s = %1#0
}
"""

CASES = [
    ("program @f(", "program f(", "expected the program's name, such as @f, got 'f'", (1, 9)),
    ("f64[?],", "f65[?],", "no dtype is called 'f65'", (1, 16)),
    ("f64[?],", "f64[2],", "expected `?` or `1`, got '2'", (1, 20)),
    ("= add %x, %x", "= ad %x, %x", "no op is called 'ad'", (2, 16)),
    ("= add %x, %x", "= result %x, index=0", "no op is called 'result'", (2, 16)),
    ("= add %x, %x", "= add %x, %q", "%q is not defined here", (2, 24)),
    ("= add %x, %x", "= add %x", "add takes 2 operands, got 1", (2, 16)),
    ("= add %x, %x", "= add %x, %s", "add needs operands of one rank", (2, 16)),
    ("= add %x, %x", "= add %x, axis=1", "expected an operand, got 'axis'", (2, 24)),
    ("= add %x, %x", "= index %x, %s, axis=1", "index has no axis 1", (2, 16)),
    ("= add %x, %x", "= index %x, %s", "index needs axis=...", (3, 3)),
    ("= add %x, %x", "= index %x, %s, axis=0, axis=0", "expected nothing more", (2, 38)),
    ("= add %x, %x", "= neg %x ,", "%1 is not defined here", (3, 3)),
    ("%0: f64[?] = add", "%0: f32[?] = add", "add gives f64[?] here, declared is f32[?]", (2, 7)),
    ("%1: (i64", "%0: (i64", "%0 is defined twice", (3, 3)),
    ("= %1#1", "= %1", "%1 has 2 results: write #0, say", (9, 16)),
    ("= %1#1", "= %1#2", "%1 has no result 2", (9, 16)),
    ("= %1#1", "= %0#0", "%0 has no result 0", (9, 16)),
    ("yield %a1, %a0", "yield %x, %a0", "%x is not defined here", (5, 13)),
    ("[[1.5], [nan]]", "[[1.5], [nan, 2]]", "the rows of a constant have one length", (7, 27)),
    ("[[1.5], [nan]]", "[1.5]", "expected `[`, got '1.5'", (7, 28)),
    ("[[1.5], [nan]]", "[[1e999]]", "1e999 is too large for float64", (7, 29)),
    ("[[1.5], [nan]]", "[[true]]", "true is not a number", (7, 29)),
    ("[[1.5], [nan]]", "[]", "a constant without elements is written", (7, 27)),
    ("[[1.5], [nan]]", "[[1.5, 2.0]]", "an axis of size 2 cannot be static 1", (7, 18)),
    ("[[1.5], [nan]]", 'hex [2, 1] "00"', "[2, 1] of f64 take 32 digits, got 2", (7, 38)),
    ("[[1.5], [nan]]", 'hex [-1, 1] ""', "a size cannot be negative", (7, 39)),
    ('output "z"', 'output "y"', "there are two outputs called 'y'", (9, 3)),
    ("update %s", "update %x", "only a shared parameter can be updated", (11, 10)),
    ("update %s = %1#0", "update %s = %0", "%s is i64[], its update is f64[?]", (11, 15)),
    ("%1#0\n}", "%1#0", "got end of text", (12, 1)),
    ("%1#0\n}", "%1#0\n} }", "expected end of text, got '}'", (12, 3)),
    ("@f", "@$", "'@' starts nothing", (1, 9)),
    ('"y"', '"\\q"', "a quoted text is written as in JSON", (8, 10)),
    ("carried=1", "carried=99999999999999999999", "is not in the range of int64", (3, 46)),
    ("carried=1", "carried=7", "loop needs a count of type i64[]", (3, 25)),
]


@pytest.mark.parametrize(("old", "new", "message", "place"), CASES)
def test_errors_have_a_place(old: str, new: str, message: str, place: tuple[int, int]) -> None:
    assert format_program(parse_program(GOOD)) == GOOD
    assert GOOD.count(old) >= 1
    with pytest.raises(ParseError) as caught:
        parse_program(GOOD.replace(old, new, 1))
    assert message in caught.value.message
    assert (caught.value.line, caught.value.column) == place


def test_the_error_shows_the_line() -> None:
    with pytest.raises(ParseError) as caught:
        parse_program("program @f(%x: i64[]) {\n  %0: i64[] = neg %y\n}")
    assert str(caught.value) == (
        "line 2, column 19: %y is not defined here\n    %0: i64[] = neg %y\n                    ^"
    )


def test_a_long_line_is_clipped() -> None:
    with pytest.raises(ParseError) as caught:
        parse_program("program @f() {" + " " * 100_000 + "$")
    assert max(map(len, str(caught.value).splitlines())) < 120


HOSTILE = {
    "brackets": "program @f() { %0: f64[?] = constant " + "[" * 100_000,
    "regions": "program @f(%x: bool[]) { " + "%0: bool[] = if %x, %x then(%x: bool[]) { " * 10_000,
    "digits": "program @f() { %0: i64[] = constant " + "9" * 1_000_000 + " }",
    "exponent": "program @f() { %0: f64[] = constant 1e" + "9" * 100_000 + " }",
    "axes": "program @f(%x: f64[" + "?," * 100_000 + "?]) { }",
    "memory": 'program @f() { %0: f64[?] = constant hex [1000000000000000000] "" }',
    "product": 'program @f() { %0: f64[?,?] = constant hex [4294967296, 4294967296] "" }',
    "quote": 'program @f() { output "' + "\\" * 99_999,
    "nul": "program @f() \0",
    "empty": "",
    "surrogate": 'program @"\\ud800"() { output',
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_refused(source: str) -> None:
    with pytest.raises(ParseError):
        parse_program(source)


@pytest.mark.parametrize("seed", range(20))
def test_mangled_text_is_a_program_or_a_parse_error(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(40):
        pieces = list(GOOD)
        for _ in range(rng.randrange(1, 4)):
            place = rng.randrange(len(pieces))
            pieces[place] = rng.choice(["", "", '"', "%", "[", "]", "0", "1", "?", ",", "#", "{"])
        try:
            program = parse_program("".join(pieces))
        except ParseError:
            continue
        assert parse_program(format_program(program)) == program
