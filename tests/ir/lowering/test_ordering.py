"""Sizes that are counted from elements: in branches, in loops, and in updates of state."""

from typing import Any

import numpy as np
import pytest

from lltheano_ir.ops.definition import ExecutionError
from tests.ir.agreement import agreed, agreed_failure

PLACES = """
      %0: i64[?] = cast {0}, dtype=i64
      %1: i64[] = reduce %0, kind=add, axes=[0]
      %2: i64[?] = nonzero {0}, %1
      yield %2"""

BRANCHES = f"""program @f(%c: bool[], %x: bool[?], %y: bool[?]) {{
  %0: i64[?] = if %c, %x, %y
    then(%a: bool[?], %b: bool[?]) {{{PLACES.format("%a")}
    }}
    else(%a: bool[?], %b: bool[?]) {{{PLACES.format("%b")}
    }}
  output "y" = %0
}}"""

ROWS = f"""program @f(%n: i64[], %x: bool[?,?]) {{
  %0: i64[?,?] = loop %n, %x, carried=0
    body(%i: i64[], %rows: bool[?,?]) {{
      %r: bool[?] = index %rows, %i, axis=0{PLACES.format("%r")}
    }}
  output "y" = %0
}}"""

STATE = """program @f(%w: i64[?] shared, %x: bool[?]) {
  %0: i64[?] = cast %x, dtype=i64
  %1: i64[] = reduce %0, kind=add, axes=[0]
  %2: i64[?] = nonzero %x, %1
  %3: i64[?] = add %2, %w
  update %w = %3
}"""

SORTED = """program @f(%n: i64[], %x: f64[?]) {
  %0: f64[?] = loop %n, %x, carried=1
    body(%i: i64[], %a: f64[?]) {
      %0: f64[?] = cumulate %a, kind=add, axis=0
      %1: f64[?] = neg %0
      %2: f64[?] = sort %1
      yield %2
    }
  output "y" = %0
}"""


def mask(text: str) -> Any:
    return np.array([one == "1" for one in text])


def test_each_branch_has_its_own_size() -> None:
    x, y = mask("0110"), mask("1")
    assert agreed(BRANCHES, np.array(True), x, y)[0].tolist() == [1, 2]
    assert agreed(BRANCHES, np.array(False), x, y)[0].tolist() == [0]


def test_the_rows_of_a_stack_have_one_size() -> None:
    rows = np.array([mask("101"), mask("011")])
    assert agreed(ROWS, np.array(2), rows)[0].tolist() == [[0, 2], [1, 2]]
    error = agreed_failure(ROWS, np.array(2), np.array([mask("101"), mask("010")]))
    assert error.kind == "sizes"


def test_a_counted_size_is_checked_before_state_changes() -> None:
    w = np.array([10, 20])
    assert agreed(STATE, w, mask("011"))[0].tolist() == [11, 22]
    assert agreed_failure(STATE, w, mask("111")).kind == "broadcast"
    assert w.tolist() == [10, 20]


@pytest.mark.parametrize("count", [-1, 2**48 + 1])
def test_a_number_of_places_is_a_size(count: int) -> None:
    text = """program @f(%x: bool[?], %n: i64[]) {
      %0: i64[?] = nonzero %x, %n
      output "y" = %0
    }"""
    with pytest.raises((ExecutionError, MemoryError)):
        agreed(text, mask("1"), np.array(count))


def test_sorts_and_totals_are_carried_in_a_loop() -> None:
    found = agreed(SORTED, np.array(3), np.array([3.0, 1.0, 2.0]))[0]
    wanted = np.array([3.0, 1.0, 2.0])
    for _ in range(3):
        wanted = np.sort(-np.cumsum(wanted))
    np.testing.assert_array_equal(found, wanted)
