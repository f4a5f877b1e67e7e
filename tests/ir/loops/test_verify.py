"""One malformed function for every rule of the verifier, with the exact message."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from lltheano_ir.dtypes import f32, f64, i64
from lltheano_ir.loops.builder import truth
from lltheano_ir.loops.interpret import interpret_loops
from lltheano_ir.loops.nodes import (
    Alloc,
    Buffer,
    Check,
    Constant,
    Let,
    Load,
    LoopFunction,
    LoopParameter,
    Number,
    Result,
    Scalar,
    Site,
    Statement,
    Store,
)
from lltheano_ir.loops.parser import parse_loops
from lltheano_ir.loops.verify import LoopVerificationError, verify_loops
from lltheano_ir.ops.control import MAX_REPORTED
from lltheano_ir.ops.definition import ExecutionError, Literal

HEAD = "%x: f64[%n] strides [%s] input, %w: f64[%m] shared, %k: i64[] input"

MALFORMED = {
    # 2: ops of let
    "let %a: f64 = dot 1, 2": "@f: dot is not a scalar op\nlet %a: f64 = dot 1, 2",
    "let %a: i64 = add 1": "@f: add takes 2 operands, got 1\nlet %a: i64 = add 1",
    "let %a: f64 = add 1, f64 1.0": (
        "@f: add needs operands of one dtype, got i64[], f64[]\nlet %a: f64 = add 1, f64 1.0"
    ),
    "let %a: f64 = add 1, 2": "@f: add gives i64, %a is f64\nlet %a: f64 = add 1, 2",
    # 3: indices
    "load %a: f64 = %x[f64 0.0]": (
        "@f: an index or size of dtype f64; it should be i64\nload %a: f64 = %x[f64 0.0]"
    ),
    "load %a: f64 = %x[0, 0]": "@f: %x has 1 axes, got 2 indices\nload %a: f64 = %x[0, 0]",
    "alloc %b: f64[f32 2.0]": (
        "@f: an index or size of dtype f32; it should be i64\nalloc %b: f64[f32 2.0]"
    ),
    "for %i in bool true { }": (
        "@f: an index or size of dtype bool; it should be i64\nfor %i in bool true {\n}"
    ),
    "view %b: f64[2] strides [1, 1] = %x, offset=0": (
        "@f: %b has 2 strides\nview %b: f64[2] strides [1, 1] = %x, offset=0"
    ),
    # 4: dtypes of elements
    "load %a: f32 = %x[0]": "@f: %x holds f64, not f32\nload %a: f32 = %x[0]",
    "alloc %b: f64[] store %b[] = 1": "@f: %b holds f64, not i64\nstore %b[] = 1",
    'constant %b: f64[2] = hex [3] "' + "00" * 24 + '"': (
        "@f: %b does not have the sizes [3]\nconstant %b: f64[2] = [0.0, 0.0, 0.0]"
    ),
    # 5: conditions
    "check 1, site=0, values=[1]": "@f: a condition of dtype i64\ncheck 1, site=0, values=[1]",
    "if 1 { } else { }": "@f: a condition of dtype i64\nif 1 {\n} else {\n}",
    # 6: reductions
    "reduce %a: i64 = mean %i over %i in 3, blocked { }": (
        "@f: there is no reduction mean\nreduce %a: i64 = mean %i over %i in 3, blocked {\n}"
    ),
    "reduce %a: i64 = argadd %i over %i in 3, blocked { }": (
        "@f: there is no reduction argadd\nreduce %a: i64 = argadd %i over %i in 3, blocked {\n}"
    ),
    "reduce %a: f64 = and %v over %i in 3, blocked { load %v: f64 = %x[%i] }": (
        "@f: reduction and is not defined on f64\n"
        "reduce %a: f64 = and %v over %i in 3, blocked {\n  load %v: f64 = %x[%i]\n}"
    ),
    "reduce %a: f64 = add %i over %i in 3, blocked { }": (
        "@f: reduction add of i64 cannot give f64\n"
        "reduce %a: f64 = add %i over %i in 3, blocked {\n}"
    ),
    "reduce %a: i64 = add %i over %i in 3, %j in 3, blocked { }": (
        "@f: a blocked reduction has one index\n"
        "reduce %a: i64 = add %i over %i in 3, %j in 3, blocked {\n}"
    ),
    "reduce %a: i64 = add %i over %i in 3, blocked { alloc %b: f64[] }": (
        "@f: the body of a reduction holds let, load and reduce only\n"
        "reduce %a: i64 = add %i over %i in 3, blocked {\n  alloc %b: f64[]\n}"
    ),
    # 7: schedules
    "for %i in 3, vector=3 { }": (
        "@f: vector=3 is not a power of two from 1 to 64\nfor %i in 3, vector=3 {\n}"
    ),
    "for %i in 3, vector=128 { }": (
        "@f: vector=128 is not a power of two from 1 to 64\nfor %i in 3, vector=128 {\n}"
    ),
    "for %i in 3, unroll=0 { }": "@f: unroll=0 is not from 1 to 16\nfor %i in 3, unroll=0 {\n}",
    "for %i in 3, sequential, vector=4 { }": (
        "@f: a sequential loop runs one iteration at a time\nfor %i in 3, sequential, vector=4 {\n}"
    ),
    "for %i in 3, unroll=2 { }": (
        "@f: unroll=2 is for vectors, and the loop has none\nfor %i in 3, unroll=2 {\n}"
    ),
    # 8: what is not for writing
    "store %x[0] = f64 1.0": "@f: %x is not for writing\nstore %x[0] = f64 1.0",
    "view %b: f64[1] = %x, offset=0 store %b[0] = f64 1.0": (
        "@f: %b is not for writing\nstore %b[0] = f64 1.0"
    ),
    "constant %b: f64[1] = [2.0] store %b[0] = f64 1.0": (
        "@f: %b is not for writing\nstore %b[0] = f64 1.0"
    ),
    "contiguous %b: f64[%n] = %x store %b[0] = f64 1.0": (
        "@f: %b is not for writing\nstore %b[0] = f64 1.0"
    ),
    # 9: allocated, viewed and contiguous buffers
    "alloc %b: f64[2] strides [1]": (
        "@f: allocated memory is row-major, without strides\nalloc %b: f64[2] strides [1]"
    ),
    "alloc %b: f64[], slot=-1": "@f: slots are numbered from 0\nalloc %b: f64[], slot=-1",
    "view %b: f32[2] = %x, offset=0": ("@f: %b is f32, %x is f64\nview %b: f32[2] = %x, offset=0"),
    "contiguous %b: f64[2] = %x": (
        "@f: a contiguous buffer has the sizes of its source, and no strides\n"
        "contiguous %b: f64[2] = %x"
    ),
    # 10: checks and routines
    "check bool true, site=7": "@f: there is no site 7\ncheck bool true, site=7",
    "check bool true, site=0": (
        "@f: site 0 names 1 values, the check gives 0\ncheck bool true, site=0"
    ),
    "check bool true, site=0, values=[f64 1.0]": (
        "@f: an index or size of dtype f64; it should be i64\n"
        "check bool true, site=0, values=[f64 1.0]"
    ),
    "alloc %b: f64[] call gels(%b) from (%x, %x)": (
        "@f: there is no routine gels\ncall gels(%b) from (%x, %x)"
    ),
    "alloc %b: f64[] call dot(%b) from (%x)": (
        "@f: dot takes 1 outputs and 2 inputs here, got 1 and 1\ncall dot(%b) from (%x)"
    ),
    "call dot() from (%x, %x)": "@f: dot has an output\ncall dot() from (%x, %x)",
    "alloc %b: f64[2] call dot(%b) from (%x, %x)": (
        "@f: sum of dot holds f64 on 0 axes; %b holds f64 on 1\ncall dot(%b) from (%x, %x)"
    ),
    "alloc %b: f32[] call dot(%b) from (%x, %x)": (
        "@f: x of dot holds f32 on 1 axes; %x holds f64 on 1\ncall dot(%b) from (%x, %x)"
    ),
    "alloc %b: i8[2] alloc %c: i8[] call dot(%c) from (%b, %b)": (
        "@f: dot does not compute in i8\ncall dot(%c) from (%b, %b)"
    ),
    "alloc %b: i64[3] alloc %c: i8[3] call nonzero(%b) from (%c)": (
        "@f: mask of nonzero holds bool on 1 axes; %c holds i8 on 1\ncall nonzero(%b) from (%c)"
    ),
    "alloc %b: i64[3] alloc %c: bool[1, 3] call nonzero(%b) from (%c)": (
        "@f: mask of nonzero holds bool on 1 axes; %c holds bool on 2\ncall nonzero(%b) from (%c)"
    ),
    "alloc %b: f64[3] alloc %c: f64[2] call sort(%b) from (%c)": (
        "@f: sort and argsort need an axis, and give the sizes that they are given\n"
        "call sort(%b) from (%c)"
    ),
    "alloc %b: f64[%n] call sort(%b) from (%x)": (
        "@f: rows of sort is row-major; %x has strides\ncall sort(%b) from (%x)"
    ),
    "alloc %b: f64[%n] call argsort(%b) from (%b)": (
        "@f: indices of argsort holds i64; %b holds f64 on 1\ncall argsort(%b) from (%b)"
    ),
    "alloc %b: c64[2] alloc %c: c64[2] call sort(%b) from (%c)": (
        "@f: sort does not compute in c64\ncall sort(%b) from (%c)"
    ),
    # 11: the commit point
    "commit check bool true, site=0, values=[1]": (
        "@f: a check after the commit point\ncheck bool true, site=0, values=[1]"
    ),
    "commit alloc %b: f64[]": "@f: an allocation after the commit point\nalloc %b: f64[]",
    "commit contiguous %b: f64[%n] = %x": (
        "@f: a copy after the commit point\ncontiguous %b: f64[%n] = %x"
    ),
    "alloc %b: f64[] commit call dot(%b) from (%x, %x)": (
        "@f: the routine dot after the commit point\ncall dot(%b) from (%x, %x)"
    ),
    "store %w[0] = f64 1.0": (
        "@f: shared %w is written before the commit point\nstore %w[0] = f64 1.0"
    ),
    "view %b: f64[1] = %w, offset=0 store %b[0] = f64 1.0": (
        "@f: shared %b is written before the commit point\nstore %b[0] = f64 1.0"
    ),
    "commit commit": "@f: commit stands at the top level, once\ncommit",
    "for %i in 3 { commit }": "@f: commit stands at the top level, once\ncommit",
    # 12: results
    'output "y" = %x': "@f: result 'y' is not memory that the function allocated",
    'if bool true { alloc %c: f64[] } else { } alloc %b: f64[] output "y" = %b output "z" = %b': (
        "@f: result 'z' is the memory of another result"
    ),
    "update %w = %x": "@f: result 'w' is not memory that the function allocated",
    "alloc %b: f32[%m] update %w = %b": "@f: update 'w' does not fit its parameter",
    "alloc %b: f64[] update %w = %b": "@f: update 'w' does not fit its parameter",
    # 13: see test_rebind
    # 14: what iterations in any order may not do
    "alloc %b: f64[%n] for %i in %n { store %b[0] = f64 1.0 }": (
        "@f: all iterations write one element of %b: the loop must be sequential\n"
        "for %i in %n {\n  store %b[0] = f64 1.0\n}"
    ),
    """alloc %b: f64[%n] for %i in %n, vector=4 {
      let %j: i64 = sub %i, 1 load %v: f64 = %b[%j] store %b[%i] = %v
    }""": (
        "@f: an element of %b that one iteration stores, the iteration 1 after it loads:"
        " the loop must be sequential\n"
        "for %i in %n, vector=4 {\n  let %j: i64 = sub %i, 1\n  load %v: f64 = %b[%j]\n"
        "  store %b[%i] = %v\n}"
    ),
    # 15: what may run in vectors
    "alloc %b: f64[%n] for %i in %n, vector=8 { alloc %c: f64[] }": (
        "@f: the loop has vector=8, but a statement `alloc` inside has no form in several lanes\n"
        "for %i in %n, vector=8 {\n  alloc %c: f64[]\n}"
    ),
    """reduce %a: f64 = add %v over %i in 3, %j in 3, rows, vector=4 {
      load %v: f64 = %x[%i]
    }""": (
        "@f: the loop has vector=4, but in order rows elements are taken one after the other\n"
        "reduce %a: f64 = add %v over %i in 3, %j in 3, rows, vector=4 {\n"
        "  load %v: f64 = %x[%i]\n}"
    ),
    # 16: alignments
    "alloc %b: f64[2] align 4 call sort(%b) from (%b)": (
        "@f: %b has align 4, and a call needs 8\ncall sort(%b) from (%b)"
    ),
    "alloc %b: f64[2] align 3": (
        "@f: %b has align 3, which is no power of two from 1 to 64, what its memory promises\n"
        "alloc %b: f64[2] align 3"
    ),
    "alloc %b: f64[2] align 0": (
        "@f: %b has align 0, which is no power of two from 1 to 64, what its memory promises\n"
        "alloc %b: f64[2] align 0"
    ),
    "alloc %b: f64[2] align 128": (
        "@f: %b has align 128, which is no power of two from 1 to 64, what its memory promises\n"
        "alloc %b: f64[2] align 128"
    ),
    "alloc %b: f64[9] view %c: f64[1] strides [1] align 64 = %b, offset=4": (
        "@f: %c has align 64, which is no power of two from 1 to 32, what its memory promises\n"
        "view %c: f64[1] strides [1] align 64 = %b, offset=4"
    ),
    "contiguous %c: f64[%n] align 16 = %x": (
        "@f: %c has align 16, which is no power of two from 1 to 8, what its memory promises\n"
        "contiguous %c: f64[%n] align 16 = %x"
    ),
    # 19: counters
    "tally 65536, values=[]": (
        "@f: there are rows of counters from 0 to 65535\ntally 65536, values=[]"
    ),
    "tally 0, values=[1, 2, 3, 4, 5, 6]": (
        "@f: a row has 5 counters, got 6 values\ntally 0, values=[1, 2, 3, 4, 5, 6]"
    ),
    "tally 0, values=[f64 1.0]": (
        "@f: an index or size of dtype f64; it should be i64\ntally 0, values=[f64 1.0]"
    ),
}


@pytest.mark.parametrize("body", MALFORMED)
def test_each_rule_has_its_message(body: str) -> None:
    text = f'loops @f({HEAD}) {{ site 0 value "bad: {{0}}" {body} }}'
    with pytest.raises(LoopVerificationError) as caught:
        verify_loops(parse_loops(text))
    assert str(caught.value) == MALFORMED[body]


def number(value: int) -> Number:
    return Number(Literal.of(np.asarray(value, np.int64)))


Y = Buffer("y", f64, ())
OUTPUT = (Result("y", Y),)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        # 1: names; the parser resolves them itself, so these functions are built
        ((Alloc(Y), Store(Y, (), Scalar("a", f64))), "%a is used before it is defined"),
        ((Store(Y, (), number(0)),), "there is no buffer %y here, of those sizes"),
        ((Alloc(Y), Alloc(Y)), "%y is defined twice"),
        (
            (Alloc(Y), Load(Scalar("y", f64), Y, ())),
            "%y is defined twice",
        ),
        (
            (Constant(Buffer("c", f32, ()), Literal.of(np.zeros(()))),),
            "%c does not fit its elements",
        ),
    ],
)
def test_names_are_defined_once_before_they_are_used(
    body: tuple[Statement, ...], message: str
) -> None:
    with pytest.raises(LoopVerificationError, match=message):
        verify_loops(LoopFunction("f", (), body, OUTPUT))


def test_a_scalar_of_a_body_is_unknown_outside() -> None:
    text = "loops @f() { for %i in 3 { let %a: i64 = add %i, 1 } }"
    function = parse_loops(text)
    outside = Let(Scalar("b", i64), "neg", (Scalar("a", i64),))
    broken = LoopFunction("f", (), (*function.body, outside), ())
    with pytest.raises(LoopVerificationError, match="%a is used before it is defined"):
        verify_loops(broken)


def test_shared_parameters_are_row_major() -> None:
    w = Buffer("w", f64, (Scalar("n", i64),), (Scalar("s", i64),))
    with pytest.raises(LoopVerificationError, match="the shared parameter %w has strides"):
        verify_loops(LoopFunction("f", (LoopParameter(w, True),), (), ()))


def test_a_parameter_promises_an_element_and_no_more() -> None:
    head = "loops @f(%x: c128[%n] strides [%s] align {} input) {{ }}"
    for align in (1, 2, 4, 8):
        verify_loops(parse_loops(head.format(align)))
    with pytest.raises(LoopVerificationError, match=r"%x has align 16, .* from 1 to 8"):
        verify_loops(parse_loops(head.format(16)))


@pytest.mark.parametrize("update", [-1, 1])
def test_an_update_names_a_parameter(update: int) -> None:
    function = LoopFunction("f", (), (Alloc(Y),), (Result("y", Y, update),))
    with pytest.raises(LoopVerificationError, match="update 'y' names no parameter"):
        verify_loops(function)


@pytest.mark.parametrize("message", ["{0.x}", "{0!r}", "{0:d}", "{name}", "{", "{}"])
def test_messages_name_values_by_number(message: str) -> None:
    text = f'loops @f() {{ site 0 value "{message}" check bool true, site=0, values=[1] }}'
    with pytest.raises(LoopVerificationError, match="the message of site 0 names something else"):
        verify_loops(parse_loops(text))


@pytest.mark.parametrize(
    ("message", "values", "says"),
    [
        ("{0}", "", "site 0 names 1 values, the check gives 0"),
        ("{1} {0}", "1", "site 0 names 2 values, the check gives 1"),
        ("{7}", "1, 1, 1, 1, 1, 1, 1, 1", "a check reports at most 7 values, got 8"),
        ("", "1, 1, 1, 1, 1, 1, 1, 1", "a check reports at most 7 values, got 8"),
    ],
)
def test_a_check_gives_the_values_that_its_message_names(
    message: str, values: str, says: str
) -> None:
    text = f'loops @f() {{ site 0 value "{message}" check bool true, site=0, values=[{values}] }}'
    with pytest.raises(LoopVerificationError, match=says):
        verify_loops(parse_loops(text))


_PIECES = (
    "{0}",
    "{6}",
    "{7}",
    "{",
    "}",
    "{{",
    "}}",
    "{0!r}",
    "{0[1]}",
    "{ 0}",
    "{\u0663}",
    "{}",
    "é",
)


@given(pieces=st.lists(st.sampled_from(_PIECES), max_size=4), count=st.integers(0, 9))
def test_a_message_that_is_taken_can_be_written(pieces: list[str], count: int) -> None:
    """Whatever the text, it is refused as such, or its check fails as it says."""
    body = (Check(truth(False), 0, (number(1),) * count),)
    function = LoopFunction("f", (), body, (), (Site("value", "".join(pieces)),))
    try:
        verify_loops(function)
    except LoopVerificationError:
        return
    with pytest.raises(ExecutionError):
        interpret_loops(function, [])
    assert count <= MAX_REPORTED


def test_sites_are_of_a_known_kind() -> None:
    with pytest.raises(LoopVerificationError, match="site 0 is of kind odd; the kinds are assert"):
        verify_loops(parse_loops('loops @f() { site 0 odd "message" }'))
