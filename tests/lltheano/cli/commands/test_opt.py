"""`lltheano opt`: text in, text out, and what is said about bad text."""

import json
import re
from pathlib import Path

import pytest

from lltheano.cli.programs.passes import PASS_NAMES
from tests.lltheano.cli.scripts import ACCUMULATOR, TWICE, Command

CANONICAL = """\
program @twice(%x: f64[?]) {
  %0: f64[?] = add %x, %x
  output "y" = %0
}
"""

LOWERED = """\
loops @accumulator(%state: i64[] shared, %inc: i32[] input) {
  load %s0: i32 = %inc[]
  let %s1: i64 = cast %s0
  load %s2: i64 = %state[]
  let %s3: i64 = add %s2, %s1
  alloc %b0: i64[]
  load %s4: i64 = %state[]
  store %b0[] = %s4
  alloc %b1: i64[]
  store %b1[] = %s3
  output "before" = %b0
  update %state = %b1
}
"""


def test_passes_are_applied_in_order(lltheano: Command) -> None:
    result = lltheano("opt", "twice.ir", "--passes", "fold,canonicalise")
    assert (result.code, result.out, result.err) == (0, CANONICAL, "")


def test_standard_input_and_output(lltheano: Command) -> None:
    assert lltheano("opt", "-p", "canonicalise", stdin=TWICE).out == CANONICAL
    assert lltheano("opt", "-", "-p", "canonicalise", stdin=TWICE).out == CANONICAL


def test_no_passes_print_the_canonical_text(lltheano: Command) -> None:
    spaced = TWICE.replace("mul %0, %x", "mul  %0,%x ; a comment")
    assert lltheano("opt", "-p", "", stdin=spaced).out == TWICE


def test_by_default_the_compilers_own_passes_are_applied(lltheano: Command) -> None:
    result = lltheano("opt", "twice.ir")
    assert result.code == 0
    assert "constant" not in result.out
    assert lltheano("opt", stdin=result.out).out == result.out


def test_lower_goes_on_to_the_loop_ir(lltheano: Command) -> None:
    lowered = lltheano("opt", "accumulator.ir", "-p", "lower")
    assert lowered.out == LOWERED
    in_place = lltheano("opt", "-p", "inplace", stdin=LOWERED)
    assert "  commit\n  store %state[] = %s3\n" in in_place.out
    assert "  update %state = %state\n" in in_place.out


def test_every_pass_can_be_named(lltheano: Command) -> None:
    listed = lltheano("opt", "--list-passes").out.splitlines()
    assert [line.split()[0] for line in listed] == list(PASS_NAMES)
    assert all(re.search(r" IR: [A-Z].{20,}", line) for line in listed), "each says what it does"
    result = lltheano("opt", "twice.ir", "-p", ",".join(PASS_NAMES))
    assert (result.code, result.err) == (0, "")


def test_the_result_can_be_written_to_a_file(lltheano: Command) -> None:
    result = lltheano("opt", "twice.ir", "-p", "canonicalise", "-o", "out.ir")
    assert (result.code, result.out) == (0, "")
    assert Path("out.ir").read_text(encoding="utf-8") == CANONICAL


def test_a_file_that_cannot_be_written(lltheano: Command) -> None:
    result = lltheano("opt", "twice.ir", "-o", "no/such/folder.ir")
    assert result.code == 1
    assert result.err.startswith("lltheano: error: cannot write no/such/folder.ir: ")


def test_diff_shows_each_pass(lltheano: Command) -> None:
    result = lltheano("opt", "twice.ir", "-p", "canonicalise,cse,lower", "--diff")
    assert result.out == (
        "--- before canonicalise\n"
        "+++ after canonicalise\n"
        "@@ -1,6 +1,4 @@\n"
        " program @twice(%x: f64[?]) {\n"
        "-  %0: f64[1] = constant [1.0]\n"
        "-  %1: f64[?] = mul %0, %x\n"
        "-  %2: f64[?] = add %1, %1\n"
        '-  output "y" = %2\n'
        "+  %0: f64[?] = add %x, %x\n"
        '+  output "y" = %0\n'
        " }\n"
        "; cse changed nothing\n"
        "; lower made loop IR of the tensor IR\n"
    )


def test_explain_gives_the_reason_of_a_decision(lltheano: Command) -> None:
    result = lltheano("opt", "accumulator.ir", "-p", "lower,inplace", "--explain")
    stage, subject, taken, reason = result.out.split("  ")
    assert (stage, subject, taken) == ("in place", "state", "yes")
    assert reason.strip()


def test_nothing_to_explain(lltheano: Command) -> None:
    assert lltheano("opt", "twice.ir", "-p", "cse", "--explain").out == "nothing to decide\n"


def test_json(lltheano: Command) -> None:
    result = lltheano("opt", "accumulator.ir", "-p", "canonicalise,lower,inplace", "--json")
    found = json.loads(result.out)
    assert (found["name"], found["stage"]) == ("accumulator", "loops")
    assert [(one["name"], one["changed"]) for one in found["passes"]] == [
        ("canonicalise", False),
        ("lower", True),
        ("inplace", True),
    ]
    assert [(one["subject"], one["taken"]) for one in found["decisions"]] == [("state", True)]
    assert found["text"].startswith("loops @accumulator(")


def test_vector_width_can_be_that_of_another_machine(lltheano: Command) -> None:
    passes = ["-p", "canonicalise,lower,vectorise"]
    narrow = lltheano("opt", "twice.ir", *passes, "--vector-bytes", "16").out
    wide = lltheano("opt", "twice.ir", *passes, "--vector-bytes", "64").out
    assert "vector=2" in narrow
    assert "vector=8" in wide


BAD = [
    (
        TWICE.replace("mul", "mull"),
        "<stdin>:3:16: ",
        "  %1: f64[?] = mull %0, %x\n                 ^",
    ),
    (TWICE.replace("add %1, %1", "add %1, %7"), "<stdin>:4:24: %7 is not defined here", "^"),
    (TWICE.replace("mul %0, %x", "mul %x, %0, %x"), "<stdin>:3:", "^"),
    ("", "<stdin>:1:1: ", "^"),
    ("hello", "<stdin>:1:1: ", "^"),
    ("loops @f(", "<stdin>:1:10: ", "^"),
    (LOWERED.replace("store %b0[] = %s4", "store %inc[] = %s0"), "<stdin>: ", "%inc"),
    (LOWERED.replace("  load %s4: i64 = %state[]\n", ""), "<stdin>:", "%s4"),
]


@pytest.mark.parametrize(("text", "place", "shown"), BAD)
def test_bad_ir_is_shown_with_its_place(
    lltheano: Command, text: str, place: str, shown: str
) -> None:
    result = lltheano("opt", stdin=text)
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith(f"lltheano: error: {place}")
    assert shown in result.err
    assert "Traceback" not in result.err


def test_bytes_that_are_no_text(lltheano: Command) -> None:
    Path("binary.ir").write_bytes(b"program \xff\x00")
    result = lltheano("opt", "binary.ir")
    assert result.code == 1
    assert result.err.startswith("lltheano: error: binary.ir is no text: byte 8 is not UTF-8\nhint")


def test_an_unknown_pass_is_a_usage_error(lltheano: Command) -> None:
    result = lltheano("opt", "twice.ir", "-p", "flod")
    assert result.code == 2
    assert "no such pass: 'flod'; there are canonicalise, fold" in result.err


@pytest.mark.parametrize(
    ("text", "name", "says"),
    [(ACCUMULATOR, "inplace", "put 'lower' first"), (LOWERED, "cse", "here is loop IR")],
)
def test_a_pass_over_the_other_ir_is_a_usage_error(
    lltheano: Command, text: str, name: str, says: str
) -> None:
    result = lltheano("opt", "-p", name, stdin=text)
    assert result.code == 2
    assert says in result.err
