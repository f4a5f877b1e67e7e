"""`if` and `loop`: which branch runs and fails, what is carried, stacked and captured."""

import numpy as np

from tests.ir.agreement import agreed, agreed_failure, loop_failure

BRANCH = """program @f(%c: bool[], %x: f64[?], %i: i64[]) {
  %0: f64[?] = if %c, %x, %i
    then(%a: f64[?], %k: i64[]) {
      %0: f64[?] = neg %a
      yield %0
    }
    else(%a: f64[?], %k: i64[]) {
      %0: f64[] = index %a, %k, axis=0
      %1: f64[1] = dimshuffle %0, order=[new]
      %2: f64[?] = add %a, %1
      yield %2
    }
  output "y" = %0
}"""


def test_the_chosen_branch_runs() -> None:
    x = np.array([1.0, 2.0, 3.0])
    assert agreed(BRANCH, True, x, np.int64(1))[0].tolist() == [-1.0, -2.0, -3.0]
    assert agreed(BRANCH, False, x, np.int64(1))[0].tolist() == [3.0, 4.0, 5.0]


def test_the_other_branch_cannot_fail() -> None:
    x = np.array([1.0, 2.0])
    assert agreed(BRANCH, True, x, np.int64(9))[0].tolist() == [-1.0, -2.0]
    assert agreed_failure(BRANCH, False, x, np.int64(9)).kind == "index"


SIZES = """program @f(%c: bool[], %n: i64[?]) {
  %0: (i64[?], f64[]) = if %c, %n
    then(%a: i64[?]) {
      %0: i64[] = reduce %a, kind=add, axes=[0]
      %1: i64[?] = iota %0
      %2: f64[] = constant 1.5
      yield %1, %2
    }
    else(%a: i64[?]) {
      %zero: i64[] = constant 0
      %0: i64[] = index %a, %zero, axis=0
      %1: i64[?] = iota %0
      %2: i64[?] = add %1, %1
      %3: f64[] = cast %0, dtype=f64
      yield %2, %3
    }
  output "y" = %0#0
  output "z" = %0#1
}"""


def test_branches_of_different_sizes_known_only_inside() -> None:
    n = np.array([2, 1])
    y, z = agreed(SIZES, True, n)
    assert (y.tolist(), float(z)) == ([0, 1, 2], 1.5)
    y, z = agreed(SIZES, False, n)
    assert (y.tolist(), float(z)) == ([0, 2], 2.0)


def test_a_size_of_the_other_branch_cannot_fail() -> None:
    assert agreed(SIZES, True, np.zeros(0, np.int64))[0].tolist() == []
    assert agreed_failure(SIZES, False, np.zeros(0, np.int64)).kind == "index"
    assert agreed_failure(SIZES, False, np.array([-3])).kind == "value"


FIBONACCI = """program @f(%n: i64[], %a: i64[], %b: i64[]) {
  %0: (i64[], i64[], i64[?]) = loop %n, %a, %b, carried=2
    body(%i: i64[], %p: i64[], %q: i64[]) {
      %0: i64[] = add %p, %q
      yield %q, %0, %p
    }
  output "a" = %0#0
  output "b" = %0#1
  output "all" = %0#2
}"""


def test_carried_values_change_places() -> None:
    a, b, stack = agreed(FIBONACCI, np.int64(10), np.int64(0), np.int64(1))
    assert (int(a), int(b)) == (55, 89)
    assert stack.tolist() == [0, 1, 1, 2, 3, 5, 8, 13, 21, 34]


def test_a_count_of_zero_gives_the_first_values_and_empty_stacks() -> None:
    a, b, stack = agreed(FIBONACCI, np.int64(0), np.int64(7), np.int64(8))
    assert (int(a), int(b), stack.shape) == (7, 8, (0,))


def test_a_negative_count_is_an_error() -> None:
    assert agreed_failure(FIBONACCI, np.int64(-1), np.int64(0), np.int64(1)).kind == "value"


ROWS = """program @f(%n: i64[], %w: f64[?], %x: f64[?,?]) {
  %0: (f64[?], f64[?,?], i64[?]) = loop %n, %w, %x, carried=1
    body(%i: i64[], %h: f64[?], %m: f64[?,?]) {
      %0: f64[?] = index %m, %i, axis=0
      %1: f64[?] = add %h, %0
      yield %1, %0, %i
    }
  output "sum" = %0#0
  output "rows" = %0#1
  output "steps" = %0#2
}"""


def test_captured_values_are_the_same_in_each_iteration() -> None:
    x = np.arange(6.0).reshape(3, 2)
    total, rows, steps = agreed(ROWS, np.int64(3), np.zeros(2), x)
    assert total.tolist() == [6.0, 9.0]
    assert rows.tolist() == x.tolist()
    assert steps.tolist() == [0, 1, 2]


def test_stacks_of_no_rows_have_the_sizes_of_a_row() -> None:
    _, rows, _ = agreed(ROWS, np.int64(0), np.zeros(2), np.zeros((1, 2)))
    assert rows.shape == (0, 2)


def test_a_failure_inside_ends_the_loop() -> None:
    assert agreed_failure(ROWS, np.int64(4), np.zeros(2), np.zeros((3, 2))).kind == "index"


GROWING = """program @f(%n: i64[], %x: f64[?]) {
  %0: f64[?] = loop %n, %x, carried=1
    body(%i: i64[], %h: f64[?]) {
      %0: f64[?] = concatenate %h, %h, axis=0
      yield %0
    }
  output "y" = %0
}"""


def test_carried_values_keep_their_sizes() -> None:
    error = loop_failure(GROWING, np.int64(2), np.zeros(2))
    assert "a value had size 2 on axis 0 and then 4" in str(error)


RAGGED = """program @f(%n: i64[]) {
  %0: i64[?,?] = loop %n, carried=0
    body(%i: i64[]) {
      %0: i64[?] = iota %i
      yield %0
    }
  output "y" = %0
}"""


def test_rows_of_a_stack_have_one_size() -> None:
    assert agreed(RAGGED, np.int64(1))[0].shape == (1, 0)
    assert agreed_failure(RAGGED, np.int64(3)).kind == "sizes"


NESTED = """program @f(%n: i64[], %x: f64[?]) {
  %0: f64[?] = loop %n, %x, %n, carried=1
    body(%i: i64[], %h: f64[?], %m: i64[]) {
      %two: i64[] = constant 2
      %zero: i64[] = constant 0
      %0: i64[] = mod %i, %two
      %1: bool[] = eq %0, %zero
      %2: f64[?] = if %1, %h, %m
        then(%a: f64[?], %k: i64[]) {
          %0: f64[?] = loop %k, %a, carried=1
            body(%j: i64[], %b: f64[?]) {
              %0: f64[?] = add %b, %b
              yield %0
            }
          yield %0
        }
        else(%a: f64[?], %k: i64[]) {
          %0: f64[?] = neg %a
          yield %0
        }
      yield %2
    }
  output "y" = %0
}"""


def test_regions_inside_regions() -> None:
    assert agreed(NESTED, np.int64(3), np.array([1.0, -2.0]))[0].tolist() == [
        -64.0,
        128.0,
    ]


UPDATE = """program @f(%w: f64[?] shared, %n: i64[]) {
  %0: f64[?] = loop %n, %w, carried=1
    body(%i: i64[], %h: f64[?]) {
      %0: f64[?] = add %h, %h
      yield %0
    }
  output "before" = %w
  update %w = %0
}"""


def test_a_shared_variable_that_a_loop_updates() -> None:
    before, after = agreed(UPDATE, np.array([1.0, 3.0]), np.int64(2))
    assert before.tolist() == [1.0, 3.0]
    assert after.tolist() == [4.0, 12.0]
