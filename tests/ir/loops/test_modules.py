"""Modules of several functions: text, what is well formed, and what a call means."""

import numpy as np
import pytest

from lltheano_ir.budget import Budget, SpentError
from lltheano_ir.loops.interpret import LoopMemoryError, interpret_loops
from lltheano_ir.loops.nodes import Call, LoopModule
from lltheano_ir.loops.parser import parse_loops, parse_module
from lltheano_ir.loops.printer import format_loops
from lltheano_ir.loops.verify import LoopVerificationError, verify_loops
from lltheano_ir.ops.definition import ExecutionError
from lltheano_ir.pipeline import LOOP_PASSES, apply_loop_pass
from tests.ir.targets import AVX2

MODULE = """loops @f(%x: f64[%n] strides [%s] input) {
  site 0 sizes "entry {0}"
  let %small: bool = lt %n, 100
  check %small, site=0, values=[%n]
  alloc %y: f64[%n]
  call @"run all"(%y) from (%x)
  output "y" = %y
}

loops @"run all"(%a: f64[%k] inout, %b: f64[%k] strides [%t] input) {
  site 0 value "no element"
  let %some: bool = gt %k, 0
  check %some, site=0
  call @double(%a) from (%b)
  call @double(%a) from (%b)
}

loops @double(%a: f64[%k] inout, %b: f64[%k] strides [%t] input) {
  site 0 value "the first element is {0}"
  alloc %c: f64[%k]
  load %first: f64 = %b[0]
  let %fits: bool = ne %first, f64 0.0
  check %fits, site=0, values=[0]
  for %i in %k {
    load %e: f64 = %b[%i]
    let %d: f64 = add %e, %e
    store %c[%i] = %d
  }
  for %j in %k {
    load %g: f64 = %c[%j]
    store %a[%j] = %g
  }
}
"""


def test_a_module_round_trips() -> None:
    module = parse_module(MODULE)
    assert [one.name for one in module.functions] == ["f", "run all", "double"]
    assert format_loops(module) == MODULE
    assert parse_module(format_loops(module)) == module
    verify_loops(module)


def test_a_single_function_is_read_alone() -> None:
    with pytest.raises(ValueError, match=r"line 10, column 1: expected end of text, got 'loops'"):
        parse_loops(MODULE)


def test_sites_are_numbered_through_the_module() -> None:
    module = parse_module(MODULE)
    assert [one.message.split()[0] for one in module.sites] == ["entry", "no", "the"]
    assert [module.first_site(name) for name in ("f", "run all", "double")] == [0, 1, 2]
    with pytest.raises(KeyError):
        module.first_site("g")


def test_a_call_works_on_the_memory_of_the_caller() -> None:
    x = np.arange(1.0, 13)[::3]
    (found,), _ = interpret_loops(parse_module(MODULE), [x])
    np.testing.assert_array_equal(found, 2 * x)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.zeros(0), "no element"),
        (np.zeros(3), "the first element is 0"),
        (np.zeros(100), "entry 100"),
    ],
)
def test_a_failure_of_a_callee_is_that_of_the_program(x: np.ndarray, message: str) -> None:
    with pytest.raises(ExecutionError, match=message):
        interpret_loops(parse_module(MODULE), [x])


def test_a_callee_spends_the_budget_of_the_run() -> None:
    with pytest.raises(SpentError, match="more than 11 steps"):
        interpret_loops(parse_module(MODULE), [np.ones(4)], budget=Budget(steps=11))
    # The memory of a call is given back when it ends.
    interpret_loops(parse_module(MODULE), [np.ones(4)], budget=Budget(steps=16, memory=64))
    with pytest.raises(SpentError, match="more than 63 bytes"):
        interpret_loops(parse_module(MODULE), [np.ones(4)], budget=Budget(memory=63))


@pytest.mark.parametrize("name", LOOP_PASSES)
def test_passes_keep_calls_and_what_they_write(name: str) -> None:
    module = apply_loop_pass(name, parse_module(MODULE), AVX2, [])
    verify_loops(module)
    x = np.arange(1.0, 5)
    (found,), _ = interpret_loops(module, [x])
    np.testing.assert_array_equal(found, 2 * x)
    for size, message in ((0, "no element"), (3, "the first element is 0"), (100, "entry 100")):
        with pytest.raises(ExecutionError, match=message):
            interpret_loops(module, [np.zeros(size)])


def test_a_call_of_which_only_the_failure_is_seen_stays() -> None:
    text = """loops @f(%x: i64[] input) { alloc %y: i64[] call @g(%y) from (%x) }
    loops @g(%y: i64[] inout, %x: i64[] input) {
      site 0 value "zero"
      load %a: i64 = %x[]
      let %fits: bool = ne %a, 0
      check %fits, site=0
      store %y[] = 1
    }"""
    for name in LOOP_PASSES:
        module = apply_loop_pass(name, parse_module(text), AVX2, [])
        interpret_loops(module, [np.asarray(1)])
        with pytest.raises(ExecutionError, match="zero"):
            interpret_loops(module, [np.asarray(0)])


def test_what_a_callee_does_not_write_stays_unwritten() -> None:
    text = """loops @f() { alloc %y: f64[2] call @half(%y) from () output "y" = %y }
    loops @half(%a: f64[2] inout) { store %a[0] = f64 1.0 }"""
    with pytest.raises(LoopMemoryError, match=r"%y\[1\] is read before it is written"):
        interpret_loops(parse_module(text), [])


def test_sizes_that_a_callee_knows_must_agree() -> None:
    """Where it is not verified before, it is found when it runs."""
    text = """loops @f(%n: i64[] input) {
      load %k: i64 = %n[] alloc %y: f64[%k] call @g(%y) from ()
    }
    loops @g(%a: f64[2] inout) { store %a[0] = f64 1.0 }"""
    with pytest.raises(LoopMemoryError, match="%a of @g has size 3"):
        interpret_loops(parse_module(text), [np.asarray(3)])


HEAD = "%x: f64[%n] strides [%s] input, %w: f64[%m] shared, %k: i64[] input"
CALLEES = """
loops @copy(%to: f64[%n] inout, %from: f64[%n] strides [%s] input) { }
loops @fill(%to: f64[%n] inout) { }
loops @both(%to: f64[%n] inout, %other: f64[%k] inout) { }
loops @plain(%from: f64[2] input) { }
"""

MALFORMED = {
    "call @g() from ()": "@f: there is no function @g\ncall @g() from ()",
    "call @copy() from (%x)": (
        "@f: @copy takes 1 outputs and 1 inputs, got 0 and 1\ncall @copy() from (%x)"
    ),
    "call @copy(%w) from (%x)": "@f: %x, passed for %from of @copy, has another size on axis 0",
    "call @copy(%k) from (%x)": (
        "@f: %k, passed for %to of @copy, should hold f64 on 1 axes; it holds i64 on 0"
    ),
    "call @fill(%x) from ()": "@f: %x, passed for %to of @fill, should be row-major",
    "call @fill(%w) from ()": "@f: shared %w is written before the commit point",
    "commit call @fill(%w) from ()": "@f: the function @fill after the commit point",
    "call @plain() from (%w)": "@f: %w, passed for %from of @plain, has another size on axis 0",
    "alloc %b: f64[%n] call @copy(%b) from (%b)": (
        "@f: @copy may write %b, which another argument names"
    ),
    "alloc %b: f64[%n] view %v: f64[2] = %b, offset=0 call @both(%b, %v) from ()": (
        "@f: @both may write %b, which another argument names"
    ),
    "contiguous %c: f64[%n] = %x call @fill(%c) from ()": "@f: %c is not for writing",
    "alloc %b: f64[%n] call @fill(%b) from (), fast=true": (
        "@f: the call of a function has no attributes"
    ),
}


@pytest.mark.parametrize("body", MALFORMED)
def test_calls_that_are_not_well_formed(body: str) -> None:
    with pytest.raises(LoopVerificationError) as failure:
        verify_loops(parse_module(f"loops @f({HEAD}) {{ {body} }}\n{CALLEES}"))
    assert str(failure.value).startswith(MALFORMED[body])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("loops @f() { } loops @f() { }", "@f: two functions have this name"),
        (
            "loops @f() { call @g() from () } loops @g() { call @h() from () }"
            " loops @h() { call @g() from () }",
            "@f: @g calls @h calls @g",
        ),
        ("loops @f(%a: f64[] inout) { }", "@f: %a is inout: only functions that are called"),
        ("loops @f() { } loops @g(%a: f64[] shared) { }", "@g: %a is shared: only the entry"),
        ("loops @f() { } loops @g() { commit }", "@g: only the entry has a commit point"),
        (
            'loops @f() { } loops @g() { alloc %a: f64[] output "a" = %a }',
            "@g: only the entry has results",
        ),
        (
            "loops @f() { } loops @g(%a: f64[%n] strides [%s] inout) { }",
            "@g: the inout parameter %a has strides",
        ),
        ("loops @f(%a: f64[%n] input, %b: f64[%n] input) { }", "@f: %n is defined twice"),
        (
            "loops @f() { } loops @g(%a: f64[%n] input) { store %a[0] = f64 0.0 }",
            "@g: %a is not for writing",
        ),
    ],
)
def test_modules_that_are_not_well_formed(text: str, message: str) -> None:
    with pytest.raises(LoopVerificationError) as failure:
        verify_loops(parse_module(text))
    assert str(failure.value).startswith(message)


def test_a_change_is_made_to_every_function() -> None:
    module = parse_module(MODULE)
    calls = [one for each in module.functions for one in each.body if isinstance(one, Call)]
    assert [one.callee for one in calls] == ["run all", "double", "double"]
    seen: list[str] = []

    def note(function):  # type: ignore[no-untyped-def]
        seen.append(function.name)
        return function

    assert module.mapped(note) == module
    assert isinstance(module.mapped(note), LoopModule)
    assert seen[:3] == ["f", "run all", "double"]
